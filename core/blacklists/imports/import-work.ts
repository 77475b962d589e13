/**
 * The work on one import: reading its rows into their table, comparing, applying. Each step can be begun anew after an end of the
 * process, as the file is there until the import is over; only the last one changes the list, whole or not at all.
 */
import { errorCode, errorMessage, LprError, type FieldProblem } from '../../errors.ts';
import { isWildcard, WILDCARDS_AT_MOST } from '../entry-check.ts';
import { MOST_ROWS, type BlacklistImport, type ImportCounts, type ImportPlan, type ImportProblem } from '../imports.ts';
import type { BlacklistImportStore, Remembered } from './import-store.ts';
import type { ListFiles } from './list-files.ts';
import { assertMap, lookAtFile, readerOf } from './look-at-file.ts';

export interface WorkDependencies {
  readonly store: BlacklistImportStore;
  readonly files: ListFiles;
  /** Of the site's clock on the wall, as if it were UTC (ms). */
  readonly clock: () => Promise<(wall: number) => Date>;
  readonly mostRows?: number;
}

/** How often an import says how far it is, rows. */
const TELL_EVERY = 20_000;

export const problemOf = (error: unknown): ImportProblem => {
  const { problems } = (error as { details?: { problems?: readonly FieldProblem[] } }).details ?? {};
  return { code: errorCode(error), message: errorMessage(error), ...(problems === undefined ? {} : { problems }) };
};

export interface Shrink {
  readonly share: number;
  readonly limit: number;
  readonly isTooMuch: boolean;
}

export interface ImportWork {
  /**
   * From `reading` to `ready`, all rows staged and compared. Throws what hinders it; the import is then `failed`.
   * @throws list_unreadable, list_too_long, invalid_input, not_found
   */
  read(importId: string, plan: Partial<ImportPlan>, remembered: Remembered | null, signal: AbortSignal): Promise<void>;
  /** Compares anew what is staged; the import is `ready` again. */
  compare(
    importId: string,
    rows: Pick<ImportCounts, 'rows' | 'filtered'>,
    plan: ImportPlan,
    problem?: ImportProblem | null,
  ): Promise<void>;
  /**
   * What keeps it from being applied; null: nothing does. @param confirmed the number of removed entries that somebody has seen
   */
  hindrance(
    row: Pick<BlacklistImport, 'counts' | 'shrink'>,
    options: { readonly confirmRemoved: number | null; readonly leaveOutFaulty: boolean },
  ): LprError | null;
  /** From `applying` to `applied`. @throws conflict when the list is another by now: it was compared anew */
  apply(importId: string, userId: string | null): Promise<void>;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

export function createImportWork({ store, files, clock, mostRows = MOST_ROWS }: WorkDependencies): ImportWork {
  const work: ImportWork = {
    async read(importId, plan, remembered, signal) {
      try {
        const look = await lookAtFile(files.path(importId), plan, remembered, signal);
        assertMap(look.plan.map, look.found.columns);
        const { plan: used, found, table } = look;
        const toRead = { plan: used, found, counts: null, shrink: null, problem: null };
        const begun = { step: 'reading', rows: 0, share: 0 } as const;
        if (!(await store.change(importId, ['reading'], { ...toRead, progress: begun }))) {
          throw new LprError('conflict', 'The import was discarded.');
        }
        await store.beginRows(importId);
        const read = readerOf(look, await clock());
        let rows = 0;
        let filtered = 0;
        let told = 0;
        let wildcards = 0;
        for await (const batch of table.rows(signal)) {
          signal.throwIfAborted();
          rows += batch.length;
          if (rows > mostRows) {
            throw new LprError(
              'list_too_long',
              `The file has more than ${mostRows} rows: split it into several lists.`,
              {
                problems: [{ field: 'file', problem: `has more than ${mostRows} rows` }],
              },
            );
          }
          const taken = batch.map(read).filter(({ isFiltered }) => !isFiltered);
          filtered += batch.length - taken.length;
          wildcards += taken.filter(({ entry }) => isWildcard(entry.plateNumber)).length;
          if (wildcards > WILDCARDS_AT_MOST) {
            const problem = `has more than ${WILDCARDS_AT_MOST} plates with * or ?`;
            throw new LprError('invalid_input', `The file ${problem}: a list has no room for more.`, {
              problems: [{ field: 'file', problem }],
            });
          }
          if (taken.length > 0) await store.addRows(importId, taken);
          if (rows - told < TELL_EVERY) continue;
          told = rows;
          await store.change(importId, ['reading'], { progress: { step: 'reading', rows, share: table.share() } });
        }
        await store.change(importId, ['reading'], { progress: { step: 'comparing', rows, share: null } });
        await work.compare(importId, { rows, filtered }, used);
      } catch (error) {
        // An end of the process is no fault of the file: it is read again at the next start.
        if (!signal.aborted) {
          const failed = { state: 'failed', endedAt: new Date(), progress: null, problem: problemOf(error) } as const;
          await store.change(importId, ['reading'], failed);
          await store.dropRows(importId);
        }
        throw error;
      }
    },

    async compare(importId, { rows, filtered }, { mode, values }, problem = null) {
      const row = await store.find(importId);
      const settings = row === null ? null : await store.settings(row.blacklistId);
      if (settings === null) throw new LprError('not_found', 'There is no such import (any more).');
      const { isFileOwned, shrinkLimit: limit } = settings;
      const { counts, entries } = await store.compare(importId, { mode, isFileOwned, duplicates: values.duplicates });
      const share = entries === 0 ? 0 : counts.removed / entries;
      await store.change(importId, ['reading', 'ready', 'refused', 'applying'], {
        ...{ state: 'ready', progress: null, problem },
        counts: { rows, filtered, ...counts },
        shrink: { share: Math.round(share * 1e6) / 1e6, limit, isTooMuch: share > limit },
      });
    },

    hindrance({ counts, shrink }, { confirmRemoved, leaveOutFaulty }) {
      if (counts === null) return new LprError('conflict', 'The file is not compared with the list yet.');
      if (counts.faulty > 0 && !leaveOutFaulty) {
        const problem = `${counts.faulty} of ${counts.rows} are faulty`;
        return new LprError('list_faulty', `Nothing is applied: ${problem}. Mend them, or apply without them.`, {
          problems: [{ field: 'rows', problem }],
        });
      }
      if (shrink?.isTooMuch !== true || confirmRemoved === counts.removed) return null;
      const problem = `must be ${counts.removed}, the number of entries that go`;
      return new LprError(
        'list_shrinks',
        `${counts.removed} entries would go, ${percent(shrink.share)} of the list; at most ${percent(shrink.limit)} go without a confirmation.`,
        { problems: [{ field: 'confirmRemoved', problem }], removed: counts.removed },
      );
    },

    async apply(importId, userId) {
      const row = await store.find(importId);
      if (row?.counts == null || row.plan === null)
        throw new LprError('not_found', 'There is no such import (any more).');
      const { counts, plan } = row;
      const isDone = await store.apply(importId, { userId, leftOut: counts.faulty });
      if (isDone) return;
      const message = 'The list was changed in the meantime: look at the difference again, then apply.';
      const conflict = new LprError('conflict', message);
      await work.compare(importId, counts, plan, problemOf(conflict));
      throw conflict;
    },
  };
  return work;
}
