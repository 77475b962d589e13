/** The few figures that benchmarks report, with how far they can be trusted. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 95 % interval of a share (Wilson). */
export function shareInterval(hits: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 };
  const z = 1.96;
  const share = hits / count;
  const middle = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half = (z / (1 + (z * z) / count)) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;

/** 95 % interval of a quantile by order statistics: free of any shape of the distribution. */
export function quantileInterval(sorted: readonly number[], share: number): Interval {
  const count = sorted.length;
  const half = 1.96 * Math.sqrt(count * share * (1 - share));
  const at = (place: number): number => sorted[Math.min(count - 1, Math.max(0, Math.round(place)))] ?? NaN;
  return { low: at(count * share - half), high: at(count * share + half) };
}
