/** How far a device's clock is off, learned from its frames. Pure. */
import { quantile } from './expected-interval.ts';

export interface ClockSamples {
  readonly lastAt: number;
  /** Received minus captured, ms: positive when the clock is behind (or the way is long). */
  readonly offsets: readonly number[];
}
export const NO_CLOCK: ClockSamples = { lastAt: -Infinity, offsets: [] };

/** Frames that were held back come in a heap: one sample in this time keeps them from outvoting the others. */
const SAMPLE_EVERY_MS = 10_000;
const MOST = 31;
const LEAST = 5;
/** Less is the way that a picture takes. */
const TOLERATED_MS = 5_000;
const HALF_HOUR_MS = 30 * 60_000;
/** A wrong time zone is off by half hours, give or take what the clock itself is off. */
const ZONE_SLACK_MS = 3 * 60_000;

export function withClock(samples: ClockSamples, receivedAt: number, capturedAt: number): ClockSamples {
  const since = receivedAt - samples.lastAt;
  if (since >= 0 && since < SAMPLE_EVERY_MS) return samples;
  return { lastAt: receivedAt, offsets: [...samples.offsets, receivedAt - capturedAt].slice(-MOST) };
}

/** Median, ms; null before five samples. Positive: the device's clock is behind the hub's. */
export const clockOffset = ({ offsets }: ClockSamples): number | null =>
  offsets.length < LEAST ? null : quantile(offsets, 0.5);

/** `clock_zone`: off by whole half hours, so its zone is wrong. */
export function clockWarning(offsetMs: number | null): 'clock_zone' | 'clock_off' | null {
  if (offsetMs === null || Math.abs(offsetMs) <= TOLERATED_MS) return null;
  const halves = Math.round(offsetMs / HALF_HOUR_MS);
  const isZone = halves !== 0 && Math.abs(halves) <= 28 && Math.abs(offsetMs - halves * HALF_HOUR_MS) <= ZONE_SLACK_MS;
  return isZone ? 'clock_zone' : 'clock_off';
}
