/** News by LISTEN/NOTIFY: one connection of each process listens. */
import type { PoolClient } from 'pg';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../errors.ts';
import type { News, Topic } from '../news.ts';
import type { Log } from '../plugins/define.ts';
import type { Database } from './database.ts';

const CHANNEL = 'lpr_news';
const AGAIN_MS = 1_000;

/** Inside a transaction: told when it commits, not told when it rolls back. */
export async function tellNews(
  client: { query(sql: string, values: unknown[]): Promise<unknown> },
  topic: Topic,
  subject = '',
): Promise<void> {
  await client.query('select pg_notify($1, $2)', [CHANNEL, `${topic} ${subject}`]);
}

export function createNews({ pool }: Pick<Database, 'pool'>, log: Log): News {
  const emitter = new EventEmitter().setMaxListeners(0);
  const stopping = new AbortController();
  let client: PoolClient | null = null;
  let keeping: Promise<void> = Promise.resolve();
  let hasHeard = false;

  const tellListeners = (topic: string, subject: string | null): void => {
    for (const listener of emitter.listeners(topic)) {
      try {
        (listener as (subject: string | null) => void)(subject);
      } catch (error) {
        log.error({ err: errorMessage(error), topic }, 'a listener of news failed');
      }
    }
  };

  /** `ended` resolves when the connection does not listen any more. */
  const listen = async (): Promise<{ readonly ended: Promise<undefined> }> => {
    const connection = await pool.connect();
    const ended = Promise.withResolvers<undefined>();
    const end = (): void => {
      ended.resolve(undefined);
    };
    connection.on('end', end);
    connection.on('error', end);
    connection.on('notification', ({ channel, payload = '' }) => {
      if (channel !== CHANNEL) return;
      const space = payload.indexOf(' ');
      tellListeners(payload.slice(0, space), payload.slice(space + 1));
    });
    try {
      await connection.query(`listen ${CHANNEL}`);
    } catch (error) {
      connection.release(true);
      throw error;
    }
    client = connection;
    // What was told while nobody listened is lost: whoever keeps a copy has to load it anew.
    if (hasHeard) for (const topic of emitter.eventNames()) tellListeners(String(topic), null);
    hasHeard = true;
    return { ended: ended.promise };
  };

  const isStopped = (): boolean => stopping.signal.aborted;
  const keep = async (first: Promise<undefined>): Promise<void> => {
    await first;
    while (!isStopped()) {
      client?.release(true);
      client = null;
      try {
        const { ended } = await listen();
        await ended;
      } catch (error) {
        log.warn({ err: errorMessage(error) }, 'news of other processes cannot be heard; trying again');
      }
      if (!isStopped()) await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  return {
    tell: (topic, subject) => tellNews(pool, topic, subject),
    on(topic, listener) {
      emitter.on(topic, listener);
      return () => emitter.off(topic, listener);
    },
    async start() {
      const { ended } = await listen();
      keeping = keep(ended);
    },
    async stop() {
      stopping.abort();
      const connection = client;
      client = null;
      connection?.release(true);
      await keeping;
    },
  };
}
