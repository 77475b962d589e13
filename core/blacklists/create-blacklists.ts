import { randomUUID } from 'node:crypto';
import { LprError } from '../errors.ts';
import type { News } from '../news.ts';
import { likePattern, normalisePlate } from '../plates/plates.ts';
import type { Log } from '../plugins/define.ts';
import { attachmentKind } from './attachment-kind.ts';
import type { BlacklistStore, NumberedEntry } from './blacklist-store.ts';
import type {
  Blacklist,
  BlacklistCategory,
  BlacklistEntry,
  BlacklistEntryInput,
  Blacklists,
  ListedPlate,
} from './blacklists.ts';
import { checkedEntry, checkEntry, isWildcard, WILDCARDS_AT_MOST } from './entry-check.ts';
import { EXACT_ONLY_ABOVE } from './match-policy.ts';
import { createMatching } from './matching.ts';
import { entriesAfter, entriesEnd, hitsAfter, hitsEnd } from './page-ends.ts';
import { PlateBook } from './plate-book.ts';
import { previewPolicy } from './policy-preview.ts';

const DAY_MS = 86_400_000;
const ATTACHMENTS_AT_MOST = 20;
const LISTED_AT_MOST = 200;

const BARE_ENTRY: BlacklistEntryInput = {
  ...{ plateNumber: '', issuingEntity: null, countryCode: null, plateType: null, reason: null, validFrom: null },
  ...{ reviewAt: null, confidence: 1, agency: null, reference: null, notes: null },
};

/** As listed first. */
const RANKS = { exact: 0, without_province: 0, wildcard: 1, confusable: 2, candidate: 3 } as const;
const byLikeness = (a: ListedPlate, b: ListedPlate): number =>
  RANKS[a.matchedBy] - RANKS[b.matchedBy] || b.priority - a.priority;

const withAdvice = (list: Omit<Blacklist, 'advice'>): Blacklist => ({
  ...list,
  advice: list.entryCount > EXACT_ONLY_ABOVE && list.policy.edits !== 'none' ? ['exact_only'] : [],
});

export interface BlacklistsDependencies {
  readonly store: BlacklistStore;
  readonly news: Pick<News, 'on'>;
  readonly log: Log;
  readonly now?: () => Date;
}

export function createBlacklists({ store, news, log, now = () => new Date() }: BlacklistsDependencies): Blacklists {
  const matching = createMatching({ store, news, log, now });

  /** What this process changed it knows at once, as the others do when they hear of it. */
  const refreshed = async (blacklistId: string, { entryNo, entry }: NumberedEntry): Promise<BlacklistEntry> => {
    await matching.refresh(blacklistId, [entryNo]);
    return entry;
  };

  const roomForWildcard = async (blacklistId: string, plateNumber: string): Promise<void> => {
    if (!isWildcard(plateNumber) || (await store.wildcardCount(blacklistId)) < WILDCARDS_AT_MOST) return;
    const problem = `must have no * or ?: the list has ${WILDCARDS_AT_MOST} such entries, and no room for more`;
    throw new LprError('invalid_input', `plateNumber ${problem}.`, { problems: [{ field: 'plateNumber', problem }] });
  };

  return {
    list: async () => (await store.lists()).map(withAdvice),
    settings: (blacklistId) => store.settings(blacklistId),
    async get(blacklistId) {
      const list = await store.list(blacklistId);
      if (list === null) return null;
      const { all, cameras } = await store.accuracy(blacklistId);
      return { ...withAdvice(list), accuracy: all, cameras };
    },
    async create(input) {
      const list = await store.addList({ ...input, blacklistId: randomUUID() });
      await matching.refresh(list.blacklistId, [0]);
      return withAdvice(list);
    },
    async update(blacklistId, change) {
      const list = await store.changeList(blacklistId, change);
      await matching.refresh(blacklistId, [0]);
      return withAdvice(list);
    },
    async remove(blacklistId) {
      await store.removeList(blacklistId);
      await matching.refresh(blacklistId, null);
    },

    async entries(blacklistId, { plate, cursor, limit, state }) {
      const pattern = plate === null || plate === '' ? null : likePattern(plate);
      if (plate !== null && plate !== '' && pattern === null) {
        const problem = 'must have at least one letter or digit';
        throw new LprError('invalid_input', `plate ${problem}.`, { problems: [{ field: 'plate', problem }] });
      }
      const after = cursor === null ? null : entriesAfter(cursor);
      const rows = await store.entries(blacklistId, { pattern, state, after, limit });
      const last = rows.length === limit ? rows.at(-1) : undefined;
      return {
        items: rows.map(({ entry }) => entry),
        nextCursor: last === undefined ? null : entriesEnd(last.entryNo),
      };
    },
    entry: (blacklistId, entryId) => store.entry(blacklistId, entryId),
    async addEntry(blacklistId, input, userId) {
      const settings = await store.settings(blacklistId);
      if (settings === null) throw new LprError('not_found', 'There is no such blacklist.');
      const { defaultValidityDays: days } = settings;
      const from = input.validFrom ?? now();
      const validTo =
        input.validTo === undefined && days !== null
          ? new Date(from.getTime() + days * DAY_MS)
          : (input.validTo ?? null);
      const entry = checkedEntry({ ...input, validTo });
      await roomForWildcard(blacklistId, entry.plateNumber);
      const added = await store.addEntry({ ...entry, entryId: randomUUID(), blacklistId, userId });
      return refreshed(blacklistId, added);
    },
    async updateEntry(blacklistId, entryId, change, userId) {
      const before = await store.entry(blacklistId, entryId);
      if (before === null) throw new LprError('not_found', 'The blacklist has no such entry.');
      const whole: BlacklistEntryInput = checkedEntry({ ...before, ...change });
      if (!before.isWildcard) await roomForWildcard(blacklistId, whole.plateNumber);
      // In canonical form; a key that is as before is left out, since an entry may have a twin from before lists refused them.
      const changed = new Map<string, unknown>(Object.entries(change));
      for (const key of ['plateNumber', 'issuingEntity', 'countryCode', 'plateType'] as const) {
        if (whole[key] === before[key]) changed.delete(key);
        else changed.set(key, whole[key]);
      }
      const named: Partial<BlacklistEntryInput> = Object.fromEntries(changed);
      return refreshed(blacklistId, await store.changeEntry(blacklistId, entryId, named, userId));
    },
    async removeEntry(blacklistId, entryId) {
      await matching.refresh(blacklistId, await store.removeEntries(blacklistId, [entryId]));
    },
    async removeEntries(blacklistId, entryIds) {
      const once = [...new Set(entryIds)];
      await matching.refresh(blacklistId, await store.removeEntries(blacklistId, once));
      return once.length;
    },
    async expiring(blacklistId, days) {
      const settings = await store.settings(blacklistId);
      if (settings === null) throw new LprError('not_found', 'There is no such blacklist.');
      const at = now();
      return store.expiring(blacklistId, at, new Date(at.getTime() + (days ?? settings.warnDays) * DAY_MS));
    },
    async attach(blacklistId, entryId, { name, bytes }, userId) {
      const attached = (await store.entry(blacklistId, entryId))?.attachments.length ?? 0;
      if (attached >= ATTACHMENTS_AT_MOST) {
        const problem = `is one too many: an entry has room for ${ATTACHMENTS_AT_MOST}`;
        throw new LprError('invalid_input', `The file ${problem}.`, { problems: [{ field: 'content', problem }] });
      }
      const file = { attachmentId: randomUUID(), name, mediaType: attachmentKind(bytes), bytes };
      return store.attach(blacklistId, entryId, file, userId);
    },
    attachment: (...ids) => store.attachment(...ids),
    async removeAttachment(...ids) {
      if (!(await store.removeAttachment(...ids))) throw new LprError('not_found', 'There is no such attachment.');
    },

    ...{ match: matching.match, rematch: matching.rematch },
    withdraw: (detectionId) => store.retractHits(detectionId, []),
    async hits({ cursor, ...query }) {
      const after = cursor === null ? null : hitsAfter(query.order, cursor);
      const rows = await store.hits({ ...query, after });
      const last = rows.length === query.limit ? rows.at(-1) : undefined;
      return {
        items: rows.map(({ item }) => item),
        nextCursor: last === undefined ? null : hitsEnd(query.order, last.end),
      };
    },
    hit: (hitId) => store.hit(hitId),
    async openHits() {
      const counts = await store.openHits();
      const of = (category: BlacklistCategory): number => counts.find((one) => one.category === category)?.count ?? 0;
      return { stolen: of('stolen'), wanted: of('wanted'), vip: of('vip'), expired: of('expired'), own: of('own') };
    },
    decide: (...decision) => store.decide(...decision),
    considered: (hitIds) => store.considered(hitIds),
    pendingHits: (since) => store.pendingHits(since),

    async previewPolicy(blacklistId, policy, entries) {
      if (blacklistId === null) {
        const book = new PlateBook();
        const checked = entries.map(({ plateNumber, issuingEntity }, i) => {
          const { entry, problems } = checkEntry({ ...BARE_ENTRY, plateNumber, issuingEntity });
          if (problems.length === 0) return entry;
          throw new LprError('invalid_input', `Entry ${i + 1} cannot be used.`, {
            problems: problems.map(({ field, problem }) => ({ field: `entries.${i}.${field}`, problem })),
          });
        });
        checked.forEach((entry, i) => {
          book.put({ ...entry, entryNo: i + 1, list: 0, validFrom: null, validTo: null });
        });
        const plates = checked.map(({ plateNumber }) => plateNumber).filter((plate) => !isWildcard(plate));
        const whole = { book, list: 0, entries: book.size, plates, proposed: policy, present: null };
        return previewPolicy({ store, now }, whole);
      }
      const list = await store.list(blacklistId);
      if (list === null) throw new LprError('not_found', 'There is no such blacklist.');
      const { book } = matching;
      const plates = await store.samplePlates(blacklistId, 20);
      const { entryCount, policy: present } = list;
      return previewPolicy(
        { store, now },
        { book, list: matching.listNo(blacklistId), entries: entryCount, plates, proposed: policy, present },
      );
    },
    async lookUp(plate, issuingEntity, mayLook) {
      const plateNumber = normalisePlate(plate);
      if (plateNumber === '' || isWildcard(plate)) {
        const problem = 'must be a whole plate: letters and digits, without * and ?';
        throw new LprError('invalid_input', `plate ${problem}.`, { problems: [{ field: 'plate', problem }] });
      }
      const lists = await store.listFacts(null);
      const shown = new Set(lists.flatMap((list) => (mayLook(list.needsReason) ? [list.blacklistId] : [])));
      const items = [...(await matching.standing(plateNumber, issuingEntity, shown))].sort(byLikeness);
      const withheld = lists
        .filter(({ blacklistId }) => !shown.has(blacklistId))
        .map(({ blacklistId, name, needsReason }) => ({ blacklistId, name, needsReason }));
      return { plateNumber, items: items.slice(0, LISTED_AT_MOST), count: items.length, withheld };
    },
    indexFigures: () => matching.figures(),
    idle: () => matching.idle(),
    start: () => matching.start(),
    stop: () => matching.stop(),
  };
}
