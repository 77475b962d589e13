/** Whoever searches by plate leaves a trace, with the reason where the site asks for one. */
import { auditOf, type RouteOptions } from './api-options.ts';
import { assertReason, whyDetails, type Why } from './reasons.ts';
import { createRecentSearches } from './recent-searches.ts';
import type { Asker } from './route.ts';

export interface PlateQuery extends Why {
  readonly plate?: string | undefined;
  /** A further page of the same search is not written down again. */
  readonly cursor?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Does nothing where the query names no plate.
 * @param further what else narrows the search, for the trail
 * @throws reason_required
 */
export type PlateSearch = (
  asker: Asker,
  action: `${string}.searched`,
  query: PlateQuery,
  further: Readonly<Record<string, unknown>>,
) => Promise<void>;

export function createPlateSearch({ hub }: Pick<RouteOptions, 'hub'>): PlateSearch {
  const audit = auditOf(hub);
  const recent = createRecentSearches();
  return async (asker, action, { plate = '', cursor, from, to, reason, caseNumber }, further) => {
    if (plate === '') return;
    const why = { reason, caseNumber };
    assertReason((await hub.access.site()).searchReason, why, 'Plates are only searched for');
    const details = { plate, ...further, ...whyDetails(why) };
    // Without the times: a page that shows the last hour asks for another hour each time.
    if (cursor !== undefined || !recent.isNew(JSON.stringify([asker.signedIn?.user.userId, action, details]))) return;
    await audit(asker, action, null, { ...details, from, to });
  };
}
