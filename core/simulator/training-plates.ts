/** Plates for training the reader: wide variety, exact labels, pictures of one size. */
import sharp from 'sharp';
import { inventTrainingPlate, type TrainingFaces } from './invent-training-plate.ts';
import { drawPlate, type Ink, type Sheet } from './plate-drawing.ts';
import { createRandom } from './random.ts';

export type { TrainingFaces } from './invent-training-plate.ts';

/** Pixels; every plate is squeezed to this, whatever its own shape. */
export const TRAINING_PLATE = { width: 256, height: 96 } as const;

export interface TrainingLabel {
  /** Canonical: letters and digits only. */
  readonly text: string;
  /** ISO 3166-2, null where the plate names none. */
  readonly province: string | null;
  readonly country: string;
  readonly sheet: Sheet;
  readonly ink: Ink;
  /** Width by height of the plate itself. */
  readonly aspect: number;
}

/** @returns RGB bytes, row by row, and what they show; the same seed gives the same bytes */
export async function renderTrainingPlate(options: {
  readonly seed: number;
  readonly faces: TrainingFaces;
  /** 0 to 1 */
  readonly thaiShare: number;
}): Promise<{ readonly pixels: Buffer; readonly label: TrainingLabel }> {
  const random = createRandom(options.seed);
  const { plate, look } = inventTrainingPlate(random, options.faces, options.thaiShare);
  const drawing = drawPlate(plate, look);
  const { width, height } = TRAINING_PLATE;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${drawing.width} ${drawing.height}" preserveAspectRatio="none">${drawing.svg}</svg>`;
  const pixels = await sharp(Buffer.from(svg)).flatten({ background: '#4a4c50' }).removeAlpha().raw().toBuffer();
  const label = {
    text: plate.plateNumber,
    province: plate.issuingEntity,
    country: plate.countryCode,
    sheet: drawing.sheet,
    ink: drawing.ink,
    aspect: Math.round((drawing.width / drawing.height) * 1000) / 1000,
  };
  return { pixels, label };
}
