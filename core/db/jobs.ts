/** Jobs by pg-boss, in the schema `pgboss` of the hub's own database, over the hub's own connections. */
import { randomUUID } from 'node:crypto';
import { PgBoss } from 'pg-boss';
import { errorMessage } from '../errors.ts';
import type { JobData, Jobs } from '../jobs.ts';
import type { Log } from '../plugins/define.ts';
import type { Database } from './database.ts';

const RETRIES = 5;
const FIRST_WAIT_SECONDS = 5;
const STOP_MS = 10_000;

interface Queue {
  readonly run: (data: JobData, signal: AbortSignal) => Promise<void>;
  readonly cron?: { readonly expression: string; readonly timeZone: string };
}

export function createJobs({ pool }: Pick<Database, 'pool'>, log: Log): Jobs {
  const queues = new Map<string, Queue>();
  const stopping = new AbortController();
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: 'pgboss',
  });
  // It says the same thing each second while the database is away, and mends itself.
  let lastError = '';
  boss.on('error', (error) => {
    const message = errorMessage(error);
    if (message !== lastError) log.warn({ err: message }, 'the job queue has trouble; trying again');
    lastError = message;
  });

  const add = (name: string, queue: Queue): void => {
    if (queues.has(name)) throw new Error(`The queue ${name} has somebody who works it already.`);
    queues.set(name, queue);
  };

  return {
    work(name, run) {
      add(name, { run });
    },
    every(name, expression, run, timeZone = 'UTC') {
      add(name, { run: (_data, signal) => run(signal), cron: { expression, timeZone } });
    },
    async send(name, data, { at, key } = {}) {
      await boss.send(name, data, {
        ...(at === undefined ? {} : { startAfter: at }),
        // The queue keeps one waiting job a key; a job without one is like no other.
        singletonKey: key ?? randomUUID(),
      });
    },
    async start() {
      await boss.start();
      for (const [name, { run, cron }] of queues) {
        const options = {
          policy: 'short' as const,
          retryLimit: RETRIES,
          retryDelay: FIRST_WAIT_SECONDS,
          retryBackoff: true,
        };
        await boss.createQueue(name, options);
        await boss.work<JobData>(name, { pollingIntervalSeconds: 1, batchSize: 1 }, async ([job]) => {
          if (job === undefined) return;
          try {
            await run(job.data, AbortSignal.any([stopping.signal, job.signal]));
          } catch (error) {
            log.warn({ queue: name, jobId: job.id, err: errorMessage(error) }, 'a job failed');
            throw error;
          }
        });
        if (cron === undefined) await boss.unschedule(name);
        else await boss.schedule(name, cron.expression, {}, { tz: cron.timeZone });
      }
    },
    async stop() {
      stopping.abort();
      await boss.stop({ graceful: true, timeout: STOP_MS });
    },
  };
}
