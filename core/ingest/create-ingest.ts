import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { ImageStore } from '../images/images.ts';
import type { ImageHandle, LprMessage } from '../message.ts';
import type { Log } from '../plugins/define.ts';
import type { FrameConsumer, FrameInput, Ingest, SettleOutcome } from './ingest.ts';
import type { FrameEnd, IngestStore, NewFrame, TakenFrame } from './ingest-store.ts';

export interface IngestLimits {
  /** Frames in the flow at once. */
  readonly inFlight: number;
  /** Their decoded size, pixels. A single larger frame still passes, alone. */
  readonly inFlightPixels: number;
  /** A frame that is not settled after this long has failed. */
  readonly settleMs: number;
  readonly attempts: number;
  /** Wait before the second attempt; doubles, with jitter. */
  readonly backOffMs: number;
}

export const DEFAULT_LIMITS: IngestLimits = {
  inFlight: 8,
  inFlightPixels: 60_000_000,
  settleMs: 120_000,
  attempts: 5,
  backOffMs: 2_000,
};

export interface IngestDependencies {
  readonly store: IngestStore;
  readonly images: Pick<ImageStore, 'put'>;
  readonly events: Events;
  readonly log: Log;
  /** Whether a camera exists and is switched on. */
  readonly cameraState: (cameraId: string) => Promise<'enabled' | 'disabled' | 'unknown'>;
  readonly frameArrived: (cameraId: string, frame: ImageHandle, at: Date) => void;
  readonly limits?: Partial<IngestLimits>;
  readonly now?: () => Date;
}

/** A frame whose messages are in the flow. */
interface Running {
  readonly frame: TakenFrame;
  readonly tokens: Set<string>;
  readonly outcomes: Partial<Record<SettleOutcome, number>>;
  readonly detectionIds: Set<string>;
  readonly timer: NodeJS.Timeout;
}

const EARLIEST = Date.UTC(2000, 0, 1);
const AHEAD_MS = 24 * 3_600_000;
/** How often frames that wait for another attempt are looked for. */
const POLL_MS = 1_000;

const frameIdOf = (token: string): string => token.split('#', 1)[0] ?? token;

/** A clock that cannot be right is not believed: the time of receipt counts and what the device said is kept beside it. */
function believe(
  input: FrameInput,
  receivedAt: Date,
): Pick<NewFrame, 'capturedAt' | 'capturedAtSource' | 'capturedAtRaw'> {
  const time = input.capturedAt?.getTime();
  if (input.capturedAt === null || time === undefined || input.capturedAtSource === 'received') {
    return { capturedAt: receivedAt, capturedAtSource: 'received', capturedAtRaw: null };
  }
  const isPlausible = time >= EARLIEST && time <= receivedAt.getTime() + AHEAD_MS;
  return isPlausible
    ? { capturedAt: input.capturedAt, capturedAtSource: input.capturedAtSource, capturedAtRaw: null }
    : {
        capturedAt: receivedAt,
        capturedAtSource: 'received',
        capturedAtRaw: Number.isNaN(time) ? null : input.capturedAt,
      };
}

export function createIngest(dependencies: IngestDependencies): Ingest {
  const { store, images, events, log, cameraState, frameArrived, now = () => new Date() } = dependencies;
  const limits: IngestLimits = { ...DEFAULT_LIMITS, ...dependencies.limits };
  const consumers = new Set<FrameConsumer>();
  const running = new Map<string, Running>();
  const endings = new Set<Promise<void>>();
  let pixels = 0;
  let isStarted = false;
  let isStopping = false;
  let pumping: Promise<void> | null = null;
  let pumpAgain = false;
  let poll: NodeJS.Timeout | undefined;

  const end = (frameEnd: FrameEnd): void => {
    const write = store
      .end(frameEnd)
      .then((status) => {
        if (status !== null && frameEnd.state !== 'queued') events.emit('frame.ended', status);
      })
      .catch((error: unknown) => {
        // The frame stays `running` in the database and is taken again at the next start.
        log.error({ frameId: frameEnd.frameId, err: errorMessage(error) }, 'the end of a frame could not be written');
      })
      .finally(() => endings.delete(write));
    endings.add(write);
  };

  const release = (entry: Running): void => {
    clearTimeout(entry.timer);
    running.delete(entry.frame.frameId);
    pixels -= entry.frame.width * entry.frame.height;
    pump();
  };

  const endToken = (token: string, outcome: SettleOutcome, detectionId?: string): void => {
    const entry = running.get(frameIdOf(token));
    if (!entry?.tokens.delete(token)) return;
    entry.outcomes[outcome] = (entry.outcomes[outcome] ?? 0) + 1;
    if (detectionId !== undefined) entry.detectionIds.add(detectionId);
    if (entry.tokens.size > 0) return;
    release(entry);
    const { outcomes, detectionIds, frame } = entry;
    end({
      frameId: frame.frameId,
      state: 'settled',
      nextAttemptAt: now(),
      outcomes,
      detectionIds: [...detectionIds],
      error: null,
      countsAsAttempt: true,
    });
  };

  const failFrame = (entry: Running, error: unknown): void => {
    release(entry);
    const { frame } = entry;
    const code = errorCode(error);
    // A deploy or a stop took the flow away: that says nothing of the frame.
    const countsAsAttempt = code !== 'stopping';
    const isLast = countsAsAttempt && frame.attempts >= limits.attempts;
    const wait = limits.backOffMs * 2 ** (frame.attempts - 1) * (0.75 + Math.random() / 2);
    const fields = { frameId: frame.frameId, cameraId: frame.cameraId, code, attempt: frame.attempts };
    log.warn(
      { ...fields, err: errorMessage(error) },
      isLast ? 'a frame failed for the last time' : 'a frame failed and is tried again',
    );
    end({
      frameId: frame.frameId,
      state: isLast ? 'dead' : 'queued',
      nextAttemptAt: new Date(now().getTime() + wait),
      outcomes: entry.outcomes,
      detectionIds: [...entry.detectionIds],
      error: { code, message: errorMessage(error) },
      countsAsAttempt,
    });
  };

  const deliver = (frame: TakenFrame, to: readonly FrameConsumer[]): void => {
    const { frameId, cameraId, imageId, width, height } = frame;
    const timer = setTimeout(() => {
      const entry = running.get(frameId);
      if (!entry) return;
      const message = `The flow did not finish this frame in ${limits.settleMs / 1000} s: see that each branch ends in a record or discard node.`;
      failFrame(entry, new LprError('flow_unsettled', message));
    }, limits.settleMs);
    timer.unref();
    const entry: Running = { frame, tokens: new Set([frameId]), outcomes: {}, detectionIds: new Set(), timer };
    running.set(frameId, entry);
    pixels += width * height;
    for (const consumer of to) {
      // A record of its own for each: a flow may change what it is handed.
      const message: LprMessage<'frame'> = {
        lpr: {
          frameId,
          cameraId,
          capturedAt: frame.capturedAt.toISOString(),
          capturedAtSource: frame.capturedAtSource,
          receivedAt: frame.receivedAt.toISOString(),
          token: frameId,
          frame: { imageId, width, height },
        },
      };
      try {
        consumer.deliver(message);
      } catch (error) {
        failFrame(entry, error);
        return;
      }
    }
  };

  const wants = (consumer: FrameConsumer, cameraId: string): boolean =>
    consumer.cameraIds.length === 0 || consumer.cameraIds.includes(cameraId);

  const pumpOnce = async (): Promise<void> => {
    while (isStarted && !isStopping && consumers.size > 0) {
      const room = pixels >= limits.inFlightPixels ? 0 : limits.inFlight - running.size;
      if (room <= 0) return;
      const all = [...consumers];
      const cameraIds = all.some((c) => c.cameraIds.length === 0) ? null : all.flatMap((c) => c.cameraIds);
      const frames = await store.take(room, cameraIds, now());
      if (frames.length === 0) return;
      for (const frame of frames) {
        deliver(
          frame,
          [...consumers].filter((consumer) => wants(consumer, frame.cameraId)),
        );
      }
    }
  };

  /** Hands out waiting frames; calls that come while it works make it look once more. */
  function pump(): void {
    if (pumping !== null) {
      pumpAgain = true;
      return;
    }
    pumpAgain = false;
    pumping = pumpOnce()
      .catch((error: unknown) => {
        log.error({ err: errorMessage(error) }, 'waiting frames could not be taken; trying again');
      })
      .finally(() => {
        pumping = null;
        if (pumpAgain) pump();
      });
  }

  return {
    async accept(input) {
      if (isStopping) throw new LprError('stopping', 'The hub is stopping: send again in a moment.');
      const state = await cameraState(input.cameraId);
      if (state === 'unknown') throw new LprError('camera_unknown', 'There is no such camera.');
      if (state === 'disabled')
        throw new LprError('camera_disabled', 'This camera is switched off: switch it on first.');
      const receivedAt = now();
      const image = await images.put(input.bytes, 'frame');
      const frameId = uuidv7();
      const known = await store.add({
        frameId,
        cameraId: input.cameraId,
        eventKey: input.eventKey ?? `content:${image.imageId}`,
        imageId: image.imageId,
        width: image.width,
        height: image.height,
        label: input.label,
        ...believe(input, receivedAt),
        receivedAt,
      });
      const { imageId, width, height } = image;
      if (known !== null) return { imageId, ...known, duplicate: true };
      frameArrived(input.cameraId, { imageId, width, height }, receivedAt);
      pump();
      return { frameId, imageId, width, height, duplicate: false };
    },
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
      const entry = running.get(frameIdOf(token));
      if (!entry?.tokens.delete(token)) return;
      for (const part of into) entry.tokens.add(part);
    },
    settle: endToken,
    fail(token, error) {
      const entry = running.get(frameIdOf(token));
      if (entry?.tokens.has(token)) failFrame(entry, error);
    },
    status: (frameId) => (isUuid(frameId) ? store.find(frameId) : Promise.resolve(null)),
    async replay(frameIds) {
      const count = await store.requeueDead(frameIds === 'all' ? 'all' : frameIds.filter((id) => isUuid(id)));
      pump();
      return count;
    },
    counts: () => store.counts(),
    async start() {
      await store.requeueRunning();
      isStarted = true;
      poll = setInterval(pump, POLL_MS);
      poll.unref();
      pump();
    },
    async stop() {
      isStopping = true;
      clearInterval(poll);
      await pumping;
      for (const entry of running.values()) clearTimeout(entry.timer);
      await Promise.all(endings);
    },
  };
}
