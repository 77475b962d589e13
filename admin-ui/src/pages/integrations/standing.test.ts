import { expect, test } from '@jest/globals';
import { standingOf, type Standing } from './standing.ts';

const NOW = new Date('2026-11-26T12:00:00Z');

test.each<[string, Omit<Parameters<typeof standingOf>[0], 'error'>, Standing]>([
  ['nobody let it in yet', { state: 'waiting', isOnline: true, lastSeenAt: NOW.toISOString() }, 'waiting'],
  ['it is refused', { state: 'blocked', isOnline: null, lastSeenAt: NOW.toISOString() }, 'blocked'],
  ['its connection broke', { state: 'approved', isOnline: false, lastSeenAt: NOW.toISOString() }, 'offline'],
  ['made here, and nothing came', { state: 'approved', isOnline: null, lastSeenAt: null }, 'unheard'],
  ['connected, and nothing came yet', { state: 'approved', isOnline: true, lastSeenAt: null }, 'online'],
  ['heard a minute ago', { state: 'approved', isOnline: null, lastSeenAt: '2026-11-26T11:59:00Z' }, 'online'],
  ['heard two hours ago', { state: 'approved', isOnline: null, lastSeenAt: '2026-11-26T10:00:00Z' }, 'silent'],
  [
    'connected, and quiet for hours',
    { state: 'approved', isOnline: true, lastSeenAt: '2026-11-26T08:00:00Z' },
    'silent',
  ],
])('%s', (_name, device, standing) => {
  expect(standingOf({ ...device, error: null }, NOW)).toBe(standing);
});

test('what it sent last could not be taken', () => {
  const error = {
    code: 'invalid_input',
    message: 'confidence must be within 0 and 1',
    at: NOW.toISOString(),
    heldId: null,
  };
  expect(standingOf({ state: 'approved', isOnline: null, lastSeenAt: NOW.toISOString(), error }, NOW)).toBe('failing');
});
