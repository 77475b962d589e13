import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { migrate } from './migrate.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-migrations-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const write = (name: string, sql: string): Promise<void> =>
  writeFile(join(folder, name), `export const up = async (query) => { await query(${JSON.stringify(sql)}); };`);

test('each migration runs once, also one that arrives late with an early date', async () => {
  await write('20990102-01-make-b.ts', 'create table b (n int)');
  expect(await migrate(database, folder)).toEqual(['20990102-01-make-b.ts']);
  await write('20990101-01-make-a.ts', 'create table a (n int)');
  expect(await migrate(database, folder)).toEqual(['20990101-01-make-a.ts']);
  expect(await migrate(database, folder)).toEqual([]);
});

test('a migration that fails leaves nothing behind and runs again', async () => {
  await writeFile(
    join(folder, '20990103-01-fail.ts'),
    `export const up = async (query) => { await query('create table c (n int)'); await query('select nonsense'); };`,
  );
  await expect(migrate(database, folder)).rejects.toThrow(/nonsense/);
  const { rows } = await database.pool.query<{ c: string | null }>(`select to_regclass('c') as c`);
  expect(rows[0]?.c).toBeNull();
  await rm(join(folder, '20990103-01-fail.ts'));
});

test('two hubs that start at once migrate once', async () => {
  await write('20990104-01-make-d.ts', 'create table d (n int); select pg_sleep(0.2)');
  const ran = await Promise.all([migrate(database, folder), migrate(database, folder)]);
  expect(ran.flat()).toEqual(['20990104-01-make-d.ts']);
});
