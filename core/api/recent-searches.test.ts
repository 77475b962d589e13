import { expect, test } from '@jest/globals';
import { createRecentSearches } from './recent-searches.ts';

test('the same search counts again after ten minutes, another at once', () => {
  let now = 0;
  const recent = createRecentSearches(() => now);
  expect([recent.isNew('a'), recent.isNew('a'), recent.isNew('b')]).toEqual([true, false, true]);
  now += 10 * 60_000;
  expect([recent.isNew('a'), recent.isNew('a')]).toEqual([true, false]);
});

test('it remembers no more than it may', () => {
  const recent = createRecentSearches(() => 0);
  for (let i = 0; i <= 10_000; i++) recent.isNew(String(i));
  expect([recent.isNew('10000'), recent.isNew('0')]).toEqual([false, true]);
});
