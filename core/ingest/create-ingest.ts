import { validate as isUuid } from 'uuid';
import { createBatcher } from '../batcher.ts';
import { errorCode, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { ImageStore, PictureCheck } from '../images/images.ts';
import type { ImageHandle } from '../message.ts';
import type { Log, PicturePull } from '../plugins/define.ts';
import { createInFlow, DEFAULT_LIMITS, kindOf, pixelsOf, type IngestLimits } from './in-flow.ts';
import { clockOf, entryOfEvent, entryOfFrame, keptLong, type StoredPictures } from './inbox-entry.ts';
import type { EventInput, Ingest } from './ingest.ts';
import type { HeldRead, IngestStore, KnownFrame, NewEntry, TakenEntry } from './ingest-store.ts';

export { DEFAULT_LIMITS, type IngestLimits } from './in-flow.ts';

export interface IngestDependencies {
  readonly store: IngestStore;
  readonly images: Pick<ImageStore, 'put' | 'cut' | 'freeBytes'>;
  readonly events: Events;
  readonly log: Log;
  /** Whether a camera exists and is switched on. */
  readonly cameraState: (cameraId: string) => Promise<'enabled' | 'disabled' | 'unknown'>;
  /** `capturedAt` is by the device's own clock, believed or not; null without one. */
  readonly frameArrived: (cameraId: string, frame: ImageHandle | null, at: Date, capturedAt: Date | null) => void;
  /** The bytes of a picture that a device keeps for us. */
  readonly pullPicture?: (deviceId: string, pull: PicturePull) => Promise<Uint8Array>;
  readonly limits?: Partial<IngestLimits>;
  readonly now?: () => Date;
}

const MOST_AT_ONCE = 500;
/** Under this much free disk nothing is accepted any more: the database needs it to stay alive. */
const LEAST_FREE_BYTES = 300 * 1024 * 1024;
const FREE_CHECK_MS = 5_000;
/** A scene that cannot be fetched is asked for this often; then the read goes on without it. */
const PULLS = 4;
const CUTS_AT_ONCE = 2;
/** A picture that only this event lacks; anything else that goes wrong with a picture is the hub's own trouble. */
const isBadPicture = (code: string): boolean => code.startsWith('image_');

export function createIngest(dependencies: IngestDependencies): Ingest {
  const { store, images, events, log, cameraState, frameArrived, pullPicture, now = () => new Date() } = dependencies;
  const limits: IngestLimits = { ...DEFAULT_LIMITS, ...dependencies.limits };
  let isStopping = false;
  let freeAt = -Infinity;
  let isFull = false;

  const stored = async (bytes: Uint8Array, purpose: 'frame' | 'patch', check: PictureCheck): Promise<ImageHandle> => {
    const { imageId, width, height } = await images.put(bytes, purpose, check);
    return { imageId, width, height };
  };
  /** Null with the reason where the picture itself is bad; the hub's own trouble is thrown. */
  const storedOr = async (
    bytes: Uint8Array | null,
    purpose: 'frame' | 'patch',
  ): Promise<{ image: ImageHandle | null; problem: string | null }> => {
    if (bytes === null) return { image: null, problem: null };
    try {
      return { image: await stored(bytes, purpose, 'marks'), problem: null };
    } catch (error) {
      const code = errorCode(error);
      if (!isBadPicture(code)) throw error;
      return { image: null, problem: code };
    }
  };

  let cutting = 0;
  const waitingCuts: (() => void)[] = [];
  /** Cutting decodes a whole scene: few at once. */
  const inTurn = async <T>(run: () => Promise<T>): Promise<T> => {
    if (cutting >= CUTS_AT_ONCE) await new Promise<void>((resolve) => waitingCuts.push(resolve));
    cutting++;
    try {
      return await run();
    } finally {
      cutting--;
      waitingCuts.shift()?.();
    }
  };

  const pulled = async (entry: TakenEntry): Promise<TakenEntry> => {
    const { pull, deviceId, attempts } = entry;
    if (entry.frame !== null || pull === null || deviceId === null || pullPicture === undefined) return entry;
    try {
      const { image, problem } = await storedOr(await pullPicture(deviceId, pull), 'frame');
      return { ...entry, frame: image, pictureProblem: problem };
    } catch (error) {
      // The read counts more than its picture.
      if (attempts < Math.min(PULLS, limits.attempts)) throw error;
      log.warn(
        { frameId: entry.frameId, code: errorCode(error) },
        'a picture could not be fetched; going on without it',
      );
      return { ...entry, pictureProblem: errorCode(error) };
    }
  };

  const complete = async (entry: TakenEntry): Promise<TakenEntry> => {
    const full = await pulled(entry);
    const { frame, reads, pictureProblem } = full;
    if (reads === null) return full;
    const noted = (held: HeldRead): HeldRead =>
      pictureProblem === null || pictureProblem === entry.pictureProblem
        ? held
        : { ...held, read: { ...held.read, reasons: [...held.read.reasons, `picture:${pictureProblem}`] } };
    if (frame === null) return { ...full, reads: reads.map(noted) };
    const withPatches: HeldRead[] = [];
    for (const held of reads) {
      const { patch, box } = held;
      if (patch !== null || box === null) {
        withPatches.push(held);
        continue;
      }
      try {
        const { imageId, width, height } = await inTurn(() => images.cut(frame.imageId, box));
        withPatches.push({ ...held, patch: { imageId, width, height } });
      } catch (error) {
        // A box outside its picture: the device counts in other pixels than it sent.
        if (errorCode(error) !== 'invalid_input') throw error;
        const reasons = [...held.read.reasons, 'picture:box_outside'];
        withPatches.push({ ...held, box: null, corners: null, read: { ...held.read, reasons } });
      }
    }
    return { ...full, reads: withPatches };
  };

  const flow = createInFlow({ store, events, log, limits, now, complete });
  const inbox = createBatcher((entries: readonly NewEntry[]) => store.add(entries), {
    most: MOST_AT_ONCE,
    parallel: 2,
  });

  const checkOpen = async (cameraId: string): Promise<void> => {
    if (isStopping) throw new LprError('stopping', 'The hub is stopping: send again in a moment.');
    const state = await cameraState(cameraId);
    if (state === 'unknown') throw new LprError('camera_unknown', 'There is no such camera.');
    if (state === 'disabled') throw new LprError('camera_disabled', 'This camera is switched off: switch it on first.');
    const time = now().getTime();
    if (Math.abs(time - freeAt) > FREE_CHECK_MS) {
      freeAt = time;
      isFull = ((await images.freeBytes())?.free ?? Infinity) < LEAST_FREE_BYTES;
    }
    if (isFull) throw new LprError('storage_full', 'The disk is almost full: nothing is accepted until there is room.');
  };

  /** Durable when it resolves. */
  const write = async (given: Omit<NewEntry, 'takenAt'>): Promise<KnownFrame | null> => {
    const entry = keptLong(given.receivedAt, now()) ? { ...given, isLate: true } : given;
    const kind = kindOf(entry);
    const pixels = pixelsOf(entry);
    const waits = entry.pull !== null && entry.pull.afterMs > 0;
    const isTaken = !waits && flow.reserve(kind, entry.cameraId, pixels);
    let known: KnownFrame | null;
    try {
      known = await inbox.add({ ...entry, takenAt: isTaken ? now() : null });
    } catch (error) {
      if (isTaken) flow.giveBack(kind, pixels);
      throw error;
    }
    if (known !== null) {
      if (isTaken) flow.giveBack(kind, pixels);
      return known;
    }
    frameArrived(entry.cameraId, entry.frame, entry.receivedAt, clockOf(entry));
    if (isTaken) flow.handOut({ ...entry, attempts: 1, isRepeated: false });
    else flow.pump();
    return null;
  };

  const picturesOf = async ({ frame, reads }: EventInput): Promise<StoredPictures> => {
    const [scene, ...patches] = await Promise.all([
      storedOr(frame, 'frame'),
      ...reads.map(({ patch }) => storedOr(patch, 'patch')),
    ]);
    return { frame: scene.image, problem: scene.problem, patches: patches.map(({ image }) => image) };
  };

  return {
    async accept(input) {
      await checkOpen(input.cameraId);
      const receivedAt = input.receivedAt ?? now();
      const frame = await stored(input.bytes, 'frame', 'pixels');
      const entry = entryOfFrame(input, frame, receivedAt);
      const known = await write(entry);
      return known === null
        ? { frameId: entry.frameId, ...frame, duplicate: false }
        : { frameId: known.frameId, ...(known.frame ?? frame), duplicate: true };
    },
    async acceptEvent(input) {
      if (input.reads.length === 0) {
        const problems = [{ field: 'reads', problem: 'must have at least one' }];
        throw new LprError('invalid_input', 'An event of a device needs at least one read.', { problems });
      }
      await checkOpen(input.cameraId);
      const receivedAt = input.receivedAt ?? now();
      const entry = entryOfEvent(input, await picturesOf(input), receivedAt);
      const known = await write(entry);
      return { frameId: known?.frameId ?? entry.frameId, duplicate: known !== null };
    },
    consume: (consumer) => flow.consume(consumer),
    split: (token, into) => {
      flow.split(token, into);
    },
    settle: (token, outcome, detectionId) => {
      flow.settle(token, outcome, detectionId);
    },
    fail: (token, error) => {
      flow.fail(token, error);
    },
    status: (frameId) => (isUuid(frameId) ? store.find(frameId) : Promise.resolve(null)),
    dead: (before, limit) => store.dead(before, limit),
    async replay(frameIds) {
      const count = await store.requeueDead(frameIds === 'all' ? 'all' : frameIds.filter((id) => isUuid(id)));
      flow.pump();
      return count;
    },
    counts: () => store.counts(),
    start: () => flow.start(),
    async stop() {
      isStopping = true;
      await inbox.idle();
      await flow.stop();
    },
  };
}
