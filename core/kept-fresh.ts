/** A copy in memory of what lies in the database, loaded anew whenever news say that it is another. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from './errors.ts';
import type { News, Topic } from './news.ts';
import type { Log } from './plugins/define.ts';

const AGAIN_MS = 1_000;

export interface FreshCopyOptions<T> {
  /** For the log, e.g. `the calendars`. */
  readonly what: string;
  readonly topics: readonly Topic[];
  readonly news: Pick<News, 'on'>;
  readonly load: () => Promise<T>;
  /** Of two loads at once only the one that began later counts. */
  readonly apply: (loaded: T) => void;
  readonly log: Log;
}

export interface FreshCopy {
  /** Resolves when the copy is at least as new as this call. */
  refresh(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export function keepFresh<T>({ what, topics, news, load, apply, log }: FreshCopyOptions<T>): FreshCopy {
  const stopping = new AbortController();
  const forget: (() => void)[] = [];
  let begun = 0;
  let applied = 0;
  const refresh = async (): Promise<void> => {
    const turn = ++begun;
    const loaded = await load();
    if (turn < applied) return;
    applied = turn;
    apply(loaded);
  };
  const isStopped = (): boolean => stopping.signal.aborted;
  const keepTrying = async (): Promise<void> => {
    while (!isStopped()) {
      try {
        await refresh();
        return;
      } catch (error) {
        if (isStopped()) return;
        log.warn({ err: errorMessage(error) }, `${what} could not be loaded anew; trying again`);
        await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  return {
    refresh,
    async start() {
      for (const topic of topics) forget.push(news.on(topic, () => void keepTrying()));
      await refresh();
    },
    stop() {
      stopping.abort();
      for (const end of forget) end();
    },
  };
}
