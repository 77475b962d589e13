import type { Log } from '../core/plugins/define.ts';

/** Says nothing; for tests that provoke faults. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
