/** Drives one camera's protocol: frames in, faults told, back-off between tries, clean end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorMessage } from '../errors.ts';
import type { AcceptedFrame, EventInput, FrameInput } from '../ingest/ingest.ts';
import type { CameraContext, CameraProtocolPlugin, CapturedFrame, DeviceEvent, Fields } from '../plugins/define.ts';

export interface RunnerError {
  readonly code: string;
  readonly message: string;
}

/** What a runner needs to know of a frame that was stored. */
export type StoredFrame = Pick<AcceptedFrame, 'frameId' | 'duplicate'>;

export interface RunnerDependencies {
  readonly cameraId: string;
  readonly plugin: CameraProtocolPlugin;
  readonly context: CameraContext<Fields>;
  readonly accept: (input: FrameInput) => Promise<StoredFrame>;
  /** For reads that the camera made itself. */
  readonly acceptEvent: (input: EventInput) => Promise<StoredFrame>;
  /** Null once a frame came through again. */
  readonly onError: (error: RunnerError | null) => void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** A refusal that the same picture would meet again for ever. */
const isFinal = (code: string): boolean => code.startsWith('image_');

/** Stores a frame and tells its source. Null: it was refused for ever. @throws what may pass: the database, a full disk */
export async function handIn(
  frame: CapturedFrame,
  { cameraId, accept, context }: RunnerDependencies,
): Promise<StoredFrame | null> {
  const { bytes, capturedAt, capturedAtSource, eventKey, label } = frame;
  let stored: StoredFrame;
  try {
    stored = await accept({ cameraId, bytes, capturedAt, capturedAtSource, eventKey, label });
  } catch (error) {
    const code = errorCode(error);
    if (!isFinal(code)) throw error;
    context.log.warn({ code, label }, 'a picture was refused');
    await frame.refused?.({ code, message: errorMessage(error) });
    return null;
  }
  await frame.accepted?.();
  return stored;
}

export const isEvent = (item: CapturedFrame | DeviceEvent): item is DeviceEvent => 'reads' in item;

/** Stores what a camera read by itself; a picture without reads is one for the hub's engines. @throws as `handIn` */
async function takeEvent(event: DeviceEvent, dependencies: RunnerDependencies): Promise<void> {
  const { cameraId, plugin, acceptEvent } = dependencies;
  const { eventKey, capturedAt, isLate, frame, pull, reads } = event;
  const capturedAtSource = capturedAt === null ? 'received' : 'device';
  if (reads.length > 0) {
    const common = { cameraId, deviceId: null, engine: `device:${plugin.reader ?? plugin.id}`, label: null };
    await acceptEvent({ ...common, capturedAt, capturedAtSource, isLate, eventKey, frame, pull, reads });
  } else if (frame !== null) {
    await handIn({ bytes: frame, capturedAt, capturedAtSource, eventKey, label: null }, dependencies);
  }
}

/**
 * Resolves when `context.signal` fired and the protocol has ended.
 * @param arrived takes each frame; the source waits for it. Default: stores it.
 */
export async function runCamera(
  dependencies: RunnerDependencies,
  arrived: (frame: CapturedFrame) => Promise<unknown> = (frame) => handIn(frame, dependencies),
): Promise<void> {
  const { plugin, context, onError } = dependencies;
  const { signal, log } = context;
  let failures = 0;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      for await (const item of plugin.frames(context)) {
        if (isEvent(item)) await takeEvent(item, dependencies);
        else await arrived(item);
        failures = 0;
        onError(null);
        if (isOver()) return;
      }
      // A protocol that ends by itself (a file played to its end) begins again, unhurried.
      failures = Math.max(failures, 1);
    } catch (error) {
      if (isOver()) return;
      failures++;
      const code = errorCode(error);
      log.warn({ code, failures, err: errorMessage(error) }, 'the camera gave no frame; trying again');
      onError({ code, message: errorMessage(error) });
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
}
