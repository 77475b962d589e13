import { describe, expect, test } from '@jest/globals';
import {
  addressQueryOf,
  apiQueryOf,
  EMPTY_FILTER,
  filterOf,
  narrowedBy,
  type DetectionFilter,
} from './detection-filter.ts';

const now = new Date('2026-11-23T20:30:00Z');
const zone = 'Asia/Bangkok';

describe('the address', () => {
  const filter: DetectionFilter = {
    ...EMPTY_FILTER,
    plate: '1ก*23',
    province: 'TH-95-BETONG',
    camera: 'cam 1/ก',
    status: 'corrected',
    from: '2026-11-01T00:00:00.000Z',
    confidence: 85,
  };

  test('says exactly what is on screen: there and back', () => {
    const search = new URLSearchParams(addressQueryOf(filter));
    expect(filterOf(Object.fromEntries(search))).toEqual(filter);
    expect(addressQueryOf(EMPTY_FILTER)).toEqual({});
  });

  test('leaves out what makes no sense', () => {
    const odd = { status: 'lost', time: 'soon', from: 'monday', confidence: '400', plate: ['a', 'b'], camera: '  ' };
    expect(filterOf(odd)).toEqual(EMPTY_FILTER);
  });

  test('holds a preset or a range, never both', () => {
    expect(filterOf({ time: 'today', from: '2026-01-01T00:00:00Z' })).toMatchObject({ time: 'today', from: null });
  });

  test('counts what narrows the list, a range once', () => {
    expect(narrowedBy(filter)).toBe(5);
    expect(narrowedBy({ ...EMPTY_FILTER, from: 'a', to: 'b' })).toBe(1);
    expect(narrowedBy({ ...EMPTY_FILTER, plate: 'กก' })).toBe(0);
  });
});

describe('the question to the hub', () => {
  test('takes the days of the site', () => {
    // 20:30 UTC is half past three in the morning of the 24th in Bangkok.
    expect(apiQueryOf({ ...EMPTY_FILTER, time: 'today' }, now, zone)).toEqual({ from: '2026-11-23T17:00:00.000Z' });
    expect(apiQueryOf({ ...EMPTY_FILTER, time: 'yesterday' }, now, zone)).toEqual({
      from: '2026-11-22T17:00:00.000Z',
      to: '2026-11-23T17:00:00.000Z',
    });
  });

  test('turns percent into a share and names only what is asked', () => {
    expect(apiQueryOf({ ...EMPTY_FILTER, confidence: 85, province: 'TH-10' }, now, zone)).toEqual({
      issuingEntity: 'TH-10',
      minConfidence: 0.85,
    });
  });
});
