/** Finds plates with the locator network: one pass over the frame gives four corners per plate. Runs in a worker. */
import { Tensor } from 'onnxruntime-node';
import type { Box, Corners, LocateOptions, Located, Pixels, Point } from '../../core/plugins/define.ts';
import { session, type Loaded } from './session.ts';
import { draw, type Window } from './shrink.ts';
import { drawPlane, obliqueness, planeOf, type Placing } from './upright.ts';

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
/** Plates seen more from the side are drawn upright and looked at once more: corners are exact only near to upright. */
const OBLIQUE = 0.2;
const UPRIGHT_PLATE = 96;
const UPRIGHT_LOOKS = 3;
const LEAST_ASPECT = 2;
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

/** What the network sees in a picture of its own size; in pixels of the frame, as `placing` says. */
async function see(
  { session: net, facts }: Loaded<'locator'>,
  input: Uint8Array,
  columns: number,
  rows: number,
  least: number,
  placing: Placing,
): Promise<Located[]> {
  const { cells } = await net.run({ pictures: new Tensor('uint8', input, [1, rows, columns, 3]) });
  if (!cells) throw new Error('the locator network gave no answer named "cells"');
  return peaks(cells.data as Float32Array, rows / facts.cell, columns / facts.cell, facts.cell, least).map((found) => {
    const corners = found.corners.map(([x, y]) => placing(x, y)) as unknown as Corners;
    return { box: boxOf(corners), corners, confidence: found.confidence };
  });
}

/** What the network sees in a part of the frame, drawn as `width` x `height` pixels; in pixels of the frame. */
function look(
  loaded: Loaded<'locator'>,
  frame: Pixels,
  [left, top, wide, high]: Window,
  width: number,
  height: number,
  least: number,
): Promise<Located[]> {
  const { multiple } = loaded.facts;
  const up = (length: number): number => Math.ceil(length / multiple) * multiple;
  const [columns, rows] = [up(width), up(height)];
  // Grey beside and below the picture, where sides are no multiples.
  const input = new Uint8Array(columns * rows * 3).fill(127);
  draw(frame, [left, top, wide, high], input, width, height, columns);
  return see(loaded, input, columns, rows, least, (x, y) => [left + (x * wide) / width, top + (y * high) / height]);
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
  const best = sameAs(first, seen);
  if (!best) return null;
  const twice = { ...best, confidence: Math.sqrt(best.confidence * first.confidence) };
  return obliqueness(best.corners) > OBLIQUE ? lookUpright(loaded, frame, twice) : twice;
}

function sameAs(first: Located, seen: readonly Located[]): Located | undefined {
  const same = seen.filter(({ box }) => overlap(box, first.box) > 0.3);
  return same.sort((a, b) => b.confidence - a.confidence)[0];
}

const middleOf = ([x, y, w, h]: Box): Point => [x + w / 2, y + h / 2];

/** Whether a nearer look corrected the corners, or took something else on the plate for one. */
function isCorrection(before: Located, after: Located): boolean {
  const [, , w, h] = before.box;
  const growth = (after.box[2] * after.box[3]) / Math.max(1, w * h);
  const shift = distance(middleOf(before.box), middleOf(after.box)) / Math.hypot(w, h);
  return isPlateLike(after.corners) && growth > 0.5 && growth < 2 && shift < 0.2;
}

/** From the plate's front, as far as its corners tell where that is, each time nearer to it. */
async function lookUpright(loaded: Loaded<'locator'>, frame: Pixels, place: Located): Promise<Located> {
  let known = place;
  for (let turn = 0; turn < UPRIGHT_LOOKS; turn++) {
    const [tl, tr, br, bl] = known.corners;
    const plane = planeOf(known.corners);
    if (!plane) return known;
    const aspect = Math.max(
      LEAST_ASPECT,
      (distance(tl, tr) + distance(bl, br)) / (distance(tl, bl) + distance(tr, br)),
    );
    const [wide, high] = [UPRIGHT_PLATE, UPRIGHT_PLATE / aspect];
    const placing: Placing = (x, y) =>
      plane((x - (CLOSE_WIDTH - wide) / 2) / wide, (y - (CLOSE_HEIGHT - high) / 2) / high);
    const input = new Uint8Array(CLOSE_WIDTH * CLOSE_HEIGHT * 3);
    drawPlane(frame, placing, input, CLOSE_WIDTH, CLOSE_HEIGHT);
    const best = sameAs(known, await see(loaded, input, CLOSE_WIDTH, CLOSE_HEIGHT, LEAST_AGAIN, placing));
    if (!best || !isCorrection(known, best)) return known;
    known = { ...best, confidence: Math.max(place.confidence, Math.sqrt(place.confidence * best.confidence)) };
  }
  return known;
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
