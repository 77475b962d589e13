/** A list as a file: CSV that spreadsheets read in Thai, or XLSX. What would run in a spreadsheet is made plain text. */
import { PassThrough, Readable } from 'node:stream';
import ExcelJS from 'exceljs';
import type { EntryTexts } from '../imports.ts';

const COLUMNS = [
  ...(['plateNumber', 'issuingEntity', 'countryCode', 'plateType', 'validFrom', 'validTo', 'reviewAt'] as const),
  ...(['reason', 'agency', 'reference', 'notes', 'confidence'] as const),
] as const;
/** Importing the file again finds its columns by these. */
const HEADER: Readonly<Record<(typeof COLUMNS)[number], string>> = {
  ...{ plateNumber: 'Plate number', issuingEntity: 'Province', countryCode: 'Country', plateType: 'Plate class' },
  ...{ validFrom: 'Valid from', validTo: 'Valid to', reviewAt: 'Review date', reason: 'Reason', agency: 'Agency' },
  ...{ reference: 'Reference', notes: 'Notes', confidence: 'Confidence' },
};

/** Begins what a spreadsheet takes for a formula, or leads to one: OWASP, CSV injection. */
const RUNS = /^[=+\-@\t\r]/;
export const neutralised = (text: string): string => (RUNS.test(text) ? `'${text}` : text);

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const cellsOf = (entry: EntryTexts): readonly string[] => COLUMNS.map((column) => neutralised(entry[column] ?? ''));

/** With a byte order mark, so that spreadsheets take it for UTF-8. */
async function* csv(batches: AsyncIterable<readonly EntryTexts[]>): AsyncGenerator<string> {
  yield `\uFEFF${COLUMNS.map((column) => HEADER[column]).join(',')}\r\n`;
  for await (const batch of batches) {
    yield batch.map((entry) => `${cellsOf(entry).map(quoted).join(',')}\r\n`).join('');
  }
}

function xlsx(batches: AsyncIterable<readonly EntryTexts[]>): Readable {
  const body = new PassThrough();
  const write = async (): Promise<void> => {
    const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: body, useSharedStrings: false });
    const sheet = workbook.addWorksheet('List');
    sheet.addRow(COLUMNS.map((column) => HEADER[column])).commit();
    for await (const batch of batches) {
      for (const entry of batch) sheet.addRow(cellsOf(entry)).commit();
      // The reader is slower than the database.
      if (body.writableNeedDrain) await new Promise((resolve) => body.once('drain', resolve));
      if (body.destroyed) return;
    }
    sheet.commit();
    await workbook.commit();
  };
  write().catch((error: unknown) => body.destroy(error as Error));
  return body;
}

export function exportList(
  name: string,
  batches: AsyncIterable<readonly EntryTexts[]>,
  format: 'csv' | 'xlsx',
): { readonly name: string; readonly body: Readable } {
  const fileName = `${name.replace(/[^\p{L}\p{M}\p{N}._ -]+/gu, '_').trim() || 'list'}.${format}`;
  return {
    name: fileName,
    body: format === 'csv' ? Readable.from(csv(batches), { objectMode: false }) : xlsx(batches),
  };
}
