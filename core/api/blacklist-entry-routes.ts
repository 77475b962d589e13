/** The entries of a list: whoever sees or searches them leaves a trace, with the reason where the list asks for one. */
import type { BlacklistEntryInput } from '../blacklists/blacklists.ts';
import { z } from 'zod';
import { wire } from './answers.ts';
import { auditOf, type RouteOptions } from './api-options.ts';
import * as contract from './contract.ts';
import { assertReason, whyDetails } from './reasons.ts';
import { found, idParams, route, userOf, type Asker, type RouteSpec } from './route.ts';

const DATES = ['validFrom', 'validTo', 'reviewAt'] as const;

/** Instants as they are in the domain; what was left out stays left out. */
function entryOf<T extends contract.BlacklistEntryChange>(
  body: T,
): Omit<T, (typeof DATES)[number]> & Partial<Pick<BlacklistEntryInput, (typeof DATES)[number]>> {
  const dates = DATES.flatMap((key) => {
    const text = body[key];
    return text === undefined ? [] : [[key, text === null ? null : new Date(text)]];
  });
  return { ...body, ...Object.fromEntries(dates) } as ReturnType<typeof entryOf<T>>;
}

/** What a page shows may be told apart by the ids, not by the plates. */
const NAMED_AT_MOST = 50;

export function blacklistEntryRoutes({ hub }: RouteOptions): RouteSpec[] {
  const { blacklists } = hub;
  const audit = auditOf(hub);

  /** @throws not_found, reason_required */
  const looked = async (
    asker: Asker,
    blacklistId: string,
    why: contract.BlacklistWhy,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> => {
    const { needsReason } = found(await blacklists.settings(blacklistId), 'blacklist');
    assertReason(needsReason, why, 'This list is only shown');
    await audit(asker, 'blacklist.viewed', blacklistId, {
      ...details,
      ...whyDetails(why),
    });
  };

  return [
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/entries',
      needs: 'blacklists.view',
      summary: 'The entries of a blacklist, newest first, or those that a search finds; reading them is written down',
      params: idParams('blacklistId'),
      query: contract.BlacklistEntryQuery,
      answer: contract.BlacklistEntryPage,
      async handle({ params: { blacklistId }, query, ...asker }) {
        const { plate = null, cursor = null, state, limit } = query;
        const page = await blacklists.entries(blacklistId, { plate, cursor, state, limit });
        await looked(asker, blacklistId, query, {
          searched: plate !== null && plate !== '',
          shown: page.items.length,
          ...(page.items.length > NAMED_AT_MOST ? {} : { entryIds: page.items.map(({ entryId }) => entryId) }),
        });
        return wire(page);
      },
    }),
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/expiring',
      needs: 'blacklists.view',
      summary: 'Entries that end soon, and those past their review date; reading them is written down',
      params: idParams('blacklistId'),
      query: contract.BlacklistWhy.extend({
        days: z.coerce
          .number()
          .int()
          .min(0)
          .max(3650)
          .optional()
          .describe('left out: as long before as the list warns'),
      }),
      answer: contract.BlacklistExpiring,
      async handle({ params: { blacklistId }, query: { days = null, ...why }, ...asker }) {
        const expiring = await blacklists.expiring(blacklistId, days);
        const { length } = expiring.ending;
        await looked(asker, blacklistId, why, { searched: false, shown: length + expiring.toReview.length });
        return wire(expiring);
      },
    }),
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/entries',
      needs: 'blacklists.manage',
      summary: 'Add an entry; a plate that the list has already is refused, and the answer names its entry',
      params: idParams('blacklistId'),
      body: contract.BlacklistEntryInput,
      answer: contract.BlacklistEntry,
      status: 201,
      async handle({ params: { blacklistId }, body, ...asker }) {
        const { validFrom = null, reviewAt = null, ...input } = entryOf(body);
        const entry = await blacklists.addEntry(blacklistId, { ...input, validFrom, reviewAt }, userOf(asker).userId);
        const { entryId, plateNumber, issuingEntity } = entry;
        await audit(asker, 'blacklist_entry.created', entryId, { blacklistId, plateNumber, issuingEntity });
        return wire(entry);
      },
    }),
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/entries/remove',
      needs: 'blacklists.manage',
      summary: 'Remove many entries, all or none',
      params: idParams('blacklistId'),
      body: contract.BlacklistEntriesRemoval,
      answer: z.object({ removed: z.int() }),
      status: 200,
      async handle({ params: { blacklistId }, body: { entryIds }, ...asker }) {
        const removed = await blacklists.removeEntries(blacklistId, entryIds);
        await audit(asker, 'blacklist_entries.removed', blacklistId, { entryIds });
        return { removed };
      },
    }),
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/entries/:entryId',
      needs: 'blacklists.view',
      summary: 'An entry; reading it is written down',
      params: idParams('blacklistId', 'entryId'),
      query: contract.BlacklistWhy,
      answer: contract.BlacklistEntry,
      async handle({ params: { blacklistId, entryId }, query, ...asker }) {
        const entry = found(await blacklists.entry(blacklistId, entryId), 'entry');
        await looked(asker, blacklistId, query, { searched: false, shown: 1, entryIds: [entryId] });
        return wire(entry);
      },
    }),
    route({
      method: 'patch',
      path: '/blacklists/:blacklistId/entries/:entryId',
      needs: 'blacklists.manage',
      summary: 'Change an entry',
      params: idParams('blacklistId', 'entryId'),
      body: contract.BlacklistEntryChange,
      answer: contract.BlacklistEntry,
      async handle({ params: { blacklistId, entryId }, body, ...asker }) {
        const change = entryOf(body);
        const entry = await blacklists.updateEntry(blacklistId, entryId, change, userOf(asker).userId);
        await audit(asker, 'blacklist_entry.changed', entryId, { blacklistId, ...body });
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
    route({
      method: 'post',
      path: '/blacklists/:blacklistId/entries/:entryId/attachments',
      needs: 'blacklists.manage',
      summary: 'Attach a picture or a PDF to an entry',
      params: idParams('blacklistId', 'entryId'),
      body: contract.BlacklistAttachmentInput,
      answer: contract.BlacklistAttachment,
      status: 201,
      async handle({ params: { blacklistId, entryId }, body: { name, content }, ...asker }) {
        const file = { name, bytes: Buffer.from(content, 'base64') };
        const attachment = await blacklists.attach(blacklistId, entryId, file, userOf(asker).userId);
        const { attachmentId } = attachment;
        await audit(asker, 'blacklist_entry.attached', entryId, { blacklistId, attachmentId });
        return wire(attachment);
      },
    }),
    route({
      method: 'get',
      path: '/blacklists/:blacklistId/entries/:entryId/attachments/:attachmentId',
      needs: 'blacklists.view',
      summary: 'What is attached, to be saved; reading it is written down',
      params: idParams('blacklistId', 'entryId', 'attachmentId'),
      query: contract.BlacklistWhy,
      media: 'application/octet-stream',
      async handle({ params: { blacklistId, entryId, attachmentId }, query, res, ...asker }) {
        const { name, mediaType, bytes } = found(
          await blacklists.attachment(blacklistId, entryId, attachmentId),
          'attachment',
        );
        await looked({ ...asker }, blacklistId, query, { searched: false, shown: 1, entryIds: [entryId] });
        // Saved, not shown: a PDF may hold scripts, and it comes from anywhere.
        res
          .attachment(name)
          .set({ 'Content-Type': mediaType, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'private, no-store' })
          .set('Content-Security-Policy', "sandbox; default-src 'none'")
          .end(bytes);
      },
    }),
    route({
      method: 'delete',
      path: '/blacklists/:blacklistId/entries/:entryId/attachments/:attachmentId',
      needs: 'blacklists.manage',
      summary: 'Remove an attachment',
      params: idParams('blacklistId', 'entryId', 'attachmentId'),
      async handle({ params: { blacklistId, entryId, attachmentId }, ...asker }) {
        await blacklists.removeAttachment(blacklistId, entryId, attachmentId);
        await audit(asker, 'blacklist_entry.detached', entryId, { blacklistId, attachmentId });
      },
    }),
  ];
}
