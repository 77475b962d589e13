/** Rows of characters: which of many blobs stand in a line like the number of a plate. Pure arithmetic, no pixels. */

/** A connected component's bounding box. */
export interface Blob {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly area: number;
}

export interface Row {
  readonly blobs: readonly Blob[];
  /** Middle of the row, and the direction of its base line in radians. */
  readonly cx: number;
  readonly cy: number;
  readonly angle: number;
  /** Mean height of its characters and length along the base line, between the outer edges. */
  readonly height: number;
  readonly length: number;
  /** Mean distance of the centres from their line, and spread of the heights around their trend, both over the height. */
  readonly misfit: number;
  readonly unevenness: number;
}

/** tan of the steepest base line that is followed: 40 degrees. */
const MAX_SLOPE = 0.84;

export const isCharacterLike = (blob: Blob, minHeight: number, maxHeight: number): boolean => {
  const { width, height, area } = blob;
  if (height < minHeight || height > maxHeight) return false;
  const shape = width / height;
  if (shape < 0.08 || shape > 1.35) return false;
  const fill = area / (width * height);
  return fill > 0.12 && (fill < 0.9 || shape < 0.45);
};

const centreX = (b: Blob): number => b.x + b.width / 2;
const centreY = (b: Blob): number => b.y + b.height / 2;

/** Least squares: y = a + b x. */
function fitLine(points: readonly (readonly [number, number])[]): { readonly a: number; readonly b: number } {
  let sx = 0;
  let sy = 0;
  for (const [x, y] of points) {
    sx += x;
    sy += y;
  }
  const mx = sx / points.length;
  const my = sy / points.length;
  let sxx = 0;
  let sxy = 0;
  for (const [x, y] of points) {
    sxx += (x - mx) ** 2;
    sxy += (x - mx) * (y - my);
  }
  const b = sxx < 1e-9 ? 0 : sxy / sxx;
  return { a: my - b * mx, b };
}

function describe(blobs: readonly Blob[]): Row {
  const line = fitLine(blobs.map((b) => [centreX(b), centreY(b)]));
  const heights = fitLine(blobs.map((b) => [centreX(b), b.height]));
  const height = blobs.reduce((sum, b) => sum + b.height, 0) / blobs.length;
  const angle = Math.atan(line.b);
  const first = Math.min(...blobs.map((b) => b.x));
  const last = Math.max(...blobs.map((b) => b.x + b.width));
  const cx = (first + last) / 2;
  const misfit =
    blobs.reduce((sum, b) => sum + Math.abs(centreY(b) - line.a - line.b * centreX(b)), 0) / blobs.length / height;
  const unevenness =
    Math.sqrt(blobs.reduce((sum, b) => sum + (b.height - heights.a - heights.b * centreX(b)) ** 2, 0) / blobs.length) /
    height;
  return {
    blobs,
    cx,
    cy: line.a + line.b * cx,
    angle,
    height,
    length: (last - first) / Math.cos(angle),
    misfit,
    unevenness,
  };
}

/**
 * All rows of at least `least` characters. Each pair of neighbours proposes a line; whatever stands on it at the same height
 * without too wide a gap joins. A row that another one contains is dropped.
 */
export function findRows(blobs: readonly Blob[], least = 3): Row[] {
  const sorted = [...blobs].sort((a, b) => centreX(a) - centreX(b));
  const rows: Row[] = [];
  /** Rows that a blob is in already, by the partner it was proposed with: saves proposing the same row again. */
  const taken = new Map<Blob, Set<Row>>();

  for (const [i, first] of sorted.entries()) {
    for (let j = i + 1; j < sorted.length; j++) {
      const second = sorted[j];
      if (!second) break;
      const height = (first.height + second.height) / 2;
      const dx = centreX(second) - centreX(first);
      if (dx > first.height * 2.2) break;
      if (dx < Math.max(3, height * 0.22)) continue;
      const ratio = second.height / first.height;
      const slope = (centreY(second) - centreY(first)) / dx;
      if (ratio < 0.75 || ratio > 1.33 || Math.abs(slope) > MAX_SLOPE) continue;
      const shared = taken.get(first);
      if (shared && [...shared].some((row) => taken.get(second)?.has(row))) continue;
      const members = follow(sorted, i, j, slope, height);
      if (members.length < least) continue;
      const row = describe(members);
      if (row.misfit > 0.16 || row.unevenness > 0.17) continue;
      rows.push(row);
      for (const member of members) {
        const known = taken.get(member) ?? new Set();
        taken.set(member, known.add(row));
      }
    }
  }
  return rows.filter((row) => !rows.some((other) => other !== row && contains(other, row)));
}

function contains(outer: Row, inner: Row): boolean {
  if (inner.blobs.length > outer.blobs.length) return false;
  const within = inner.blobs.filter((b) => outer.blobs.includes(b)).length;
  if (within < inner.blobs.length) return false;
  return outer.blobs.length > inner.blobs.length || outer.misfit < inner.misfit;
}

/** Walks both ways along the line through two seeds and takes what stands on it. */
function follow(sorted: readonly Blob[], i: number, j: number, slope: number, height: number): Blob[] {
  const first = sorted[i];
  const second = sorted[j];
  if (!first || !second) return [];
  const members = [first, second];
  const walk = (from: number, step: 1 | -1): void => {
    for (let k = from; k >= 0 && k < sorted.length; k += step) {
      const blob = sorted[k];
      if (!blob || blob === first || blob === second) continue;
      const end = step > 0 ? members.at(-1) : members[0];
      if (!end) return;
      const gap = step > 0 ? blob.x - (end.x + end.width) : end.x - (blob.x + blob.width);
      // Thai plates leave about one character's height between series and number.
      if (Math.abs(centreX(blob) - centreX(end)) > height * 3.2) return;
      if (gap > height * 1.5 || gap < -0.35 * Math.min(blob.width, end.width)) continue;
      const ratio = blob.height / height;
      if (ratio < 0.72 || ratio > 1.4) continue;
      // With every member the line is known better, and the tolerance can be that of a single character.
      const line = fitLine(members.map((b) => [centreX(b), centreY(b)]));
      const expected =
        members.length === 2
          ? centreY(first) + slope * (centreX(blob) - centreX(first))
          : line.a + line.b * centreX(blob);
      if (Math.abs(centreY(blob) - expected) > height * 0.24) continue;
      if (step > 0) members.push(blob);
      else members.unshift(blob);
    }
  };
  // Between the seeds nothing is lost: a nearer neighbour proposes its own line.
  walk(j + 1, 1);
  walk(i - 1, -1);
  return members;
}
