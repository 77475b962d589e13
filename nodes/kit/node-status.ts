/** What stands under a node in the editor: messages per minute, or the error that the last message met. */
import { readFileSync } from 'node:fs';
import type { NodeStatus } from 'node-red';
import type { ErrorCode } from '../../core/errors.ts';

const MINUTE_MS = 60_000;
/** The rate is counted over a minute and shown at most this often: each status goes to every open editor. */
const SHOW_MS = 2_000;

/** Codes that have words; the rest is shown as unexpected. */
const CODES = new Set(
  Object.keys(JSON.parse(readFileSync(new URL('errors.en-US.json', import.meta.url), 'utf8')) as object),
);

export interface ShownStatus {
  /** A message went through. */
  passed(): void;
  failed(code: ErrorCode): void;
  stop(): void;
}

/** @param now milliseconds; for tests */
export function createNodeStatus(show: (status: NodeStatus) => void, now = Date.now): ShownStatus {
  let times: number[] = [];
  let error: string | null = null;
  let shown = '';
  let timer: NodeJS.Timeout | undefined;

  const update = (): void => {
    times = times.filter((time) => time > now() - MINUTE_MS);
    // Keys, not sentences: each editor shows them in its own reader's language.
    const text = error ?? (times.length > 0 ? `${times.length}/min` : '');
    if (text !== shown) {
      shown = text;
      if (text === '') show({});
      else show(error === null ? { fill: 'green', shape: 'dot', text } : { fill: 'red', shape: 'ring', text });
    }
    timer = times.length > 0 ? setTimeout(update, SHOW_MS).unref() : undefined;
  };

  return {
    passed() {
      times.push(now());
      error = null;
      if (timer === undefined) update();
    },
    failed(code) {
      error = `error.${CODES.has(code) ? code : 'internal'}`;
      clearTimeout(timer);
      update();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
