import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { errorMessage, LprError } from '../errors.ts';
import { instantOf } from '../site-day.ts';
import { maskConfig, sealConfig } from '../sealed-config.ts';
import type {
  BlacklistImport,
  BlacklistImports,
  BlacklistSource,
  BlacklistSourceInput,
  ImportField,
  ImportSettings,
  ImportState,
} from './imports.ts';
import { IMPORT_FIELDS } from './imports.ts';
import { exportList } from './imports/export-list.ts';
import type { Remembered, StoredSource } from './imports/import-store.ts';
import { createImportWork, problemOf, type WorkDependencies } from './imports/import-work.ts';
import { shownLayouts } from './imports/layouts.ts';
import { createListFiles } from './imports/list-files.ts';
import { assertMap, lookAtFile, previewOf } from './imports/look-at-file.ts';
import { createSourceRunner, type SourceDependencies } from './imports/run-sources.ts';
import { isOverdue, nextRun } from './imports/source-schedule.ts';

export type ImportDependencies = Omit<SourceDependencies, 'files' | 'work' | 'clock'> &
  Pick<WorkDependencies, 'mostRows'> & { readonly mostBytes?: number };

const LISTED = 100;
/** A file that nobody decided about. */
const FORGOTTEN_MS = 7 * 24 * 3_600_000;
const OPEN: readonly ImportState[] = ['uploaded', 'ready', 'refused', 'failed'];

const noImport = (): LprError => new LprError('not_found', 'There is no such import.');
const noSource = (): LprError => new LprError('not_found', 'There is no such source.');
const noList = (): LprError => new LprError('not_found', 'There is no such blacklist.');

function cursorOf(cursor: string | null): number {
  if (cursor === null) return 0;
  const n = Number(cursor);
  if (Number.isSafeInteger(n) && n >= 0) return n;
  throw new LprError('cursor_invalid', 'This cursor is none of the pages: begin with the first page.');
}

export function createBlacklistImports(dependencies: ImportDependencies): BlacklistImports {
  const { store, secrets, plugins, log, siteZone, dataDir, mostRows, mostBytes } = dependencies;
  const files = createListFiles(join(dataDir, 'blacklist-imports'), mostBytes);
  const clock = async (): Promise<(wall: number) => Date> => {
    const timeZone = await siteZone();
    return (wall) => instantOf(timeZone, wall);
  };
  const work = createImportWork({ store, files, clock, ...(mostRows === undefined ? {} : { mostRows }) });
  const runner = createSourceRunner({ ...dependencies, files, work, clock });

  const stopping = new AbortController();
  const running = new Map<
    string,
    { readonly own: AbortController; readonly done: Promise<undefined>; hasBegun: boolean }
  >();
  /** One at a time: two files of a million rows at once help nobody. */
  let last: Promise<void> = Promise.resolve();
  const inBackground = (importId: string, run: (signal: AbortSignal) => Promise<void>): void => {
    const own = new AbortController();
    const ended = Promise.withResolvers<undefined>();
    const task = { own, done: ended.promise, hasBegun: false };
    running.set(importId, task);
    const signal = AbortSignal.any([stopping.signal, own.signal]);
    last = last
      .then(() => {
        task.hasBegun = true;
        return signal.aborted ? undefined : run(signal);
      })
      .catch((error: unknown) => {
        if (!signal.aborted)
          log.warn({ importId, err: errorMessage(error) }, 'an import of a blacklist did not succeed');
      })
      .finally(() => {
        running.delete(importId);
        ended.resolve(undefined);
      });
  };

  const found = async (importId: string): Promise<BlacklistImport> => {
    const row = await store.find(importId);
    if (row === null) throw noImport();
    return row;
  };
  const foundSource = async (sourceId: string): Promise<StoredSource> => {
    const source = await store.findSource(sourceId);
    if (source === null) throw noSource();
    return source;
  };
  const listSettings = async (
    blacklistId: string,
  ): Promise<NonNullable<Awaited<ReturnType<typeof store.settings>>>> => {
    const settings = await store.settings(blacklistId);
    if (settings === null) throw noList();
    return settings;
  };
  const remembered = ({ blacklistId, sourceId }: BlacklistImport): Promise<Remembered | null> =>
    store.lastRead(sourceId === null ? { blacklistId } : { sourceId });
  const shownSettings = async (blacklistId: string): Promise<ImportSettings> => {
    const { shrinkLimit, isFileOwned } = await listSettings(blacklistId);
    return { shrinkLimit, isFileOwned, plan: (await store.lastRead({ blacklistId }))?.plan ?? null };
  };

  const tidyImport = async (importId: string): Promise<void> => {
    await store.dropRows(importId);
    await files.remove(importId);
  };
  const withFile = async (importId: string): Promise<BlacklistImport> => {
    const row = await found(importId);
    if (!OPEN.includes(row.state)) throw new LprError('conflict', `The import is ${row.state}: upload the file again.`);
    if (!(await files.has(importId))) throw new LprError('conflict', 'The file is gone: upload it again.');
    return row;
  };

  const beginReading = (row: BlacklistImport, plan: Partial<NonNullable<BlacklistImport['plan']>>): void => {
    const { importId } = row;
    inBackground(importId, async (signal) => {
      await work.read(importId, plan, await remembered(row), signal);
    });
  };

  const shown = (source: StoredSource): BlacklistSource => {
    const { sourceId, blacklistId, name, plugin, config, enabled, schedule, plan, leaveOutFaulty, allowPrivate } =
      source;
    const { createdAt, nextRunAt, lastRunAt, lastSuccessAt, waitingImportId, isRunning, problem, hostKey } = source;
    return {
      ...{ sourceId, blacklistId, name, plugin, enabled, schedule, plan, leaveOutFaulty, allowPrivate, createdAt },
      config: maskConfig(plugins.find('listSource', plugin)?.fields ?? {}, config),
      state: {
        ...{ isRunning, nextRunAt, lastRunAt, lastSuccessAt, waitingImportId, problem, hostKey },
        isOverdue: enabled && isOverdue(schedule, lastSuccessAt ?? createdAt, new Date()),
      },
    };
  };

  /** Two files that each are the whole list would take turns. */
  const assertOnlyWhole = async (blacklistId: string, sourceId: string, input: BlacklistSourceInput): Promise<void> => {
    const isWhole = ({
      enabled,
      plan: { mode = 'replace' },
    }: Pick<BlacklistSourceInput, 'enabled' | 'plan'>): boolean => enabled && mode === 'replace';
    if (!isWhole(input)) return;
    const other = (await store.sources(blacklistId)).find((one) => one.sourceId !== sourceId && isWhole(one));
    if (other === undefined) return;
    throw new LprError('conflict', `"${other.name}" replaces the whole list already: let this source add to it.`, {
      problems: [{ field: 'plan.mode', problem: 'must be add, as another source replaces the list' }],
    });
  };

  const tidy = async (): Promise<void> => {
    for (const row of await store.inStates(OPEN)) {
      // What failed by itself stays as it was, for the runs of its source.
      if (row.state === 'failed' || Date.now() - row.createdAt.getTime() < FORGOTTEN_MS) continue;
      await store.change(row.importId, OPEN, { state: 'discarded', endedAt: row.endedAt ?? new Date() });
    }
    await store.forgetOld();
    await files.sweep(await store.sweepRows());
  };

  return {
    layouts: shownLayouts,
    settings: shownSettings,
    async changeSettings(blacklistId, change) {
      await listSettings(blacklistId);
      await store.changeSettings(blacklistId, change);
      return shownSettings(blacklistId);
    },
    async upload(blacklistId, { name, body }, userId) {
      await listSettings(blacklistId);
      const importId = randomUUID();
      const bytes = await files.keep(importId, body, stopping.signal);
      await store.add({ importId, blacklistId, sourceId: null, state: 'uploaded', fileName: name, bytes, userId });
      return found(importId);
    },
    async list(blacklistId) {
      await listSettings(blacklistId);
      return store.list({ blacklistId }, LISTED);
    },
    get: found,
    async preview(importId, plan) {
      const row = await withFile(importId);
      const look = await lookAtFile(files.path(importId), plan, await remembered(row), stopping.signal);
      return previewOf(look, await clock());
    },
    async stage(importId, plan) {
      const row = await withFile(importId);
      const look = await lookAtFile(files.path(importId), plan, null, stopping.signal);
      assertMap(plan.map, look.found.columns);
      const reading = { step: 'reading', rows: 0, share: 0 } as const;
      if (!(await store.change(importId, OPEN, { state: 'reading', plan, progress: reading, problem: null }))) {
        throw new LprError('conflict', 'The import is being worked on already.');
      }
      beginReading(row, plan);
      return found(importId);
    },
    async changes(importId, { kind, cursor, limit }) {
      await found(importId);
      const rows = await store.changes(importId, kind, cursorOf(cursor), limit);
      const lastRow = rows.length < limit ? undefined : rows.at(-1);
      return {
        items: rows.map((row) => ({
          ...{ kind: row.kind, row: row.row, before: row.before, after: row.after, problems: row.problems },
          changedFields:
            row.before === null || row.after === null
              ? []
              : IMPORT_FIELDS.filter((field: ImportField) => row.before?.[field] !== row.after?.[field]),
        })),
        nextCursor: lastRow === undefined ? null : String(lastRow.n),
      };
    },
    async apply(importId, options, userId) {
      const row = await found(importId);
      if (!['ready', 'refused'].includes(row.state)) {
        throw new LprError('conflict', `The import is ${row.state}: only one that is ready can be applied.`);
      }
      const hindrance = work.hindrance(row, options);
      if (hindrance !== null) throw hindrance;
      const begun = { step: 'applying', rows: row.counts?.rows ?? 0, share: null } as const;
      if (
        !(await store.change(importId, ['ready', 'refused'], { state: 'applying', progress: begun, problem: null }))
      ) {
        throw new LprError('conflict', 'The import is being worked on already.');
      }
      inBackground(importId, async () => {
        try {
          await work.apply(importId, userId);
        } catch (error) {
          const back = { state: 'ready', progress: null, problem: problemOf(error) } as const;
          await store.change(importId, ['applying', 'ready'], back);
          throw error;
        }
        await tidyImport(importId);
      });
      return found(importId);
    },
    async discard(importId) {
      const { sourceId } = await found(importId);
      if (
        !(await store.change(importId, [...OPEN, 'reading'], {
          state: 'discarded',
          endedAt: new Date(),
          progress: null,
        }))
      ) {
        throw new LprError('conflict', 'The import is being applied, or is over already.');
      }
      const task = running.get(importId);
      task?.own.abort();
      if (task?.hasBegun === true) await task.done;
      // What was turned down is not what the list is: it is fetched again at its time.
      if (sourceId !== null) await store.learn(sourceId, { validator: null });
      await tidyImport(importId);
    },

    async sources(blacklistId) {
      if (blacklistId !== null) await listSettings(blacklistId);
      return (await store.sources(blacklistId)).map(shown);
    },
    async createSource(blacklistId, input, userId) {
      await listSettings(blacklistId);
      const { fields } = runner.pluginOf(input);
      const sourceId = randomUUID();
      await assertOnlyWhole(blacklistId, sourceId, input);
      const config = sealConfig(fields, input.config, {}, secrets);
      const nextRunAt = input.enabled ? nextRun(input.schedule, new Date(), await siteZone()) : null;
      await store.addSource({ ...input, config, sourceId, blacklistId, userId, nextRunAt });
      return shown(await foundSource(sourceId));
    },
    async updateSource(sourceId, change) {
      const before = await foundSource(sourceId);
      const { fields } = runner.pluginOf(before);
      const config =
        change.config === undefined ? before.config : sealConfig(fields, change.config, before.config, secrets);
      const { name, plugin, enabled, schedule, plan, leaveOutFaulty, allowPrivate } = { ...before, ...change };
      const input = { name, plugin, config, enabled, schedule, plan, leaveOutFaulty, allowPrivate };
      await assertOnlyWhole(before.blacklistId, sourceId, input);
      const nextRunAt = enabled ? nextRun(schedule, new Date(), await siteZone()) : null;
      if (!(await store.changeSource(sourceId, { ...input, nextRunAt }))) throw noSource();
      return shown(await foundSource(sourceId));
    },
    async removeSource(sourceId) {
      for (const { importId, state } of await store.list(
        { sourceId: (await foundSource(sourceId)).sourceId },
        LISTED,
      )) {
        if (OPEN.includes(state)) await store.change(importId, OPEN, { state: 'discarded', endedAt: new Date() });
      }
      if (!(await store.removeSource(sourceId))) throw noSource();
    },
    testSource: async (sourceId) => runner.test(await foundSource(sourceId), stopping.signal),
    async runSource(sourceId) {
      await runner.send((await foundSource(sourceId)).sourceId);
    },
    async forgetHostKey(sourceId) {
      await store.learn((await foundSource(sourceId)).sourceId, { hostKey: null });
    },
    async runs(sourceId) {
      return store.list({ sourceId: (await foundSource(sourceId)).sourceId }, LISTED);
    },

    async exportList(blacklistId, format) {
      const { name } = await listSettings(blacklistId);
      return exportList(name, store.entries(blacklistId), format);
    },

    async start() {
      // What another process works on has its file there.
      for (const row of await store.inStates(['reading', 'applying', 'ready', 'refused'])) {
        const { importId, state, sourceId, counts } = row;
        if (!(await files.has(importId))) continue;
        // Its transaction ended with the process: the list is as it was.
        if (state === 'applying') await store.change(importId, ['applying'], { state: 'ready', progress: null });
        const staged = (counts?.rows ?? 0) - (counts?.filtered ?? 0);
        if (state !== 'reading' && (await store.hasRows(importId, staged))) continue;
        if (sourceId !== null) {
          // Fetched again rather than read again: it may be another by now.
          await store.change(importId, ['reading', 'ready', 'refused'], { state: 'discarded', endedAt: new Date() });
          await store.learn(sourceId, { nextRunAt: new Date(), validator: null });
          continue;
        }
        await store.change(importId, ['ready', 'refused'], { state: 'reading', counts: null });
        beginReading(row, row.plan ?? {});
      }
      await files.sweep(await store.sweepRows());
      runner.register(tidy);
    },
    async stop() {
      stopping.abort();
      await last;
    },
  };
}
