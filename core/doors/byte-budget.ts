/** Bytes of messages that all doors together hold while they come in and wait their turn. */

/** Enough for several pictures a second; far from what a machine with 2 GB has. */
export const BUDGET_BYTES = 256 * 1024 * 1024;

export interface ByteBudget {
  /** False when there is no room; then nothing was taken. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly held: number;
}

export function createByteBudget(most: number = BUDGET_BYTES): ByteBudget {
  let held = 0;
  return {
    take(bytes) {
      // One large message always fits when nobody else is served.
      if (held > 0 && held + bytes > most) return false;
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
