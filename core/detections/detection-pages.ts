/** Where a page of detections ends, as text that the next request brings back. */
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';

export interface PageEnd {
  readonly capturedAt: Date;
  readonly detectionId: string;
}

export const encodeCursor = ({ capturedAt, detectionId }: PageEnd): string =>
  Buffer.from(`${capturedAt.getTime()}|${detectionId}`).toString('base64url');

/** @throws cursor_invalid */
export function decodeCursor(cursor: string): PageEnd {
  const [time = '', detectionId = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split('|');
  const capturedAt = new Date(Number(time));
  if (time === '' || Number.isNaN(capturedAt.getTime()) || !isUuid(detectionId)) {
    throw new LprError('cursor_invalid', 'The cursor is not one that a page gave: begin with the first page.');
  }
  return { capturedAt, detectionId };
}
