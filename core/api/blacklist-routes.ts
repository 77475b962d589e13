import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { found, idParams, listOf, route, userOf, type RouteSpec } from './route.ts';

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

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
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/entries',
      needs: 'blacklists.view',
      summary: 'The entries of a blacklist; reading them is written down',
      params: idParams('blacklistId'),
      answer: listOf(contract.BlacklistEntry),
      async handle({ params, ...asker }) {
        const lists = await blacklists.list();
        const { blacklistId } = found(
          lists.find((list) => list.blacklistId === params.blacklistId),
          'blacklist',
        );
        const items = wire(await blacklists.entries(blacklistId));
        await audit(asker, 'blacklist.viewed', blacklistId);
        return { items };
      },
    }),
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/entries',
      needs: 'blacklists.manage',
      summary: 'Add an entry',
      params: idParams('blacklistId'),
      body: contract.BlacklistEntryInput,
      answer: contract.BlacklistEntry,
      status: 201,
      async handle({ params: { blacklistId }, body, ...asker }) {
        const input = { ...body, validFrom: instant(body.validFrom), validTo: instant(body.validTo) };
        const entry = await blacklists.addEntry(blacklistId, input, userOf(asker).userId);
        await audit(asker, 'blacklist_entry.created', entry.entryId, { blacklistId });
        return wire(entry);
      },
    }),
    route({
      method: 'delete',
      path: '/blacklists/:blacklistId/entries/:entryId',
      needs: 'blacklists.manage',
      summary: 'Remove an entry',
      params: idParams('blacklistId', 'entryId'),
      async handle({ params: { blacklistId, entryId }, ...asker }) {
        await blacklists.removeEntry(blacklistId, entryId);
        await audit(asker, 'blacklist_entry.removed', entryId, { blacklistId });
      },
    }),
  ];
}
