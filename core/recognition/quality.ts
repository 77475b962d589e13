/** How well a patch can be read, measured on its pixels alone. */
import type { Quality } from '../message.ts';
import type { Pixels } from '../plugins/define.ts';

/** All measures are taken at this height, so that they mean the same for every patch. */
const HEIGHT = 64;
/** 8-bit luminance from which a pixel holds no detail. */
const BLOWN = 250;

export function luminance({ data, width, height }: Pixels): Uint8Array {
  const grey = new Uint8Array(width * height);
  // ITU-R BT.601 weights in 16-bit fixed point.
  for (let i = 0, p = 0; i < grey.length; i++, p += 3) {
    grey[i] = (19595 * (data[p] ?? 0) + 38470 * (data[p + 1] ?? 0) + 7471 * (data[p + 2] ?? 0) + 32768) >> 16;
  }
  return grey;
}

/** Means over the source area of each new pixel when shrinking; nearest when enlarging. */
function resizeGrey(grey: Uint8Array, width: number, height: number, toWidth: number, toHeight: number): Float32Array {
  const out = new Float32Array(toWidth * toHeight);
  for (let y = 0; y < toHeight; y++) {
    const y0 = Math.floor((y * height) / toHeight);
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * height) / toHeight));
    for (let x = 0; x < toWidth; x++) {
      const x0 = Math.floor((x * width) / toWidth);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * width) / toWidth));
      let sum = 0;
      for (let sy = y0; sy < y1; sy++) for (let sx = x0; sx < x1; sx++) sum += grey[sy * width + sx] ?? 0;
      out[y * toWidth + x] = sum / ((y1 - y0) * (x1 - x0));
    }
  }
  return out;
}

/** Means of the two classes that Otsu's threshold makes. */
function inkLevels(grey: Float32Array): { readonly dark: number; readonly light: number } {
  const histogram = new Float64Array(256);
  for (const value of grey) histogram[value | 0] = (histogram[value | 0] ?? 0) + 1;
  let total = 0;
  histogram.forEach((count, level) => (total += count * level));
  let best = { dark: 0, light: 0, spread: -1 };
  let below = 0;
  let sum = 0;
  histogram.forEach((count, level) => {
    below += count;
    sum += count * level;
    const above = grey.length - below;
    if (below === 0 || above === 0) return;
    const dark = sum / below;
    const light = (total - sum) / above;
    const spread = below * above * (light - dark) ** 2;
    if (spread > best.spread) best = { dark, light, spread };
  });
  return best;
}

/**
 * @param patch the straightened plate
 * @param plateHeight height of the plate in the frame, pixels
 * @param angle rotation of the base line in the frame, degrees
 */
export function measureQuality(patch: Pixels, plateHeight: number, angle: number): Quality {
  const width = Math.max(8, Math.round((patch.width * HEIGHT) / patch.height));
  const grey = resizeGrey(luminance(patch), patch.width, patch.height, width, HEIGHT);
  const { dark, light } = inkLevels(grey);
  const contrast = Math.max(0, light - dark) / 255;

  // Variance of the Laplacian over the squared ink difference: the contrast cancels, edge width remains.
  let sum = 0;
  let squares = 0;
  const count = (width - 2) * (HEIGHT - 2);
  for (let y = 1; y < HEIGHT - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const value =
        4 * (grey[i] ?? 0) - (grey[i - 1] ?? 0) - (grey[i + 1] ?? 0) - (grey[i - width] ?? 0) - (grey[i + width] ?? 0);
      sum += value;
      squares += value * value;
    }
  }
  const variance = squares / count - (sum / count) ** 2;
  // Under 4 grey levels of difference there is no ink to be sharp, only noise.
  const sharpness = light - dark < 4 ? 0 : 1 - Math.exp((-variance / (light - dark) ** 2) * SHARPNESS_SCALE);

  const glare = blownShare(grey, width);
  const score =
    saturating(plateHeight, 32) *
    saturating(sharpness, 0.6) *
    saturating(contrast, 0.3) *
    (1 - Math.min(1, 2 * glare)) *
    Math.max(0.2, Math.cos((Math.min(90, Math.abs(angle) * 1.5) * Math.PI) / 180));
  return { plateHeight, sharpness, glare, contrast, angle, score };
}

/** Scales the normalised variance so that crisp print measures above 0.8 and a blur of an eighth of the plate's height next to 0. */
const SHARPNESS_SCALE = 14;

/** Share of 8 x 8 tiles of the inner plate without a single pixel of detail: a bright sheet between strokes is no glare. */
function blownShare(grey: Float32Array, width: number): number {
  const tile = 8;
  let tiles = 0;
  let blown = 0;
  for (let top = tile; top + tile <= HEIGHT - tile; top += tile) {
    for (let left = tile; left + tile <= width - tile; left += tile) {
      let lit = 0;
      for (let y = top; y < top + tile; y++)
        for (let x = left; x < left + tile; x++) lit += (grey[y * width + x] ?? 0) >= BLOWN ? 1 : 0;
      tiles += 1;
      blown += lit === tile * tile ? 1 : 0;
    }
  }
  // On a white plate that the camera just clips, up to a third of the tiles lies between strokes.
  const share = tiles === 0 ? 0 : blown / tiles;
  return Math.max(0, (share - 1 / 3) / (2 / 3));
}

/** Rises straight from 0 to 1 at `enough` and stays. */
const saturating = (value: number, enough: number): number => Math.min(1, value / enough);
