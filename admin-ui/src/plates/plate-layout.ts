/** How a plate is laid out and coloured when it is drawn: pure, so that the badge, print and search look the same. */
import type { DetectionSummary, Reference } from '../api/contract.ts';

export type PlateText = Pick<DetectionSummary, 'plateNumber' | 'series' | 'serial' | 'countryCode' | 'plateType'> & {
  readonly characters?: DetectionSummary['characters'];
  /** What a person set is not in doubt. */
  readonly status?: DetectionSummary['status'];
};

export interface Glyph {
  readonly text: string;
  /** Null where the reader gave none: corrected plates, entries of a list. */
  readonly confidence: number | null;
  readonly doubtful: boolean;
  /** Another plate that this one is held against says something else here. */
  readonly marked?: boolean;
  readonly alternatives: readonly { readonly char: string; readonly confidence: number }[];
}

/** A car's plate is 340 × 150 mm with the province below; a motorcycle's 220 × 172 with it in the middle; a lorry's says THAILAND on top. */
export type PlateShape = 'car' | 'motorcycle' | 'truck' | 'foreign';

export interface PlateLayout {
  readonly shape: PlateShape;
  /** Empty when the plate could not be read. */
  readonly series: readonly Glyph[];
  readonly separator: '' | ' ' | '-';
  readonly serial: readonly Glyph[];
}

/** Below this a character gets a dotted underline. */
export const DOUBTFUL_BELOW = 0.8;

const MOTORCYCLES = new Set(['RY12', 'RY17']);

export function plateShape(plate: PlateText): PlateShape {
  if (plate.countryCode !== null && plate.countryCode !== 'TH') return 'foreign';
  if (plate.plateType !== null && MOTORCYCLES.has(plate.plateType)) return 'motorcycle';
  if (plate.plateType?.startsWith('LT-') === true) return 'truck';
  return 'car';
}

/** One letter with its marks each: what a person calls a character. */
export function splitCharacters(text: string): string[] {
  return text.match(/\P{M}\p{M}*/gu) ?? [];
}

/** The characters of a plate; the reader's confidences are used only where they spell exactly this text. */
export function glyphsOf(plate: Pick<PlateText, 'plateNumber' | 'characters' | 'status'>): Glyph[] {
  const read = plate.status === 'corrected' ? [] : (plate.characters ?? []);
  if (read.length > 0 && read.map((one) => one.char).join('') === plate.plateNumber) {
    return read.map((one) => ({
      text: one.char,
      confidence: one.confidence,
      doubtful: one.confidence < DOUBTFUL_BELOW,
      alternatives: one.alternatives,
    }));
  }
  return splitCharacters(plate.plateNumber).map((text) => ({
    text,
    confidence: null,
    doubtful: false,
    alternatives: [],
  }));
}

export function layoutPlate(plate: PlateText): PlateLayout {
  const shape = plateShape(plate);
  const glyphs = glyphsOf(plate);
  const series = plate.series ?? '';
  const serial = plate.serial ?? '';
  const cut = splitCharacters(series).length;
  const isSplit = series !== '' && serial !== '' && series + serial === plate.plateNumber;
  if (!isSplit) return { shape, series: [], separator: '', serial: glyphs };
  return {
    shape,
    series: glyphs.slice(0, cut),
    separator: /^\d+$/.test(series) || shape === 'truck' ? '-' : ' ',
    serial: glyphs.slice(cut),
  };
}

/** The plate as one line of text for people: `1กก 1234`, `70-1234`. */
export function plateText(plate: PlateText): string {
  const layout = layoutPlate(plate);
  const join = (glyphs: readonly Glyph[]): string => glyphs.map((glyph) => glyph.text).join('');
  return join(layout.series) + layout.separator + join(layout.serial);
}

/** A text typed by a person, split as Thai plates are, so that a preview looks like the plate will. */
export function previewOf(text: string, countryCode: string | null): PlateText {
  const plateNumber = text
    .normalize('NFC')
    .toUpperCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');
  const parts =
    countryCode === null || countryCode === 'TH'
      ? (/^(\d?[ก-ฮ\p{M}ะาำเแโใไ]+)(\d+)$/u.exec(plateNumber) ?? /^(\d{2,3})(\d{4})$/.exec(plateNumber))
      : null;
  return {
    plateNumber,
    series: parts?.[1] ?? null,
    serial: parts?.[2] ?? null,
    countryCode,
    plateType: parts !== null && /^\d+$/.test(plateNumber) ? 'LT-truck-private' : null,
  };
}

/** An entry of a list as a plate: a pattern stands as it is written, everything else as the plate will look. */
export function listedPlate(entry: {
  readonly plateNumber: string;
  readonly countryCode?: string | null;
  readonly plateType?: string | null;
}): PlateText {
  const { plateNumber, countryCode = null, plateType = null } = entry;
  const preview = previewOf(plateNumber, countryCode);
  const isPattern = /[*?]/.test(plateNumber);
  return {
    ...preview,
    ...(isPattern ? { plateNumber, series: null, serial: null, plateType: null } : {}),
    ...(plateType === null ? {} : { plateType }),
  };
}

export interface PlateColours {
  readonly background: string;
  readonly text: string;
}

const INK: Readonly<Record<string, string>> = {
  black: '#17191b',
  white: '#f8f8f4',
  blue: '#123f9c',
  green: '#0a6437',
  red: '#b9161f',
  yellow: '#f7c81e',
  orange: '#f08c28',
};

const SHEET: Readonly<Record<string, string>> = {
  ...INK,
  // A little lighter than on the road: black on it must stay readable.
  red: '#e4484d',
  green: '#0c6b3c',
  // Auction and personalised plates carry a printed picture; a pale sky stands for it.
  picture: 'linear-gradient(180deg, #dff0f7 0%, #f4f6ee 55%, #e3efd9 100%)',
};

function colour(name: string, table: Readonly<Record<string, string>>): string | undefined {
  return table[name] ?? (name.startsWith('picture') ? table.picture : undefined);
}

/** Colours of a class, by the names that the hub's reference gives; black on white where it gives none. */
export function plateColours(plateClass: Reference['plateClasses'][number] | undefined): PlateColours {
  return {
    background: colour(plateClass?.background ?? 'white', SHEET) ?? '#f8f8f4',
    text: colour(plateClass?.text ?? 'black', INK) ?? '#17191b',
  };
}
