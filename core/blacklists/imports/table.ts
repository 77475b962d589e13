/**
 * A file as rows of texts, read from the disk in batches: memory is bounded however long it is. What the file is (format, letters,
 * separator, layout, where the entries begin) is told with it.
 */
import { LprError } from '../../errors.ts';
import type { ImportFound } from '../imports.ts';

export interface TableRow {
  /** From 1, headers counted: as a spreadsheet numbers them. */
  readonly row: number;
  readonly cells: readonly string[];
  /** What is wrong with the row as a whole. */
  readonly problem?: string;
}

export interface Table {
  /** But for the order of dates, which only a map of the columns can tell. */
  readonly found: Omit<ImportFound, 'dateOrder'>;
  /** Entries without headers, footers and empty rows. @throws list_unreadable naming the row */
  rows(signal: AbortSignal): AsyncIterable<readonly TableRow[]>;
  /** How much of the file `rows` has read, 0..1; null where it cannot be told. */
  share(): number | null;
}

/** More are refused: no list has them, and each costs memory. */
export const MOST_COLUMNS = 200;
/** Rows of a batch. */
export const BATCH = 1_000;

/** @throws list_unreadable */
export const unreadable = (message: string, field = 'file', problem = 'cannot be read'): LprError =>
  new LprError('list_unreadable', message, { problems: [{ field, problem }] });
