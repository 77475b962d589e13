/** What a file is and how it would be read: asked for, remembered, or guessed. */
import { LprError, type FieldProblem } from '../../errors.ts';
import {
  IMPORT_FIELDS,
  type DateOrder,
  type ImportFound,
  type ImportMap,
  type ImportPlan,
  type ImportPreview,
  type ImportReading,
} from '../imports.ts';
import { fieldOfColumn, guessColumns, type ColumnSight } from './guess-columns.ts';
import { dateOrderOf } from './list-dates.ts';
import type { Remembered } from './import-store.ts';
import { openTable } from './open-table.ts';
import { entryTexts, rowReader } from './row-entry.ts';
import type { Table, TableRow } from './table.ts';

export const AS_IT_LOOKS: ImportReading = {
  ...{ layout: null, format: 'auto', encoding: 'auto', delimiter: 'auto', headerLines: null, sheet: null, widths: [] },
};
const VALUES: ImportPlan['values'] = { dateOrder: 'auto', countryCode: null, categories: [], duplicates: 'merge' };
const DATE_FIELDS = ['validFrom', 'validTo', 'reviewAt'] as const;
const SHOWN = 20;
const SAMPLES = 5;
/** What is looked at to tell columns and dates apart. */
const SEEN_ROWS = 2_000;
const LONGEST_SAMPLE = 200;

export interface Look {
  readonly table: Table;
  readonly found: ImportFound;
  readonly plan: ImportPlan;
  readonly isRemembered: boolean;
  readonly columns: ImportPreview['columns'];
  readonly first: readonly TableRow[];
}

async function firstRows(table: Table, signal: AbortSignal): Promise<readonly TableRow[]> {
  const rows: TableRow[] = [];
  for await (const batch of table.rows(signal)) {
    rows.push(...batch);
    if (rows.length >= SEEN_ROWS) break;
  }
  return rows;
}

const namesOf = (map: ImportMap): readonly string[] => IMPORT_FIELDS.flatMap((field) => map[field] ?? []);

/** @throws invalid_input naming each field whose column the file does not have */
export function assertMap(map: ImportMap, columns: readonly string[]): void {
  const problems = IMPORT_FIELDS.flatMap((field): FieldProblem[] => {
    const missing = (map[field] ?? []).filter((name) => !columns.includes(name));
    return missing.length === 0
      ? []
      : [{ field: `map.${field}`, problem: `names no column of the file: ${missing.join(', ')}` }];
  });
  if (map.plateNumber === undefined) {
    problems.push({ field: 'map.plateNumber', problem: 'is missing: say which column the plate stands in' });
  }
  if (problems.length === 0) return;
  const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  throw new LprError('invalid_input', `The file cannot be read so: ${all}.`, { problems });
}

/** Of the columns that are taken for dates; a spreadsheet's own dates are year first and decide nothing. */
function orderOf(map: ImportMap, columns: readonly string[], rows: readonly TableRow[]): DateOrder | null {
  const places = DATE_FIELDS.flatMap((field) => map[field] ?? []).map((name) => columns.indexOf(name));
  return dateOrderOf(
    rows.flatMap(({ cells }) => places.map((place) => cells[place] ?? '').filter((text) => text !== '')),
  );
}

/** A column that was not there before may be what the list lacked; one that was left out on purpose stays so. */
const withNew = (known: ImportMap, guess: ImportMap, seen: readonly string[]): ImportMap => ({
  ...Object.fromEntries(Object.entries(guess).filter(([, names]) => !names.some((name) => seen.includes(name)))),
  ...known,
});

/**
 * @param remembered of an earlier import of the same list or source: its map counts where the file has all its columns
 * @throws list_unreadable
 */
export async function lookAtFile(
  file: string,
  asked: Partial<ImportPlan>,
  remembered: Remembered | null,
  signal: AbortSignal,
): Promise<Look> {
  const open = async (reading: ImportReading): Promise<[Table, readonly TableRow[]]> => {
    const table = await openTable(file, reading, signal);
    return [table, await firstRows(table, signal)];
  };
  let reading = asked.reading ?? remembered?.plan.reading ?? AS_IT_LOOKS;
  const [table, first] = await open(reading).catch(async (error: unknown) => {
    // What is remembered of another file may not fit this one.
    if (asked.reading !== undefined || remembered === null) throw error;
    reading = AS_IT_LOOKS;
    return open(reading);
  });
  const names = table.found.columns;
  const sights: ColumnSight[] = names.map((name, index) => ({
    name,
    values: first
      .flatMap(({ cells }) => ((cells[index] ?? '').trim() === '' ? [] : [(cells[index] ?? '').trim()]))
      .slice(0, 200),
  }));
  const guess = guessColumns(sights, table.found.layout);
  const known = remembered?.plan.map ?? null;
  const isRemembered =
    asked.map === undefined && known !== null && namesOf(known).every((name) => names.includes(name));
  const map = asked.map ?? (isRemembered ? withNew(known, guess, remembered?.columns ?? []) : guess);
  const values = asked.values ?? remembered?.plan.values ?? VALUES;
  return {
    ...{ table, first, isRemembered },
    found: {
      ...table.found,
      dateOrder: values.dateOrder === 'auto' ? orderOf(map, names, first) : values.dateOrder,
    },
    plan: { mode: asked.mode ?? remembered?.plan.mode ?? 'replace', reading, map, values },
    columns: sights.map(({ name, values: all }) => ({
      name,
      samples: [...new Set(all)].slice(0, SAMPLES).map((text) => text.slice(0, LONGEST_SAMPLE)),
      guess: fieldOfColumn(guess, name),
    })),
  };
}

export function previewOf(look: Look, instantOf: (wall: number) => Date): ImportPreview {
  const { found, plan, isRemembered, columns, first } = look;
  const read = readerOf(look, instantOf);
  return {
    ...{ found, plan, isRemembered, columns },
    rows: first.slice(0, SHOWN).map((row) => {
      const { entry, problems } = read(row);
      const cells = row.cells.map((cell) => cell.slice(0, LONGEST_SAMPLE));
      return { row: row.row, cells, entry: entryTexts(entry), problems };
    }),
  };
}

/** For rows of the file that was looked at. */
export const readerOf = (
  { found, plan }: Pick<Look, 'found' | 'plan'>,
  instantOf: (wall: number) => Date,
): ReturnType<typeof rowReader> =>
  rowReader({ columns: found.columns, plan, layout: found.layout, dateOrder: found.dateOrder ?? 'dmy', instantOf });
