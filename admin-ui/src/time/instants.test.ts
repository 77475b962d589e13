import { describe, expect, test } from '@jest/globals';
import {
  dayAndTime,
  duration,
  exact,
  fromLocalInput,
  relative,
  startOfDay,
  toLocalInput,
  type TimeStyle,
} from './instants.ts';

const at = new Date('2026-11-23T17:05:09Z');
const bangkok: TimeStyle = { locale: 'en-US', zone: 'Asia/Bangkok', era: 'gregorian' };

describe('an instant', () => {
  test('is shown on the wall clock of the site, not of the browser', () => {
    expect(dayAndTime(at, bangkok)).toBe('24 Nov 2026 00:05:09');
    expect(dayAndTime(at, { ...bangkok, zone: 'America/New_York' })).toBe('23 Nov 2026 12:05:09');
  });

  test('carries the Buddhist year only where the site says so', () => {
    expect(dayAndTime(at, { ...bangkok, locale: 'th' })).toBe('24 พ.ย. 2026 00:05:09');
    expect(dayAndTime(at, { ...bangkok, locale: 'th', era: 'buddhist' })).toBe('24 พ.ย. 2569 00:05:09');
    expect(dayAndTime(at, { ...bangkok, era: 'buddhist' })).toBe('24 Nov 2569 00:05:09');
  });

  test('names its zone when it is exact', () => {
    expect(exact(at, bangkok)).toBe('24 Nov 2026 00:05:09 (Asia/Bangkok, GMT+7)');
  });
});

describe('words', () => {
  test('tell how long ago, in the language', () => {
    const ago = (ms: number) => relative(new Date(at.getTime() - ms), at, 'en-US');
    expect(ago(0)).toBe('now');
    expect(ago(12_400)).toBe('12 seconds ago');
    expect(ago(61_000)).toBe('1 minute ago');
    expect(ago(26 * 3_600_000)).toBe('yesterday');
    expect(relative(new Date(at.getTime() - 300_000), at, 'th')).toBe('5 นาทีที่ผ่านมา');
  });

  test('tell a length by its two largest units', () => {
    expect(duration(0, 'en-US')).toBe('0 seconds');
    expect(duration(65_000, 'en-US')).toBe('1 minute 5 seconds');
    expect(duration(3_600_000, 'en-US')).toBe('1 hour');
    expect(duration(93_784_000, 'en-US')).toBe('1 day 2 hours');
    expect(duration(65_000, 'th')).toBe('1 นาที 5 วินาที');
  });
});

describe('the site zone in inputs', () => {
  test('goes there and back', () => {
    expect(toLocalInput(at, 'Asia/Bangkok')).toBe('2026-11-24T00:05');
    expect(fromLocalInput('2026-11-24T00:05', 'Asia/Bangkok')?.toISOString()).toBe('2026-11-23T17:05:00.000Z');
    expect(fromLocalInput('', 'Asia/Bangkok')).toBeNull();
  });

  test('holds across a change of the clocks', () => {
    expect(fromLocalInput('2026-03-29T01:30', 'Europe/Berlin')?.toISOString()).toBe('2026-03-29T00:30:00.000Z');
    expect(fromLocalInput('2026-03-29T03:30', 'Europe/Berlin')?.toISOString()).toBe('2026-03-29T01:30:00.000Z');
  });

  test('starts the day at its own midnight, also over the end of a month', () => {
    expect(startOfDay(at, 'Asia/Bangkok').toISOString()).toBe('2026-11-23T17:00:00.000Z');
    expect(startOfDay(new Date('2026-12-01T05:00:00Z'), 'Asia/Bangkok', 1).toISOString()).toBe(
      '2026-11-29T17:00:00.000Z',
    );
  });
});
