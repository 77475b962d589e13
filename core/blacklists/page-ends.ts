/** Where pages of entries and hits end, as text that the next request brings back. */
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';
import type { HitsEnd } from './blacklist-store.ts';

const pack = (...parts: readonly string[]): string => Buffer.from(parts.join('|')).toString('base64url');
const unpack = (cursor: string): readonly string[] => Buffer.from(cursor, 'base64url').toString('utf8').split('|');
const invalid = (): LprError =>
  new LprError('cursor_invalid', 'The cursor is not one that a page gave: begin with the first page.');

export const entriesEnd = (entryNo: number): string => pack('e', String(entryNo));

/** Numbers of entries are `int` in PostgreSQL. */
const LAST_NO = 2 ** 31 - 1;

/** @throws cursor_invalid */
export function entriesAfter(cursor: string): number {
  const [kind, text = ''] = unpack(cursor);
  if (kind !== 'e' || !/^\d{1,10}$/.test(text) || Number(text) > LAST_NO) throw invalid();
  return Number(text);
}

export const hitsEnd = (order: string, { sortedBy, hitId, asOf }: HitsEnd): string =>
  pack(order, sortedBy, hitId, asOf);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** @throws cursor_invalid: also for one of a page in another order */
export function hitsAfter(order: 'value' | 'newest', cursor: string): HitsEnd {
  const [kind, sortedBy = '', hitId = '', asOf = ''] = unpack(cursor);
  const isSorted =
    order === 'newest'
      ? INSTANT.test(sortedBy)
      : /^[\d.e+-]{1,40}$/.test(sortedBy) && Number.isFinite(Number(sortedBy));
  if (kind !== order || !isSorted || !isUuid(hitId) || !INSTANT.test(asOf)) throw invalid();
  return { sortedBy, hitId, asOf };
}
