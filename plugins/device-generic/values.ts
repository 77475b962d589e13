/** Values in the ways in which people and programs write them. Errors name the setting that the value was taken for. */
import {
  badField,
  boxOfCorners,
  confidenceAt,
  instantAt,
  isObject,
  manyOf,
  numberAt,
  pictureSize,
  textAt,
  type Box,
} from '../../core/plugins/define.ts';

/** Years of the Buddhist era of these centuries: no clock of ours shows them. */
const isBuddhist = (year: number): boolean => year >= 2443 && year <= 2743;
const ERA = 543;

/** @param order of day, month and year where the year does not stand first */
export function timeAt(
  value: unknown,
  field: string,
  order: 'ymd' | 'dmy' | 'mdy',
  timeZone: string,
  coerced: string[],
): Date | null {
  let said = value;
  const parts =
    typeof said === 'string' && order !== 'ymd' ? /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)$/.exec(said) : null;
  if (parts !== null) {
    const [, first = '', second = '', year = '', rest = ''] = parts;
    const [day, month] = order === 'dmy' ? [first, second] : [second, first];
    said = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}${rest}`;
  }
  const year = typeof said === 'string' ? /^\s*(\d{4})[-/]/.exec(said)?.[1] : undefined;
  if (typeof said === 'string' && year !== undefined && isBuddhist(Number(year))) {
    said = said.replace(year, String(Number(year) - ERA));
    coerced.push(`${field} was of the Buddhist era`);
  }
  return instantAt(said, field, timeZone);
}

export function booleanAt(value: unknown, field: string): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'boolean') return value;
  const word = textAt(value) ?? '';
  if (/^(true|yes|1)$/i.test(word)) return true;
  return /^(false|no|0)$/i.test(word) ? false : badField(field, 'must be true or false');
}

const pick = (value: Readonly<Record<string, unknown>>, names: string): number | null => {
  for (const name of names.split(' ')) if (value[name] !== undefined) return numberAt(value[name], `box.${name}`);
  return null;
};

/** Left, top, right, bottom of whatever describes a rectangle. Null when it is none. */
function edgesOf(value: unknown, layout: 'xywh' | 'xyxy'): readonly [number, number, number, number] | null {
  const said = typeof value === 'string' ? value.split(/[\s,;]+/).filter((one) => one !== '') : value;
  if (Array.isArray(said) && said.length >= 2 && said.every(isObject)) {
    const xs = said.map((point) => pick(point, 'x X') ?? NaN);
    const ys = said.map((point) => pick(point, 'y Y') ?? NaN);
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  }
  if (Array.isArray(said) && said.length === 4) {
    const [a, b, c, d] = said.map((one, place) => numberAt(one, `box.${place}`) ?? NaN);
    if (a === undefined || b === undefined || c === undefined || d === undefined) return null;
    return layout === 'xywh' ? [a, b, a + c, b + d] : [a, b, c, d];
  }
  if (!isObject(said)) return null;
  const [left, top] = [pick(said, 'x X left xmin x_min x1 xMin'), pick(said, 'y Y top ymin y_min y1 yMin')];
  if (left === null || top === null) return null;
  const [width, height] = [pick(said, 'width w Width'), pick(said, 'height h Height')];
  if (width !== null && height !== null) return [left, top, left + width, top + height];
  const [right, bottom] = [pick(said, 'right xmax x_max x2 xMax'), pick(said, 'bottom ymax y_max y2 yMax')];
  return right === null || bottom === null ? null : [left, top, right, bottom];
}

export function boxAt(
  value: unknown,
  frame: Uint8Array | null,
  { layout, unit }: { readonly layout: 'xywh' | 'xyxy'; readonly unit: 'pixels' | 'shares' },
  coerced: string[],
): Box | null {
  if (value === undefined || value === null || value === '') return null;
  const edges = edgesOf(value, layout);
  if (edges === null || !edges.every(Number.isFinite)) {
    return badField('box', 'is no rectangle: four numbers, corners, or an object with x, y, width and height');
  }
  if (unit === 'pixels') return boxOfCorners(...edges);
  const size = frame === null ? null : pictureSize(frame);
  if (size === null) {
    coerced.push('box left out: shares of a picture that did not come along');
    return null;
  }
  const [left, top, right, bottom] = edges;
  return boxOfCorners(left * size.width, top * size.height, right * size.width, bottom * size.height);
}

const words = (list: string): readonly string[] => list.split(/[,|]/).map((word) => word.trim().toLowerCase());

export function directionAt(value: unknown, toward: string, away: string): 'toward' | 'away' | null {
  const said = textAt(value)?.toLowerCase() ?? '';
  if (said === '') return null;
  return words(toward).includes(said) ? 'toward' : words(away).includes(said) ? 'away' : null;
}

/** A list of numbers, or of things that hold a `confidence`. */
export const characterConfidencesAt = (value: unknown, whole: 1 | 100): readonly number[] =>
  manyOf(value).flatMap((one, place) => {
    const said = isObject(one) ? (one['confidence'] ?? one['score']) : one;
    return confidenceAt(said, `characters.${place}`, whole) ?? [];
  });

export const candidatesAt = (
  value: unknown,
  whole: 1 | 100,
): readonly { readonly text: string; readonly confidence: number | null }[] =>
  manyOf(value).flatMap((one, place) => {
    const text = isObject(one) ? textAt(one['plateNumber'] ?? one['plate'] ?? one['text']) : textAt(one);
    if (text === null) return [];
    const said = isObject(one) ? (one['confidence'] ?? one['score']) : null;
    return [{ text, confidence: confidenceAt(said, `candidates.${place}`, whole) }];
  });
