/** Which column is what: by the layout, by the words of the header in Thai and English, and else by the values. */
import { normalisePlate, parsePlate } from '../../plates/plates.ts';
import { IMPORT_FIELDS, type ImportField, type ImportMap } from '../imports.ts';
import { fieldOfWord, isSerialWord, isSeriesWord } from './column-words.ts';
import { layoutById } from './layouts.ts';
import { isProvinceWord } from './place-words.ts';

/** Share of a column's values that must look like what the column is taken for. */
const ENOUGH = 0.7;

export interface ColumnSight {
  readonly name: string;
  /** Its first values that are not empty. */
  readonly values: readonly string[];
}

const looksLike = ({ values }: ColumnSight, is: (value: string) => boolean): boolean =>
  values.length > 0 && values.filter(is).length >= values.length * ENOUGH;

/** A format of some country that is more than "letters and digits". */
const isPlate = (value: string): boolean => {
  const text = normalisePlate(value);
  if (text.length < 2 || text.length > 10 || !/\d/.test(text)) return false;
  return /[\u0e00-\u0e7f]/.test(text) ? parsePlate(text).length > 0 : /[A-Z]/.test(text) && !/^\d{4}-\d{2}/.test(value);
};

function byHeader(columns: readonly ColumnSight[]): Map<ImportField, string[]> {
  const map = new Map<ImportField, string[]>();
  for (const { name } of columns) {
    const field = fieldOfWord(name);
    // The first column of a name counts, but notes gather.
    if (field !== null && (field === 'notes' || !map.has(field))) map.set(field, [...(map.get(field) ?? []), name]);
  }
  const series = columns.find(({ name }) => isSeriesWord(name));
  const serial = columns.find(({ name }) => isSerialWord(name) && fieldOfWord(name) === null);
  if (!map.has('plateNumber') && series !== undefined && serial !== undefined) {
    map.set('plateNumber', [series.name, serial.name]);
  }
  return map;
}

function byValues(columns: readonly ColumnSight[], map: Map<ImportField, string[]>): void {
  const isFree = ({ name }: ColumnSight): boolean => ![...map.values()].some((names) => names.includes(name));
  const find = (field: ImportField, is: (value: string) => boolean): void => {
    if (map.has(field)) return;
    const column = columns.find((candidate) => isFree(candidate) && looksLike(candidate, is));
    if (column !== undefined) map.set(field, [column.name]);
  };
  find('issuingEntity', isProvinceWord);
  find('plateNumber', isPlate);
}

/** What the hub takes the columns for; a field that is none of them is left out. */
export function guessColumns(columns: readonly ColumnSight[], layoutId: string | null): ImportMap {
  const layout = layoutById(layoutId);
  const names = new Set(columns.map(({ name }) => name));
  const map = new Map<ImportField, string[]>();
  if (layout !== null && layout.columns.every(({ name }) => names.has(name))) {
    for (const { name, field } of layout.columns) {
      if (field !== null) map.set(field, [...(map.get(field) ?? []), name]);
    }
  } else {
    for (const [field, of] of byHeader(columns)) map.set(field, of);
    byValues(columns, map);
  }
  return Object.fromEntries(IMPORT_FIELDS.flatMap((field) => (map.has(field) ? [[field, map.get(field) ?? []]] : [])));
}

export function fieldOfColumn(map: ImportMap, name: string): ImportField | null {
  return IMPORT_FIELDS.find((field) => map[field]?.includes(name) === true) ?? null;
}
