/** Lays a flat picture onto four corners of another, by the true homography. */
import type { Corners, Point } from '../message.ts';

export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Row-major 3 x 3, last element 1. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

/** Maps the unit square (0,0) (1,0) (1,1) (0,1) onto the corners (Heckbert 1989, square to quadrilateral). */
export function squareTo([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: Corners): Homography {
  const dx1 = x1 - x2;
  const dx2 = x3 - x2;
  const dy1 = y1 - y2;
  const dy2 = y3 - y2;
  const sx = x0 - x1 + x2 - x3;
  const sy = y0 - y1 + y2 - y3;
  const d = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / d;
  const h = (dx1 * sy - sx * dy1) / d;
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1];
}

export function invert([a, b, c, d, e, f, g, h, i]: Homography): Homography {
  const A = e * i - f * h;
  const B = c * h - b * i;
  const C = b * f - c * e;
  const D = f * g - d * i;
  const E = a * i - c * g;
  const F = c * d - a * f;
  const G = d * h - e * g;
  const H = b * g - a * h;
  const I = a * e - b * d;
  return [A / I, B / I, C / I, D / I, E / I, F / I, G / I, H / I, 1];
}

export function apply([a, b, c, d, e, f, g, h, i]: Homography, [x, y]: Point): Point {
  const w = g * x + h * y + i;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}

/** @param source RGBA @param target RGB, changed in place */
export function layOnto(source: Raster, target: Raster, corners: Corners): void {
  const back = invert(squareTo(corners));
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const left = Math.max(0, Math.floor(Math.min(...xs)));
  const right = Math.min(target.width - 1, Math.ceil(Math.max(...xs)));
  const top = Math.max(0, Math.floor(Math.min(...ys)));
  const bottom = Math.min(target.height - 1, Math.ceil(Math.max(...ys)));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const [u, v] = apply(back, [x + 0.5, y + 0.5]);
      const sx = u * source.width - 0.5;
      const sy = v * source.height - 0.5;
      if (sx < -0.5 || sy < -0.5 || sx > source.width - 0.5 || sy > source.height - 0.5) continue;
      const x0 = Math.max(0, Math.min(source.width - 2, Math.floor(sx)));
      const y0 = Math.max(0, Math.min(source.height - 2, Math.floor(sy)));
      const fx = Math.max(0, Math.min(1, sx - x0));
      const fy = Math.max(0, Math.min(1, sy - y0));
      const at = (y0 * source.width + x0) * 4;
      const row = source.width * 4;
      const mix = (channel: number): number => {
        const p = source.data;
        const upper = (p[at + channel] ?? 0) * (1 - fx) + (p[at + 4 + channel] ?? 0) * fx;
        const lower = (p[at + row + channel] ?? 0) * (1 - fx) + (p[at + row + 4 + channel] ?? 0) * fx;
        return upper * (1 - fy) + lower * fy;
      };
      const alpha = mix(3) / 255;
      const to = (y * target.width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        target.data[to + channel] = (target.data[to + channel] ?? 0) * (1 - alpha) + mix(channel) * alpha;
      }
    }
  }
}
