/**
 * One connector's way out: takes what is due, sends it at the set rate, tries again later what was not taken. While the other
 * side does not answer at all the lane pauses and sends one at a time, so that an outage turns nothing into a dead letter.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorMessage, type LprError } from '../errors.ts';
import type { ConnectorDetection, Log } from '../plugins/define.ts';
import type { ConnectorStore, Delivery } from './connector-store.ts';
import type { ConnectorInput } from './connectors.ts';
import { detectionOf, judge } from './outgoing.ts';

export interface Patience {
  readonly pollMs: number;
  /** Before the second attempt; each further one waits twice as long. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** So long at most a connector pauses whose other side does not answer. */
  readonly longestPauseMs: number;
  readonly attempts: number;
  /** Of what the other side refuses for what it says. */
  readonly refusedAttempts: number;
  /** A stop waits so long for what is being sent. */
  readonly stopMs: number;
  /** More than a send may take (20 s) with its wait for the rate; after a kill it is due again then. */
  readonly leaseSeconds: number;
}

export const PATIENCE: Patience = {
  ...{ pollMs: 1_000, firstWaitMs: 2_000, longestWaitMs: 3_600_000, longestPauseMs: 5 * 60_000 },
  ...{ attempts: 12, refusedAttempts: 3, stopMs: 3_000, leaseSeconds: 45 },
};

const AT_ONCE = 8;
/** Answers that speak of the message, not of the connection. */
const ABOUT_THE_MESSAGE: readonly unknown[] = [400, 413, 415, 422];
const NOTE_MS = 1_000;

export interface LaneOptions {
  readonly connectorId: string;
  readonly connector: ConnectorInput;
  readonly store: ConnectorStore;
  readonly log: Log;
  readonly publicUrl: string | null;
  readonly patience: Patience;
  /** Says it once. @throws when it is not taken */
  readonly send: (detection: ConnectorDetection, signal: AbortSignal) => Promise<void>;
}

export interface DeliveryLane {
  /** There may be something due. */
  wake(): void;
  /** Lets what is being sent come to its end. */
  stop(): Promise<void>;
}

const jittered = (ms: number): number => ms * (0.75 + Math.random() / 2);
const detailOf = (error: unknown, key: string): unknown => (error as Partial<LprError> | null)?.details?.[key];
const isAboutTheMessage = (error: unknown): boolean =>
  errorCode(error) === 'connector_refused' && ABOUT_THE_MESSAGE.includes(detailOf(error, 'status'));

export function startLane({
  connectorId,
  connector,
  store,
  log,
  publicUrl,
  patience,
  send,
}: LaneOptions): DeliveryLane {
  const stopping = new AbortController();
  /** Ends what is still being sent when the stop has waited enough. */
  const ending = new AbortController();
  let woken = Promise.withResolvers<undefined>();
  let failures = 0;
  let pausedUntil = 0;
  let nextSlot = 0;
  let noted = {
    sent: 0,
    lastSuccessAt: null as Date | null,
    error: null as { code: string; message: string; at: Date } | null,
  };
  let lastNoteAt = 0;

  const rest = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);

  const note = async (): Promise<void> => {
    if (noted.sent === 0 && noted.error === null) return;
    const happened = noted;
    noted = { sent: 0, lastSuccessAt: null, error: null };
    lastNoteAt = Date.now();
    await store.note(connectorId, happened);
  };

  /** False when the lane was stopped before its turn came. */
  const turn = async (): Promise<boolean> => {
    const now = Date.now();
    const slot = Math.max(now, nextSlot);
    nextSlot = slot + 1000 / connector.perSecond;
    if (slot > now) await rest(slot - now);
    return !stopping.signal.aborted;
  };

  const refused = async (delivery: Delivery, error: unknown): Promise<void> => {
    const { detectionId, attempts } = delivery;
    const [code, message] = [errorCode(error), errorMessage(error)];
    const isOwn = isAboutTheMessage(error);
    const isLast = attempts >= (isOwn ? patience.refusedAttempts : patience.attempts);
    const asked = Number(detailOf(error, 'retryAfterSeconds') ?? 0) * 1000;
    const wait = Math.max(
      asked,
      jittered(Math.min(patience.longestWaitMs, patience.firstWaitMs * 2 ** (attempts - 1))),
    );
    log.warn(
      { connectorId, detectionId, code, attempts, err: message },
      isLast ? 'a connector gave a detection up' : 'a connector’s other side did not take a detection',
    );
    noted.error = { code, message, at: new Date() };
    if (!isOwn) {
      failures++;
      const pause = Math.min(patience.longestPauseMs, patience.firstWaitMs * 2 ** Math.min(failures - 1, 20));
      pausedUntil = Date.now() + Math.max(asked, jittered(pause));
    }
    await store.failed([connectorId, detectionId], { code, message }, isLast ? null : new Date(Date.now() + wait));
  };

  const deliver = async (delivery: Delivery): Promise<void> => {
    const key = [connectorId, delivery.detectionId] as const;
    const verdict = judge(delivery, connector, new Date());
    switch (verdict.is) {
      case 'gone':
        return store.drop(key);
      case 'left_out':
        return store.leftOut(key);
      case 'wait':
        return store.postpone(key, verdict.until);
      case 'send': {
        if (!(await turn())) return store.postpone(key, new Date());
        const { outgoing } = verdict;
        try {
          await send(detectionOf(outgoing, delivery.timesSent, publicUrl), ending.signal);
        } catch (error) {
          // Cut off by the stop: nobody knows whether it was taken, so it is due when the hub starts again.
          if (ending.signal.aborted) return store.postpone(key, new Date());
          return refused(delivery, error);
        }
        failures = 0;
        pausedUntil = 0;
        noted = { ...noted, sent: noted.sent + 1, lastSuccessAt: new Date() };
        const againAt = outgoing.summary.status === 'provisional' ? outgoing.settlesAt : null;
        await store.sent(key, delivery.changes, { againAt, updates: connector.updates });
      }
    }
  };

  const round = async (): Promise<void> => {
    const paused = pausedUntil - Date.now();
    if (paused > 0) return rest(paused);
    const due = await store.take(connectorId, failures > 0 ? 1 : AT_ONCE, patience.leaseSeconds);
    // Whatever goes wrong with one, none is left running behind.
    const ends = await Promise.allSettled(due.map(deliver));
    const broken = ends.find((one) => one.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    if (due.length === 0 || Date.now() - lastNoteAt > NOTE_MS) await note();
    if (due.length > 0) return;
    await Promise.race([woken.promise, rest(patience.pollMs)]);
    woken = Promise.withResolvers<undefined>();
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await round();
      } catch (error) {
        log.error({ connectorId, err: errorMessage(error) }, 'a connector’s outbox could not be read; trying again');
        await rest(patience.pollMs);
      }
    }
    await note().catch((error: unknown) => {
      log.error({ connectorId, err: errorMessage(error) }, 'what a connector did could not be noted');
    });
  };
  const running = run();

  return {
    wake() {
      woken.resolve(undefined);
    },
    async stop() {
      stopping.abort();
      const timer = setTimeout(() => {
        ending.abort();
      }, patience.stopMs);
      await running;
      clearTimeout(timer);
    },
  };
}
