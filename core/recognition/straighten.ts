/**
 * Cuts a plate out of a frame and straightens it by a homography. Plain arithmetic instead of OpenCV: a patch has some
 * ten thousand pixels, which takes a few milliseconds, and an engine without OpenCV then need not load it.
 */
import type { Box, Corners, Point } from '../message.ts';
import type { Pixels } from '../plugins/define.ts';

/** Patches are enlarged to at least this height, so that thin strokes survive later steps, and never kept above the other. */
const MIN_PATCH_HEIGHT = 96;
const MAX_PATCH_HEIGHT = 256;
const MAX_ENLARGEMENT = 4;

/** `a x + b y + c` over `g x + h y + 1` gives x, the second row y. */
export type Homography = readonly [
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
];

export const distance = (a: Point, b: Point): number => Math.hypot(b[0] - a[0], b[1] - a[1]);

/** Mean length of the plate's sides and its base line's rotation, in the frame. Degrees, clockwise positive. */
export function plateSize(corners: Corners): {
  readonly width: number;
  readonly height: number;
  readonly angle: number;
} {
  const [tl, tr, br, bl] = corners;
  const dx = tr[0] - tl[0] + br[0] - bl[0];
  const dy = tr[1] - tl[1] + br[1] - bl[1];
  return {
    width: (distance(tl, tr) + distance(bl, br)) / 2,
    height: (distance(tl, bl) + distance(tr, br)) / 2,
    angle: (Math.atan2(dy, dx) * 180) / Math.PI,
  };
}

/** The axis-aligned box around corners, whole pixels. */
export function boxAround(corners: Corners): Box {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const left = Math.floor(Math.min(...xs));
  const top = Math.floor(Math.min(...ys));
  return [left, top, Math.ceil(Math.max(...xs)) - left, Math.ceil(Math.max(...ys)) - top];
}

/** The corners of a whole picture. */
export const wholeCorners = (width: number, height: number): Corners => [
  [0, 0],
  [width, 0],
  [width, height],
  [0, height],
];

/**
 * Maps the rectangle `[0,0] .. [width,height]` onto four corners (closed form for the unit square, after Heckbert 1989).
 * Null when the corners do not span an area.
 */
export function homographyOnto(corners: Corners, width: number, height: number): Homography | null {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = corners;
  const dx1 = x1 - x2;
  const dx2 = x3 - x2;
  const dy1 = y1 - y2;
  const dy2 = y3 - y2;
  const sx = x0 - x1 + x2 - x3;
  const sy = y0 - y1 + y2 - y3;
  const determinant = dx1 * dy2 - dx2 * dy1;
  if (Math.abs(determinant) < 1e-9) return null;
  const g = (sx * dy2 - dx2 * sy) / determinant;
  const h = (dx1 * sy - sx * dy1) / determinant;
  return [
    (x1 - x0 + g * x1) / width,
    (x3 - x0 + h * x3) / height,
    x0,
    (y1 - y0 + g * y1) / width,
    (y3 - y0 + h * y3) / height,
    y0,
    g / width,
    h / height,
  ];
}

export function project([a, b, c, d, e, f, g, h]: Homography, [x, y]: Point): Point {
  const w = g * x + h * y + 1;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}

/** The size that a plate with these corners gets as a patch: its own proportions, its own resolution within limits. */
export function patchSize(corners: Corners): { readonly width: number; readonly height: number } {
  const size = plateSize(corners);
  const height = Math.max(1, size.height);
  const wanted = Math.min(MAX_PATCH_HEIGHT, Math.max(height, Math.min(MIN_PATCH_HEIGHT, height * MAX_ENLARGEMENT)));
  const scale = wanted / height;
  return {
    width: Math.min(1024, Math.max(8, Math.round(size.width * scale))),
    height: Math.max(8, Math.round(wanted)),
  };
}

const at = (bytes: Uint8Array, index: number): number => bytes[index] as number;

/**
 * Draws the quadrilateral of `image` as an upright rectangle. Samples between pixels (bilinear), averages over several
 * samples where the picture is shrunk, and repeats the border outside the image.
 */
export function straighten(image: Pixels, corners: Corners, width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  const map = homographyOnto(corners, width, height);
  if (!map) return { data, width, height };
  const size = plateSize(corners);
  const shrink = Math.max(size.width / width, size.height / height);
  const samples = Math.min(4, Math.max(1, Math.ceil(shrink - 0.25)));
  const share = 1 / (samples * samples);
  const lastX = image.width - 1;
  const lastY = image.height - 1;
  const stride = image.width * 3;
  const source = image.data;
  const [a, b, c, d, e, f, g, h] = map;
  // Written out, without a call or an array per sample: this is what every plate of every frame goes through.
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let sy = 0.5; sy < samples; sy++) {
        const v = y + sy / samples;
        for (let sx = 0.5; sx < samples; sx++) {
          const u = x + sx / samples;
          const w = g * u + h * v + 1;
          const fx = Math.min(lastX, Math.max(0, (a * u + b * v + c) / w - 0.5));
          const fy = Math.min(lastY, Math.max(0, (d * u + e * v + f) / w - 0.5));
          const left = Math.floor(fx);
          const top = Math.floor(fy);
          const p = top * stride + left * 3;
          const q = left < lastX ? p + 3 : p;
          const below = top < lastY ? stride : 0;
          const toRight = fx - left;
          const toBelow = fy - top;
          const w4 = toRight * toBelow;
          const w3 = toBelow - w4;
          const w2 = toRight - w4;
          const w1 = 1 - toRight - w3;
          const p2 = p + below;
          const q2 = q + below;
          red += at(source, p) * w1 + at(source, q) * w2 + at(source, p2) * w3 + at(source, q2) * w4;
          green += at(source, p + 1) * w1 + at(source, q + 1) * w2 + at(source, p2 + 1) * w3 + at(source, q2 + 1) * w4;
          blue += at(source, p + 2) * w1 + at(source, q + 2) * w2 + at(source, p2 + 2) * w3 + at(source, q2 + 2) * w4;
        }
      }
      data[to] = red * share + 0.5;
      data[to + 1] = green * share + 0.5;
      data[to + 2] = blue * share + 0.5;
    }
  }
  return { data, width, height };
}

/** A copy of a rectangle of `image`, clipped to it. */
export function cutOut(
  image: Pixels,
  [x, y, width, height]: Box,
): Pixels & { readonly left: number; readonly top: number } {
  const left = Math.min(image.width - 1, Math.max(0, Math.floor(x)));
  const top = Math.min(image.height - 1, Math.max(0, Math.floor(y)));
  const right = Math.max(left + 1, Math.min(image.width, Math.ceil(x + width)));
  const bottom = Math.max(top + 1, Math.min(image.height, Math.ceil(y + height)));
  const data = new Uint8Array((right - left) * (bottom - top) * 3);
  for (let row = top; row < bottom; row++) {
    const from = (row * image.width + left) * 3;
    data.set(image.data.subarray(from, from + (right - left) * 3), (row - top) * (right - left) * 3);
  }
  return { data, width: right - left, height: bottom - top, left, top };
}
