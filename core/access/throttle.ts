/** Slows down guessing: after a few failures each further try has to wait twice as long. Memory is bounded. */

const FREE_TRIES = 5;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const MOST_KEYS = 10_000;

export interface Throttle {
  /** Milliseconds until this key may try again; 0 is now. */
  waitFor(key: string): number;
  failed(key: string): void;
  succeeded(key: string): void;
}

export function createThrottle(now: () => number): Throttle {
  const failures = new Map<string, { count: number; until: number }>();
  return {
    waitFor: (key) => Math.max(0, (failures.get(key)?.until ?? 0) - now()),
    failed(key) {
      const count = (failures.get(key)?.count ?? 0) + 1;
      const wait = count < FREE_TRIES ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (count - FREE_TRIES));
      failures.delete(key);
      failures.set(key, { count, until: now() + wait });
      // The oldest key goes first: a flood of made-up names must not fill the memory.
      const oldest = failures.keys().next();
      if (failures.size > MOST_KEYS && !oldest.done) failures.delete(oldest.value);
    },
    succeeded: (key) => void failures.delete(key),
  };
}
