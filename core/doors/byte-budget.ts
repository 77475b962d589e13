/** Bytes of messages that all doors together hold while they come in and wait their turn. */

/** Enough for several pictures a second; far from what a machine with 2 GB has. */
export const BUDGET_BYTES = 256 * 1024 * 1024;

export interface ByteBudget {
  /** Whether `take` would have room now. */
  fits(bytes: number): boolean;
  /** False when there is no room; then nothing was taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly held: number;
  readonly most: number;
}

export function createByteBudget(most: number = BUDGET_BYTES): ByteBudget {
  let held = 0;
  // One large message always fits when nobody else is served.
  const fits = (bytes: number): boolean => held === 0 || held + bytes <= most;
  return {
    fits,
    most,
    take(bytes) {
      if (!fits(bytes)) return false;
      held += bytes;
      return true;
    },
    give(bytes) {
      held -= bytes;
    },
    get held() {
      return held;
    },
  };
}
