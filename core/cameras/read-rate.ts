/** Whether an hour brought far less than the same hour of the weeks before. Pure. */
import { quantile } from './expected-interval.ts';

/** Weeks that are looked back. */
export const WEEKS = 4;
const LEAST_WEEKS = 2;
/** Fewer expected say nothing when they do not come. */
const MEANINGFUL = 20;
const FALLEN = 0.2;

export interface RateFall {
  readonly expected: number;
  readonly actual: number;
}

/** @param before the same hour of the weeks before, without those in maintenance */
export function rateFall(actual: number, before: readonly number[]): RateFall | null {
  const expected = before.length >= LEAST_WEEKS ? quantile(before, 0.5) : null;
  if (expected === null || expected < MEANINGFUL || actual >= expected * FALLEN) return null;
  return { expected, actual };
}
