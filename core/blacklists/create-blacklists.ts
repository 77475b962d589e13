import { randomUUID } from 'node:crypto';
import { LprError } from '../errors.ts';
import type { DetectionPart, HitPart } from '../message.ts';
import { normalisePlate, provinceByCode } from '../plates/plates.ts';
import type { BlacklistStore, IndexedEntry } from './blacklist-store.ts';
import type { BlacklistEntryInput, Blacklists } from './blacklists.ts';

/** Without a province on both sides the text may be another province's: half as sure. */
const WITHOUT_PROVINCE = 0.5;

function checked(input: BlacklistEntryInput): BlacklistEntryInput {
  const plateNumber = normalisePlate(input.plateNumber);
  const { issuingEntity, validFrom, validTo } = input;
  const problems = [
    ...(plateNumber === '' ? [{ field: 'plateNumber', problem: 'must have at least one letter or digit' }] : []),
    ...(issuingEntity?.startsWith('TH-') && provinceByCode(issuingEntity) === null
      ? [{ field: 'issuingEntity', problem: 'is no Thai province that the hub knows' }]
      : []),
    ...(validFrom && validTo && validTo <= validFrom ? [{ field: 'validTo', problem: 'must be after validFrom' }] : []),
  ];
  if (problems.length === 0) return { ...input, plateNumber };
  const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  throw new LprError('invalid_input', `The entry cannot be used: ${all}.`, { problems });
}

export function createBlacklists({
  store,
  now = () => new Date(),
}: {
  readonly store: BlacklistStore;
  readonly now?: () => Date;
}): Blacklists {
  let index = new Map<string, IndexedEntry[]>();

  const load = async (): Promise<void> => {
    const fresh = new Map<string, IndexedEntry[]>();
    for (const entry of await store.allEntries()) {
      const same = fresh.get(entry.plateNumber);
      if (same === undefined) fresh.set(entry.plateNumber, [entry]);
      else same.push(entry);
    }
    index = fresh;
  };

  const hitsOf = (
    detection: Pick<DetectionPart, 'status' | 'plateNumber' | 'issuingEntity' | 'countryCode' | 'confidence'>,
    at: Date,
  ): readonly HitPart[] => {
    // What a person said is no plate is on no list.
    if (detection.status === 'rejected') return [];
    return (index.get(detection.plateNumber) ?? []).flatMap((entry): HitPart[] => {
      if ((entry.validFrom && entry.validFrom > at) || (entry.validTo && entry.validTo <= at)) return [];
      const isOther = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;
      if (isOther(entry.issuingEntity, detection.issuingEntity)) return [];
      if (isOther(entry.countryCode, detection.countryCode)) return [];
      const isExact = entry.issuingEntity !== null && detection.issuingEntity !== null;
      return [
        {
          hitId: randomUUID(),
          blacklistId: entry.blacklistId,
          blacklistName: entry.list.name,
          entryId: entry.entryId,
          category: entry.list.category,
          priority: entry.list.priority,
          matchedBy: isExact ? 'exact' : 'without_province',
          confidence: detection.confidence * (isExact ? 1 : WITHOUT_PROVINCE),
          reason: entry.reason,
        },
      ];
    });
  };

  return {
    list: () => store.lists(),
    create: (input) => store.addList({ ...input, blacklistId: randomUUID() }),
    async remove(blacklistId) {
      await store.removeList(blacklistId);
      await load();
    },
    entries: (blacklistId) => store.entries(blacklistId),
    async addEntry(blacklistId, input, userId) {
      const entry = await store.addEntry({ ...checked(input), entryId: randomUUID(), blacklistId, userId });
      await load();
      return entry;
    },
    async removeEntry(blacklistId, entryId) {
      await store.removeEntry(blacklistId, entryId);
      await load();
    },
    async match({ lpr: { detection, isLate, capturedAt } }, blacklistId) {
      const hits = hitsOf(detection, isLate ? new Date(capturedAt) : now()).filter(
        (hit) => blacklistId === '' || hit.blacklistId === blacklistId,
      );
      if (hits.length === 0) return [];
      const { detectionId, plateNumber } = detection;
      return [...(await store.addHits(detectionId, plateNumber, hits))].sort((a, b) => b.priority - a.priority);
    },
    async rematch(detection, { adds }) {
      const hits = hitsOf(detection, detection.capturedAt);
      const { detectionId, plateNumber } = detection;
      const retracted = await store.retractHits(
        detectionId,
        hits.map(({ entryId }) => entryId),
      );
      const added = adds && hits.length > 0 ? await store.addHits(detectionId, plateNumber, hits) : [];
      return { added, retracted };
    },
    start: load,
  };
}
