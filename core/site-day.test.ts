import { expect, test } from '@jest/globals';
import { dayStart, instantOf } from './site-day.ts';

test.each([
  ['Asia/Bangkok', '2026-11-23T16:59:59.999Z', '2026-11-22T17:00:00.000Z'],
  ['Asia/Bangkok', '2026-11-23T17:00:00.000Z', '2026-11-23T17:00:00.000Z'],
  ['UTC', '2026-11-23T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
  ['Asia/Kathmandu', '2026-11-23T12:00:00.000Z', '2026-11-22T18:15:00.000Z'],
  ['America/New_York', '2026-07-04T03:00:00.000Z', '2026-07-03T04:00:00.000Z'],
  // The clock went forward at 2:00 and back at 2:00 (local) on these days: midnight was on the other side.
  ['Europe/Berlin', '2026-03-29T10:00:00.000Z', '2026-03-28T23:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25T10:00:00.000Z', '2026-10-24T22:00:00.000Z'],
])('in %s the day of %s began at %s', (zone, at, start) => {
  expect(dayStart(zone, new Date(at)).toISOString()).toBe(start);
});

test.each([
  ['Asia/Bangkok', '2026-11-26T08:15:30.250Z', '2026-11-26T01:15:30.250Z'],
  ['America/New_York', '2026-07-04T03:00:00.000Z', '2026-07-04T07:00:00.000Z'],
  ['Europe/Berlin', '2026-03-29T01:30:00.000Z', '2026-03-29T00:30:00.000Z'],
  ['Europe/Berlin', '2026-03-29T03:30:00.000Z', '2026-03-29T01:30:00.000Z'],
])('in %s the clock on the wall shows %s at %s', (zone, wall, instant) => {
  expect(instantOf(zone, Date.parse(wall)).toISOString()).toBe(instant);
});
