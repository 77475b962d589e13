/** A plate cut out of a stored frame by its box: for reads that a device made itself and sent with a scene but no crop. */
import sharp from 'sharp';
import { LprError } from '../errors.ts';
import type { Box } from '../message.ts';
import { decodePixels } from './decode.ts';

/** Devices box the characters tightly; an eye, and an engine that looks again, want the plate's edge too. */
const MARGIN = 0.12;

const refuse = (problem: string): never => {
  throw new LprError('invalid_input', `The patch cannot be cut: box ${problem}.`, {
    problems: [{ field: 'box', problem }],
  });
};

/** The box with its margin in whole pixels, inside the picture. @throws invalid_input when none of it lies inside */
export function cropOf([x, y, width, height]: Box, picture: { readonly width: number; readonly height: number }): Box {
  if (![x, y, width, height].every(Number.isFinite) || width <= 0 || height <= 0) {
    return refuse('must be four numbers: x, y, and a width and height above 0');
  }
  if (x >= picture.width || y >= picture.height || x + width <= 0 || y + height <= 0) {
    return refuse(`lies outside the picture of ${picture.width} x ${picture.height}`);
  }
  // The same on all four sides, as the eye expects of a frame around a plate.
  const margin = MARGIN * Math.min(width, height);
  const left = Math.max(0, Math.floor(x - margin));
  const top = Math.max(0, Math.floor(y - margin));
  const right = Math.min(picture.width, Math.ceil(x + width + margin));
  const bottom = Math.min(picture.height, Math.ceil(y + height + margin));
  return [left, top, right - left, bottom - top];
}

/** Visually lossless with full colour resolution, as the patches are that our own engines cut. @throws as `decodePixels` */
export async function cutPatch(frame: Uint8Array, crop: Box): Promise<Buffer> {
  const { data, width, height } = await decodePixels(frame, { crop });
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();
}
