/** What imports need of a database. */
import type { FieldProblem } from '../../errors.ts';
import type {
  BlacklistImport,
  BlacklistSourceInput,
  EntryTexts,
  ImportChangeKind,
  ImportCounts,
  ImportFound,
  ImportPlan,
  ImportProblem,
  ImportSettings,
  ImportState,
  SourceState,
} from '../imports.ts';
import type { ReadRow } from './row-entry.ts';

export interface StoredSource extends BlacklistSourceInput, Pick<SourceState, 'lastRunAt' | 'lastSuccessAt'> {
  readonly sourceId: string;
  readonly blacklistId: string;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly nextRunAt: Date | null;
  readonly waitingImportId: string | null;
  readonly isRunning: boolean;
  readonly validator: string | null;
  readonly hostKey: string | null;
  readonly problem: SourceState['problem'];
}

/** What a run of a source has learned. */
export interface SourceOutcome {
  readonly lastRunAt?: Date;
  readonly lastSuccessAt?: Date;
  readonly nextRunAt?: Date;
  readonly validator?: string | null;
  readonly hostKey?: string | null;
  readonly problem?: SourceState['problem'];
}

/** How an earlier file was read. */
export interface Remembered {
  readonly plan: ImportPlan;
  /** All that it had. */
  readonly columns: readonly string[];
}

export interface NewImport {
  readonly importId: string;
  readonly blacklistId: string;
  readonly sourceId: string | null;
  readonly state: ImportState;
  readonly fileName: string | null;
  readonly bytes: number | null;
  readonly userId: string | null;
}

export interface ImportChangeOf {
  readonly state?: ImportState;
  readonly fileName?: string | null;
  readonly bytes?: number | null;
  readonly plan?: ImportPlan;
  readonly found?: ImportFound;
  readonly progress?: BlacklistImport['progress'];
  readonly counts?: ImportCounts | null;
  readonly shrink?: BlacklistImport['shrink'];
  readonly problem?: ImportProblem | null;
  readonly endedAt?: Date;
}

/** A row of the difference; `n` goes up in the file's order. */
export interface StoredChange {
  readonly n: number;
  readonly kind: ImportChangeKind;
  readonly row: number | null;
  readonly before: EntryTexts | null;
  readonly after: EntryTexts | null;
  readonly problems: readonly FieldProblem[];
}

export type ChangeCounts = Omit<ImportCounts, 'rows' | 'filtered'>;

export interface BlacklistImportStore {
  /** Null: there is no such list. */
  settings(blacklistId: string): Promise<(Omit<ImportSettings, 'plan'> & { readonly name: string }) | null>;
  changeSettings(blacklistId: string, change: Partial<Omit<ImportSettings, 'plan'>>): Promise<void>;

  add(row: NewImport): Promise<void>;
  find(importId: string): Promise<BlacklistImport | null>;
  /** Newest first. */
  list(
    of: { readonly blacklistId: string } | { readonly sourceId: string },
    limit: number,
  ): Promise<readonly BlacklistImport[]>;
  /** Of the newest upload for a list, or file of a source, that could be read. */
  lastRead(of: { readonly blacklistId: string } | { readonly sourceId: string }): Promise<Remembered | null>;
  /** Changes it if its state is one of `from`; false: it is another by now. */
  change(importId: string, from: readonly ImportState[], change: ImportChangeOf): Promise<boolean>;
  /** Forgets runs that are over: those without change after a week, others after a year. */
  forgetOld(): Promise<void>;
  /** Those in these states. */
  inStates(states: readonly ImportState[]): Promise<readonly BlacklistImport[]>;

  /** An empty table for the rows of an import; one that is there is made anew. */
  beginRows(importId: string): Promise<void>;
  addRows(importId: string, rows: readonly ReadRow[]): Promise<void>;
  /** False: it was lost with the database's process (the table is unlogged), or never made. */
  hasRows(importId: string, atLeast: number): Promise<boolean>;
  /**
   * Compares the rows with the list; gives the counts, and how many entries of the list came from files.
   * @param duplicates of rows with the same plate, province, country and class
   */
  compare(
    importId: string,
    options: {
      readonly mode: 'replace' | 'add';
      readonly isFileOwned: boolean;
      readonly duplicates: 'merge' | 'refuse';
    },
  ): Promise<{ readonly counts: ChangeCounts; readonly entries: number }>;
  changes(importId: string, kind: ImportChangeKind, after: number, limit: number): Promise<readonly StoredChange[]>;
  /**
   * In one transaction: what the difference says, the list's age, its source's success, the import's state `applied`, and the news. False: the list is
   * another since it was compared, and nothing was changed.
   */
  apply(importId: string, options: { readonly userId: string | null; readonly leftOut: number }): Promise<boolean>;
  /** The list is known to be right now, though nothing changed. */
  confirmList(blacklistId: string): Promise<void>;
  dropRows(importId: string): Promise<void>;
  /** Drops tables of rows that no open import has. Gives the ids of the open ones. */
  sweepRows(): Promise<readonly string[]>;

  sources(blacklistId: string | null): Promise<readonly StoredSource[]>;
  findSource(sourceId: string): Promise<StoredSource | null>;
  /** @throws name_taken, not_found */
  addSource(
    source: BlacklistSourceInput & {
      readonly sourceId: string;
      readonly blacklistId: string;
      readonly userId: string;
      readonly nextRunAt: Date | null;
    },
  ): Promise<void>;
  /** What it had learned of the list is forgotten. @throws name_taken */
  changeSource(sourceId: string, source: BlacklistSourceInput & { readonly nextRunAt: Date | null }): Promise<boolean>;
  removeSource(sourceId: string): Promise<boolean>;
  /** Enabled sources whose time has come. */
  dueSources(now: Date): Promise<readonly StoredSource[]>;
  /** Takes a run; false: somebody else took it. */
  claimRun(sourceId: string, due: Date, next: Date | null): Promise<boolean>;
  learn(sourceId: string, outcome: SourceOutcome): Promise<void>;

  /** All entries in the order of their plates, in batches, as they are in one moment. */
  entries(blacklistId: string): AsyncIterable<readonly (EntryTexts & { readonly origin: string })[]>;
}
