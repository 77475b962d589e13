import { expect, test } from '@jest/globals';
import { painted, spansOf, weekOf } from './week-ranges.ts';

const office = [{ days: [1, 2, 3, 4, 5], from: '08:30', to: '16:30' }];
const nights = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', to: '06:00' }];
const always = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }];

test('hours come back as they were kept', () => {
  for (const spans of [office, nights, always]) expect(spansOf(weekOf(spans))).toEqual(spans);
});

test('a night that begins on Sunday ends on Monday', () => {
  expect(weekOf([{ days: [7], from: '22:00', to: '05:00' }])).toEqual([
    [[0, 300]],
    ...[[], [], [], [], []],
    [[1_320, 1_440]],
  ]);
});

test('painted hours join what they touch; erased ones are cut out', () => {
  const longer = painted(weekOf(office), 1, [990, 1_080], true);
  expect(longer[0]).toEqual([[510, 1_080]]);
  const lunch = painted(longer, 1, [720, 780], false);
  expect(lunch[0]).toEqual([
    [510, 720],
    [780, 1_080],
  ]);
  expect(spansOf(lunch)).toContainEqual({ days: [2, 3, 4, 5], from: '08:30', to: '16:30' });
});
