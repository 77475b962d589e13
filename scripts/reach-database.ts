import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from '../core/db/database.ts';
import { runningPostgres, startEmbeddedPostgres } from '../core/db/embedded-postgres.ts';
import { lockFolder } from '../core/folder-lock.ts';
import type { Settings } from '../settings.ts';

/** The database of a running hub, or one started for this and stopped again. */
export async function reachDatabase({
  databaseUrl,
  dataDir,
}: Settings): Promise<{ connection: Connection; leave: () => Promise<void> }> {
  if (databaseUrl !== null) return { connection: { url: databaseUrl }, leave: () => Promise.resolve() };
  const folder = join(dataDir, 'postgres');
  const running = await runningPostgres(folder);
  if (running !== null) return { connection: running, leave: () => Promise.resolve() };
  if (!existsSync(join(folder, 'db/PG_VERSION'))) {
    throw new Error(`There is no database in ${folder}: set LPR_DATA_DIR as the hub has it, or DATABASE_URL.`);
  }
  const unlock = lockFolder(dataDir);
  try {
    const postgres = await startEmbeddedPostgres(folder);
    return {
      connection: postgres.connection,
      leave: () => postgres.stop().finally(unlock),
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
