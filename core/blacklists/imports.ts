/**
 * Lists from files and other systems. A file is kept in the data folder, read into a table of its own, and compared with the list;
 * the difference is looked at and then applied in one transaction, or discarded. Entries from files are replaced by files; what
 * somebody entered by hand stays, unless the list is wholly owned by its file.
 */
import type { Readable } from 'node:stream';
import type { FieldProblem } from '../errors.ts';
import type { TextEncoding } from './imports/text-encoding.ts';

export const IMPORT_FIELDS = [
  ...(['plateNumber', 'issuingEntity', 'countryCode', 'plateType', 'validFrom', 'validTo', 'reviewAt'] as const),
  ...(['reason', 'agency', 'reference', 'notes', 'category', 'confidence'] as const),
] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];

export type TableFormat = 'delimited' | 'fixed' | 'xlsx';
export type TableDelimiter = ',' | ';' | '\t' | '|' | ':';
export type DateOrder = 'dmy' | 'mdy' | 'ymd';
export type ImportMode = 'replace' | 'add';

/** How a file is read; `auto` and null: as it looks. */
export interface ImportReading {
  readonly layout: string | null;
  readonly format: 'auto' | TableFormat;
  readonly encoding: 'auto' | TextEncoding;
  readonly delimiter: 'auto' | TableDelimiter;
  /** Lines before the first entry; the last of them names the columns. */
  readonly headerLines: number | null;
  readonly sheet: string | null;
  readonly widths: readonly { readonly name: string; readonly start: number; readonly end: number | null }[];
}

/** Names of columns; the texts of several are joined in this order. */
export type ImportMap = Readonly<Partial<Record<ImportField, readonly string[]>>>;

export interface ImportPlan {
  readonly mode: ImportMode;
  readonly reading: ImportReading;
  readonly map: ImportMap;
  readonly values: {
    readonly dateOrder: 'auto' | DateOrder;
    /** Of rows that name none and whose province does not tell. */
    readonly countryCode: string | null;
    /** Empty: all rows. */
    readonly categories: readonly string[];
    readonly duplicates: 'merge' | 'refuse';
  };
}

export interface ImportLayout {
  readonly layoutId: string;
  readonly name: string;
  readonly country: string | null;
  readonly format: TableFormat;
  readonly delimiter: TableDelimiter | null;
  readonly headerLines: number;
  readonly columns: readonly {
    readonly name: string;
    readonly field: ImportField | null;
    readonly start: number | null;
    readonly end: number | null;
  }[];
  readonly source: string;
}

export interface ImportFound {
  readonly layout: string | null;
  readonly format: TableFormat;
  /** Null: a workbook. */
  readonly encoding: TextEncoding | null;
  readonly delimiter: TableDelimiter | null;
  readonly headerLines: number;
  readonly sheet: string | null;
  readonly sheets: readonly string[];
  readonly columns: readonly string[];
  readonly dateOrder: DateOrder | null;
}

/** An entry's values as texts: instants as ISO 8601, provinces and countries as codes; what is empty is left out. */
export type EntryTexts = Readonly<Partial<Record<ImportField, string>>>;

export interface ImportPreview {
  readonly found: ImportFound;
  readonly plan: ImportPlan;
  readonly isRemembered: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly samples: readonly string[];
    readonly guess: ImportField | null;
  }[];
  readonly rows: readonly {
    readonly row: number;
    readonly cells: readonly string[];
    readonly entry: EntryTexts;
    readonly problems: readonly FieldProblem[];
  }[];
}

export type ImportState =
  'uploaded' | 'reading' | 'ready' | 'refused' | 'applying' | 'applied' | 'unchanged' | 'failed' | 'discarded';

export interface ImportCounts {
  readonly rows: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly faulty: number;
  readonly duplicates: number;
  readonly byHand: number;
  readonly filtered: number;
}

export interface ImportProblem {
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly FieldProblem[];
}

export interface BlacklistImport {
  readonly importId: string;
  readonly blacklistId: string;
  readonly sourceId: string | null;
  readonly state: ImportState;
  readonly fileName: string | null;
  readonly bytes: number | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly plan: ImportPlan | null;
  readonly found: ImportFound | null;
  readonly progress: {
    readonly step: 'reading' | 'comparing' | 'applying';
    readonly rows: number;
    readonly share: number | null;
  } | null;
  readonly counts: ImportCounts | null;
  readonly shrink: { readonly share: number; readonly limit: number; readonly isTooMuch: boolean } | null;
  readonly leftOut: number;
  readonly problem: ImportProblem | null;
}

export type ImportChangeKind = 'added' | 'removed' | 'changed' | 'unchanged' | 'faulty' | 'duplicate' | 'byHand';

export interface ImportChange {
  readonly kind: ImportChangeKind;
  readonly row: number | null;
  readonly before: EntryTexts | null;
  readonly after: EntryTexts | null;
  readonly changedFields: readonly ImportField[];
  readonly problems: readonly FieldProblem[];
}

export interface ImportSettings {
  readonly shrinkLimit: number;
  readonly isFileOwned: boolean;
  readonly plan: ImportPlan | null;
}

export type SourceSchedule =
  | { readonly every: 'minutes' | 'hours'; readonly count: number }
  | { readonly every: 'day'; readonly at: string }
  | { readonly every: 'never' };

export interface BlacklistSourceInput {
  readonly name: string;
  readonly plugin: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  readonly schedule: SourceSchedule;
  readonly plan: Partial<ImportPlan>;
  readonly leaveOutFaulty: boolean;
  readonly allowPrivate: boolean;
}

export interface SourceState {
  readonly isRunning: boolean;
  readonly nextRunAt: Date | null;
  readonly lastRunAt: Date | null;
  readonly lastSuccessAt: Date | null;
  readonly isOverdue: boolean;
  readonly waitingImportId: string | null;
  readonly problem: { readonly code: string; readonly message: string; readonly at: Date } | null;
  readonly hostKey: string | null;
}

/** As it may be shown: secrets of `config` are `true` when set. */
export interface BlacklistSource extends BlacklistSourceInput {
  readonly sourceId: string;
  readonly blacklistId: string;
  readonly createdAt: Date;
  readonly state: SourceState;
}

export interface SourceTest {
  readonly fileName: string | null;
  readonly bytes: number | null;
  readonly hostKey: string | null;
  readonly preview: ImportPreview;
}

/** Rows of a file, headers not counted: more are refused. */
export const MOST_ROWS = 2_000_000;

export interface BlacklistImports {
  layouts(): readonly ImportLayout[];
  /** @throws not_found */
  settings(blacklistId: string): Promise<ImportSettings>;
  /** @throws not_found */
  changeSettings(
    blacklistId: string,
    change: Partial<Pick<ImportSettings, 'shrinkLimit' | 'isFileOwned'>>,
  ): Promise<ImportSettings>;
  /**
   * Keeps the file; nothing is read yet.
   * @throws not_found, body_too_large, storage_full, invalid_input when it is empty
   */
  upload(
    blacklistId: string,
    file: { readonly name: string; readonly body: Readable },
    userId: string,
  ): Promise<BlacklistImport>;
  /** Newest first, 100 at most. @throws not_found */
  list(blacklistId: string): Promise<readonly BlacklistImport[]>;
  /** @throws not_found */
  get(importId: string): Promise<BlacklistImport>;
  /** The first rows, and how they would be read. @throws not_found, conflict when the file is gone, list_unreadable */
  preview(importId: string, plan: Partial<ImportPlan>): Promise<ImportPreview>;
  /** Reads all rows and compares, in the background: `get` tells how far it is. @throws not_found, conflict, invalid_input */
  stage(importId: string, plan: ImportPlan): Promise<BlacklistImport>;
  /** In the file's order. @throws not_found, cursor_invalid, conflict when it is not compared (any more) */
  changes(
    importId: string,
    page: { readonly kind: ImportChangeKind; readonly cursor: string | null; readonly limit: number },
  ): Promise<{ readonly items: readonly ImportChange[]; readonly nextCursor: string | null }>;
  /**
   * All or nothing, in the background. @throws not_found, conflict; list_shrinks unless `confirmRemoved` is the number of removed
   * entries; list_faulty when rows are faulty and are not to be left out
   */
  apply(
    importId: string,
    options: { readonly confirmRemoved: number | null; readonly leaveOutFaulty: boolean },
    userId: string,
  ): Promise<BlacklistImport>;
  /** @throws not_found, conflict when it is being applied */
  discard(importId: string): Promise<void>;

  /** Null: of all lists. @throws not_found */
  sources(blacklistId: string | null): Promise<readonly BlacklistSource[]>;
  /** @throws not_found, name_taken, invalid_input */
  createSource(blacklistId: string, input: BlacklistSourceInput, userId: string): Promise<BlacklistSource>;
  /** @throws not_found, name_taken, invalid_input */
  updateSource(sourceId: string, change: Partial<Omit<BlacklistSourceInput, 'plugin'>>): Promise<BlacklistSource>;
  /** Its entries stay. @throws not_found */
  removeSource(sourceId: string): Promise<void>;
  /** Fetches and shows; changes nothing. @throws not_found, list_source_failed, list_source_private, list_unreadable */
  testSource(sourceId: string): Promise<SourceTest>;
  /** As soon as may be; the runs tell how it went. @throws not_found */
  runSource(sourceId: string): Promise<void>;
  /** The next host key is trusted as the first one was. @throws not_found */
  forgetHostKey(sourceId: string): Promise<void>;
  /** Newest first, 100 at most. @throws not_found */
  runs(sourceId: string): Promise<readonly BlacklistImport[]>;

  /** The bytes of a file with all entries of a list. @throws not_found */
  exportList(blacklistId: string, format: 'csv' | 'xlsx'): Promise<{ readonly name: string; readonly body: Readable }>;

  /** Resumes what an end of the process interrupted, and begins to look after sources. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
