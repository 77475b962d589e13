/** How long a camera is usually silent, learned from its frames. Pure. */

/** Days of which the same hour is looked at. */
export const LEARNED_DAYS = 14;
const LEAST_DAYS = 3;
const LEAST_HOURS = 2;
const LEAST_GAPS = 10;
const MOST_GAPS = 60;
const MINUTE_MS = 60_000;

/** The value below which this share of the values lies (nearest rank); null without any. */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/**
 * The longest gap of each minute in which a frame came: one sample a vehicle pass, however many frames it gave. A burst
 * does not outvote the pauses, and an outage is a single sample.
 */
export interface GapSamples {
  readonly minute: number;
  readonly samples: readonly number[];
}
export const NO_GAPS: GapSamples = { minute: -1, samples: [] };

export function withGap({ minute, samples }: GapSamples, gapMs: number, at: number): GapSamples {
  const now = Math.floor(at / MINUTE_MS);
  const last = samples.at(-1);
  if (now === minute && last !== undefined)
    return { minute, samples: [...samples.slice(0, -1), Math.max(last, gapMs)] };
  return { minute: now, samples: [...samples, gapMs].slice(-MOST_GAPS) };
}

export interface IntervalEvidence {
  /** Longest silences of the same hour on the last days: nights are quiet every night. */
  readonly sameHours: readonly number[];
  /** Longest silences of the last hours. */
  readonly recentHours: readonly number[];
  readonly gaps: readonly number[];
  /** What the camera is asked to do. */
  readonly configuredMs: number | null;
}

/** Milliseconds; null when nothing is known: such a camera is never called late. */
export function expectedInterval({ sameHours, recentHours, gaps, configuredMs }: IntervalEvidence): number | null {
  const learned =
    sameHours.length >= LEAST_DAYS
      ? // Half of the days may have had an outage.
        quantile(sameHours, 0.5)
      : recentHours.length >= LEAST_HOURS
        ? quantile(recentHours, 0.75)
        : gaps.length >= LEAST_GAPS
          ? quantile(gaps, 0.9)
          : null;
  if (learned === null) return configuredMs;
  return Math.max(learned, configuredMs ?? 0);
}
