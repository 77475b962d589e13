/** Brings a database up to date: every file of `migrations/` once, in order of name, each in its own transaction. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Umzug } from 'umzug';
import type { Database } from './database.ts';

/** What a file in `migrations/` exports. */
export interface Migration {
  up(query: (sql: string, values?: unknown[]) => Promise<void>): Promise<void>;
}

/** Any fixed number, the same in every hub: two that start at once must not migrate at once. */
const LOCK = 4_711_001;

const NAME = /^\d{8}-\d{2}-[a-z0-9-]+\.ts$/;

/**
 * @param onDone told of each migration after its commit
 * @returns names of the migrations that ran now
 */
export async function migrate(
  database: Database,
  folder: string,
  onDone: (name: string) => void = () => undefined,
): Promise<readonly string[]> {
  const lock = await database.pool.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [LOCK]);
    await lock.query(
      'create table if not exists migrations (name text primary key, run_at timestamptz not null default now())',
    );
    const files = (await readdir(folder)).filter((file) => NAME.test(file)).sort();
    const umzug = new Umzug({
      migrations: files.map((name) => ({
        name,
        up: async () => {
          const migration = (await import(pathToFileURL(join(folder, name)).href)) as Migration;
          await database.transaction(async (client) => {
            await migration.up(async (sql, values) => {
              await client.query(sql, values);
            });
            // In the same transaction: a migration is never half-remembered.
            await client.query('insert into migrations (name) values ($1)', [name]);
          });
          onDone(name);
        },
      })),
      storage: {
        executed: async () =>
          (await lock.query<{ name: string }>('select name from migrations order by name')).rows.map((row) => row.name),
        logMigration: () => Promise.resolve(),
        unlogMigration: () => Promise.reject(new Error('Migrations only go forward; restore a backup to go back.')),
      },
      logger: undefined,
    });
    return (await umzug.up()).map((migration) => migration.name);
  } finally {
    await lock.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    lock.release();
  }
}
