import { expect, test } from '@jest/globals';
import { hitAddressOf, hitFilterOf, hitQueryOf } from './hit-filter.ts';

const LIST = '00000000-0000-7000-8000-000000000001';

test('the bare address is the inbox: open hits, those first that are worth most', () => {
  expect(hitQueryOf(hitFilterOf({}))).toEqual({ state: 'open', order: 'value' });
  expect(hitAddressOf(hitFilterOf({}))).toEqual({});
});

test('an address gives the filter that it was made of', () => {
  const filter = hitFilterOf({ state: 'decided', order: 'newest', category: 'wanted', list: LIST, camera: LIST });
  expect(hitFilterOf(hitAddressOf(filter))).toEqual(filter);
  expect(hitQueryOf(filter)).toEqual({
    state: 'decided',
    order: 'newest',
    category: 'wanted',
    blacklistId: LIST,
    cameraId: LIST,
  });
});

test('what makes no sense is left out', () => {
  expect(hitFilterOf({ state: 'lost', category: ['vip'], list: 'x', camera: null })).toEqual(hitFilterOf({}));
});
