/** From a row's cells to an entry, with everything that is wrong with it by field. */
import type { FieldProblem } from '../../errors.ts';
import { checkEntry } from '../entry-check.ts';
import type { BlacklistEntryInput } from '../blacklists.ts';
import { IMPORT_FIELDS, type DateOrder, type EntryTexts, type ImportField, type ImportPlan } from '../imports.ts';
import { layoutById } from './layouts.ts';
import { nextDay, parseListDate } from './list-dates.ts';
import { classOfWord, countryOfWord, provinceOfWord } from './place-words.ts';
import type { TableRow } from './table.ts';

export type ImportedEntry = BlacklistEntryInput & { readonly validTo: Date | null };

export interface ReadRow {
  readonly row: number;
  readonly entry: ImportedEntry;
  readonly problems: readonly FieldProblem[];
  /** Of a category that is not taken, or one that the sender itself calls a false hit. */
  readonly isFiltered: boolean;
}

export interface RowContext {
  readonly columns: readonly string[];
  readonly plan: Pick<ImportPlan, 'map' | 'values'>;
  readonly layout: string | null;
  readonly dateOrder: DateOrder;
  /** What the site's clock on the wall shows, as if it were UTC (ms), as an instant. */
  readonly instantOf: (wall: number) => Date;
}

/** Characters that are kept of a text. */
const LONGEST: Readonly<Partial<Record<ImportField, number>>> = {
  reason: 2_000,
  agency: 200,
  reference: 200,
  notes: 2_000,
};
const LONGEST_CELL = 20_000;
const SURENESS: Readonly<Record<string, number>> = {
  ...{ low: 0.3, medium: 0.6, high: 0.9, ต่ำ: 0.3, กลาง: 0.6, ปานกลาง: 0.6, สูง: 0.9 },
};
const DATES_KEPT = 20_000;

function surenessOf(raw: string): number | null {
  const text = raw.trim().toLowerCase();
  const known = SURENESS[text];
  if (known !== undefined) return known;
  const percent = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text);
  const value = percent === null ? Number(text) : Number(percent[1]) / 100;
  if (!Number.isFinite(value) || value < 0) return null;
  // 80 is meant as 80 %.
  const share = percent === null && value > 1 ? value / 100 : value;
  return share <= 1 ? share : null;
}

type Column = readonly [index: number, name: string];

/** @throws nothing: what is wrong stands in the row's problems */
export function rowReader({
  columns,
  plan,
  layout: layoutId,
  dateOrder,
  instantOf,
}: RowContext): (row: TableRow) => ReadRow {
  const layout = layoutById(layoutId);
  const places = new Map<ImportField, readonly Column[]>();
  for (const field of IMPORT_FIELDS) {
    const names = plan.map[field] ?? [];
    const found = names.map((name): Column => [columns.indexOf(name), name]).filter(([index]) => index >= 0);
    if (found.length > 0) places.set(field, found);
  }
  const categories = new Set(plan.values.categories.map((name) => name.trim().toLowerCase()));
  const defaultCountry = plan.values.countryCode ?? layout?.country ?? null;
  const dates = new Map<string, { readonly start: Date; readonly end: Date } | string>();

  const dateOf = (raw: string, isEnd: boolean): Date | string => {
    let known = dates.get(raw);
    if (known === undefined) {
      if (dates.size >= DATES_KEPT) dates.clear();
      const read = parseListDate(raw, dateOrder);
      const at = (wall: number): Date =>
        typeof read !== 'string' && read.isInstant ? new Date(wall) : instantOf(wall);
      // A day as the end holds to its midnight.
      known =
        typeof read === 'string' ? read : { start: at(read.at), end: at(read.isDay ? nextDay(read.at) : read.at) };
      dates.set(raw, known);
    }
    return typeof known === 'string' ? known : isEnd ? known.end : known.start;
  };

  return ({ row, cells, problem: rowProblem }) => {
    const problems: FieldProblem[] = rowProblem === undefined ? [] : [{ field: 'row', problem: rowProblem }];
    const complain = (field: ImportField, problem: string): null => {
      problems.push({ field, problem });
      return null;
    };
    const text = (field: ImportField): string | null => {
      const found = places.get(field);
      if (found === undefined) return null;
      const parts = found.flatMap(([index, name]) => {
        const cell = (cells[index] ?? '').trim();
        return cell === '' ? [] : [found.length > 1 && field === 'notes' ? `${name}: ${cell}` : cell];
      });
      const joined = parts.join(field === 'notes' ? '; ' : ' ');
      if (joined === '') return null;
      if (joined.includes('\0')) return complain(field, 'has a NUL character');
      if (joined.includes('\uFFFD'))
        return complain(field, 'has a character that cannot be read: is the encoding right?');
      const most = LONGEST[field] ?? LONGEST_CELL;
      return joined.length > most ? complain(field, `is longer than ${most} characters`) : joined;
    };
    const date = (field: 'validFrom' | 'validTo' | 'reviewAt'): Date | null => {
      const raw = text(field);
      if (raw === null) return null;
      const found = dateOf(raw, field === 'validTo');
      return typeof found === 'string' ? complain(field, `${found}: "${raw.slice(0, 40)}"`) : found;
    };

    const category = text('category');
    const plateText = text('plateNumber') ?? '';
    const isFiltered =
      (categories.size > 0 && !categories.has((category ?? '').toLowerCase())) ||
      layout?.leaveOut?.test(plateText.replace(/\s+/g, '')) === true;

    const countryText = text('countryCode');
    const toldCountry = countryText === null ? null : countryOfWord(countryText);
    if (toldCountry !== null && 'problem' in toldCountry) complain('countryCode', toldCountry.problem);
    const ownCountry = toldCountry !== null && 'code' in toldCountry ? toldCountry.code : null;
    const provinceText = text('issuingEntity');
    const province = provinceText === null ? null : provinceOfWord(provinceText, ownCountry ?? defaultCountry);
    if (province !== null && 'problem' in province)
      complain('issuingEntity', `${province.problem}: "${(provinceText ?? '').slice(0, 40)}"`);
    const issuingEntity = province !== null && 'code' in province ? province.code : null;

    const classText = text('plateType');
    const surenessText = text('confidence');
    const sureness = surenessText === null ? 1 : surenessOf(surenessText);
    if (sureness === null) complain('confidence', 'must be 0 to 1, a percentage, or low, medium, high');
    const { entry, problems: faults } = checkEntry<ImportedEntry>({
      plateNumber: plateText,
      issuingEntity,
      countryCode: ownCountry ?? issuingEntity?.slice(0, 2) ?? defaultCountry,
      plateType: classText === null ? null : (classOfWord(classText) ?? classText.slice(0, 40)),
      ...{ validFrom: date('validFrom'), validTo: date('validTo'), reviewAt: date('reviewAt') },
      // Where nothing says why, the kind of list it came from does.
      reason: text('reason') ?? category,
      ...{ agency: text('agency'), reference: text('reference'), notes: text('notes'), confidence: sureness ?? 1 },
    });
    problems.push(...faults.filter(({ field }) => !problems.some((known) => known.field === field)));
    return { row, entry, problems, isFiltered };
  };
}

/** As people are shown it. */
export function entryTexts(entry: ImportedEntry): EntryTexts {
  const texts: Partial<Record<ImportField, string>> = {};
  for (const field of IMPORT_FIELDS) {
    const value = field === 'category' ? null : entry[field];
    if (value === null) continue;
    if (field === 'confidence' && value === 1) continue;
    texts[field] = value instanceof Date ? (Number.isNaN(value.getTime()) ? '' : value.toISOString()) : String(value);
  }
  return texts;
}
