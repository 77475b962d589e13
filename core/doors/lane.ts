/** Messages of one connection, handled one after the other; how much may wait is bounded by count and by bytes. */
import type { ByteBudget } from './byte-budget.ts';

export const LANE_MESSAGES = 64;
export const LANE_BYTES = 60 * 1024 * 1024;

export interface Lane {
  /** False when no more fits; the job is then not done. A job that throws does not keep the next from its turn. */
  push(bytes: number, job: () => Promise<void>): boolean;
  readonly waiting: number;
  idle(): Promise<void>;
}

export function createLane(budget: ByteBudget, most = LANE_MESSAGES, mostBytes = LANE_BYTES): Lane {
  let tail = Promise.resolve();
  let [waiting, held] = [0, 0];
  return {
    push(bytes, job) {
      if (waiting >= most || (waiting > 0 && held + bytes > mostBytes) || !budget.take(bytes)) return false;
      waiting++;
      held += bytes;
      tail = tail.then(async () => {
        try {
          await job();
        } finally {
          waiting--;
          held -= bytes;
          budget.give(bytes);
        }
      });
      // Whoever pushed tells of its own faults; here they only must not stop the lane.
      tail = tail.catch(() => undefined);
      return true;
    },
    get waiting() {
      return waiting;
    },
    idle: () => tail,
  };
}
