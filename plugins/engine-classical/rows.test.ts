import { describe, expect, test } from '@jest/globals';
import { findRows, isCharacterLike, type Blob } from './rows.ts';

/** Characters along a base line that rises by `slope`. */
const line = (x: number, y: number, height: number, count: number, slope = 0, gap = 0.75): Blob[] =>
  Array.from({ length: count }, (_, i) => {
    const width = Math.round(height * 0.5);
    const left = x + i * height * gap;
    return { x: left, y: y + (left - x) * slope, width, height, area: width * height * 0.4 };
  });

/** Blobs without order, always the same. */
const scatter = (count: number): Blob[] => {
  let state = 11;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from({ length: count }, () => {
    const height = 8 + next() * 30;
    const width = height * (0.2 + next());
    return { x: next() * 1200, y: next() * 700, width, height, area: width * height * 0.4 };
  });
};

describe('a row of characters is found', () => {
  test.each([0, 0.1, -0.25, 0.6])('under a slope of %f', (slope) => {
    const [row, ...more] = findRows(line(100, 200, 30, 6, slope));
    expect(more).toEqual([]);
    expect(row?.blobs).toHaveLength(6);
    expect(row?.angle).toBeCloseTo(Math.atan(slope), 5);
    expect(row?.height).toBeCloseTo(30, 5);
  });

  test('across the gap between series and number', () => {
    const series = line(100, 200, 40, 2);
    const number = line(100 + 40 * 0.75 * 2 + 50, 200, 40, 4);
    expect(findRows([...series, ...number])[0]?.blobs).toHaveLength(6);
  });

  test('among clutter', () => {
    const plate = line(500, 300, 24, 7);
    const rows = findRows([...scatter(300), ...plate]);
    expect(rows.some((row) => plate.every((blob) => row.blobs.includes(blob)))).toBe(true);
  });

  test('and a smaller line below is a row of its own', () => {
    const rows = findRows([...line(100, 100, 40, 6), ...line(110, 150, 14, 10)]);
    expect(rows.map((row) => row.blobs.length).sort((a, b) => a - b)).toEqual([6, 10]);
  });
});

test('two blobs, unequal ones and a vertical stack are no row', () => {
  expect(findRows(line(0, 0, 30, 2))).toEqual([]);
  expect(findRows([10, 30, 12, 40].map((height, i) => ({ x: i * 25, y: 0, width: 10, height, area: 100 })))).toEqual(
    [],
  );
  expect(findRows([0, 40, 80, 120].map((y) => ({ x: 10, y, width: 15, height: 30, area: 200 })))).toEqual([]);
});

test('bars, squares of ink and specks are not like characters', () => {
  const like = (width: number, height: number, fill: number): boolean =>
    isCharacterLike({ x: 0, y: 0, width, height, area: width * height * fill }, 8, 60);
  expect(like(15, 30, 0.4)).toBe(true);
  expect(like(5, 30, 0.95)).toBe(true);
  expect(like(90, 30, 0.4)).toBe(false);
  expect(like(28, 30, 0.95)).toBe(false);
  expect(like(3, 5, 0.5)).toBe(false);
});
