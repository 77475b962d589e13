/** What a matching policy would accept and would have done, before it is saved. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { MatchedBy } from '../message.ts';
import { confusableWith } from '../plates/plates.ts';
import type { SeenPlate, SeenStore } from './blacklist-store.ts';
import type { PolicyFigures, PolicyPreview } from './blacklists.ts';
import { editsAllowed, type MatchPolicy } from './match-policy.ts';
import { reachOf, type PlateBook, type PlateMatch } from './plate-book.ts';

const DAYS = 7;
const DAY_MS = 86_400_000;
/** The week is looked at in spans of ten minutes, in an order that leaves no hour out when time runs short. */
const SPAN_MS = 600_000;
const AT_ONCE = 1_000;
/** Reads between two breaths: of a list of a million entries with likeness a read may take a millisecond and more. */
const BETWEEN_BREATHS = 50;
const EXAMPLES = 20;
const ACCEPTED_SHOWN = 12;
const MISREADS = 10;

export interface PreviewDependencies {
  readonly store: SeenStore;
  readonly now: () => Date;
  /** Milliseconds that the reads of the week may take. */
  readonly budgetMs?: number;
}

/** Some of the texts that would count as this plate, and how many there are. */
function misreadsOf(
  listed: string,
  policy: MatchPolicy,
): { readonly accepted: readonly string[]; readonly acceptedCount: number } {
  const edits = editsAllowed(policy, listed.length);
  const accepted = new Map<string, number>();
  const add = (text: string, from: number, likeness: number, depth: number): void => {
    if (depth === 0) return;
    for (let place = from; place < text.length; place++) {
      for (const { char, weight } of confusableWith(text.charAt(place))) {
        const other = text.slice(0, place) + char + text.slice(place + char.length);
        accepted.set(other, Math.max(accepted.get(other) ?? 0, likeness * weight));
        add(other, place + 1, likeness * weight, depth - 1);
      }
    }
  };
  add(listed, 0, 1, edits);
  if (policy.edits === 'any' && edits > 0) {
    for (let place = 0; place < listed.length; place++) {
      accepted.set(listed.slice(0, place) + listed.slice(place + 1), 0.15);
      accepted.set(`${listed.slice(0, place)}?${listed.slice(place + 1)}`, 0.1);
      accepted.set(`${listed.slice(0, place)}?${listed.slice(place)}`, 0.05);
    }
  }
  accepted.delete(listed);
  const likeliest = [...accepted].sort(([, a], [, b]) => b - a).map(([text]) => text);
  return { accepted: likeliest.slice(0, ACCEPTED_SHOWN), acceptedCount: likeliest.length };
}

interface Tally {
  readonly policy: MatchPolicy;
  readonly byMatch: Record<MatchedBy, number>;
}

const tallyOf = (policy: MatchPolicy): Tally => ({
  policy,
  byMatch: { exact: 0, without_province: 0, wildcard: 0, confusable: 0, candidate: 0 },
});

/** Spans of the week in an order that is spread at every length: each further one lies far from those before. */
function* spread(count: number): Generator<number> {
  // A step near the golden ratio of the count that shares no divisor with it visits all.
  const shared = (a: number, b: number): number => (b === 0 ? a : shared(b, a % b));
  let step = Math.max(1, Math.round(count * 0.618));
  while (shared(step, count) !== 1) step++;
  for (let i = 0; i < count; i++) yield (i * step) % count;
}

export async function previewPolicy(
  { store, now, budgetMs = 3_000 }: PreviewDependencies,
  {
    book,
    list,
    entries,
    plates,
    proposed,
    present,
  }: {
    readonly book: PlateBook;
    /** Number of the list in the book; null: it is not there, and nothing matches. */
    readonly list: number | null;
    readonly entries: number;
    readonly plates: readonly string[];
    readonly proposed: MatchPolicy;
    readonly present: MatchPolicy | null;
  },
): Promise<PolicyPreview> {
  const to = now();
  const from = new Date(to.getTime() - DAYS * DAY_MS);
  const oldest = await store.oldestSeen(from);
  const span = oldest === null ? 0 : to.getTime() - oldest.getTime();
  const spans = Math.ceil(span / SPAN_MS);
  const ofProposed = tallyOf(proposed);
  const ofPresent = present === null ? null : tallyOf(present);
  const onlyNew: PolicyPreview['examples'][number][] = [];
  const others: PolicyPreview['examples'][number][] = [];
  let looked = 0;
  let spansDone = 0;

  const find = (seen: SeenPlate, policy: MatchPolicy): readonly PlateMatch[] => {
    const question = { ...seen, read: { characters: seen.characters, candidates: seen.candidates } };
    return book
      .find(question, seen.capturedAt, reachOf([policy]), (no) => (no === list ? policy : null))
      .filter(({ sureness }) => sureness >= policy.minConfidence);
  };
  const look = (seen: SeenPlate): void => {
    const accepted = find(seen, proposed);
    for (const { matchedBy } of accepted) ofProposed.byMatch[matchedBy]++;
    const standing = present === null ? [] : find(seen, present);
    for (const { matchedBy } of standing) if (ofPresent !== null) ofPresent.byMatch[matchedBy]++;
    const had = new Set(standing.map(({ entryNo }) => entryNo));
    for (const match of accepted) {
      const examples = had.has(match.entryNo) ? others : onlyNew;
      if (examples.length >= EXAMPLES) continue;
      const { detectionId, plateNumber, issuingEntity, capturedAt, cameraName } = seen;
      examples.push({
        ...{ detectionId, plateNumber, issuingEntity, capturedAt, cameraName, listed: match.plateNumber },
        ...{ matchedBy: match.matchedBy, confidence: match.sureness },
      });
    }
  };

  const end = performance.now() + budgetMs;
  for (const place of spread(spans)) {
    // At least some of one span, whatever it takes.
    if (spansDone > 0 && performance.now() > end) break;
    const start = new Date((oldest?.getTime() ?? 0) + place * SPAN_MS);
    const stop = new Date(Math.min(to.getTime() + 1, start.getTime() + SPAN_MS));
    let part = 1;
    for (let after: SeenPlate | null = null; ;) {
      const page: readonly SeenPlate[] = await store.seen(start, stop, after, AT_ONCE);
      for (let begin = 0; begin < page.length; begin += BETWEEN_BREATHS) {
        page.slice(begin, begin + BETWEEN_BREATHS).forEach(look);
        await breathe();
      }
      looked += page.length;
      after = page.at(-1) ?? null;
      if (after === null || page.length < AT_ONCE) break;
      if (performance.now() > end) {
        part = Math.max(1, after.capturedAt.getTime() - start.getTime()) / (stop.getTime() - start.getTime());
        break;
      }
    }
    spansDone += part;
    await breathe();
  }

  // What was not looked at is taken to be as what was.
  const share = spans === 0 ? 1 : spansDone / spans;
  const days = span / DAY_MS;
  // A hub that is younger than a day is not made out busier than it was.
  const perDay = (count: number): number => count / share / Math.max(days, 1);
  const figures = ({ policy, byMatch }: Tally): PolicyFigures => ({
    policy,
    hitsPerDay: perDay(Object.values(byMatch).reduce((sum, count) => sum + count, 0)),
    byMatch: {
      exact: perDay(byMatch.exact),
      without_province: perDay(byMatch.without_province),
      wildcard: perDay(byMatch.wildcard),
      confusable: perDay(byMatch.confusable),
      candidate: perDay(byMatch.candidate),
    },
  });
  return {
    misreads: plates.slice(0, MISREADS).map((listed) => ({ listed, ...misreadsOf(listed, proposed) })),
    ...{ days, detections: looked, ofDetections: Math.round(looked / share), entries },
    ...{ proposed: figures(ofProposed), present: ofPresent === null ? null : figures(ofPresent) },
    examples: [...onlyNew, ...others].slice(0, EXAMPLES),
  };
}
