/** Finds plates with the locator network: one pass over the frame gives four corners per plate. Runs in a worker. */
import { Tensor } from 'onnxruntime-node';
import type { Box, Corners, LocateOptions, Located, Pixels, Point } from '../../core/plugins/define.ts';
import { session, type Loaded } from './session.ts';
import { draw, type Window } from './shrink.ts';

export interface LocateArgs extends Pixels {
  readonly options: LocateOptions;
}

/** Longest side of the picture that the network sees, when plates need not be found smaller. */
const USUAL_SIDE = 640;
/** The network was trained on plates down to this height. */
const LEAST_SEEN_HEIGHT = 6;
/** Plates that fill most of the frame are found in a smaller picture of it. */
const NEAR_SIDE = 320;
/** Weaker places are not looked at again. */
const LEAST_SEEN = 0.2;
const LEAST_AGAIN = 0.05;
/** After both looks; a weaker hypothesis is not worth a read. */
const LEAST_CONFIDENCE = 0.3;
/** So many places are looked at again, the surest first. */
const MOST_PLACES = 6;
/** Beside a plate that both looks saw, places below this are not worth a second one. */
const LEAST_BESIDE = 0.45;
const SEEN_TWICE = 0.7;
/** Size of the second look's picture, and of the plate in it. */
const CLOSE_WIDTH = 160;
const CLOSE_HEIGHT = 128;
const CLOSE_PLATE = 76;
const SURE = 0.5;
const MOST_SIDE = 2560;

function boxOf(corners: Corners): Box {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

function overlap(a: Box, b: Box): number {
  const width = Math.max(0, Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]));
  const shared = width * height;
  // Over the smaller one: a plate inside a plate is the same plate.
  return shared / Math.max(1e-6, Math.min(a[2] * a[3], b[2] * b[3]));
}

const isPlateLike = (corners: Corners): boolean => {
  // Clockwise and convex: anything else is no plate seen from its front.
  let area = 0;
  for (let i = 0; i < 4; i++) {
    const [a, b, c] = [corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]] as unknown as [Point, Point, Point];
    if ((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]) <= 0) return false;
    area += a[0] * b[1] - b[0] * a[1];
  }
  return area > 20;
};

/** Cells of the network's answer to plates, in pixels of its input. */
function peaks(cells: Float32Array, rows: number, columns: number, cell: number, least: number): Located[] {
  const plane = rows * columns;
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= rows || column >= columns ? 0 : (cells[row * columns + column] ?? 0);
  const found: Located[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const confidence = at(row, column);
      if (confidence < least) continue;
      let isPeak = true;
      const sums = new Float64Array(8);
      let weights = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const near = at(row + dy, column + dx);
          if (near > confidence) isPeak = false;
          if (near < confidence * 0.5) continue;
          // Every cell near the middle says where the corners are: their mean is steadier than one.
          weights += near;
          const index = (row + dy) * columns + column + dx;
          for (let k = 0; k < 8; k++) {
            const origin = (k % 2 === 0 ? column + dx : row + dy) * cell + cell / 2;
            sums[k] = (sums[k] ?? 0) + near * (origin + (cells[(1 + k) * plane + index] ?? 0));
          }
        }
      }
      if (!isPeak) continue;
      const corners = [0, 2, 4, 6].map((k): Point => [
        (sums[k] ?? 0) / weights,
        (sums[k + 1] ?? 0) / weights,
      ]) as unknown as Corners;
      if (isPlateLike(corners)) found.push({ box: boxOf(corners), corners, confidence });
    }
  }
  return found;
}

/** What the network sees in a part of the frame, drawn as `width` x `height` pixels; in pixels of the frame. */
async function look(
  { session: net, facts }: Loaded<'locator'>,
  frame: Pixels,
  [left, top, wide, high]: Window,
  width: number,
  height: number,
  least: number,
): Promise<Located[]> {
  const up = (length: number): number => Math.ceil(length / facts.multiple) * facts.multiple;
  const [columns, rows] = [up(width), up(height)];
  // Grey beside and below the picture, where sides are no multiples.
  const input = new Uint8Array(columns * rows * 3).fill(127);
  draw(frame, [left, top, wide, high], input, width, height, columns);
  const { cells } = await net.run({ pictures: new Tensor('uint8', input, [1, rows, columns, 3]) });
  if (!cells) throw new Error('the locator network gave no answer named "cells"');
  return peaks(cells.data as Float32Array, rows / facts.cell, columns / facts.cell, facts.cell, least).map((found) => {
    const corners = found.corners.map(([x, y]): Point => [
      left + (x * wide) / width,
      top + (y * high) / height,
    ]) as unknown as Corners;
    return { box: boxOf(corners), corners, confidence: found.confidence };
  });
}

function pass(loaded: Loaded<'locator'>, frame: Pixels, side: number): Promise<Located[]> {
  const { width, height } = frame;
  const scale = Math.min(1, side / Math.max(width, height));
  const [columns, rows] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  return look(loaded, frame, [0, 0, width, height], columns, rows, LEAST_SEEN);
}

const distance = (a: Point, b: Point): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/**
 * A second look at one place, near enough to see the corners well. A plate is seen again; what is not, was none: the
 * confidence is the geometric mean of both looks.
 */
async function lookAgain(loaded: Loaded<'locator'>, frame: Pixels, first: Located): Promise<Located | null> {
  const [tl, tr, br, bl] = first.corners;
  const size = Math.max(8, distance(tl, tr), distance(bl, br), 1.6 * distance(tl, bl), 1.6 * distance(tr, br));
  const perPixel = size / CLOSE_PLATE;
  const [wide, high] = [CLOSE_WIDTH * perPixel, CLOSE_HEIGHT * perPixel];
  const [x, y, w, h] = first.box;
  const window = [x + w / 2 - wide / 2, y + h / 2 - high / 2, wide, high] as const;
  const seen = await look(loaded, frame, window, CLOSE_WIDTH, CLOSE_HEIGHT, LEAST_AGAIN);
  const same = seen.filter(({ box }) => overlap(box, first.box) > 0.3);
  const [best] = same.sort((a, b) => b.confidence - a.confidence);
  return best ? { ...best, confidence: Math.sqrt(best.confidence * first.confidence) } : null;
}

/** Strongest first; of those that lie on each other only the strongest. */
function distinct(found: readonly Located[]): Located[] {
  const kept: Located[] = [];
  for (const one of [...found].sort((a, b) => b.confidence - a.confidence)) {
    if (kept.every((other) => overlap(one.box, other.box) < 0.5)) kept.push(one);
  }
  return kept;
}

export async function locate({ data, width, height, options }: LocateArgs): Promise<Located[]> {
  const loaded = await session('locator');
  const frame = { data, width, height };
  const longest = Math.max(width, height);
  const found = await pass(loaded, frame, USUAL_SIDE);
  const needed = Math.min(MOST_SIDE, longest, (longest * LEAST_SEEN_HEIGHT) / Math.max(1, options.minPlateHeight));
  if (needed > USUAL_SIDE * 1.1) found.push(...(await pass(loaded, frame, needed)));
  const isFound = found.some(({ confidence }) => confidence >= SURE);
  if (!isFound && longest > NEAR_SIDE) found.push(...(await pass(loaded, frame, NEAR_SIDE)));
  const again: Located[] = [];
  for (const place of distinct(found).slice(0, Math.max(MOST_PLACES, options.maxPlates))) {
    const isBeside = again.some(({ confidence }) => confidence >= SEEN_TWICE);
    if (isBeside && place.confidence < LEAST_BESIDE) break;
    const seen = await lookAgain(loaded, frame, place);
    if (seen && seen.confidence >= LEAST_CONFIDENCE) again.push(seen);
  }
  return distinct(again)
    .filter(({ corners: [tl, , , bl] }) => distance(tl, bl) >= options.minPlateHeight * 0.8)
    .slice(0, options.maxPlates);
}
