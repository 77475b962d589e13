import { expect, test } from '@jest/globals';
import { entriesAfter, entriesEnd } from './page-ends.ts';

test('a page of entries ends at any number that PostgreSQL gives out, and at none beyond', () => {
  for (const entryNo of [1, 1_500_000_000, 2_147_483_647]) expect(entriesAfter(entriesEnd(entryNo))).toBe(entryNo);
  expect(() => entriesAfter(entriesEnd(2_147_483_648))).toThrow('The cursor is not one that a page gave');
});
