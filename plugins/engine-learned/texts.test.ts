import { describe, expect, test } from '@jest/globals';
import { charactersOf, columnProbability, guesses, slotProbability, type Answer } from './texts.ts';

const ALPHABET = 4;
/** Rows of probabilities: what is named gets its share, the rest goes evenly to the others. */
function rows(...named: readonly Readonly<Record<number, number>>[]): Float32Array {
  return Float32Array.from(
    named.flatMap((row) => {
      const given = Object.values(row).reduce((sum, value) => sum + value, 0);
      const rest = (1 - given) / (ALPHABET - Object.keys(row).length);
      return Array.from({ length: ALPHABET }, (_, index) => row[index] ?? rest);
    }),
  );
}
const split = (values: Float32Array): Float32Array[] =>
  Array.from({ length: values.length / ALPHABET }, (_, k) => values.subarray(k * ALPHABET, (k + 1) * ALPHABET));
const sure = {
  slots: rows({ 1: 0.9 }, { 2: 0.9 }, { 0: 0.97 }),
  columns: rows({ 1: 0.9 }, { 0: 0.9 }, { 2: 0.9 }, { 0: 0.9 }),
};

/** All texts of up to four characters. */
const everything = (): number[][] => {
  const all: number[][] = [[]];
  for (let from = 0, length = 0; length < 4; length++) {
    const end = all.length;
    for (; from < end; from++) for (const index of [1, 2, 3]) all.push([...(all[from] ?? []), index]);
  }
  return all;
};

test('the columns spread one whole over all texts', () => {
  const columns = split(rows({ 1: 0.5 }, { 0: 0.4, 2: 0.3 }, { 2: 0.6 }, { 0: 0.2 }));
  const total = everything().reduce((sum, text) => sum + columnProbability(columns, text), 0);
  expect(total).toBeCloseTo(1, 5);
});

test('a repeated character needs a gap between', () => {
  const [apart, together] = [split(rows({ 1: 1 }, { 0: 1 }, { 1: 1 })), split(rows({ 1: 1 }, { 1: 1 }, { 1: 1 }))];
  expect(columnProbability(apart, [1, 1])).toBeCloseTo(1);
  expect(columnProbability(together, [1, 1])).toBe(0);
  expect(columnProbability(together, [1])).toBeCloseTo(1);
});

test('slots: one character each, and none after the last', () => {
  expect(slotProbability(split(sure.slots), [1, 2])).toBeCloseTo(0.9 * 0.9 * 0.97);
  expect(slotProbability(split(sure.slots), [1, 2, 3, 1])).toBe(0);
});

describe('two readers', () => {
  const look = (change: Partial<Answer>): Answer => ({ ...sure, single: 1, ...change });
  test('agree', () => {
    const [best] = guesses([look({})], ALPHABET);
    expect(best?.indices).toEqual([1, 2]);
    expect(best?.probability).toBeGreaterThan(0.7);
  });

  test('the surer one wins where they differ', () => {
    // The slots read one character twice, and are not sure of it; the columns see each once.
    const doubtful = rows({ 1: 0.8 }, { 1: 0.5, 2: 0.45 }, { 0: 0.97 });
    const clear = rows({ 1: 0.97 }, { 0: 0.97 }, { 2: 0.97 }, { 0: 0.97 });
    expect(guesses([look({ slots: doubtful, columns: clear })], ALPHABET)[0]?.indices).toEqual([1, 2]);
  });

  test('of several lines the columns know nothing', () => {
    const nonsense = rows({ 3: 0.97 }, { 3: 0.97 }, { 3: 0.97 }, { 3: 0.97 });
    expect(guesses([look({ columns: nonsense, single: 0.02 })], ALPHABET)[0]?.indices).toEqual([1, 2]);
  });

  test('each character has its probability and what else it may be', () => {
    const slots = rows({ 1: 0.7, 3: 0.2 }, { 2: 0.9 }, { 0: 0.97 });
    const looks = [look({ slots })];
    const [best] = guesses(looks, ALPHABET);
    const [first] = charactersOf(looks, ALPHABET, best!);
    expect(first?.probability).toBeCloseTo(0.7);
    expect(first?.others[0]).toMatchObject({ index: 3 });
  });
});
