/** Where a page of alerts ends, as text that the next request brings back. */
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';

export interface AlertPageEnd {
  /** In whole milliseconds, as alerts are raised. */
  readonly at: Date;
  readonly id: string;
}

export const encodeCursor = ({ at, id }: AlertPageEnd): string =>
  Buffer.from(`${at.getTime()}|${id}`).toString('base64url');

/** @throws cursor_invalid */
export function decodeCursor(cursor: string): AlertPageEnd {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  const at = new Date(Number(time));
  if (time === '' || Number.isNaN(at.getTime()) || !isUuid(id)) {
    throw new LprError('cursor_invalid', 'The cursor is not one that a page gave: begin with the first page.');
  }
  return { at, id };
}
