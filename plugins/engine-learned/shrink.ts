/** Pictures to the size that a network takes. */
import type { Pixels } from '../../core/plugins/define.ts';

/**
 * Draws the part `[left, top, width, height]` of `source` (fractions of a pixel allowed, outside it the border repeats) as
 * `columns` x `rows` pixels into `target`, whose rows are `stride` pixels apart. Bilinear, averaged over several samples
 * where it shrinks.
 */
export function draw(
  source: Pixels,
  [left, top, width, height]: readonly [number, number, number, number],
  target: Uint8Array,
  columns: number,
  rows: number,
  stride: number = columns,
): void {
  const { data, width: w, height: h } = source;
  const stepX = width / columns;
  const stepY = height / rows;
  const samplesX = Math.min(4, Math.max(1, Math.round(stepX)));
  const samplesY = Math.min(4, Math.max(1, Math.round(stepY)));
  // Per output column: the two source columns of each sample and how much of the right one counts, in 1/256.
  const count = columns * samplesX;
  const first = new Int32Array(count);
  const second = new Int32Array(count);
  const share = new Int32Array(count);
  for (let k = 0; k < count; k++) {
    const x = Math.min(w - 1, Math.max(0, left + ((k + 0.5) / samplesX) * stepX - 0.5));
    const whole = Math.floor(x);
    first[k] = whole * 3;
    second[k] = Math.min(w - 1, whole + 1) * 3;
    share[k] = Math.round((x - whole) * 256);
  }
  const divisor = samplesX * samplesY * 65_536;
  const sums = new Float64Array(columns * 3);
  for (let row = 0; row < rows; row++) {
    sums.fill(divisor / 2);
    for (let s = 0; s < samplesY; s++) {
      const y = Math.min(h - 1, Math.max(0, top + (row + (s + 0.5) / samplesY) * stepY - 0.5));
      const whole = Math.floor(y);
      const below = Math.round((y - whole) * 256);
      const above = 256 - below;
      const a = whole * w * 3;
      const b = Math.min(h - 1, whole + 1) * w * 3;
      for (let column = 0, k = 0, at = 0; column < columns; column++, at += 3) {
        for (let t = 0; t < samplesX; t++, k++) {
          const p = first[k] ?? 0;
          const q = second[k] ?? 0;
          const right = share[k] ?? 0;
          const leftShare = 256 - right;
          for (let c = 0; c < 3; c++) {
            const upper = (data[a + p + c] ?? 0) * leftShare + (data[a + q + c] ?? 0) * right;
            const lower = (data[b + p + c] ?? 0) * leftShare + (data[b + q + c] ?? 0) * right;
            sums[at + c] = (sums[at + c] ?? 0) + upper * above + lower * below;
          }
        }
      }
    }
    const start = row * stride * 3;
    for (let k = 0; k < columns * 3; k++) target[start + k] = (sums[k] ?? 0) / divisor;
  }
}
