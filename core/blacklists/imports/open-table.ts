/** Opens a file as a table, whatever it is. */
import { open, stat } from 'node:fs/promises';
import type { ImportReading } from '../imports.ts';
import { layoutById, layoutOfLines } from './layouts.ts';
import { openDelimited } from './read-delimited.ts';
import { openFixed } from './read-fixed.ts';
import { openWorkbook } from './read-workbook.ts';
import { unreadable, type Table } from './table.ts';
import { sniffEncoding } from './text-encoding.ts';
import { firstLines } from './text-lines.ts';

const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
const isOldWorkbook = (head: Uint8Array): boolean => head[0] === 0xd0 && head[1] === 0xcf && head[2] === 0x11;

async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** @throws list_unreadable saying what hinders */
export async function openTable(file: string, reading: ImportReading, signal: AbortSignal): Promise<Table> {
  if ((await stat(file)).size === 0) throw unreadable('The file is empty.', 'file', 'is empty');
  const head = await headOf(file);
  if (isOldWorkbook(head)) throw unreadable('This is a workbook of the old kind (XLS): save it as XLSX or CSV.');
  const layout = layoutById(reading.layout);
  if (reading.layout !== null && layout === null) {
    throw unreadable(`There is no layout "${reading.layout}".`, 'reading.layout', 'is none that the hub knows');
  }
  if (isZip(head)) {
    if (reading.format !== 'auto' && reading.format !== 'xlsx') throw unreadable('The file is a workbook, no text.');
    return openWorkbook(file, reading, signal);
  }
  if (reading.format === 'xlsx') throw unreadable('The file is no workbook (XLSX).', 'reading.format', 'is not xlsx');
  const encoding = reading.encoding === 'auto' ? await sniffEncoding(file, signal) : reading.encoding;
  const text = { file, encoding, size: (await stat(file)).size };
  const lines = await firstLines(text, signal);
  const wanted = reading.format === 'auto' ? (layout?.format ?? null) : reading.format;
  const guessed = wanted === null && reading.widths.length === 0 ? layoutOfLines(lines) : null;
  if (wanted === 'fixed' || reading.widths.length > 0 || guessed !== null) {
    return openFixed(text, lines, reading, layout ?? guessed);
  }
  return openDelimited(text, lines, reading, layout);
}
