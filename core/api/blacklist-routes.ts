/** Lists and what a policy would do; their entries: `blacklist-entry-routes.ts`. */
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { isReasonGiven, whyDetails } from './reasons.ts';
import { found, idParams, listOf, route, type RouteSpec } from './route.ts';

export function blacklistRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { blacklists } = hub;
  const audit = auditOf(hub);
  return [
    route({
      method: 'get',
      path: '/blacklists',
      needs: 'blacklists.view',
      summary: 'All blacklists',
      answer: listOf(contract.Blacklist),
      handle: async () => ({ items: wire(await blacklists.list()) }),
    }),
    route({
      method: 'post',
      path: '/blacklists',
      needs: 'blacklists.manage',
      summary: 'Add a blacklist',
      body: contract.BlacklistInput,
      answer: contract.Blacklist,
      status: 201,
      async handle({ body, ...asker }) {
        const blacklist = await blacklists.create(body);
        const { blacklistId, name, category } = blacklist;
        await audit(asker, 'blacklist.created', blacklistId, { name, category });
        return wire(blacklist);
      },
    }),
    route({
      method: 'post',
      path: '/blacklists/policy-preview',
      needs: 'blacklists.manage',
      summary: 'What a policy would have done with these plates on the reads of the last week',
      body: contract.NewPolicyPreviewInput,
      answer: contract.PolicyPreview,
      async handle({ body: { policy, entries }, ...asker }) {
        const preview = await blacklists.previewPolicy(null, policy, entries);
        await audit(asker, 'blacklist.previewed', null, { entries: entries.length });
        return wire(preview);
      },
    }),
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/policy-preview',
      needs: 'blacklists.manage',
      summary:
        'What another policy would accept, and would have done on the reads of the last week, beside the present one',
      params: idParams('blacklistId'),
      body: contract.PolicyPreviewInput,
      answer: contract.PolicyPreview,
      async handle({ params: { blacklistId }, body: { policy, ...why }, ...asker }) {
        const { needsReason } = found(await blacklists.settings(blacklistId), 'blacklist');
        const preview = await blacklists.previewPolicy(blacklistId, policy, []);
        await audit(asker, 'blacklist.previewed', blacklistId, { policy, ...whyDetails(why) });
        return wire(isReasonGiven(needsReason, why) ? preview : { ...preview, misreads: [], examples: [] });
      },
    }),
    route({
      method: 'get',
      path: '/blacklists/lookup',
      needs: 'blacklists.view',
      summary:
        'The entries that a plate is on now: as listed, by wildcard, and by the policy of each list; written down',
      query: contract.BlacklistLookupQuery,
      answer: contract.BlacklistLookup,
      async handle({ query: { plate, issuingEntity = null, ...why }, ...asker }) {
        const looked = await blacklists.lookUp(plate, issuingEntity, (needs) => isReasonGiven(needs, why));
        const { items, count, withheld } = looked;
        await audit(asker, 'blacklist.looked_up', null, {
          ...{ found: count, withheld: withheld.length, ...whyDetails(why) },
        });
        // Of each list that shows something, too, so that its trail is whole.
        for (const blacklistId of new Set(items.map((item) => item.blacklistId))) {
          const entryIds = items.flatMap((item) => (item.blacklistId === blacklistId ? [item.entryId] : []));
          await audit(asker, 'blacklist.viewed', blacklistId, {
            ...{ searched: true, shown: entryIds.length, entryIds, ...whyDetails(why) },
          });
        }
        return wire(looked);
      },
    }),
    route({
      method: 'get',
      path: '/blacklists/:blacklistId',
      needs: 'blacklists.view',
      summary: 'A blacklist with its hits and how often they were right, by camera too',
      params: idParams('blacklistId'),
      answer: contract.BlacklistDetail,
      handle: async ({ params }) => wire(found(await blacklists.get(params.blacklistId), 'blacklist')),
    }),
    route({
      method: 'patch',
      path: '/blacklists/:blacklistId',
      needs: 'blacklists.manage',
      summary: 'Change a blacklist',
      params: idParams('blacklistId'),
      body: contract.BlacklistChange,
      answer: contract.Blacklist,
      async handle({ params: { blacklistId }, body, ...asker }) {
        const blacklist = await blacklists.update(blacklistId, body);
        await audit(asker, 'blacklist.changed', blacklistId, { ...body });
        return wire(blacklist);
      },
    }),
    route({
      method: 'delete',
      path: '/blacklists/:blacklistId',
      needs: 'blacklists.manage',
      summary: 'Remove a blacklist with its entries',
      params: idParams('blacklistId'),
      async handle({ params, ...asker }) {
        await blacklists.remove(params.blacklistId);
        await audit(asker, 'blacklist.removed', params.blacklistId);
      },
    }),
  ];
}
