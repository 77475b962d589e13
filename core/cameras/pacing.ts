/**
 * How many frames of each live camera may be on their way through inbox and flow at once. The inbox hands out the oldest
 * first, whoever sent it; a share for each camera keeps a fast one from crowding out the others.
 */
import type { Events } from '../events.ts';

/** Together; each camera has at least `FEWEST`. Twice what the inbox has in the flow at once, so that workers never wait. */
const PLACES = 16;
const FEWEST = 2;
/** A frame of which nothing was heard for so long (its end could not be written) holds its place no more. */
const FORGET_MS = 15 * 60_000;
const LOOK_AGAIN_MS = 1_000;

export interface Pacing {
  /** Resolves when this camera may hand in a frame, or when `signal` fires. */
  room(cameraId: string, signal: AbortSignal): Promise<void>;
  accepted(cameraId: string, frameId: string): void;
  /** Until it leaves, the camera counts among those that share the places. */
  enter(cameraId: string): void;
  leave(cameraId: string): void;
  stop(): void;
}

interface Place {
  /** When each frame that has not ended was accepted. */
  readonly frames: Map<string, number>;
  wake: (() => void) | null;
}

export function createPacing(events: Pick<Events, 'on'>, now: () => number = Date.now): Pacing {
  const places = new Map<string, Place>();
  const stop = events.on('frame.ended', ({ cameraId, frameId }) => {
    const place = places.get(cameraId);
    if (place?.frames.delete(frameId) === true) place.wake?.();
  });
  const hasRoom = ({ frames }: Place): boolean => {
    for (const [frameId, at] of frames) if (now() - at > FORGET_MS) frames.delete(frameId);
    return frames.size < Math.max(FEWEST, Math.floor(PLACES / places.size));
  };
  return {
    async room(cameraId, signal) {
      const isOver = (): boolean => signal.aborted;
      for (let place = places.get(cameraId); place !== undefined && !isOver() && !hasRoom(place);) {
        const waiting = place;
        await new Promise<void>((resolve) => {
          const done = (): void => {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            waiting.wake = null;
            resolve();
          };
          // Another camera may have left, or a frame been forgotten.
          const timer = setTimeout(done, LOOK_AGAIN_MS);
          signal.addEventListener('abort', done);
          waiting.wake = done;
        });
        place = places.get(cameraId);
      }
    },
    accepted(cameraId, frameId) {
      places.get(cameraId)?.frames.set(frameId, now());
    },
    enter(cameraId) {
      places.set(cameraId, places.get(cameraId) ?? { frames: new Map(), wake: null });
    },
    leave(cameraId) {
      places.delete(cameraId);
    },
    stop,
  };
}
