/** Imports of lists over a real database, with a data folder of their own and jobs that run when they are told to. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBlacklistImports, type ImportDependencies } from '../core/blacklists/create-blacklist-imports.ts';
import type { BlacklistImport, BlacklistImports, ImportPlan, ImportState } from '../core/blacklists/imports.ts';
import { createBlacklistImportStore } from '../core/db/stores/blacklist-import-store.ts';
import type { Database } from '../core/db/database.ts';
import type { Jobs } from '../core/jobs.ts';
import { createSecretBox } from '../core/secrets.ts';
import { pluginsOf } from './fake-plugins.ts';
import { quietLog } from './quiet-log.ts';

export interface ImportBench {
  readonly imports: BlacklistImports;
  readonly userId: string;
  readonly dataDir: string;
  readonly audited: { readonly action: string; readonly details: Readonly<Record<string, unknown>> }[];
  /** Does what waits in the queues; `tick` first, if wanted. */
  runJobs(tick?: boolean): Promise<void>;
  addList(name?: string): Promise<string>;
  upload(blacklistId: string, content: string | Uint8Array, name?: string): Promise<BlacklistImport>;
  /** Waits until it is in one of these states. */
  until(importId: string, ...states: ImportState[]): Promise<BlacklistImport>;
  /** Upload, stage as guessed with these parts changed, and wait for the difference. */
  compared(blacklistId: string, content: string | Uint8Array, plan?: Partial<ImportPlan>): Promise<BlacklistImport>;
  applied(blacklistId: string, content: string | Uint8Array, plan?: Partial<ImportPlan>): Promise<BlacklistImport>;
  /** Plates of a list, in order. */
  plates(blacklistId: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openImports(
  database: Database,
  options: Partial<ImportDependencies> & { readonly at?: string } = {},
): Promise<ImportBench> {
  const { pool } = database;
  const dataDir = options.at ?? (await mkdtemp(join(tmpdir(), 'lpr-imports-')));
  const userId = randomUUID();
  await pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1::uuid, 'Somchai', $1::text, 'x', 'administrator')`,
    [userId],
  );
  const queues = new Map<string, (data: Readonly<Record<string, unknown>>) => Promise<void>>();
  const waiting: [string, Readonly<Record<string, unknown>>][] = [];
  const { signal } = new AbortController();
  const jobs: Pick<Jobs, 'work' | 'every' | 'send'> = {
    work: (queue, run) => void queues.set(queue, (data) => run(data, signal)),
    every: (queue, _cron, run) => void queues.set(queue, () => run(signal)),
    send(queue, data) {
      waiting.push([queue, data]);
      return Promise.resolve();
    },
  };
  const audited: { action: string; details: Readonly<Record<string, unknown>> }[] = [];
  const imports = createBlacklistImports({
    store: createBlacklistImportStore(database),
    ...{ plugins: pluginsOf(), jobs, log: quietLog, dataDir, secrets: createSecretBox(join(dataDir, 'secrets')) },
    siteZone: () => Promise.resolve('Asia/Bangkok'),
    audit(action, _subject, details) {
      audited.push({ action, details });
      return Promise.resolve();
    },
    ...options,
  });
  await imports.start();
  const bench: ImportBench = {
    ...{ imports, userId, dataDir, audited },
    async runJobs(tick = false) {
      if (tick) await queues.get('blacklists.sources')?.({});
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await queues.get(job[0])?.(job[1]);
    },
    async addList(name = `List ${randomUUID()}`) {
      const blacklistId = randomUUID();
      await pool.query(
        `insert into blacklists (blacklist_id, name, name_key, category, priority) values ($1, $2, lower($2), 'stolen', 90)`,
        [blacklistId, name],
      );
      return blacklistId;
    },
    upload: (blacklistId, content, name = 'list.csv') =>
      imports.upload(blacklistId, { name, body: Readable.from([Buffer.from(content)]) }, userId),
    async until(importId, ...states) {
      for (let i = 0; i < 48_000; i++) {
        const row = await imports.get(importId);
        if (states.includes(row.state)) return row;
        if (row.state === 'failed') throw new Error(`It failed: ${row.problem?.message ?? ''}`);
        await sleep(25);
      }
      throw new Error(`It never was ${states.join(' or ')}: ${JSON.stringify(await imports.get(importId))}`);
    },
    async compared(blacklistId, content, plan = {}) {
      const { importId } = await bench.upload(blacklistId, content);
      const preview = await imports.preview(importId, plan);
      await imports.stage(importId, preview.plan);
      return bench.until(importId, 'ready');
    },
    async applied(blacklistId, content, plan = {}) {
      const { importId, counts } = await bench.compared(blacklistId, content, plan);
      await imports.apply(importId, { confirmRemoved: counts?.removed ?? 0, leaveOutFaulty: false }, userId);
      return bench.until(importId, 'applied');
    },
    async plates(blacklistId) {
      const { rows } = await pool.query<{ plate: string }>(
        'select plate_number as plate from blacklist_entries where blacklist_id = $1 order by plate_number collate "C"',
        [blacklistId],
      );
      return rows.map(({ plate }) => plate);
    },
    async close() {
      await imports.stop();
      if (options.at === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
  return bench;
}
