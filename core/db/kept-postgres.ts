/** The embedded PostgreSQL, started again whenever it dies while the hub runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../errors.ts';
import type { Log } from '../plugins/define.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts';

export interface KeptPostgres {
  readonly connection: EmbeddedPostgres['connection'];
  /** Why there is no database at the moment; null while it runs. */
  problem(): string | null;
  stop(): Promise<void>;
}

/** Wait before the second start in a row; doubles. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A server that ran this long is trusted again: its next death counts as a first one. */
const TRUSTED_MS = 60_000;

/** @throws database_unavailable when it cannot be started the first time; later the log and `problem` tell */
export async function keepPostgres(folder: string, log: Log): Promise<KeptPostgres> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let server: EmbeddedPostgres | null = await startEmbeddedPostgres(folder);
  const { connection } = server;
  let problem: string | null = null;

  const restart = async (deaths: number): Promise<EmbeddedPostgres | null> => {
    for (let tries = deaths; !signal.aborted; tries++) {
      const wait = tries <= 1 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 2));
      try {
        await sleep(wait, undefined, { signal, ref: false });
        return await startEmbeddedPostgres(folder, connection);
      } catch (error) {
        if (stopping.signal.aborted) return null;
        problem = `The embedded PostgreSQL died and does not start again: ${errorMessage(error)}`;
        log.error({ err: errorMessage(error), tries }, 'the embedded database could not be started again; trying on');
      }
    }
    return null;
  };
  const watch = async (): Promise<void> => {
    let deaths = 0;
    for (let since = Date.now(); server !== null; since = Date.now()) {
      await server.gone;
      server = null;
      if (signal.aborted) return;
      deaths = Math.abs(Date.now() - since) > TRUSTED_MS ? 1 : deaths + 1;
      problem = 'The embedded PostgreSQL died and is being started again.';
      log.error({ deaths }, 'the embedded database died; starting it again');
      server = await restart(deaths);
      if (server === null) return;
      problem = null;
      log.warn({}, 'the embedded database runs again');
    }
  };
  const watching = watch();

  return {
    connection,
    problem: () => problem,
    async stop() {
      stopping.abort();
      await server?.stop();
      await watching;
      // One that was just being started when it was told to stop.
      await server?.stop();
    },
  };
}
