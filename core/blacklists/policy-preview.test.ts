import { expect, test } from '@jest/globals';
import type { SeenPlate, SeenStore } from './blacklist-store.ts';
import { EXACT_POLICY } from './match-policy.ts';
import { PlateBook } from './plate-book.ts';
import { previewPolicy } from './policy-preview.ts';

const NOW = new Date('2026-11-26T08:00:00Z');
const HOUR_MS = 3_600_000;
const DAYS = 7;

/** A read a minute, each tenth of them of the listed plate. */
function storeOf(days: number): { readonly store: SeenStore; readonly asked: Date[] } {
  const asked: Date[] = [];
  const first = NOW.getTime() - days * 24 * HOUR_MS;
  const at = (minute: number): SeenPlate => ({
    ...{ detectionId: String(minute), status: 'confirmed', plateNumber: minute % 10 === 0 ? '1กก1234' : '9ฮฮ9999' },
    ...{ issuingEntity: 'TH-10', countryCode: 'TH', plateType: null, confidence: 0.9, characters: [], candidates: [] },
    ...{ capturedAt: new Date(first + minute * 60_000), cameraName: 'Gate' },
  });
  const minuteOf = (time: Date): number => Math.ceil((time.getTime() - first) / 60_000);
  const store: SeenStore = {
    seen(from, to) {
      asked.push(from);
      const [begin, end] = [minuteOf(from), Math.min(minuteOf(to), minuteOf(NOW))];
      return Promise.resolve(Array.from({ length: end - begin }, (_, i) => at(begin + i)));
    },
    oldestSeen: () => Promise.resolve(new Date(first)),
    samplePlates: () => Promise.resolve([]),
  };
  return { store, asked };
}

function preview(
  days: number,
  budgetMs: number,
): { readonly asked: Date[]; readonly result: ReturnType<typeof previewPolicy> } {
  const { store, asked } = storeOf(days);
  const book = new PlateBook();
  book.put({
    ...{ entryNo: 1, list: 0, plateNumber: '1กก1234', issuingEntity: 'TH-10', countryCode: 'TH', plateType: null },
    ...{ validFrom: null, validTo: null },
  });
  const question = { book, list: 0, entries: 1, plates: ['1กก1234'], proposed: EXACT_POLICY, present: null };
  return { asked, result: previewPolicy({ store, now: () => NOW, budgetMs }, question) };
}

test('with time enough all of the week is looked at', async () => {
  const seen = await preview(DAYS, 60_000).result;
  expect([seen.detections, seen.ofDetections, seen.days]).toEqual([10_080, 10_080, 7]);
  expect(seen.proposed.hitsPerDay).toBeCloseTo(144);
  expect(seen.proposed.byMatch.exact).toBeCloseTo(144);
  expect(seen.examples).toHaveLength(20);
});

test('without, what was looked at stands for the rest, and how much that was is said', async () => {
  const { asked, result } = preview(DAYS, 0);
  const seen = await result;
  expect([asked.length, seen.detections, seen.ofDetections]).toEqual([1, 10, 10_080]);
  expect(seen.proposed.hitsPerDay).toBeCloseTo(144);
});

test('however early time runs out, what was looked at lies spread over the week', async () => {
  const { asked, result } = preview(DAYS, 60_000);
  await result;
  const days = asked.slice(0, 50).map((from) => Math.floor((NOW.getTime() - from.getTime()) / (24 * HOUR_MS)));
  expect(new Set(days).size).toBeGreaterThanOrEqual(DAYS);
});

test('a hub that is younger than a day is not made out busier than it was', async () => {
  const seen = await preview(1 / 24, 60_000).result;
  expect(seen.proposed.hitsPerDay).toBeCloseTo(6);
});

test('a plate that is too short for an edit has no misreads, a longer one says some and how many', async () => {
  const { store } = storeOf(0);
  const proposed = { ...EXACT_POLICY, edits: 'confusable' } as const;
  const plates = ['กก12', '1กก1234'];
  const question = { book: new PlateBook(), list: 0, entries: 0, plates, proposed, present: null };
  const { misreads } = await previewPolicy({ store, now: () => NOW }, question);
  expect(misreads.map(({ listed, acceptedCount }) => [listed, acceptedCount > 12])).toEqual([
    ['กก12', false],
    ['1กก1234', true],
  ]);
  expect(misreads[0]?.accepted).toEqual([]);
});

/** So many reads in the ten minutes before now. */
function busyStore(count: number): SeenStore {
  const first = NOW.getTime() - 600_000;
  const seen = Array.from({ length: count }, (_, i): SeenPlate => ({
    ...{
      detectionId: String(i),
      status: 'confirmed',
      plateNumber: '1กก1234',
      issuingEntity: 'TH-10',
      countryCode: 'TH',
    },
    ...{ plateType: null, confidence: 0.9, characters: [], candidates: [], cameraName: 'Gate' },
    capturedAt: new Date(first + (i * 600_000) / count),
  }));
  return {
    seen: (_from, _to, after, limit) => {
      const begin = after === null ? 0 : Number(after.detectionId) + 1;
      return Promise.resolve(seen.slice(begin, begin + limit));
    },
    oldestSeen: () => Promise.resolve(new Date(first)),
    samplePlates: () => Promise.resolve([]),
  };
}

test('of a span with very many reads some stand for the rest, and the process does other things in between', async () => {
  const book = new PlateBook();
  let inARow = 0;
  let mostInARow = 0;
  const counted = Object.assign(Object.create(book) as PlateBook, {
    find: () => {
      mostInARow = Math.max(mostInARow, ++inARow);
      return [];
    },
  });
  const done = new AbortController();
  const others = (async () => {
    while (!done.signal.aborted) {
      inARow = 0;
      await new Promise(setImmediate);
    }
  })();
  const seen = await previewPolicy(
    { store: busyStore(20_000), now: () => NOW, budgetMs: 0 },
    { book: counted, list: 0, entries: 1, plates: [], proposed: EXACT_POLICY, present: EXACT_POLICY },
  );
  done.abort();
  await others;
  expect(mostInARow).toBeLessThanOrEqual(200);
  expect(seen.detections).toBeLessThan(2_000);
  expect(seen.ofDetections / 20_000).toBeCloseTo(1, 1);
});
