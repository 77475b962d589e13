/** What a device should have and what it says it has: desired, reported, and where they part. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { DeviceState } from './cameras.ts';

export interface Drift {
  readonly field: string;
  readonly desired: unknown;
  /** Null: the device says nothing of it. */
  readonly reported: unknown;
}

export interface DeviceStates {
  readonly desired: DeviceState;
  /** Null: nothing was reported yet. */
  readonly reported: DeviceState | null;
  readonly reportedAt: Date | null;
  /** By field; empty while nothing was reported. */
  readonly drift: readonly Drift[];
}

/** Devices write numbers as text and the other way round: that is the same. */
const isSame = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(a, b) || (isPlain(a) && isPlain(b) && String(a) === String(b));
const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** Only what is desired can part; what a device has besides is its own affair. */
export function driftBetween(desired: DeviceState, reported: DeviceState | null): readonly Drift[] {
  if (reported === null) return [];
  return Object.entries(desired)
    .filter(([field, wanted]) => !isSame(wanted, reported[field]))
    .map(([field, wanted]) => ({ field, desired: wanted, reported: reported[field] ?? null }));
}
