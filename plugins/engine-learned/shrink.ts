/** Pictures to the size that a network takes. */
import type { Pixels } from '../../core/plugins/define.ts';

/** Left, top, width, height in pixels of a picture; fractions, and places outside it, are allowed: there its border repeats. */
export type Window = readonly [left: number, top: number, width: number, height: number];

const clamped = (value: number, limit: number): number => (value < 0 ? 0 : value >= limit ? limit - 1 : value);

/** The usual case of `shrink`, several times as fast: the mean of two by two. */
function halve(
  { data, width, height }: Pixels,
  offsets: Int32Array,
  top: number,
  stepY: number,
  target: Uint8Array,
  columns: number,
  rows: number,
  stride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const first = Math.round(top + (row + 0.5) * stepY - 1);
    const above = clamped(first, height) * width * 3;
    const below = clamped(first + 1, height) * width * 3;
    let at = row * stride * 3;
    for (let column = 0; column < columns; column++) {
      const left = offsets[column * 2] as number;
      const right = offsets[column * 2 + 1] as number;
      for (let c = 0; c < 3; c++, at++) {
        const sum =
          (data[above + left + c] as number) +
          (data[above + right + c] as number) +
          (data[below + left + c] as number) +
          (data[below + right + c] as number);
        target[at] = (sum + 2) >> 2;
      }
    }
  }
}

/** Shrinking: every output pixel is the mean of the input pixels in its middle, as many along each side as the step is long. */
function shrink(
  source: Pixels,
  [left, top, width, height]: Window,
  target: Uint8Array,
  columns: number,
  rows: number,
  stride: number,
): void {
  const { data } = source;
  const side = (step: number): number => Math.min(8, Math.max(1, Math.round(step)));
  const [stepX, stepY] = [width / columns, height / rows];
  const [countX, countY] = [side(stepX), side(stepY)];
  // Byte offsets of the columns of all samples, side by side.
  const offsets = new Int32Array(columns * countX);
  for (let column = 0; column < columns; column++) {
    const first = Math.round(left + (column + 0.5) * stepX - countX / 2);
    for (let k = 0; k < countX; k++) offsets[column * countX + k] = clamped(first + k, source.width) * 3;
  }
  if (countX === 2 && countY === 2) {
    halve(source, offsets, top, stepY, target, columns, rows, stride);
    return;
  }
  const share = 1 / (countX * countY);
  const sums = new Int32Array(columns * 3);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    const first = Math.round(top + (row + 0.5) * stepY - countY / 2);
    for (let k = 0; k < countY; k++) {
      const line = clamped(first + k, source.height) * source.width * 3;
      for (let column = 0, at = 0, tap = 0; column < columns; column++, at += 3) {
        for (let t = 0; t < countX; t++, tap++) {
          const from = line + (offsets[tap] as number);
          (sums[at] as number) += data[from] as number;
          (sums[at + 1] as number) += data[from + 1] as number;
          (sums[at + 2] as number) += data[from + 2] as number;
        }
      }
    }
    const start = row * stride * 3;
    for (let k = 0; k < sums.length; k++) target[start + k] = (sums[k] as number) * share + 0.5;
  }
}

/** Enlarging, or hardly shrinking: between the four nearest pixels. */
function interpolate(
  source: Pixels,
  [left, top, width, height]: Window,
  target: Uint8Array,
  columns: number,
  rows: number,
  stride: number,
): void {
  const { data } = source;
  const lefts = new Int32Array(columns);
  const rights = new Int32Array(columns);
  const shares = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const x = left + ((column + 0.5) * width) / columns - 0.5;
    const whole = Math.floor(x);
    lefts[column] = clamped(whole, source.width) * 3;
    rights[column] = clamped(whole + 1, source.width) * 3;
    shares[column] = x - whole;
  }
  for (let row = 0; row < rows; row++) {
    const y = top + ((row + 0.5) * height) / rows - 0.5;
    const whole = Math.floor(y);
    const down = y - whole;
    const above = clamped(whole, source.height) * source.width * 3;
    const below = clamped(whole + 1, source.height) * source.width * 3;
    let at = row * stride * 3;
    for (let column = 0; column < columns; column++) {
      const p = lefts[column] as number;
      const q = rights[column] as number;
      const share = shares[column] as number;
      for (let c = 0; c < 3; c++, at++) {
        const a = data[above + p + c] as number;
        const b = data[below + p + c] as number;
        const upper = a + ((data[above + q + c] as number) - a) * share;
        const lower = b + ((data[below + q + c] as number) - b) * share;
        target[at] = upper + (lower - upper) * down + 0.5;
      }
    }
  }
}

/** Draws a window of `source` as `columns` x `rows` pixels into `target`, whose rows are `stride` pixels apart. */
export function draw(
  source: Pixels,
  window: Window,
  target: Uint8Array,
  columns: number,
  rows: number,
  stride: number = columns,
): void {
  const isShrunk = window[2] / columns >= 1.5 || window[3] / rows >= 1.5;
  (isShrunk ? shrink : interpolate)(source, window, target, columns, rows, stride);
}
