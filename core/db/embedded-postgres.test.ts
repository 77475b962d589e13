import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

/** An ended process that nobody waited for keeps its number but has no command line. */
const isRunning = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/cmdline`, 'utf8').then(
    (command) => command !== '',
    () => false,
  );

describe('embedded PostgreSQL', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lpr-pg-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('after its hub was killed, the next start has every committed row', async () => {
    const program = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(join(import.meta.dirname, 'embedded-postgres.ts'))});
      const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, 'database.ts'))});
      const server = await startEmbeddedPostgres(${JSON.stringify(folder)});
      const database = openDatabase(server.connection, () => {});
      await database.pool.query('create table kept (n int)');
      await database.pool.query('insert into kept select generate_series(1, 1000)');
      console.log(server.pid);
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const signal = await new Promise((resolve) => child.once('close', (_code, name) => resolve(name)));
    expect(signal).toBe('SIGKILL');
    const orphan = Number(printed);
    expect(await isRunning(orphan)).toBe(true);

    const server = await startEmbeddedPostgres(folder);
    const database = openDatabase(server.connection, () => undefined);
    const { rows } = await database.pool.query<{ n: number }>('select count(*) as n from kept');
    expect(rows[0]?.n).toBe(1000);
    await database.close();
    await server.stop();
    expect(await isRunning(orphan)).toBe(false);
    expect(await isRunning(server.pid)).toBe(false);
  });

  test('a start that was killed while creating the database is begun anew', async () => {
    const half = join(folder, 'half');
    await mkdir(join(half, 'db.new'), { recursive: true });
    await writeFile(join(half, 'db.new', 'PG_VERSION'), '18');
    const server = await startEmbeddedPostgres(half);
    const database = openDatabase(server.connection, () => undefined);
    await database.ping();
    await database.close();
    await server.stop();
  });

  test('a folder too deep for a socket is served on loopback', async () => {
    const deep = join(folder, 'deep'.repeat(25));
    const server = await startEmbeddedPostgres(deep);
    expect(server.connection.host).toBe('127.0.0.1');
    const database = openDatabase(server.connection, () => undefined);
    await database.ping();
    await database.close();
    await server.stop();
  });
});
