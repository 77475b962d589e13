/** Finds plates with the locator network: one pass over the frame gives four corners per plate. Runs in a worker. */
import { Tensor } from 'onnxruntime-node';
import type { Box, Corners, LocateOptions, Located, Pixels, Point } from '../../core/plugins/define.ts';
import { session, type Loaded } from './session.ts';
import { draw } from './shrink.ts';

export interface LocateArgs extends Pixels {
  readonly options: LocateOptions;
}

/** Longest side of the picture that the network sees, when plates need not be found smaller. */
const USUAL_SIDE = 640;
/** The network was trained on plates down to this height. */
const LEAST_SEEN_HEIGHT = 6;
/** Plates that fill most of the frame are found in a smaller picture of it. */
const NEAR_SIDE = 320;
/** A weaker hypothesis is not worth a read. */
const LEAST_CONFIDENCE = 0.25;
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
function peaks(cells: Float32Array, rows: number, columns: number, cell: number): Located[] {
  const plane = rows * columns;
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row >= rows || column >= columns ? 0 : (cells[row * columns + column] ?? 0);
  const found: Located[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const confidence = at(row, column);
      if (confidence < LEAST_CONFIDENCE) continue;
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

async function pass({ session: net, facts }: Loaded<'locator'>, frame: Pixels, side: number): Promise<Located[]> {
  const scale = Math.min(1, side / Math.max(frame.width, frame.height));
  const width = Math.max(1, Math.round(frame.width * scale));
  const height = Math.max(1, Math.round(frame.height * scale));
  const up = (length: number): number => Math.ceil(length / facts.multiple) * facts.multiple;
  const [columns, rows] = [up(width), up(height)];
  // Grey beside and below the picture, where sides are no multiples.
  const input = new Uint8Array(columns * rows * 3).fill(127);
  draw(frame, [0, 0, frame.width, frame.height], input, width, height, columns);
  const tensor = new Tensor('uint8', input, [1, rows, columns, 3]);
  const { cells } = await net.run({ pictures: tensor });
  if (!cells) throw new Error('the locator network gave no answer named "cells"');
  const toFrame = (points: Corners): Corners =>
    points.map(([x, y]): Point => [(x * frame.width) / width, (y * frame.height) / height]) as unknown as Corners;
  return peaks(cells.data as Float32Array, rows / facts.cell, columns / facts.cell, facts.cell).map((found) => {
    const corners = toFrame(found.corners);
    return { box: boxOf(corners), corners, confidence: found.confidence };
  });
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
  return distinct(found)
    .filter(({ corners: [tl, , , bl] }) => Math.hypot(bl[0] - tl[0], bl[1] - tl[1]) >= options.minPlateHeight * 0.8)
    .slice(0, options.maxPlates);
}
