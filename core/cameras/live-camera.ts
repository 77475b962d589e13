/** A camera whose pictures are of now: what is still is passed over, and of what waits the newest are kept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, errorMessage } from '../errors.ts';
import type { CapturedFrame } from '../plugins/define.ts';
import type { LiveConfig } from '../plugins/live-fields.ts';
import { handIn, runCamera, type RunnerDependencies, type RunnerError } from './camera-runner.ts';
import { createMotionGate } from './motion-gate.ts';
import type { Pacing } from './pacing.ts';

export interface LiveCounts {
  /** Passed over: nothing moved. */
  skipped(): void;
  /** Given up: newer ones came before there was room. */
  dropped(): void;
}

export interface LiveDependencies extends RunnerDependencies {
  readonly config: LiveConfig;
  readonly pacing: Pacing;
  readonly counts: LiveCounts;
}

/** What waits in memory for its turn, at most. */
const MOST_FRAMES = 3;
const MOST_BYTES = 24 * 1024 * 1024;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** Resolves when `context.signal` fired and protocol and sender have ended. */
export async function runLiveCamera(dependencies: LiveDependencies): Promise<void> {
  const { cameraId, context, config, pacing, counts, onError } = dependencies;
  const { signal, log } = context;
  const gate = config.motion === 'off' ? null : createMotionGate(config.motion);
  const heartbeatMs = config.heartbeat * 60_000;
  const line: CapturedFrame[] = [];
  let bytes = 0;
  let wake: (() => void) | null = null;
  let lastKept = -Infinity;
  let streamError: RunnerError | null = null;
  let inboxError: RunnerError | null = null;
  const isOver = (): boolean => signal.aborted;
  const tell = (): void => {
    onError(inboxError ?? streamError);
  };

  const trim = (): void => {
    while (line.length > MOST_FRAMES || (bytes > MOST_BYTES && line.length > 1)) {
      bytes -= line.shift()?.bytes.length ?? 0;
      counts.dropped();
    }
  };

  const arrived = async (frame: CapturedFrame): Promise<void> => {
    const at = performance.now();
    const isStill = gate !== null && !(await gate.moves(frame.bytes, at));
    if (isStill && (heartbeatMs === 0 || at - lastKept < heartbeatMs)) {
      counts.skipped();
      return;
    }
    lastKept = at;
    line.push(frame);
    bytes += frame.bytes.length;
    trim();
    wake?.();
  };

  const frameWaits = async (): Promise<void> => {
    if (line.length > 0 || isOver()) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    wake = null;
  };

  const send = async (): Promise<void> => {
    let failures = 0;
    while (!isOver()) {
      await frameWaits();
      await pacing.room(cameraId, signal);
      // Taken only now: what waited for room is the newest.
      const frame = isOver() ? undefined : line.shift();
      if (frame === undefined) continue;
      bytes -= frame.bytes.length;
      try {
        const accepted = await handIn(frame, dependencies);
        if (accepted !== null && !accepted.duplicate) pacing.accepted(cameraId, accepted.frameId);
        failures = 0;
        inboxError = null;
        tell();
      } catch (error) {
        line.unshift(frame);
        bytes += frame.bytes.length;
        trim();
        failures++;
        inboxError = { code: errorCode(error), message: errorMessage(error) };
        log.warn({ ...inboxError, failures }, 'a frame could not be stored; trying again');
        tell();
        const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  };

  const onStream = (error: RunnerError | null): void => {
    streamError = error;
    tell();
  };
  pacing.enter(cameraId);
  try {
    await Promise.all([runCamera({ ...dependencies, onError: onStream }, arrived), send()]);
  } finally {
    pacing.leave(cameraId);
  }
}
