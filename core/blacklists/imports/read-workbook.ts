/** XLSX: one sheet, row by row. Formulas count as the values that the spreadsheet stored, dates as dates. */
import ExcelJS from 'exceljs';
import { errorCode, errorMessage } from '../../errors.ts';
import type { ImportReading } from '../imports.ts';
import { headerRowOf, namedColumns } from './column-words.ts';
import { layoutOfRows } from './layouts.ts';
import { BATCH, MOST_COLUMNS, unreadable, type Table, type TableRow } from './table.ts';
import { checkWorkbook } from './workbook-bounds.ts';

const FIRST_ROWS = 200;
const DAY_MS = 86_400_000;

interface CellError {
  readonly error: string;
}
interface RichText {
  readonly richText: readonly { readonly text: string | null }[];
}

/** Dates come as the spreadsheet's wall clock, as if it were UTC. */
function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  const text = date.toISOString();
  return date.getTime() % DAY_MS === 0 ? text.slice(0, 10) : text.slice(0, 19);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  // A number has no exponent and no rounding dust: 1234 and not 1.234e3.
  if (typeof value === 'number')
    return Number.isInteger(value) ? value.toFixed(0) : String(Number(value.toPrecision(15)));
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Date) return dateText(value);
  if (typeof value !== 'object') return '';
  if ('richText' in value) return (value as RichText).richText.map(({ text }) => text ?? '').join('');
  if ('formula' in value || 'sharedFormula' in value) return textOf((value as { readonly result?: unknown }).result);
  if ('text' in value) return textOf(value.text);
  // #N/A and its kin.
  return 'error' in value ? (value as CellError).error : '';
}

type SheetReader = AsyncIterable<ExcelJS.Row> & { readonly name?: string; readonly id?: number | string };

/** Every row of every sheet, lazily; whoever leaves the loop ends the reading. */
async function* sheetsOf(file: string, signal: AbortSignal): AsyncGenerator<SheetReader> {
  const reader = new ExcelJS.stream.xlsx.WorkbookReader(file, {
    ...{ worksheets: 'emit', sharedStrings: 'cache', hyperlinks: 'ignore', styles: 'cache', entries: 'ignore' },
  });
  try {
    for await (const sheet of reader as unknown as AsyncIterable<SheetReader>) {
      signal.throwIfAborted();
      yield sheet;
    }
  } finally {
    (reader as unknown as { stream?: { destroy(): void } }).stream?.destroy();
  }
}

function cellsOf(row: ExcelJS.Row): readonly string[] {
  if (row.cellCount > MOST_COLUMNS) {
    throw unreadable(`The sheet has more than ${MOST_COLUMNS} columns.`, 'file', 'has too many columns');
  }
  const cells = Array.from({ length: row.cellCount }, () => '');
  row.eachCell((cell, column) => {
    cells[column - 1] = textOf(cell.value);
  });
  return cells;
}

const inOurWords = (error: unknown): unknown =>
  errorCode(error) === 'internal' && (error as { name?: unknown }).name !== 'AbortError'
    ? unreadable(`The workbook cannot be read (${errorMessage(error)}): open it in a spreadsheet and save it again.`)
    : error;

interface Sheet {
  readonly name: string;
  readonly first: readonly (readonly string[])[];
}

/** The names of the sheets, and the first rows of the one that is wanted. */
async function look(
  file: string,
  wanted: string | null,
  signal: AbortSignal,
): Promise<{ sheets: string[]; sheet: Sheet }> {
  const sheets: string[] = [];
  let sheet: Sheet | null = null;
  for await (const reader of sheetsOf(file, signal)) {
    const name = reader.name ?? `Sheet${sheets.length + 1}`;
    sheets.push(name);
    const first: (readonly string[])[] = [];
    const isWanted = wanted === null ? sheet === null : name === wanted;
    for await (const row of reader) {
      if (!isWanted || first.length >= FIRST_ROWS) continue;
      // Rows that the sheet leaves out count.
      while (first.length < row.number - 1 && first.length < FIRST_ROWS) first.push([]);
      if (first.length < FIRST_ROWS) first.push(cellsOf(row));
    }
    if (isWanted && (wanted !== null || first.some((row) => row.some((cell) => cell !== '')))) sheet = { name, first };
  }
  if (sheet !== null) return { sheets, sheet };
  if (wanted === null) throw unreadable('The workbook is empty.', 'file', 'is empty');
  throw unreadable(
    `The workbook has no sheet "${wanted}": it has ${sheets.join(', ')}.`,
    'reading.sheet',
    'is not there',
  );
}

/** @throws list_unreadable */
export async function openWorkbook(file: string, reading: ImportReading, signal: AbortSignal): Promise<Table> {
  await checkWorkbook(file, signal);
  const { sheets, sheet } = await look(file, reading.sheet, signal).catch((error: unknown) => {
    throw inOurWords(error);
  });
  const { name, first } = sheet;
  const layout = layoutOfRows(
    first.filter((row) => row.some((cell) => cell !== '')),
    ',',
  );
  const known = layout?.header === null ? null : layout;
  const headerLines = reading.headerLines ?? headerRowOf(first);
  const width = first.slice(headerLines).reduce((most, row) => Math.max(most, row.length), 0);
  const columns = namedColumns(first[headerLines - 1] ?? [], width);
  return {
    found: {
      ...{ layout: known?.layoutId ?? null, format: 'xlsx', encoding: null, delimiter: null, headerLines },
      ...{ sheet: name, sheets, columns },
    },
    share: () => null,
    async *rows(ending) {
      let batch: TableRow[] = [];
      let count = 0;
      try {
        for await (const reader of sheetsOf(file, ending)) {
          count++;
          const isWanted = (reader.name ?? `Sheet${count}`) === name;
          for await (const row of reader) {
            if (!isWanted || row.number <= headerLines) continue;
            const cells = cellsOf(row);
            if (cells.every((cell) => cell.trim() === '')) continue;
            const isTooWide = cells.slice(columns.length).some((cell) => cell !== '');
            const problem = `has ${cells.length} cells, the list ${columns.length} columns`;
            batch.push({ row: row.number, cells, ...(isTooWide ? { problem } : {}) });
            if (batch.length < BATCH) continue;
            yield batch;
            batch = [];
          }
          if (isWanted) break;
        }
        if (batch.length > 0) yield batch;
      } catch (error) {
        throw inOurWords(error);
      }
    },
  };
}
