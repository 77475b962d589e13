/** Lists that come by themselves: asked at their time, read, and applied where nothing speaks against it. */
import { randomUUID } from 'node:crypto';
import { errorCode, errorMessage, LprError } from '../../errors.ts';
import type { Jobs } from '../../jobs.ts';
import { assertMayReach, openHttp, type Reach } from '../../outgoing-http.ts';
import type { FetchedList, ListSourcePlugin, Log } from '../../plugins/define.ts';
import type { Plugins } from '../../plugins/plugins.ts';
import { openConfig } from '../../sealed-config.ts';
import type { SecretBox } from '../../secrets.ts';
import type { ImportCounts, SourceTest } from '../imports.ts';
import type { BlacklistImportStore, StoredSource } from './import-store.ts';
import { problemOf, type ImportWork } from './import-work.ts';
import type { ListFiles } from './list-files.ts';
import { lookAtFile, previewOf } from './look-at-file.ts';
import { nextRun } from './source-schedule.ts';

export interface SourceDependencies {
  readonly store: BlacklistImportStore;
  readonly files: ListFiles;
  readonly work: ImportWork;
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly jobs: Pick<Jobs, 'work' | 'every' | 'send'>;
  readonly log: Log;
  readonly dataDir: string;
  readonly siteZone: () => Promise<string>;
  readonly clock: () => Promise<(wall: number) => Date>;
  /** Writes down what was done without anybody's hand. */
  readonly audit: (action: string, subject: string, details: Readonly<Record<string, unknown>>) => Promise<void>;
}

const FETCH_MS = 600_000;
/** Of applying, while somebody changes the list at the same time. */
const TRIES = 3;
const RUN_QUEUE = 'blacklists.source';
const TICK_QUEUE = 'blacklists.sources';
const OWNER = { called: 'source', isPrivate: 'list_source_private', unreachable: 'list_source_failed' } as const;

export interface SourceRunner {
  pluginOf(source: Pick<StoredSource, 'plugin'>): ListSourcePlugin;
  test(source: StoredSource, signal: AbortSignal): Promise<SourceTest>;
  /** Fetches, reads, applies or says why not; what goes wrong stands on the source, not in a throw. */
  run(source: StoredSource, signal: AbortSignal): Promise<void>;
  send(sourceId: string): Promise<void>;
  /** Names its queues; before the jobs start. @param daily what else is to be done once a day */
  register(tidy: () => Promise<void>): void;
}

interface Fetch {
  readonly list: FetchedList | null;
  readonly seenKey: string | null;
}

export function createSourceRunner({
  store,
  files,
  work,
  plugins,
  secrets,
  jobs,
  log,
  dataDir,
  siteZone,
  clock,
  audit,
}: SourceDependencies): SourceRunner {
  const pluginOf = ({ plugin: id }: Pick<StoredSource, 'plugin'>): ListSourcePlugin => {
    const plugin = plugins.find('listSource', id);
    if (plugin !== null) return plugin;
    throw new LprError('list_source_unknown', `There is no plugin "${id}" for sources of lists.`, {
      problems: [{ field: 'plugin', problem: 'is none that the hub knows' }],
    });
  };

  const fetchList = async (source: StoredSource, validator: string | null, signal: AbortSignal): Promise<Fetch> => {
    const plugin = pluginOf(source);
    const { config, allowPrivate, hostKey } = source;
    const reach: Reach = { owner: OWNER, allowPrivate, signal };
    let seenKey: string | null = null;
    const list = await plugin.fetch({
      ...{ config: openConfig(plugin.fields, config, config, secrets), log, signal, validator, dataDir },
      trusts(key) {
        seenKey = key;
        return hostKey === null || hostKey === key;
      },
      async open(url, headers = {}) {
        const { status, body } = await openHttp(url, { method: 'GET', headers }, reach);
        return { status, headers: body.headers, body, close: () => body.destroy() };
      },
      assertMayReach: (host) => assertMayReach(host, reach),
    });
    return { list, seenKey };
  };

  const limited = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);

  /** Fetches into the file of an import. @throws list_source_failed in words of ours, whatever the connection said */
  const keep = async (importId: string, list: FetchedList, signal: AbortSignal): Promise<number> => {
    try {
      return await files.keep(importId, list.body, signal);
    } catch (error) {
      if (error instanceof LprError || signal.reason === error) throw error;
      throw new LprError('list_source_failed', `The list broke off (${errorMessage(error)}).`, {}, error);
    } finally {
      await list.close?.();
    }
  };

  const tidyImport = async (importId: string): Promise<void> => {
    await store.dropRows(importId);
    await files.remove(importId);
  };

  /** What waits for a person is overtaken by what came now. */
  const discardOlder = async (source: StoredSource, importId: string): Promise<void> => {
    for (const row of await store.list({ sourceId: source.sourceId }, 100)) {
      if (row.importId === importId || !['ready', 'refused'].includes(row.state)) continue;
      const discarded = { state: 'discarded', endedAt: new Date() } as const;
      if (await store.change(row.importId, ['ready', 'refused'], discarded)) await tidyImport(row.importId);
    }
  };

  /** Applies what nothing speaks against; else it is `refused`, and waits for a person. @throws list_faulty, list_shrinks, conflict */
  const applyAlone = async (importId: string, leaveOutFaulty: boolean, tries = TRIES): Promise<ImportCounts | null> => {
    const read = await store.find(importId);
    try {
      const hindrance = read === null ? null : work.hindrance(read, { confirmRemoved: null, leaveOutFaulty });
      if (hindrance !== null) throw hindrance;
      const begun = { step: 'applying', rows: read?.counts?.rows ?? 0, share: null } as const;
      await store.change(importId, ['ready'], { state: 'applying', progress: begun });
      await work.apply(importId, null);
      return read?.counts ?? null;
    } catch (error) {
      // Somebody changed the list in this very moment: it was compared anew, and nobody has to look at that.
      if (errorCode(error) === 'conflict' && tries > 1) return applyAlone(importId, leaveOutFaulty, tries - 1);
      const refused = { state: 'refused', progress: null, problem: problemOf(error) } as const;
      await store.change(importId, ['ready', 'applying'], refused);
      throw error;
    }
  };

  const run = async (source: StoredSource, signal: AbortSignal): Promise<void> => {
    const { sourceId, blacklistId, leaveOutFaulty } = source;
    const importId = randomUUID();
    const row = { importId, blacklistId, sourceId, fileName: null, bytes: null, userId: null };
    let isStored = false;
    await store.learn(sourceId, { lastRunAt: new Date() });
    try {
      const fetching = limited(signal);
      const { list, seenKey } = await fetchList(source, source.validator, fetching);
      if (source.hostKey === null && seenKey !== null) {
        await store.learn(sourceId, { hostKey: seenKey });
        await audit('blacklist_source.key_trusted', sourceId, { hostKey: seenKey });
      }
      if (list === null) {
        await store.add({ ...row, state: 'unchanged' });
        await store.change(importId, ['unchanged'], { endedAt: new Date() });
        // One that waits for a person is still what the other side has, and the list is not that.
        if (source.waitingImportId !== null) return;
        await store.confirmList(blacklistId);
        await store.learn(sourceId, { lastSuccessAt: new Date(), problem: null });
        return;
      }
      const bytes = await keep(importId, list, fetching);
      await store.add({ ...row, state: 'reading', fileName: list.fileName, bytes });
      isStored = true;
      await work.read(importId, source.plan, await store.lastRead({ sourceId }), signal);
      await discardOlder(source, importId);
      const counts = await applyAlone(importId, leaveOutFaulty).catch(async (error: unknown) => {
        // What waits for a person is not fetched again while it stays the same.
        if (['list_faulty', 'list_shrinks'].includes(errorCode(error))) {
          await store.learn(sourceId, { validator: list.validator });
        }
        throw error;
      });
      await store.learn(sourceId, { validator: list.validator });
      await audit('blacklist_import.applied', importId, { blacklistId, sourceId, ...counts });
      await tidyImport(importId);
    } catch (error) {
      // The hub stops: at the next start it is asked again.
      if (signal.aborted) throw error;
      const problem = problemOf(error);
      await store.learn(sourceId, { problem: { code: problem.code, message: problem.message, at: new Date() } });
      if (!isStored) {
        await store.add({ ...row, state: 'failed' });
        await store.change(importId, ['failed'], { endedAt: new Date(), problem });
      }
      log.warn({ sourceId, err: errorMessage(error) }, 'a source of a blacklist gave no list that could be applied');
    }
  };

  const tick = async (): Promise<void> => {
    const now = new Date();
    const timeZone = await siteZone();
    for (const { sourceId, nextRunAt, schedule } of await store.dueSources(now)) {
      if (nextRunAt === null || !(await store.claimRun(sourceId, nextRunAt, nextRun(schedule, now, timeZone))))
        continue;
      await jobs.send(RUN_QUEUE, { sourceId }, { key: sourceId });
    }
  };

  return {
    ...{ pluginOf, run },
    async test(source, signal) {
      const importId = randomUUID();
      const fetching = limited(signal);
      try {
        const { list, seenKey } = await fetchList(source, null, fetching);
        if (list === null) throw new LprError('list_source_failed', 'The source gave no list.');
        await keep(importId, list, fetching);
        const look = await lookAtFile(files.path(importId), source.plan, await store.lastRead(source), signal);
        const preview = previewOf(look, await clock());
        return { fileName: list.fileName, bytes: list.bytes, hostKey: seenKey, preview };
      } finally {
        await files.remove(importId);
      }
    },
    send: (sourceId) => jobs.send(RUN_QUEUE, { sourceId }, { key: sourceId }),
    register(tidy) {
      jobs.work(RUN_QUEUE, async ({ sourceId }, signal) => {
        const source = await store.findSource(String(sourceId));
        if (source !== null) await run(source, signal);
      });
      jobs.every(TICK_QUEUE, '* * * * *', tick);
      jobs.every('blacklists.tidy', '17 * * * *', tidy);
    },
  };
}
