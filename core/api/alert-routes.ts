import type { SignedIn } from '../access/access.ts';
import type { AlertDetail } from '../alerts/alerts.ts';
import { alertAnswer, givenInstant, hitAnswer, wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { deliveryAnswer } from './alert-channel-routes.ts';
import { createPlateSearch } from './plate-search.ts';
import { found, idParams, route, type RouteSpec } from './route.ts';

/** Whether this person may know of covert lists at all. */
export const seesCovert = (signedIn: SignedIn | null): boolean =>
  signedIn?.permissions.includes('blacklists.view') === true;

export const detailAnswer = (alert: AlertDetail): contract.AlertDetail => ({
  ...alertAnswer(alert),
  repeats: wire(alert.repeats),
  hit: alert.hit === null ? null : hitAnswer(alert.hit),
  deliveries: alert.deliveries.map(deliveryAnswer),
});

export function alertRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { alerts } = hub;
  const audit = auditOf(hub);
  const searched = createPlateSearch({ hub });
  return [
    route({
      method: 'get',
      path: '/alerts',
      needs: 'alerts.view',
      summary: 'Alerts, newest first',
      query: contract.AlertQuery,
      answer: contract.AlertPage,
      async handle({ query, ...asker }) {
        const { cameraId: camera, ruleId: rule } = query;
        await searched(asker, 'alert.searched', query, { cameraId: camera, ruleId: rule });
        const { state, category = null, cameraId = null, ruleId = null, detectionId = null, ...rest } = query;
        const { minPriority = null, from, to, plate, cursor = null, limit } = rest;
        const { items, nextCursor } = await alerts.list({
          ...{ withCovert: seesCovert(asker.signedIn), state, category, cameraId, ruleId, detectionId, minPriority },
          ...{ from: givenInstant(from), to: givenInstant(to), cursor, limit },
          plate: plate === undefined || plate === '' ? null : plate,
        });
        return { items: items.map(alertAnswer), nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/alerts/counts',
      needs: 'alerts.view',
      summary: 'How many alerts there are, by state, and what their notices wait for',
      answer: contract.AlertCounts,
      handle: ({ signedIn }) => alerts.counts(seesCovert(signedIn)),
    }),
    route({
      method: 'get',
      path: '/alerts/:alertId',
      needs: 'alerts.view',
      summary: 'An alert with its notices and what was counted on it',
      params: idParams('alertId'),
      answer: contract.AlertDetail,
      async handle({ params, signedIn }) {
        const alert = await alerts.get(params.alertId);
        // As if it were not there.
        found(alert.list?.isCovert === true && !seesCovert(signedIn) ? null : alert, 'alert');
        return detailAnswer(alert);
      },
    }),
    route({
      method: 'get',
      path: '/alert-settings',
      needs: 'alerts.view',
      summary: 'What holds for all rules together',
      answer: contract.AlertSettings,
      handle: () => alerts.settings(),
    }),
    route({
      method: 'patch',
      path: '/alert-settings',
      needs: 'alerts.manage',
      summary: 'Change what holds for all rules together; what is left out stays',
      body: contract.AlertSettingsChange,
      answer: contract.AlertSettings,
      async handle({ body: { budgetPerDay }, ...asker }) {
        const settings = await alerts.changeSettings(budgetPerDay === undefined ? {} : { budgetPerDay });
        await audit(asker, 'alert_settings.changed', null, { ...settings });
        return settings;
      },
    }),
  ];
}
