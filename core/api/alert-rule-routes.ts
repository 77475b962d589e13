import type { z } from 'zod';
import type { DetectionFilter, Rule, RuleCondition, RuleInput, RuleState } from '../alerts/rules.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { assertReason, whyDetails } from './reasons.ts';
import { idParams, listOf, route, type RouteSpec } from './route.ts';

type Groups = z.output<typeof contract.AlertRuleInput>['groups'];

/** What a search leaves out is any. */
const filterOf = (filter: contract.DetectionFilter): DetectionFilter => ({
  plate: filter.plate === undefined || filter.plate === '' ? null : filter.plate,
  issuingEntity: filter.issuingEntity ?? null,
  countryCode: filter.countryCode ?? null,
  plateType: filter.plateType ?? null,
  cameraId: filter.cameraId ?? null,
  status: filter.status ?? null,
  minConfidence: filter.minConfidence === undefined ? null : Number(filter.minConfidence),
  isParked: filter.isParked ?? null,
});
const conditionOf = (condition: Groups[number]['conditions'][number]): RuleCondition =>
  condition.kind === 'detection' ? { kind: 'detection', filter: filterOf(condition.filter) } : condition;
const groupsOf = (groups: Groups): RuleInput['groups'] =>
  groups.map(({ match, conditions }) => ({ match, conditions: conditions.map(conditionOf) }));

const withoutNulls = (filter: DetectionFilter): contract.DetectionFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null));
const ruleAnswer = (rule: Rule & RuleState): contract.AlertRule => ({
  ...wire(rule),
  groups: rule.groups.map(({ match, conditions }) => ({
    match,
    conditions: conditions.map(
      (one) => (one.kind === 'detection' ? { kind: one.kind, filter: withoutNulls(one.filter) } : wire(one)) as never,
    ),
  })),
});

export function alertRuleRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { rules } = hub.alerts;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/alert-rules',
      needs: 'alerts.view',
      summary: 'Rules: which matters become alerts, and what happens then',
      answer: listOf(contract.AlertRule),
      handle: async () => ({ items: (await rules.list()).map(ruleAnswer) }),
    }),
    route({
      method: 'post',
      path: '/alert-rules',
      needs: 'alerts.manage',
      summary: 'Add a rule',
      body: contract.AlertRuleInput,
      answer: contract.AlertRule,
      status: 201,
      async handle({ body, ...asker }) {
        const rule = await rules.create({ ...body, groups: groupsOf(body.groups) });
        await audit(asker, 'alert_rule.created', rule.ruleId, { name: rule.name });
        return ruleAnswer(rule);
      },
    }),
    route({
      method: 'post',
      path: '/alert-rules/preview',
      needs: 'alerts.manage',
      summary: 'How many alerts a rule would have raised on the last 7 days, with examples',
      body: contract.AlertRulePreviewInput,
      answer: contract.AlertRulePreview,
      async handle({ body: { reason, caseNumber, ...body }, ...asker }) {
        const plates = body.groups.flatMap(({ conditions }) =>
          conditions.flatMap((one) => (one.kind === 'detection' && one.filter.plate ? [one.filter.plate] : [])),
        );
        // It shows who passed as a search does.
        const why = { reason, caseNumber };
        if (plates.length > 0) {
          assertReason((await hub.access.site()).searchReason, why, 'Plates are only searched for');
        }
        const preview = await rules.preview({ ...body, groups: groupsOf(body.groups) });
        await audit(asker, 'alert_rule.previewed', null, { plates, looked: preview.looked, ...whyDetails(why) });
        return wire(preview);
      },
    }),
    route({
      method: 'patch',
      path: '/alert-rules/:ruleId',
      needs: 'alerts.manage',
      summary: 'Change a rule; what is left out stays',
      params: idParams('ruleId'),
      body: contract.AlertRuleChange,
      answer: contract.AlertRule,
      async handle({ params: { ruleId }, body: { groups, ...change }, ...asker }) {
        const given = { ...change } as Partial<RuleInput>;
        const rule = await rules.update(ruleId, {
          ...given,
          ...(groups === undefined ? {} : { groups: groupsOf(groups) }),
        });
        const fields = [...Object.keys(given), ...(groups === undefined ? [] : ['groups'])];
        await audit(asker, 'alert_rule.changed', ruleId, { fields });
        return ruleAnswer(rule);
      },
    }),
    route({
      method: 'delete',
      path: '/alert-rules/:ruleId',
      needs: 'alerts.manage',
      summary: 'Remove a rule; the alerts that it raised stay',
      params: idParams('ruleId'),
      async handle({ params: { ruleId }, ...asker }) {
        await rules.remove(ruleId);
        await audit(asker, 'alert_rule.removed', ruleId);
      },
    }),
  ];
}
