/** From a row of characters to the plate's sheet around it: slant, borders, corners. Works on a grey picture. */
import type { Corners, Point } from '../../core/plugins/define.ts';
import type { Row } from './rows.ts';

export interface Grey {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface Sheet {
  readonly corners: Corners;
  /** How many of the four borders were seen as an edge; the others are assumed from usual proportions. */
  readonly borders: number;
  /** Grey levels of sheet and ink; with light ink on a dark sheet both are taken from the inverted picture. */
  readonly paper: number;
  readonly ink: number;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

const sample = (grey: Grey, x: number, y: number): number =>
  grey.data[clamp(Math.round(y), 0, grey.height - 1) * grey.width + clamp(Math.round(x), 0, grey.width - 1)] ?? 0;

/** Level below which `share` of the 8-bit values lie. */
function quantile(values: Uint8Array, share: number): number {
  const histogram = new Uint32Array(256);
  for (const value of values) histogram[value] = (histogram[value] ?? 0) + 1;
  let left = Math.floor(share * (values.length - 1)) + 1;
  for (let level = 0; level < 256; level++) {
    left -= histogram[level] ?? 0;
    if (left <= 0) return level;
  }
  return 255;
}

/**
 * How far the characters lean: the shear (x per y, in row coordinates) under which the row's ink falls into the clearest
 * columns. A plate seen from the side and from above leans although its base line is straight.
 */
export function findSlant(grey: Grey, row: Row, lightInk: boolean): number {
  const u: Point = [Math.cos(row.angle), Math.sin(row.angle)];
  const columns = Math.max(16, Math.round(row.length));
  const lines = clamp(Math.round(row.height), 8, 40);
  const strip = new Uint8Array(columns * lines);
  for (let t = 0; t < lines; t++) {
    for (let s = 0; s < columns; s++) {
      const along = s - columns / 2;
      const down = ((t + 0.5) / lines - 0.5) * row.height;
      const value = sample(grey, row.cx + along * u[0] - down * u[1], row.cy + along * u[1] + down * u[0]);
      strip[t * columns + s] = lightInk ? value : 255 - value;
    }
  }
  const floor = quantile(strip, 0.5);
  let best = { slant: 0, clarity: -1 };
  for (let slant = -0.6; slant <= 0.601; slant += 0.05) {
    const sums = new Float32Array(columns);
    for (let t = 0; t < lines; t++) {
      const shift = Math.round(slant * ((t + 0.5) / lines - 0.5) * row.height);
      for (let s = 0; s < columns; s++) {
        const from = s + shift;
        if (from >= 0 && from < columns)
          sums[s] = (sums[s] ?? 0) + Math.max(0, (strip[t * columns + from] ?? 0) - floor);
      }
    }
    // An upright row is preferred where leaning hardly changes anything.
    const clarity = sums.reduce((sum, value) => sum + value * value, 0) * (1 - 0.05 * Math.abs(slant));
    if (clarity > best.clarity) best = { slant, clarity };
  }
  return Math.abs(best.slant) < 0.075 ? 0 : best.slant;
}

/** Steps outward from the row until the sheet ends. Distances are in character heights. */
function border(
  level: (distance: number) => number,
  ends: (level: number) => boolean,
  limit: number,
  step = 0.04,
): number | null {
  for (let distance = step; distance <= limit; distance += step) {
    if (ends(level(distance))) return distance;
  }
  return null;
}

/** Finds the sheet that a row is printed on. Null when there is no contrast between ink and sheet. */
export function findSheet(grey: Grey, row: Row, lightInk: boolean): Sheet | null {
  const slant = findSlant(grey, row, lightInk);
  const h = row.height;
  const u: Point = [Math.cos(row.angle), Math.sin(row.angle)];
  const v: Point = [-Math.sin(row.angle) + slant * u[0], Math.cos(row.angle) + slant * u[1]];
  const half = row.length / h / 2;
  const at = (s: number, t: number): Point => [row.cx + (s * u[0] + t * v[0]) * h, row.cy + (s * u[1] + t * v[1]) * h];
  const value = (s: number, t: number): number => {
    const [x, y] = at(s, t);
    const seen = sample(grey, x, y);
    return lightInk ? 255 - seen : seen;
  };
  const across = (t: number): Uint8Array =>
    Uint8Array.from({ length: 48 }, (_, k) => value(half * ((2 * (k + 0.5)) / 48 - 1), t));
  const along = (s: number, from: number, to: number): Uint8Array =>
    Uint8Array.from({ length: 16 }, (_, k) => value(s, from + ((to - from) * (k + 0.5)) / 16));

  const inside = Uint8Array.from({ length: 9 * 48 }, (_, k) =>
    value(half * ((2 * ((k % 48) + 0.5)) / 48 - 1), -0.45 + Math.floor(k / 48) * 0.1125),
  );
  const paper = quantile(inside, 0.75);
  const ink = quantile(inside, 0.08);
  if (paper - ink < 24) return null;
  // Text covers at most two thirds of a line; what stays dark above that is no sheet any more.
  const left = (level: number): boolean => level < ink + 0.58 * (paper - ink) || level > paper + 0.9 * (paper - ink);
  const top = border((d) => quantile(across(-0.5 - d), 0.72), left, 2.2);
  const bottom = border((d) => quantile(across(0.5 + d), 0.72), left, 2.2);
  const below = Math.min(bottom ?? 0.5, 0.9);
  const above = Math.min(top ?? 0.2, 0.3);
  const leftEnd = border((d) => quantile(along(-half - d, -0.5 - above, 0.5 + below), 0.72), left, 1.6);
  const rightEnd = border((d) => quantile(along(half + d, -0.5 - above, 0.5 + below), 0.72), left, 1.6);
  const borders = [top, bottom, leftEnd, rightEnd].filter((b) => b !== null).length;
  // Where no edge is seen: a Thai plate's proportions (number line over a province line of half its height).
  const t0 = -0.5 - (top ?? 0.28);
  const t1 = 0.5 + (bottom ?? 0.6);
  const s0 = -half - (leftEnd ?? 0.3);
  const s1 = half + (rightEnd ?? 0.3);
  return { corners: [at(s0, t0), at(s1, t0), at(s1, t1), at(s0, t1)], borders, paper, ink };
}
