/**
 * One channel's way out: takes what is due, hands it over at the channel's rate, tries again later what was not taken. Each
 * channel has its own, so one that hangs delays no other. While the other side does not answer it pauses and tries one at a time.
 * A notice that was handed over is told twice only when the process ends between the answer and its record, with the same
 * `deliveryId`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorMessage, type LprError } from '../errors.ts';
import type { Log } from '../plugins/define.ts';
import type { Delivery, DeliveryStore } from './alert-store.ts';

export interface Patience {
  readonly pollMs: number;
  /** Before the second attempt; each further one waits twice as long. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** So long at most a channel pauses whose other side does not answer. */
  readonly longestPauseMs: number;
  readonly attempts: number;
  /** A stop waits so long for what is being sent. */
  readonly stopMs: number;
  /** More than a send may take (20 s); after a kill it is due again then. */
  readonly leaseSeconds: number;
}

export const PATIENCE: Patience = {
  ...{ pollMs: 1_000, firstWaitMs: 2_000, longestWaitMs: 3_600_000, longestPauseMs: 60_000, attempts: 12 },
  ...{ stopMs: 3_000, leaseSeconds: 45 },
};

const AT_ONCE = 4;
const MINUTE_MS = 60_000;
const DEFAULT_PER_MINUTE = 60;

export interface LaneOptions {
  readonly channelId: string;
  readonly perMinute: number | null;
  /** What the other side takes, and for how long it knows a repeat for one. */
  readonly plugin: { readonly perMinute?: number; readonly retryForMs?: number };
  readonly store: Pick<DeliveryStore, 'take' | 'delivered' | 'failed' | 'putBack' | 'note'>;
  readonly log: Log;
  readonly patience: Patience;
  /** Says it once. @throws when it is not taken */
  readonly send: (delivery: Delivery, signal: AbortSignal) => Promise<void>;
}

export interface DeliveryLane {
  /** There may be something due. */
  wake(): void;
  /** Lets what is being sent come to its end. */
  stop(): Promise<void>;
}

const jittered = (ms: number): number => ms * (0.75 + Math.random() / 2);

/** At most so many in any minute, without a pause between them. */
function createRate(perMinute: number): { room(): number; waitMs(): number; used(count: number): void } {
  let sent: number[] = [];
  const recent = (): number[] => {
    const since = performance.now() - MINUTE_MS;
    sent = sent.filter((at) => at > since);
    return sent;
  };
  return {
    room: () => perMinute - recent().length,
    waitMs: () => Math.max(0, (recent()[0] ?? 0) + MINUTE_MS - performance.now()),
    used(count) {
      for (let i = 0; i < count; i++) sent.push(performance.now());
    },
  };
}

export function startLane({ channelId, perMinute, plugin, store, log, patience, send }: LaneOptions): DeliveryLane {
  const stopping = new AbortController();
  /** Ends what is still being sent when the stop has waited enough. */
  const ending = new AbortController();
  // What the other side takes is its own affair; where nobody says, the operator does.
  const most = plugin.perMinute ?? Infinity;
  const rate = createRate(Math.min(perMinute ?? plugin.perMinute ?? DEFAULT_PER_MINUTE, most));
  const running = new Set<Promise<void>>();
  let woken = Promise.withResolvers<undefined>();
  let failures = 0;
  let pausedUntil = 0;

  const rest = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);

  /** What happened outside has to be known inside: a database that is away for a moment is asked until it is back. */
  const surely = async (write: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        if (ending.signal.aborted) throw error;
        log.error({ channelId, err: errorMessage(error) }, 'what became of a notice could not be noted; trying again');
        await sleep(patience.pollMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
      }
    }
  };

  const refused = async (
    { deliveryId, alertId, attempts, firstAttemptAt }: Delivery,
    error: unknown,
  ): Promise<void> => {
    const [code, message] = [errorCode(error), errorMessage(error)];
    const details = (error as Partial<LprError> | null)?.details;
    const asked = Number(details?.['retryAfterSeconds'] ?? 0) * 1000;
    const wait = Math.max(
      asked,
      jittered(Math.min(patience.longestWaitMs, patience.firstWaitMs * 2 ** (attempts - 1))),
    );
    const isTooOld = Date.now() + wait - firstAttemptAt.getTime() > (plugin.retryForMs ?? Infinity);
    // What the hub itself refuses, or cannot say, does not change by waiting.
    const isFinal = ['channel_rejected', 'channel_private', 'channel_unknown', 'invalid_input'].includes(code);
    const isLast = isFinal || isTooOld || attempts >= patience.attempts;
    log.warn(
      { channelId, alertId, deliveryId, code, attempts, err: message },
      isLast ? 'a notice was given up' : 'a notice was not taken',
    );
    if (!isFinal) {
      failures++;
      const pause = Math.min(patience.longestPauseMs, patience.firstWaitMs * 2 ** Math.min(failures - 1, 20));
      pausedUntil = Date.now() + Math.max(asked, jittered(pause));
    }
    await surely(() => store.failed(deliveryId, { code, message }, isLast ? null : new Date(Date.now() + wait)));
    await store.note(channelId, { sent: 0, lastSuccessAt: null, error: { code, message, at: new Date() } });
  };

  const deliver = async (delivery: Delivery): Promise<void> => {
    try {
      await send(delivery, ending.signal);
    } catch (error) {
      // Cut off by the stop: nobody knows whether it was taken, so it is due when the hub starts again.
      if (ending.signal.aborted) return store.putBack(delivery.deliveryId);
      return refused(delivery, error);
    }
    failures = 0;
    pausedUntil = 0;
    await surely(() => store.delivered(delivery.deliveryId));
    await store.note(channelId, { sent: 1, lastSuccessAt: new Date(), error: null });
  };

  const start = (delivery: Delivery): void => {
    const one = deliver(delivery)
      .catch((error: unknown) => {
        log.error({ channelId, err: errorMessage(error) }, 'what became of a notice could not be noted');
      })
      .finally(() => {
        running.delete(one);
      });
    running.add(one);
  };

  const round = async (): Promise<void> => {
    const paused = pausedUntil - Date.now();
    if (paused > 0) return rest(paused);
    const free = (failures > 0 ? 1 : AT_ONCE) - running.size;
    if (free <= 0) {
      await Promise.race([...running]);
      return;
    }
    if (rate.room() <= 0) return rest(rate.waitMs() + 1);
    // Before the question: what is written while it is asked wakes it again.
    woken = Promise.withResolvers<undefined>();
    const due = await store.take(channelId, Math.min(free, rate.room()), patience.leaseSeconds);
    rate.used(due.length);
    for (const delivery of due) start(delivery);
    if (due.length === 0) await Promise.race([woken.promise, once(stopping.signal)]);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await round();
      } catch (error) {
        log.error({ channelId, err: errorMessage(error) }, 'a channel’s outbox could not be read; trying again');
        await rest(patience.pollMs);
      }
    }
    await Promise.all(running);
  };
  const ended = run();

  return {
    wake() {
      woken.resolve(undefined);
    },
    async stop() {
      stopping.abort();
      const timer = setTimeout(() => {
        ending.abort();
      }, patience.stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

const once = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
