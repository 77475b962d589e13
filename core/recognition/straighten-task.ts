/** What workers of the pool do with one plate. */
import type { Corners, Quality } from '../message.ts';
import type { Pixels } from '../plugins/define.ts';
import { measureQuality } from './quality.ts';
import { patchSize, plateSize, straighten } from './straighten.ts';

export interface StraightenArgs extends Pixels {
  /** In pixels of the piece that is sent. */
  readonly corners: Corners;
}

export type StraightenedPlate = Pixels;

export function straightenPlate({ corners, ...piece }: StraightenArgs): StraightenedPlate {
  const { width, height } = patchSize(corners);
  return straighten(piece, corners, width, height);
}

/** @param args `corners` are those in the frame, the pixels are the straightened patch */
export function measurePatch({ corners, ...patch }: StraightenArgs): Quality {
  const { height, angle } = plateSize(corners);
  return measureQuality(patch, height, angle);
}
