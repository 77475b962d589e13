/** What Dahua writes in the same way over ITSAPI and over its event interface. */
import { numberAt, pictureSize, textAt, type Box, type SeenMotion } from '../../core/plugins/define.ts';

export interface ReadingOptions {
  readonly boxUnit: 'auto' | 'grid' | 'pixels';
  /** What a confidence is measured in. */
  readonly whole: 100 | 255;
  readonly timeZone: string;
}

/** The event interface measures pictures in so many parts across and down. */
const GRID = 8192;

const UNREAD = /^(unknown|unlicensed|no ?plate|无牌车?|-+)$/i;
/** Empty where the camera could not read. */
export const plateText = (said: unknown): string => {
  const text = textAt(said) ?? '';
  return UNREAD.test(text) ? '' : text;
};

/** Null for the words that say nothing. */
export const known = (said: unknown): string | null => {
  const text = textAt(said);
  return text === null || /^(unknown|unknow|other|0)$/i.test(text) ? null : text;
};

/** 0..1; null, and said so, for one beyond its whole. */
export function confidenceOf(said: unknown, field: string, whole: 100 | 255, coerced: string[]): number | null {
  const number = numberAt(said, field);
  if (number === null) return null;
  if (number >= 0 && number <= whole) return number / whole;
  coerced.push(`${field} ${number} is beyond ${whole}: set what the confidence is measured in`);
  return null;
}

/**
 * Corners as `[x1, y1, x2, y2]`. When the unit is not set: corners outside of the picture are of the grid, others are pixels.
 * Null where nothing tells the picture's size.
 */
export function boxOf(
  said: unknown,
  field: string,
  frame: Uint8Array | null,
  unit: ReadingOptions['boxUnit'],
): Box | null {
  if (!Array.isArray(said) || said.length < 4 || frame === null) return null;
  const [left, top, right, bottom] = said.map((value, place) => numberAt(value, `${field}.${place}`) ?? 0);
  if (left === undefined || top === undefined || right === undefined || bottom === undefined) return null;
  const size = pictureSize(frame);
  if (size === null || right <= left || bottom <= top) return null;
  const isGrid = unit === 'grid' || (unit === 'auto' && (right > size.width || bottom > size.height));
  const [across, down] = isGrid ? [size.width / GRID, size.height / GRID] : [1, 1];
  const tenths = (value: number): number => Math.round(value * 10) / 10;
  return [tenths(left * across), tenths(top * down), tenths((right - left) * across), tenths((bottom - top) * down)];
}

/** `Obverse`: along the lane, which leads to the camera that looks at fronts. */
const DIRECTIONS: Readonly<Record<string, 'toward' | 'away'>> = {
  obverse: 'toward',
  approach: 'toward',
  reverse: 'away',
  leave: 'away',
};

export function motionOf(direction: unknown, speed: unknown, lane: unknown): SeenMotion {
  const kmh = numberAt(speed, 'Speed');
  return {
    direction: DIRECTIONS[(textAt(direction) ?? '').toLowerCase()] ?? null,
    heading: null,
    // Cameras without radar write 0.
    speed: kmh === 0 ? null : kmh,
    lane: textAt(lane),
  };
}
