import { expect, test } from '@jest/globals';
import { validityOf } from './validity.ts';

const now = new Date('2026-11-26T05:00:00Z');
const entry = (validFrom: string | null, validTo: string | null) => ({ validFrom, validTo });

test('an entry without an end runs until it is taken off', () => {
  expect(validityOf(entry('2026-01-01T00:00:00Z', null), 14, now)).toEqual({ state: 'open', passed: null, left: null });
});

test('one that has not begun says how long it takes until then', () => {
  expect(validityOf(entry('2026-11-27T05:00:00Z', null), 14, now)).toEqual({
    state: 'upcoming',
    passed: 0,
    left: 86_400_000,
  });
});

test('one that runs says how much of its time is over, and whether its end is near', () => {
  expect(validityOf(entry('2026-11-16T05:00:00Z', '2026-12-06T05:00:00Z'), 7, now)).toMatchObject({
    state: 'running',
    passed: 0.5,
  });
  expect(validityOf(entry('2026-11-16T05:00:00Z', '2026-12-06T05:00:00Z'), 14, now).state).toBe('ending');
});

test('one ends at the very moment of its end', () => {
  expect(validityOf(entry(null, '2026-11-26T05:00:00Z'), 14, now).state).toBe('ended');
});
