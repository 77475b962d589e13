/** From what was sent to what is written into the inbox. */
import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { ClockSource, ImageHandle } from '../message.ts';
import { judgeDeviceRead } from '../recognition/recognition.ts';
import type { HeldRead, NewEntry } from './ingest-store.ts';
import type { EventInput, FrameInput } from './ingest.ts';

const EARLIEST = Date.UTC(2000, 0, 1);
const AHEAD_MS = 24 * 3_600_000;
/** What is told this long after it happened is told late. */
const LATE_MS = 5 * 60_000;

interface Told {
  readonly capturedAt: Date | null;
  readonly capturedAtSource: ClockSource;
}

/** A clock that cannot be right is not believed: the time of receipt counts and what the device said is kept beside it. */
function believe(told: Told, receivedAt: Date): Pick<NewEntry, 'capturedAt' | 'capturedAtSource' | 'capturedAtRaw'> {
  const time = told.capturedAt?.getTime();
  if (told.capturedAt === null || time === undefined || told.capturedAtSource === 'received') {
    return { capturedAt: receivedAt, capturedAtSource: 'received', capturedAtRaw: null };
  }
  const isPlausible = time >= EARLIEST && time <= receivedAt.getTime() + AHEAD_MS;
  return isPlausible
    ? { capturedAt: told.capturedAt, capturedAtSource: told.capturedAtSource, capturedAtRaw: null }
    : {
        capturedAt: receivedAt,
        capturedAtSource: 'received',
        capturedAtRaw: Number.isNaN(time) ? null : told.capturedAt,
      };
}

/** What the device's own clock says, believed or not. */
export const clockOf = (entry: Pick<NewEntry, 'capturedAt' | 'capturedAtSource' | 'capturedAtRaw'>): Date | null =>
  entry.capturedAtRaw ?? (entry.capturedAtSource === 'device' ? entry.capturedAt : null);

/** By its own clock the device told it long after it happened. */
export const isLate = (capturedAt: Date, source: ClockSource, receivedAt: Date): boolean =>
  source === 'device' && receivedAt.getTime() - capturedAt.getTime() > LATE_MS;

/** What was kept for so long is told late, whatever time it bears. */
export const keptLong = (receivedAt: Date, now: Date): boolean => now.getTime() - receivedAt.getTime() > LATE_MS;

export function entryOfFrame(input: FrameInput, frame: ImageHandle, receivedAt: Date): Omit<NewEntry, 'takenAt'> {
  const time = believe(input, receivedAt);
  return {
    frameId: uuidv7(),
    cameraId: input.cameraId,
    deviceId: null,
    eventKey: input.eventKey ?? `content:${frame.imageId}`,
    frame,
    reads: null,
    pull: null,
    pictureProblem: null,
    label: input.label,
    ...time,
    receivedAt,
    isLate: isLate(time.capturedAt, time.capturedAtSource, receivedAt),
  };
}

/** The pictures of an event once they are stored. */
export interface StoredPictures {
  readonly frame: ImageHandle | null;
  /** One a read, in their order. */
  readonly patches: readonly (ImageHandle | null)[];
  /** Code of why the scene could not be kept. */
  readonly problem: string | null;
}

/** What makes an event without a name of its own the same when it is sent again. */
function contentKey(input: EventInput, { frame }: StoredPictures, receivedAt: Date): string {
  const time = input.capturedAt?.getTime() ?? NaN;
  const content = {
    // With neither time nor picture a retry and the same vehicle's next pass look alike: twice is better than lost.
    at: Number.isNaN(time) ? (frame === null ? receivedAt.getTime() : null) : time,
    frame: frame?.imageId ?? null,
    reads: input.reads.map((read) => ({ ...read, patch: null })),
  };
  return `content:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`;
}

export function entryOfEvent(input: EventInput, pictures: StoredPictures, receivedAt: Date): Omit<NewEntry, 'takenAt'> {
  const frameId = uuidv7();
  const time = believe(input, receivedAt);
  const { frame, patches, problem } = pictures;
  const notes = problem === null ? [] : [`picture:${problem}`];
  return {
    frameId,
    cameraId: input.cameraId,
    deviceId: input.deviceId,
    eventKey: input.eventKey ?? contentKey(input, pictures, receivedAt),
    frame,
    reads: input.reads.map((said, index): HeldRead => {
      const [x, y, width, height] = said.box ?? [0, 0, 0, 0];
      return {
        read: judgeDeviceRead(said, { readId: `${frameId}.${index}`, engine: input.engine, notes }),
        patch: patches[index] ?? null,
        box: said.box,
        corners:
          said.box === null
            ? null
            : [
                [x, y],
                [x + width, y],
                [x + width, y + height],
                [x, y + height],
              ],
      };
    }),
    pull: frame === null ? input.pull : null,
    pictureProblem: problem,
    label: input.label,
    ...time,
    receivedAt,
    isLate: input.isLate || isLate(time.capturedAt, time.capturedAtSource, receivedAt),
  };
}
