/** Hits in the order in which they are worth a look, and what people decide about them. */
import type { Outcome } from '../alerts/acknowledgements.ts';
import { givenInstant, hitItemAnswer } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, route, userOf, type Asker, type RouteSpec } from './route.ts';

export function hitRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { acknowledgements, blacklists } = hub;
  const audit = auditOf(hub);
  /** Whoever decided about a hit has taken its alerts: nobody else need be called for them. */
  const alertsDecided = async (
    asker: Pick<Asker, 'signedIn'>,
    hitIds: readonly string[],
    outcome: Outcome | null,
    note: string | null,
  ): Promise<void> => {
    const { userId, name } = userOf(asker);
    await acknowledgements.decided(hitIds, outcome, note ?? '', { userId, name });
  };
  return [
    route({
      method: 'get',
      path: '/hits',
      needs: 'blacklists.view',
      summary: 'Hits, those first that are worth most: priority × sureness × how often the list was right',
      query: contract.HitQuery,
      answer: contract.HitPage,
      async handle({ query }) {
        const { blacklistId = null, category = null, cameraId = null, status = null, cursor = null, ...rest } = query;
        const { from, to, state, order, limit } = rest;
        const page = await blacklists.hits({
          ...{ blacklistId, category, cameraId, status, cursor, state, order, limit },
          ...{ from: givenInstant(from), to: givenInstant(to) },
        });
        return { items: page.items.map(hitItemAnswer), nextCursor: page.nextCursor };
      },
    }),
    route({
      method: 'get',
      path: '/hits/counts',
      needs: 'blacklists.view',
      summary: 'How many hits wait for a decision, by category',
      answer: contract.HitCounts,
      async handle() {
        const byCategory = await blacklists.openHits();
        return { byCategory, open: Object.values(byCategory).reduce((sum, count) => sum + count, 0) };
      },
    }),
    route({
      method: 'post',
      path: '/hits/decisions',
      needs: 'alerts.acknowledge',
      summary: 'Say of many hits what they were, or that they are undecided again; all or none',
      body: contract.HitDecisionsInput,
      answer: contract.HitDecisions,
      async handle({ body: { hitIds, outcome, note }, ...asker }) {
        for (const hitId of hitIds) found(await blacklists.hit(hitId), 'hit');
        await blacklists.decide(hitIds, outcome, userOf(asker).userId, note);
        const decision = { outcome, ...(note === null ? {} : { note }) };
        for (const hitId of hitIds) await audit(asker, 'hit.decided', hitId, decision);
        await alertsDecided(asker, hitIds, outcome, note);
        const items = await Promise.all(hitIds.map(async (hitId) => found(await blacklists.hit(hitId), 'hit')));
        return { items: items.map(hitItemAnswer) };
      },
    }),
    route({
      method: 'get',
      path: '/hits/:hitId',
      needs: 'blacklists.view',
      summary: 'A hit',
      params: idParams('hitId'),
      answer: contract.HitItem,
      handle: async ({ params }) => hitItemAnswer(found(await blacklists.hit(params.hitId), 'hit')),
    }),
    route({
      method: 'post',
      path: '/hits/:hitId/decision',
      needs: 'alerts.acknowledge',
      summary: 'Say what a hit was; counts for the accuracy of list and camera',
      params: idParams('hitId'),
      body: contract.HitDecisionInput,
      answer: contract.HitItem,
      async handle({ params: { hitId }, body: { outcome, note }, ...asker }) {
        found(await blacklists.hit(hitId), 'hit');
        await blacklists.decide([hitId], outcome, userOf(asker).userId, note);
        await audit(asker, 'hit.decided', hitId, { outcome, ...(note === null ? {} : { note }) });
        await alertsDecided(asker, [hitId], outcome, note);
        return hitItemAnswer(found(await blacklists.hit(hitId), 'hit'));
      },
    }),
  ];
}
