/** How long an entry counts, as words and as a share of its time that has passed. */

export type ValidityState = 'open' | 'upcoming' | 'running' | 'ending' | 'ended';

export interface Validity {
  readonly state: ValidityState;
  /** 0..1 of its time; null where it has no end. */
  readonly passed: number | null;
  /** Milliseconds until the next change of state; null where nothing changes by itself. */
  readonly left: number | null;
}

const DAY_MS = 86_400_000;

/** @param warnDays how long before its end an entry counts as ending */
export function validityOf(
  entry: { readonly validFrom: string | null; readonly validTo: string | null; readonly createdAt?: string },
  warnDays: number,
  now: Date,
): Validity {
  const at = now.getTime();
  const from = new Date(entry.validFrom ?? entry.createdAt ?? now).getTime();
  const to = entry.validTo === null ? null : new Date(entry.validTo).getTime();
  if (to !== null && to <= at) return { state: 'ended', passed: 1, left: null };
  if (entry.validFrom !== null && from > at) return { state: 'upcoming', passed: 0, left: from - at };
  if (to === null) return { state: 'open', passed: null, left: null };
  const passed = to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 1;
  return { state: to - at <= warnDays * DAY_MS ? 'ending' : 'running', passed, left: to - at };
}
