/** Plates and scenes with known truth: SVG drawn by sharp with bundled free fonts. One renderer for demo, tests and training. */
import type { Box, Corners } from '../message.ts';

export interface PlateTruth {
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string;
  readonly plateType: string | null;
  readonly box: Box;
  readonly corners: Corners;
}

export interface RenderedScene {
  /** JPEG bytes. */
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
  readonly plates: readonly PlateTruth[];
}
