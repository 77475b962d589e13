/** Fixed width: a column is from one character up to another. */
import type { ImportReading } from '../imports.ts';
import { layoutOfLines, type Layout } from './layouts.ts';
import { shapeCells } from './shape-cells.ts';
import { BATCH, unreadable, type Table, type TableRow } from './table.ts';
import { linesOf, LONGEST_LINE, type TextFile } from './text-lines.ts';

/** @throws list_unreadable when nothing says where the columns are */
export function openFixed(
  text: TextFile,
  lines: readonly string[],
  reading: ImportReading,
  given: Layout | null,
): Table {
  const layout = given ?? (reading.widths.length > 0 ? null : layoutOfLines(lines));
  const columns = reading.widths.length > 0 ? reading.widths : (layout?.columns ?? []);
  if (columns.length === 0) {
    throw unreadable(
      'The file has columns of fixed width, but nothing says where they begin: choose a layout or enter the columns.',
      ...(['reading.widths', 'is needed for this file'] as const),
    );
  }
  const used = reading.widths.length > 0 ? null : layout;
  const cut = used === null ? columns : used.columns.filter(({ derived }) => derived === null);
  const headerLines = reading.headerLines ?? used?.headerLines ?? 0;
  const shape = used === null ? null : shapeCells(used);
  let read = 0;
  return {
    found: {
      ...{ layout: used?.layoutId ?? null, format: 'fixed', encoding: text.encoding, delimiter: null, headerLines },
      ...{ sheet: null, sheets: [], columns: columns.map(({ name }) => name) },
    },
    share: () => Math.min(1, read / text.size),
    async *rows(signal) {
      read = 0;
      let row = 0;
      let batch: TableRow[] = [];
      for await (const some of linesOf(text, signal, (bytes) => (read += bytes))) {
        for (const line of some) {
          row++;
          if (row <= headerLines || line.trim() === '' || used?.footer?.test(line) === true) continue;
          if (line.length > LONGEST_LINE) throw unreadable(`Row ${row} is longer than ${LONGEST_LINE} characters.`);
          const cells = cut.map(({ start, end }) => line.slice(start ?? 0, end ?? undefined).trim());
          batch.push({ row, cells: shape === null ? cells : shape(cells) });
          if (batch.length < BATCH) continue;
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    },
  };
}
