/** SIGKILL in the midst of an import: the list is as it was, and the next process goes on. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { openImports } from '../../../test/list-imports.ts';
import type { ImportState } from '../imports.ts';

const ROWS = 40_000;

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-killed-'));
  const rows = Array.from({ length: ROWS }, (_, i) => `${1 + (i % 9)}กก ${1 + Math.floor(i / 9)},กทม.,CASE-${i}`);
  await writeFile(join(folder, 'list.csv'), `ทะเบียน,จังหวัด,เลขคดี\n${rows.join('\n')}\n`);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const stateOf = async (listId: string): Promise<{ importId: string; state: ImportState } | undefined> =>
  (
    await database.pool.query<{ importId: string; state: ImportState }>(
      'select import_id as "importId", state from blacklist_imports where blacklist_id = $1',
      [listId],
    )
  ).rows[0];

/** Until no connection but ours is at work. */
async function untilQuiet(): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    const { rows } = await database.pool.query<{ n: number }>(
      `select count(*) as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
    );
    if (rows[0]?.n === 0) return;
    await sleep(20);
  }
}

test.each(['reading', 'applying'] as const)(
  'killed while it is %s',
  async (when) => {
    const bench = await openImports(database);
    const listId = await bench.addList();
    await bench.applied(listId, 'ทะเบียน,จังหวัด\n9ฮฮ 9,ภูเก็ต\n');
    await database.pool.query('delete from blacklist_imports where blacklist_id = $1', [listId]);
    const script = resolve(import.meta.dirname, '../../../test/import-process.ts');
    const words = [script, JSON.stringify(database.connection), bench.dataDir, listId, join(folder, 'list.csv')];
    const child: ChildProcess = spawn(process.execPath, words, { stdio: 'ignore' });
    const gone = once(child, 'exit');
    while ((await stateOf(listId))?.state !== when && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    expect(await gone).toEqual([null, 'SIGKILL']);
    await untilQuiet();
    expect(await stateOf(listId)).toMatchObject({ state: when });
    expect(await bench.plates(listId)).toEqual(['9ฮฮ9']);

    const next = await openImports(database, { at: bench.dataDir });
    const importId = (await stateOf(listId))?.importId ?? '';
    const ready = await next.until(importId, 'ready');
    expect(ready.counts).toMatchObject({ rows: ROWS, added: ROWS, removed: 1 });
    await next.imports.apply(importId, { confirmRemoved: 1, leaveOutFaulty: false }, next.userId);
    await next.until(importId, 'applied');
    expect(await next.plates(listId)).toHaveLength(ROWS);
    await next.close();
    await bench.close();
  },
  240_000,
);
