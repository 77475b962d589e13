/** Log lines about strangers: the first of a kind at once, then one a minute with how many there were, whoever knocks how often. */
import type { Log } from '../plugins/define.ts';

const EVERY_MS = 60_000;
/** More kinds than that are somebody making them up. */
const MOST_KINDS = 500;

export type Notice = (kind: string, fields: Readonly<Record<string, unknown>>, message: string) => void;

export function createNotices(log: Log, now: () => number = Date.now): Notice {
  const told = new Map<string, { at: number; unsaid: number }>();
  return (kind, fields, message) => {
    const key = `${message}|${kind}`;
    const last = told.get(key);
    if (last !== undefined && now() - last.at < EVERY_MS) {
      last.unsaid++;
      return;
    }
    if (told.size >= MOST_KINDS) told.clear();
    told.set(key, { at: now(), unsaid: 0 });
    log.warn(last === undefined || last.unsaid === 0 ? fields : { ...fields, since: last.unsaid }, message);
  };
}
