/** A fresh, migrated database for a test, on one embedded PostgreSQL per jest worker process. */
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase, type Connection, type Database } from '../core/db/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../core/db/embedded-postgres.ts';
import { migrate } from '../core/db/migrate.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../migrations');

interface Server {
  readonly postgres: EmbeddedPostgres;
}

// Jest gives each test file its own module registry but one process to many files: the process holds the server.
const shared = process as unknown as { lprTestServer?: Promise<Server> };

const fail = (error: Error): void => {
  // Dropping a database ends its idle connections; that is expected here.
  if (!/terminat|shut/i.test(error.message)) throw error;
};

/**
 * Ends the server when this process ends, however it ends: a watcher waits for standard input to close, which the kernel
 * does even after a SIGKILL, then stops PostgreSQL and removes its folder.
 */
function endWithProcess(pid: number, folder: string): void {
  const script = `cat > /dev/null; kill -QUIT ${pid} 2>/dev/null; while kill -0 ${pid} 2>/dev/null; do sleep 0.05; done; rm -rf '${folder}'`;
  const watcher = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
}

async function startServer(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'lpr-test-'));
  try {
    const postgres = await startEmbeddedPostgres(folder);
    endWithProcess(postgres.pid, folder);
    const template = openDatabase({ ...postgres.connection, database: 'postgres' }, fail);
    await template.pool.query('create database lpr_template');
    await template.close();
    const database = openDatabase({ ...postgres.connection, database: 'lpr_template' }, fail);
    await migrate(database, MIGRATIONS);
    await database.close();
    return { postgres };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

export interface TestDatabase extends Database {
  readonly connection: Exclude<Connection, { readonly url: string }>;
}

/** Migrated and empty. `close` drops it. */
export async function openTestDatabase(): Promise<TestDatabase> {
  shared.lprTestServer ??= startServer();
  const { postgres } = await shared.lprTestServer;
  const admin = openDatabase({ ...postgres.connection, database: 'postgres' }, fail);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await admin.pool.query(`create database ${name} template lpr_template`);
  const connection = { ...postgres.connection, database: name };
  const database = openDatabase(connection, fail);
  return {
    ...database,
    connection,
    async close() {
      await database.close();
      await admin.pool.query(`drop database ${name} with (force)`);
      await admin.close();
    },
  };
}
