/** Matching of detections, on a copy of all entries in memory that the news keep fresh. */
import { randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { errorMessage } from '../errors.ts';
import type { DetectionPart, HitPart, LprMessage } from '../message.ts';
import type { News } from '../news.ts';
import type { Log } from '../plugins/define.ts';
import type { BlacklistStore, EntryFacts, ListFacts } from './blacklist-store.ts';
import type { Blacklists, CandidateRead, ListedPlate } from './blacklists.ts';
import { WIDEST_POLICY } from './match-policy.ts';
import { PlateBook, reachOf, type PlateMatch, type PolicyOf, type Reach } from './plate-book.ts';
import type { PlateQuestion } from './plate-question.ts';

/** Rows a batch while loading: some 10 ms of work between two breaths. */
const AT_ONCE = 5_000;
const SLOTS_AT_ONCE = 100_000;

export interface MatchingDependencies {
  readonly store: BlacklistStore;
  readonly news: Pick<News, 'on'>;
  readonly log: Log;
  readonly now: () => Date;
}

export interface Matching extends Pick<Blacklists, 'match' | 'rematch' | 'idle' | 'start' | 'stop'> {
  /** These entries, or with null all of the list, are others now. */
  refresh(blacklistId: string, entryNos: readonly number[] | null): Promise<void>;
  /** Entries of these lists that stand for the plate now, as `Blacklists.lookUp` says; in no order. */
  standing(
    plateNumber: string,
    issuingEntity: string | null,
    blacklistIds: ReadonlySet<string>,
  ): Promise<readonly ListedPlate[]>;
  figures(): { readonly entries: number; readonly bytes: number };
  /** For looking, not for changing. */
  readonly book: PlateBook;
  listNo(blacklistId: string): number | null;
}

interface KnownList extends ListFacts {
  readonly no: number;
}

/** What an entry is matched by. */
const KINDS = ['plateNumber', 'issuingEntity', 'countryCode', 'plateType'] as const;

const bySureness = (a: HitPart, b: HitPart): number => b.priority - a.priority || b.confidence - a.confidence;

export function createMatching({ store, news, log, now }: MatchingDependencies): Matching {
  const book = new PlateBook();
  const lists = new Map<string, KnownList>();
  /** By number; a list that is gone leaves its place empty. */
  const byNo: (KnownList | null)[] = [];
  let reach: Reach = reachOf([]);
  let isStopped = false;
  let forget: (() => void) | undefined;

  const know = (facts: ListFacts): KnownList => {
    const no = lists.get(facts.blacklistId)?.no ?? byNo.length;
    const list = { ...facts, no };
    lists.set(facts.blacklistId, list);
    byNo[no] = list;
    reach = reachOf([...lists.values()].map(({ policy }) => policy));
    return list;
  };

  const dropStale = async (no: number): Promise<void> => {
    for (let from: number | null = 0; from !== null && !isStopped;) {
      from = book.index.dropStale(no, from, SLOTS_AT_ONCE);
      await breathe();
    }
  };

  /** All entries of a list; those that it has no more go last, so that none is missing in between. */
  const loadList = async ({ blacklistId, no }: KnownList): Promise<void> => {
    book.index.renew(no);
    const patterns = new Set(book.wildcards.numbersOf(no));
    for (let after = -1; !isStopped;) {
      const columns = await store.columnsAfter(blacklistId, after, AT_ONCE);
      book.putColumns(no, columns);
      for (const entryNo of columns.entryNo) patterns.delete(entryNo);
      after = columns.entryNo.at(-1) ?? after;
      await breathe();
      if (columns.entryNo.length < AT_ONCE) break;
    }
    for (const entryNo of patterns) book.wildcards.remove(entryNo);
    await dropStale(no);
  };

  const dropList = async (blacklistId: string): Promise<void> => {
    const list = lists.get(blacklistId);
    if (list === undefined) return;
    // From here on its entries match nothing; they leave memory by and by.
    lists.delete(blacklistId);
    byNo[list.no] = null;
    reach = reachOf([...lists.values()].map(({ policy }) => policy));
    book.index.renew(list.no);
    for (const entryNo of book.wildcards.numbersOf(list.no)) book.wildcards.remove(entryNo);
    await dropStale(list.no);
  };

  const loadAll = async (): Promise<void> => {
    const facts = await store.listFacts(null);
    const standing = new Set(facts.map(({ blacklistId }) => blacklistId));
    for (const blacklistId of [...lists.keys()]) if (!standing.has(blacklistId)) await dropList(blacklistId);
    book.index.reserve(await store.entryCount());
    for (const list of facts) await loadList(know(list));
  };

  const refreshNow = async (blacklistId: string, entryNos: readonly number[] | null): Promise<void> => {
    const [facts] = await store.listFacts(blacklistId);
    if (facts === undefined) return dropList(blacklistId);
    const isKnown = lists.has(blacklistId);
    const list = know(facts);
    if (entryNos === null || !isKnown) return loadList(list);
    const asked = entryNos.filter((entryNo) => entryNo > 0);
    if (asked.length === 0) return;
    const columns = await store.columnsOf(blacklistId, asked);
    book.putColumns(list.no, columns);
    const standing = new Set(columns.entryNo);
    for (const entryNo of asked) if (!standing.has(entryNo)) book.remove(entryNo);
  };

  // One change after the other: two looks at one list at once could undo each other.
  let working: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = working.then(() => (isStopped ? undefined : work()));
    working = done.catch(() => undefined);
    return done;
  };
  const refresh: Matching['refresh'] = (blacklistId, entryNos) => inTurn(() => refreshNow(blacklistId, entryNos));

  const heard = (subject: string | null): void => {
    const [blacklistId = '', ...numbers] = (subject ?? '').split(' ');
    const again = (): Promise<void> =>
      blacklistId === '' ? inTurn(loadAll) : refresh(blacklistId, numbers.length === 0 ? null : numbers.map(Number));
    again().catch((error: unknown) => {
      log.error({ err: errorMessage(error) }, 'a changed blacklist could not be read; all are read again');
      // A copy that missed a change is worse than a slow one.
      setTimeout(() => {
        if (!isStopped) heard(null);
      }, 1_000).unref();
    });
  };

  /** Of all lists, or the named one. */
  const policies = (blacklistId: string): PolicyOf => {
    return (no) => {
      const list = byNo[no] ?? null;
      return list !== null && (blacklistId === '' || list.blacklistId === blacklistId) ? list.policy : null;
    };
  };

  /** With what the database says of it: the copy in memory knows plates and no more. */
  const found = async (
    question: PlateQuestion,
    at: Date,
    policyOf: PolicyOf,
  ): Promise<readonly { readonly match: PlateMatch; readonly entry: EntryFacts; readonly list: KnownList }[]> => {
    const matches = book.find(question, at, reach, policyOf);
    if (matches.length === 0) return [];
    const facts = new Map(
      (await store.entryFacts(matches.map(({ entryNo }) => entryNo))).map((entry) => [entry.entryNo, entry]),
    );
    return matches.flatMap((match) => {
      const entry = facts.get(match.entryNo);
      const list = byNo[match.list];
      // It changed while we looked: the change is matched when it is heard.
      if (entry === undefined || list === null || list === undefined) return [];
      if (!KINDS.every((key) => entry[key] === match[key])) return [];
      if ((entry.validFrom && entry.validFrom > at) || (entry.validTo && entry.validTo <= at)) return [];
      return [{ match, entry, list }];
    });
  };

  const hitsOf = async (question: PlateQuestion, at: Date, blacklistId: string): Promise<readonly HitPart[]> =>
    (await found(question, at, policies(blacklistId))).flatMap(({ match, entry, list }): HitPart[] => {
      const confidence = match.sureness * entry.confidence;
      if (confidence < list.policy.minConfidence) return [];
      return [
        {
          hitId: randomUUID(),
          ...{ blacklistId: list.blacklistId, blacklistName: list.name, category: list.category },
          ...{ entryId: entry.entryId, priority: list.priority, matchedBy: match.matchedBy, confidence },
          ...{ reason: entry.reason, entryPlateNumber: entry.plateNumber, entryIssuingEntity: entry.issuingEntity },
          ...{ differences: match.differences, isCovert: list.isCovert, colour: list.colour, sound: list.sound },
          ...{ listedAt: list.listedAt.toISOString(), isNew: true },
        },
      ];
    });

  /**
   * A hit outlives its entry: what was taken off a list since then, because the vehicle was found, was on it. Which of these the
   * detection still means.
   */
  const stillMeant = async (detectionId: string, question: PlateQuestion, at: Date): Promise<readonly string[]> => {
    const gone = await store.hitsOfGone(detectionId);
    if (gone.length === 0) return [];
    const own = new PlateBook();
    gone.forEach(({ plateNumber, issuingEntity }, entryNo) => {
      own.put({
        ...{ list: 0, entryNo, plateNumber, issuingEntity, countryCode: null, plateType: null },
        ...{ validFrom: null, validTo: null },
      });
    });
    return own
      .find(question, at, reachOf([WIDEST_POLICY]), () => WIDEST_POLICY)
      .flatMap(({ entryNo }) => gone[entryNo]?.entryId ?? []);
  };

  /** Of a read that is not the winning one nobody knows what else the winning text could be. */
  const readOf = ({ lpr: { read, detection } }: LprMessage<'detection'>): CandidateRead | null =>
    read !== undefined && (detection.isBest || read.plateNumber === detection.plateNumber) ? read : null;

  return {
    ...{ refresh, book },
    listNo: (blacklistId) => lists.get(blacklistId)?.no ?? null,
    async match(message, blacklistId) {
      const { detection, isLate, capturedAt, cameraId } = message.lpr;
      const at = isLate ? new Date(capturedAt) : now();
      const hits = await hitsOf({ ...detection, read: readOf(message) }, at, blacklistId);
      if (hits.length === 0) return [];
      const { detectionId, plateNumber } = detection satisfies DetectionPart;
      const sight = { detectionId, plateNumber, cameraId, capturedAt: new Date(capturedAt), isLate };
      return [...(await store.addHits(sight, hits))].sort(bySureness);
    },
    async rematch(detection, { adds, read = null }) {
      const { detectionId, plateNumber, cameraId, capturedAt } = detection;
      const question = { ...detection, read };
      const hits = await hitsOf(question, capturedAt, '');
      const retracted = await store.retractHits(detectionId, [
        ...hits.map(({ entryId }) => entryId),
        ...(await stillMeant(detectionId, question, capturedAt)),
      ]);
      const sight = { detectionId, plateNumber, cameraId, capturedAt, isLate: false };
      const standing = adds && hits.length > 0 ? await store.addHits(sight, hits) : [];
      // An attempt before this one may have ended between the hit and its alert.
      const pending = new Set(await (standing.length === 0 ? [] : store.pendingOf(standing.map(({ hitId }) => hitId))));
      return { added: standing.filter(({ hitId }) => pending.has(hitId)).sort(bySureness), retracted };
    },
    async standing(plateNumber, issuingEntity, blacklistIds) {
      const question: PlateQuestion = {
        ...{ status: 'confirmed', plateNumber, issuingEntity, countryCode: null, plateType: null },
        ...{ confidence: 1, read: null },
      };
      // Who names no province asks about all of them.
      const policyOf: PolicyOf = (no) => {
        const list = byNo[no] ?? null;
        return list !== null && blacklistIds.has(list.blacklistId) ? { ...list.policy, withoutProvince: true } : null;
      };
      return (await found(question, now(), policyOf)).map(({ match, entry, list }): ListedPlate => {
        const { blacklistId, category, priority, colour, isCovert, listedAt } = list;
        const { entryId, plateNumber: listed, reason, validFrom, validTo, confidence } = entry;
        const { issuingEntity: province, countryCode, plateType, matchedBy, differences } = match;
        return {
          ...{ blacklistId, blacklistName: list.name, category, priority, colour, isCovert, listedAt },
          ...{ entryId, plateNumber: listed, issuingEntity: province, countryCode, plateType, reason },
          ...{ validFrom, validTo, confidence, matchedBy, differences },
        };
      });
    },
    figures: () => ({ entries: book.size, bytes: book.index.bytes }),
    idle: () => working,
    async start() {
      forget = news.on('blacklists', heard);
      await inTurn(loadAll);
    },
    async stop() {
      isStopped = true;
      forget?.();
      await working;
    },
  };
}
