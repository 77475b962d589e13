import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quietLog } from '../../test/quiet-log.ts';
import { openDatabase, type Database } from './database.ts';
import { keepPostgres, type KeptPostgres } from './kept-postgres.ts';

let folder: string;
let postgres: KeptPostgres;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-kept-'));
  postgres = await keepPostgres(folder, quietLog);
  database = openDatabase(postgres.connection, () => undefined);
  await database.pool.query('create table kept (n int primary key)');
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const pid = async (): Promise<number> =>
  Number((await readFile(join(folder, 'db/postmaster.pid'), 'utf8')).split('\n', 1)[0]);
const until = async (is: () => Promise<boolean> | boolean): Promise<void> => {
  for (let i = 0; i < 1200 && !(await is()); i++) await sleep(50);
  expect(await is()).toBe(true);
};
const answers = (): Promise<boolean> =>
  database.ping().then(
    () => true,
    () => false,
  );

test('killed while rows are written it comes back with every row that was acknowledged, and nobody was told another code', async () => {
  const stored: number[] = [];
  const codes = new Set<unknown>();
  const writing = new AbortController();
  let next = 0;
  const lanes = Array.from({ length: 4 }, async () => {
    while (!writing.signal.aborted) {
      const n = next++;
      try {
        // Half of them between two statements of a transaction.
        if (n % 2 === 0) await database.pool.query('insert into kept values ($1)', [n]);
        else {
          await database.transaction(async (client) => {
            await client.query('insert into kept values ($1)', [n]);
            await sleep(5);
          });
        }
        stored.push(n);
      } catch (error) {
        codes.add((error as { code?: unknown }).code);
        await sleep(20);
      }
    }
  });
  for (let kills = 0; kills < 2; kills++) {
    const before = stored.length;
    await until(() => stored.length > before + 50);
    process.kill(await pid(), 'SIGKILL');
    await until(() => postgres.problem() !== null);
    await until(() => postgres.problem() === null);
    await until(answers);
  }
  writing.abort();
  await Promise.all(lanes);
  const { rows } = await database.pool.query<{ n: number }>('select n from kept');
  const there = new Set(rows.map(({ n }) => n));
  expect(stored.filter((n) => !there.has(n))).toEqual([]);
  expect([...codes]).toEqual(['database_unavailable']);
});

test('what hinders its start is told, and it starts once that is mended', async () => {
  const file = join(folder, 'db/postgresql.conf');
  const good = await readFile(file, 'utf8');
  await writeFile(file, `${good}\nno_such_setting = 1\n`);
  process.kill(await pid(), 'SIGKILL');
  await until(() => postgres.problem()?.includes('no_such_setting') === true);
  expect(await answers()).toBe(false);
  await writeFile(file, good);
  await until(() => postgres.problem() === null);
  await until(answers);
});

test('stopped while it does not start, it stops', async () => {
  const other = await mkdtemp(join(tmpdir(), 'lpr-kept-'));
  const kept = await keepPostgres(other, quietLog);
  await writeFile(join(other, 'db/postgresql.conf'), 'no_such_setting = 1\n');
  process.kill(Number((await readFile(join(other, 'db/postmaster.pid'), 'utf8')).split('\n', 1)[0]), 'SIGKILL');
  await until(() => kept.problem()?.includes('no_such_setting') === true);
  await kept.stop();
  await rm(other, { recursive: true, force: true });
});
