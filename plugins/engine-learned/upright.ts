/** Plates seen from the side, drawn as if from their front. */
import type { Corners, Pixels, Point } from '../../core/plugins/define.ts';

/** Where a place of an upright drawing lies in the picture. */
export type Placing = (x: number, y: number) => Point;

/**
 * The plane of a plate: (0, 0) is its top left corner, (1, 1) its bottom right one; places outside are on the plane, too (closed
 * form for the unit square, Heckbert 1989). Null where the corners span no area.
 */
export function planeOf([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: Corners): Placing | null {
  const [dx1, dx2, sx] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sy] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const determinant = dx1 * dy2 - dx2 * dy1;
  if (Math.abs(determinant) < 1e-9) return null;
  const g = (sx * dy2 - dx2 * sy) / determinant;
  const h = (dx1 * sy - sx * dy1) / determinant;
  const [a, b] = [x1 - x0 + g * x1, x3 - x0 + h * x3];
  const [d, e] = [y1 - y0 + g * y1, y3 - y0 + h * y3];
  return (u, v) => {
    const w = g * u + h * v + 1;
    return [(a * u + b * v + x0) / w, (d * u + e * v + y0) / w];
  };
}

/** How far from its front a plate is seen: 0 upright and square, more the more its sides turn and differ. */
export function obliqueness([tl, tr, br, bl]: Corners): number {
  const turn = (from: Point, to: Point): number => Math.atan2(to[1] - from[1], to[0] - from[0]);
  const length = (from: Point, to: Point): number => Math.max(1, Math.hypot(to[0] - from[0], to[1] - from[1]));
  const base = Math.max(Math.abs(turn(tl, tr)), Math.abs(turn(bl, br)));
  const sides = Math.abs(Math.log(length(tl, bl) / length(tr, br)));
  const narrow = Math.max(0, 1.7 - (length(tl, tr) + length(bl, br)) / (length(tl, bl) + length(tr, br)));
  return base + sides + narrow;
}

/** Draws what `placing` shows of the picture as `columns` x `rows` pixels, the nearest pixel each; its border repeats. */
export function drawPlane(
  { data, width, height }: Pixels,
  placing: Placing,
  target: Uint8Array,
  columns: number,
  rows: number,
): void {
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = placing(column + 0.5, row + 0.5);
      const left = Math.min(width - 1, Math.max(0, Math.floor(x)));
      const top = Math.min(height - 1, Math.max(0, Math.floor(y)));
      const from = (top * width + left) * 3;
      target[at++] = data[from] as number;
      target[at++] = data[from + 1] as number;
      target[at++] = data[from + 2] as number;
    }
  }
}
