import { z } from 'zod';
import { detailAnswer, seesCovert } from './alert-routes.ts';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import type { Acknowledgement } from '../alerts/acknowledgements.ts';
import { timelineOf } from '../alerts/timeline.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, userOf, type RouteSpec } from './route.ts';

export function escalationRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { alerts, acknowledgements, escalations } = hub;
  const audit = auditOf(hub);
  const acknowledgementAnswer = (one: Acknowledgement): contract.Acknowledgement => {
    const { alertId, at, by, how, outcome, note } = one;
    return wire({ alertId, at, by, how, outcome, note, undoUntil: acknowledgements.undoUntil(one) });
  };
  return [
    route({
      method: 'get',
      path: '/alerts/figures',
      needs: 'alerts.view',
      summary: 'How long alerts wait and what became of them, by rule, list, camera or day',
      query: z.object({
        by: z.enum(['all', 'rule', 'list', 'camera', 'day']).default('all'),
        days: z.coerce.number().int().min(1).max(366).default(30),
      }),
      answer: listOf(contract.AlertFigure),
      async handle({ query: { by, days }, signedIn }) {
        const figures = await acknowledgements.figures(by, days, seesCovert(signedIn));
        return {
          items: figures.map((figure) => {
            const { correct, recovered, misread, wrong_list: wrongList } = figure.outcomes;
            const judged = correct + recovered + misread + wrongList;
            return { ...wire(figure), accuracy: judged === 0 ? null : (correct + recovered) / judged };
          }),
        };
      },
    }),
    route({
      method: 'get',
      path: '/alerts/:alertId/timeline',
      needs: 'alerts.view',
      summary: 'What happened to an alert, in its order',
      params: idParams('alertId'),
      answer: contract.AlertTimeline,
      async handle({ params: { alertId }, signedIn }) {
        const [alert, runs, steps, history] = await Promise.all([
          alerts.get(alertId),
          escalations.runs(alertId),
          escalations.steps(alertId),
          acknowledgements.history(alertId),
        ]);
        // As if it were not there.
        found(alert.list?.isCovert === true && !seesCovert(signedIn) ? null : alert, 'alert');
        const standing = history.find(({ undoneAt }) => undoneAt === null);
        const { raisedAt, retractedAt, deliveries } = alert;
        return {
          alertId,
          entries: wire(timelineOf({ raisedAt, retractedAt, deliveries, runs, steps, acknowledgements: history })),
          runs: runs.map(
            ({ escalationId, isRemoved, name, startedAt, state, stoppedBy, round, step, nextAt, ...run }) =>
              wire({
                ...{ escalationId: isRemoved ? null : escalationId, name, startedAt, state, stoppedBy, round, step },
                ...{ stepCount: run.steps.length, nextAt: state === 'running' ? nextAt : null },
              }),
          ),
          acknowledgement: standing === undefined ? null : acknowledgementAnswer(standing),
        };
      },
    }),
    route({
      method: 'post',
      path: '/alerts/:alertId/acknowledge',
      needs: 'alerts.acknowledge',
      summary: 'Acknowledge an alert, with or without its outcome; the first one stands',
      params: idParams('alertId'),
      body: contract.AcknowledgeInput,
      answer: contract.AlertDetail,
      async handle({ params: { alertId }, body: { outcome, note }, ...asker }) {
        const { userId, name } = userOf(asker);
        const { isFirst } = await acknowledgements.acknowledge(alertId, {
          ...{ by: name, userId, how: 'console', outcome, note },
        });
        if (isFirst) await audit(asker, 'alert.acknowledged', alertId, { how: 'console', outcome });
        return detailAnswer(await alerts.get(alertId));
      },
    }),
    route({
      method: 'post',
      path: '/alerts/:alertId/acknowledge/undo',
      needs: 'alerts.acknowledge',
      summary: 'Take an acknowledgement back, within five minutes; what escalated goes on',
      params: idParams('alertId'),
      async handle({ params: { alertId }, ...asker }) {
        await acknowledgements.undo(alertId, userOf(asker).name);
        await audit(asker, 'alert.reopened', alertId);
      },
    }),
    route({
      method: 'post',
      path: '/alerts/:alertId/outcome',
      needs: 'alerts.acknowledge',
      summary: 'Say or correct what became of an acknowledged alert',
      params: idParams('alertId'),
      body: contract.OutcomeInput,
      answer: contract.Acknowledgement,
      async handle({ params: { alertId }, body: { outcome, note }, ...asker }) {
        const { userId, name } = userOf(asker);
        await alerts.get(alertId);
        const judged = await acknowledgements.judge(alertId, outcome, note, { userId, name });
        await audit(asker, 'alert.judged', alertId, { outcome });
        return acknowledgementAnswer(judged);
      },
    }),
    route({
      method: 'post',
      path: '/alerts/:alertId/escalate',
      needs: 'alerts.acknowledge',
      summary: 'Begin an escalation on an alert',
      params: idParams('alertId'),
      body: z.object({ escalationId: z.uuid() }).meta({ id: 'EscalateInput' }),
      answer: z
        .object({ hasBegun: z.boolean().describe('false: it began before, or the alert is not open') })
        .meta({ id: 'Escalated' }),
      async handle({ params: { alertId }, body: { escalationId }, ...asker }) {
        const hasBegun = await escalations.begin(alertId, escalationId, userOf(asker).name);
        if (hasBegun) await audit(asker, 'alert.escalated', alertId, { escalationId });
        return { hasBegun };
      },
    }),
    route({
      method: 'get',
      path: '/escalations',
      needs: 'alerts.view',
      summary: 'Escalations: whom to tell next while nobody acknowledges',
      answer: listOf(contract.Escalation),
      handle: async () => ({ items: wire(await escalations.list()) }),
    }),
    route({
      method: 'post',
      path: '/escalations',
      needs: 'alerts.manage',
      summary: 'Add an escalation',
      body: contract.EscalationInput,
      answer: contract.Escalation,
      status: 201,
      async handle({ body, ...asker }) {
        const escalation = await escalations.create(body);
        await audit(asker, 'escalation.created', escalation.escalationId, { name: escalation.name });
        return wire(escalation);
      },
    }),
    route({
      method: 'patch',
      path: '/escalations/:escalationId',
      needs: 'alerts.manage',
      summary: 'Change an escalation; what is left out stays, what is at work goes on as it began',
      params: idParams('escalationId'),
      body: contract.EscalationChange,
      answer: contract.Escalation,
      async handle({ params: { escalationId }, body, ...asker }) {
        const escalation = await escalations.update(escalationId, body);
        await audit(asker, 'escalation.changed', escalationId, { fields: Object.keys(body) });
        return wire(escalation);
      },
    }),
    route({
      method: 'delete',
      path: '/escalations/:escalationId',
      needs: 'alerts.manage',
      summary: 'Remove an escalation that no rule begins',
      params: idParams('escalationId'),
      async handle({ params: { escalationId }, ...asker }) {
        await escalations.remove(escalationId);
        await audit(asker, 'escalation.removed', escalationId);
      },
    }),
  ];
}
