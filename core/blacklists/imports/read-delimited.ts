/** CSV and its kin: separator, quotes and header as they are found. */
import { Readable } from 'node:stream';
import { parse, type Options } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { errorMessage } from '../../errors.ts';
import type { ImportReading, TableDelimiter } from '../imports.ts';
import { headerRowOf, namedColumns } from './column-words.ts';
import { layoutOfRows, widthOf, type Layout } from './layouts.ts';
import { BATCH, MOST_COLUMNS, unreadable, type Table, type TableRow } from './table.ts';
import { shapeCells } from './shape-cells.ts';
import { decodedText } from './text-encoding.ts';
import type { TextFile } from './text-lines.ts';

const DELIMITERS: readonly TableDelimiter[] = [',', ';', '\t', '|'];
/** Bytes of one row: a quote that is never closed would else swallow the file. */
const LONGEST_ROW = 1_048_576;

const options = (delimiter: TableDelimiter): Options => ({
  ...{ delimiter, relax_column_count: true, relax_quotes: true, max_record_size: LONGEST_ROW },
});

/** Of the first lines; null when they cannot be parsed so. */
function parsed(lines: readonly string[], delimiter: TableDelimiter): readonly (readonly string[])[] | null {
  try {
    return parseNow(lines.join('\n'), { ...options(delimiter), bom: false });
  } catch {
    // The last of the first lines may be the middle of a quoted text.
    return null;
  }
}

/** Where the columns have names a row that is wider than most has a cell too many. */
export function widthOfRows(rows: readonly (readonly string[])[], isNamed: boolean): number {
  const widths = rows.map(({ length }) => length).sort((a, b) => a - b);
  return (isNamed ? widths[Math.floor(widths.length / 2)] : widths.at(-1)) ?? 0;
}

/** The one that splits most rows alike, and into most columns. */
function sniffDelimiter(lines: readonly string[]): TableDelimiter {
  let best: { readonly delimiter: TableDelimiter; readonly score: number } = { delimiter: ',', score: 0 };
  for (const delimiter of DELIMITERS) {
    const rows = (parsed(lines, delimiter) ?? lines.map((line) => line.split(delimiter))).filter(
      (row) => row.length > 1 || row[0]?.trim() !== '',
    );
    const widths = new Map<number, number>();
    for (const { length } of rows) widths.set(length, (widths.get(length) ?? 0) + 1);
    const [width, count] = [...widths].sort((a, b) => b[1] - a[1])[0] ?? [1, 0];
    const score = width < 2 ? 0 : (count / rows.length) * (1 + Math.log10(width));
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

/** @throws list_unreadable */
export function openDelimited(
  text: TextFile,
  lines: readonly string[],
  reading: ImportReading,
  given: Layout | null,
): Table {
  const asked = reading.delimiter === 'auto' ? (given?.delimiter ?? null) : reading.delimiter;
  const delimiter = asked ?? sniffDelimiter(lines);
  const first = parsed(lines, delimiter) ?? lines.map((line) => line.split(delimiter));
  const layout =
    given ??
    layoutOfRows(
      first.filter((row) => row.some((cell) => cell.trim() !== '')),
      delimiter,
    );
  const headerLines = reading.headerLines ?? Math.max(layout?.headerLines ?? 0, headerRowOf(first));
  const width = widthOfRows(first.slice(headerLines), headerLines > 0);
  if (Math.max(width, first[headerLines - 1]?.length ?? 0) > MOST_COLUMNS) {
    throw unreadable(`The file has more than ${MOST_COLUMNS} columns.`, 'file', 'has too many columns');
  }
  // A layout that is not known by its header names its columns itself.
  const columns =
    layout !== null && layout.header === null
      ? layout.columns.map(({ name }) => name)
      : namedColumns(first[headerLines - 1] ?? [], width);
  const shape = layout === null ? null : shapeCells(layout);
  const most = layout === null || layout.header !== null ? columns.length : widthOf(layout);
  let read = 0;
  return {
    found: {
      ...{ layout: layout?.layoutId ?? null, format: 'delimited', encoding: text.encoding, delimiter, headerLines },
      ...{ sheet: null, sheets: [], columns },
    },
    share: () => Math.min(1, read / text.size),
    async *rows(signal) {
      read = 0;
      const source = Readable.from(
        decodedText(text.file, text.encoding, signal, (bytes) => (read += bytes)),
        { objectMode: false },
      );
      const parser = parse(options(delimiter));
      source.once('error', (error) => parser.destroy(error));
      source.pipe(parser);
      let row = 0;
      let batch: TableRow[] = [];
      try {
        for await (const record of parser as AsyncIterable<string[]>) {
          row++;
          if (row <= headerLines || record.every((cell) => cell.trim() === '')) continue;
          if (layout?.footer?.test(record.join(delimiter)) === true) continue;
          const isTooWide = record.length > most && record.slice(most).some((cell) => cell.trim() !== '');
          const cells = shape === null ? record : shape(record);
          const problem = `has ${record.length} cells, the list ${most} columns: is a quotation mark missing?`;
          batch.push({ row, cells, ...(isTooWide ? { problem } : {}) });
          if (batch.length < BATCH) continue;
          yield batch;
          batch = [];
        }
        if (batch.length > 0) yield batch;
      } catch (error) {
        if (!String((error as { code?: unknown }).code).startsWith('CSV_')) throw error;
        const why = `Row ${row + 1} cannot be read (${errorMessage(error)}): is a quotation mark not closed?`;
        throw unreadable(why, `row ${row + 1}`, 'cannot be read: is a quotation mark not closed?');
      } finally {
        source.destroy();
        parser.destroy();
      }
    },
  };
}
