/** What is in the flow: entries handed out, their tokens, and how each comes to its end. */
import { createBatcher } from '../batcher.ts';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { LprMessage, LprRecord, Patch } from '../message.ts';
import type { Log } from '../plugins/define.ts';
import type { EntryKind, FrameEnd, HeldRead, IngestStore, TakenEntry } from './ingest-store.ts';
import type { FrameConsumer, FrameStatus, SettleOutcome } from './ingest.ts';

export interface IngestLimits {
  /** Pictures in the flow at once. */
  readonly inFlight: number;
  /** Their decoded size, pixels. A single larger frame still passes, alone. */
  readonly inFlightPixels: number;
  /** Reads that came ready-made in the flow at once: nothing has to be decoded for them. */
  readonly readsInFlight: number;
  /** A frame that is not settled after this long has failed. */
  readonly settleMs: number;
  readonly attempts: number;
  /** Wait before the second attempt; doubles, with jitter. */
  readonly backOffMs: number;
}

export const DEFAULT_LIMITS: IngestLimits = {
  inFlight: 8,
  inFlightPixels: 60_000_000,
  readsInFlight: 1_000,
  settleMs: 120_000,
  attempts: 5,
  backOffMs: 2_000,
};

/** How often frames that wait for another attempt are looked for. */
const POLL_MS = 1_000;
/** How often frames are looked for that this or another process took and never finished. */
const RECLAIM_MS = 60_000;
const MOST_ENDS = 500;
const END_RETRY_MS = 1_000;
/** Trouble of the machine or of the site that says nothing of the frame: it waits, however often. */
const PASSING: readonly string[] = ['stopping', 'database_unavailable', 'storage_full', 'engine_unavailable'];

export interface InFlowDependencies {
  readonly store: IngestStore;
  readonly events: Events;
  readonly log: Log;
  readonly limits: IngestLimits;
  readonly now: () => Date;
  /** Gets the pictures that a ready-made read still lacks: pulls the scene, cuts patches. */
  readonly complete: (entry: TakenEntry) => Promise<TakenEntry>;
}

/** An entry whose messages are in the flow. */
interface Running {
  readonly entry: TakenEntry;
  readonly tokens: Set<string>;
  readonly outcomes: Partial<Record<SettleOutcome, number>>;
  readonly detectionIds: Set<string>;
  readonly timer: NodeJS.Timeout;
}

export interface InFlow {
  consume(consumer: FrameConsumer): () => void;
  split(token: string, into: readonly string[]): void;
  settle(token: string, outcome: SettleOutcome, detectionId?: string): void;
  fail(token: string, error: unknown): void;
  /** Reserves a place for an entry that is about to be written: it then need not wait in the queue. False: it must. */
  reserve(kind: EntryKind, cameraId: string, pixels: number): boolean;
  /** Hands out an entry for which a place was reserved, or gives the place back. */
  handOut(entry: TakenEntry): void;
  giveBack(kind: EntryKind, pixels: number): void;
  /** Looks for waiting entries. */
  pump(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const frameIdOf = (token: string): string => token.split('#', 1)[0] ?? token;
export const kindOf = ({ reads }: Pick<TakenEntry, 'reads'>): EntryKind => (reads === null ? 'picture' : 'reads');
export const pixelsOf = ({ frame, reads }: Pick<TakenEntry, 'frame' | 'reads'>): number =>
  frame === null || reads !== null ? 0 : frame.width * frame.height;

const patchOf = ({ read, patch, box, corners }: HeldRead, plateIndex: number): Patch | undefined =>
  patch === null
    ? undefined
    : { readId: read.readId, plateIndex, image: patch, box, corners, confidence: 1, locatedBy: read.engine };

/** One message a plate for ready-made reads, else one for the picture. */
function messagesOf(entry: TakenEntry): LprMessage[] {
  const { frameId, frame, reads } = entry;
  const record: LprRecord = {
    frameId,
    cameraId: entry.cameraId,
    capturedAt: entry.capturedAt.toISOString(),
    capturedAtSource: entry.capturedAtSource,
    receivedAt: entry.receivedAt.toISOString(),
    isLate: entry.isLate,
    ...(entry.isRepeated ? {} : { isFirst: true }),
    token: frameId,
    ...(frame === null ? {} : { frame }),
  };
  if (reads === null) return [{ lpr: record }];
  return reads.map((held, index) => {
    const patch = patchOf(held, index);
    const token = `${frameId}#${index}`;
    return { lpr: { ...record, token, read: held.read, ...(patch === undefined ? {} : { patch }) } };
  });
}

export function createInFlow(dependencies: InFlowDependencies): InFlow {
  const { store, events, log, limits, now, complete } = dependencies;
  const consumers = new Set<FrameConsumer>();
  const running = new Map<string, Running>();
  /** Those that are being completed, and those whose end is on its way to the database: in hand, too. */
  const between = new Set<string>();
  /** Entries in hand by kind, those that are being completed or written too. */
  const inHand: Record<EntryKind, number> = { picture: 0, reads: 0 };
  const mostInHand: Readonly<Record<EntryKind, number>> = { picture: limits.inFlight, reads: limits.readsInFlight };
  /** Older ones wait in the queue: nothing new may pass them. */
  const hasBacklog: Record<EntryKind, boolean> = { picture: true, reads: true };
  const completing = new Set<Promise<void>>();
  const stopped = new AbortController();
  let pixels = 0;
  let isStarted = false;
  let pumping: Promise<void> | null = null;
  let pumpAgain = false;
  let poll: NodeJS.Timeout | undefined;
  let reclaim: NodeJS.Timeout | undefined;

  /** What ended is written until it is: the database may be away for a while. */
  const writeEnds = async (ends: readonly FrameEnd[]): Promise<readonly (FrameStatus | null)[]> => {
    for (let tries = 1; ; tries++) {
      try {
        const statuses = new Map((await store.end(ends)).map((status) => [status.frameId, status]));
        return ends.map(({ frameId }) => statuses.get(frameId) ?? null);
      } catch (error) {
        if (tries === 1)
          log.error(
            { frames: ends.length, err: errorMessage(error) },
            'ends of frames could not be written; trying again',
          );
        // A hub that stops leaves them running in the database: they are taken again at the next start.
        if (stopped.signal.aborted) return ends.map(() => null);
        await new Promise<void>((resolve) => {
          setTimeout(resolve, END_RETRY_MS);
          stopped.signal.addEventListener(
            'abort',
            () => {
              resolve();
            },
            { once: true },
          );
        });
      }
    }
  };
  const ends = createBatcher(writeEnds, { most: MOST_ENDS, parallel: 2 });
  const end = (frameEnd: FrameEnd): void => {
    between.add(frameEnd.frameId);
    void ends.add(frameEnd).then((status) => {
      between.delete(frameEnd.frameId);
      if (status !== null && frameEnd.state !== 'queued') events.emit('frame.ended', status);
      if (frameEnd.state === 'queued') hasBacklog.picture = hasBacklog.reads = true;
    });
  };

  const room = (kind: EntryKind): number =>
    kind === 'picture' && pixels >= limits.inFlightPixels ? 0 : mostInHand[kind] - inHand[kind];
  const hold = (kind: EntryKind, ofPixels: number): void => {
    inHand[kind]++;
    pixels += ofPixels;
  };
  const letGo = (kind: EntryKind, ofPixels: number): void => {
    inHand[kind]--;
    pixels -= ofPixels;
    if (hasBacklog[kind]) pump();
  };
  const release = ({ entry, timer }: Running): void => {
    clearTimeout(timer);
    running.delete(entry.frameId);
    letGo(kindOf(entry), pixelsOf(entry));
  };

  const endToken = (token: string, outcome: SettleOutcome, detectionId?: string): void => {
    const one = running.get(frameIdOf(token));
    if (!one?.tokens.delete(token)) return;
    one.outcomes[outcome] = (one.outcomes[outcome] ?? 0) + 1;
    if (detectionId !== undefined) one.detectionIds.add(detectionId);
    if (one.tokens.size > 0) return;
    release(one);
    const { outcomes, detectionIds, entry } = one;
    end({
      frameId: entry.frameId,
      state: 'settled',
      nextAttemptAt: now(),
      outcomes,
      detectionIds: [...detectionIds],
      error: null,
      countsAsAttempt: true,
    });
  };

  const failed = (entry: TakenEntry, error: unknown, so: Pick<Running, 'outcomes' | 'detectionIds'>): void => {
    const code = errorCode(error);
    const countsAsAttempt = !PASSING.includes(code);
    const isLast = countsAsAttempt && entry.attempts >= limits.attempts;
    const wait = limits.backOffMs * 2 ** (entry.attempts - 1) * (0.75 + Math.random() / 2);
    const fields = { frameId: entry.frameId, cameraId: entry.cameraId, code, attempt: entry.attempts };
    log.warn(
      { ...fields, err: errorMessage(error) },
      isLast ? 'a frame failed for the last time' : 'a frame failed and is tried again',
    );
    end({
      frameId: entry.frameId,
      state: isLast ? 'dead' : 'queued',
      nextAttemptAt: new Date(now().getTime() + wait),
      outcomes: so.outcomes,
      detectionIds: [...so.detectionIds],
      error: { code, message: errorMessage(error) },
      countsAsAttempt,
    });
  };
  const failRunning = (one: Running, error: unknown): void => {
    release(one);
    failed(one.entry, error, one);
  };

  const wants = (consumer: FrameConsumer, cameraId: string): boolean =>
    consumer.cameraIds.length === 0 || consumer.cameraIds.includes(cameraId);

  const deliver = (entry: TakenEntry): void => {
    const { frameId } = entry;
    const to = [...consumers].filter((consumer) => wants(consumer, entry.cameraId));
    const timer = setTimeout(() => {
      const one = running.get(frameId);
      if (!one) return;
      const message = `The flow did not finish this frame in ${limits.settleMs / 1000} s: see that each branch ends in a record or discard node.`;
      failRunning(one, new LprError('flow_unsettled', message));
    }, limits.settleMs);
    timer.unref();
    const messages = messagesOf(entry);
    const tokens = new Set(messages.map(({ lpr }) => lpr.token));
    const one: Running = { entry, tokens, outcomes: {}, detectionIds: new Set(), timer };
    running.set(frameId, one);
    if (to.length === 0) {
      // The flow that wanted it is gone since.
      failRunning(one, new LprError('stopping', 'No flow takes frames of this camera now.'));
      return;
    }
    for (const [place, consumer] of to.entries()) {
      // Records of its own for each: a flow may change what it is handed.
      for (const message of place === 0 ? messages : messagesOf(entry)) {
        try {
          consumer.deliver(message);
        } catch (error) {
          failRunning(one, error);
          return;
        }
      }
    }
  };

  const needsPictures = ({ frame, reads, pull, pictureProblem }: TakenEntry): boolean =>
    reads !== null &&
    ((frame === null && pull !== null && pictureProblem === null) ||
      (frame !== null && reads.some(({ patch, box }) => patch === null && box !== null)));

  const handOut = (entry: TakenEntry): void => {
    if (!needsPictures(entry)) {
      deliver(entry);
      return;
    }
    between.add(entry.frameId);
    const work = complete(entry)
      .finally(() => between.delete(entry.frameId))
      .then(deliver, (error: unknown) => {
        letGo(kindOf(entry), pixelsOf(entry));
        failed(entry, error, { outcomes: {}, detectionIds: new Set() });
      })
      .finally(() => completing.delete(work));
    completing.add(work);
  };

  const pumpKind = async (kind: EntryKind): Promise<void> => {
    while (isStarted && !stopped.signal.aborted && consumers.size > 0) {
      const asked = room(kind);
      if (asked <= 0) return;
      const all = [...consumers];
      const cameraIds = all.some((c) => c.cameraIds.length === 0) ? null : all.flatMap((c) => c.cameraIds);
      hasBacklog[kind] = false;
      const entries = await store.take(kind, asked, cameraIds, now());
      if (entries.length >= asked) hasBacklog[kind] = true;
      for (const entry of entries) {
        hold(kind, pixelsOf(entry));
        handOut(entry);
      }
      if (entries.length < asked) return;
    }
  };
  /** Hands out waiting entries; calls that come while it works make it look once more. */
  function pump(): void {
    if (pumping !== null) {
      pumpAgain = true;
      return;
    }
    pumpAgain = false;
    pumping = pumpKind('reads')
      .then(() => pumpKind('picture'))
      .catch((error: unknown) => {
        hasBacklog.picture = hasBacklog.reads = true;
        log.error({ err: errorMessage(error) }, 'waiting frames could not be taken; trying again');
      })
      .finally(() => {
        pumping = null;
        if (pumpAgain) pump();
      });
  }

  const takeUp = async (): Promise<void> => {
    // An answer of the database that was lost leaves entries running that nobody has in hand.
    const time = now().getTime();
    const before = new Date(time - limits.settleMs - RECLAIM_MS);
    const count = await store.requeueRunning(before, new Date(time + RECLAIM_MS), [...running.keys(), ...between]);
    if (count === 0) return;
    log.warn({ frames: count }, 'frames that nobody finished wait again');
    pump();
  };

  return {
    consume(consumer) {
      consumers.add(consumer);
      pump();
      return () => consumers.delete(consumer);
    },
    split(token, into) {
      if (into.length === 0) {
        endToken(token, 'no_plate');
        return;
      }
      const one = running.get(frameIdOf(token));
      if (!one?.tokens.delete(token)) return;
      for (const part of into) one.tokens.add(part);
    },
    settle: endToken,
    fail(token, error) {
      const one = running.get(frameIdOf(token));
      if (one?.tokens.has(token)) failRunning(one, error);
    },
    reserve(kind, cameraId, ofPixels) {
      const isFree = isStarted && !stopped.signal.aborted && !hasBacklog[kind] && room(kind) > 0;
      if (!isFree || ![...consumers].some((consumer) => wants(consumer, cameraId))) {
        hasBacklog[kind] = true;
        return false;
      }
      hold(kind, ofPixels);
      return true;
    },
    handOut,
    giveBack: letGo,
    pump,
    async start() {
      // Whatever their clock said.
      await store.requeueRunning(now(), new Date(0), []);
      isStarted = true;
      poll = setInterval(pump, POLL_MS);
      reclaim = setInterval(() => {
        takeUp().catch((error: unknown) => {
          log.error({ err: errorMessage(error) }, 'frames that nobody finished could not be looked for');
        });
      }, RECLAIM_MS);
      poll.unref();
      reclaim.unref();
      pump();
    },
    async stop() {
      stopped.abort();
      clearInterval(poll);
      clearInterval(reclaim);
      await pumping;
      for (const { timer } of running.values()) clearTimeout(timer);
      await Promise.all(completing);
      await ends.idle();
    },
  };
}
