/** Bodies of devices while they come in and are being stored: bounded with what the other doors hold, and of one address by a share. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { ByteBudget } from '../doors/byte-budget.ts';
import { errorCode, errorMessage, LprError } from '../errors.ts';

export interface BodyClaim {
  /** Whether a body of this length would have room now. @throws overloaded */
  expect(bytes: number): void;
  /** @throws overloaded when there is no room; then nothing was taken */
  take(bytes: number): void;
  release(): void;
}

export interface BodyRoom {
  enter(address: string): BodyClaim;
}

const overloaded = (): LprError =>
  new LprError('overloaded', 'The hub is busy with what comes in: send again in a moment.');

/** @param share bytes of one address at once: whoever fills it leaves room for others */
export function createBodyRoom(budget: ByteBudget, share: number): BodyRoom {
  const byAddress = new Map<string, number>();
  return {
    enter(address) {
      let held = 0;
      const hasRoom = (bytes: number): boolean => {
        const own = byAddress.get(address) ?? 0;
        // One body alone always fits, however large.
        return own === held || own + bytes <= share;
      };
      return {
        expect(bytes) {
          if (!hasRoom(bytes) || !budget.fits(bytes)) throw overloaded();
        },
        take(bytes) {
          if (!hasRoom(bytes) || !budget.take(bytes)) throw overloaded();
          held += bytes;
          byAddress.set(address, (byAddress.get(address) ?? 0) + bytes);
        },
        release() {
          const left = (byAddress.get(address) ?? 0) - held;
          if (left > 0) byAddress.set(address, left);
          else byAddress.delete(address);
          budget.give(held);
          held = 0;
        },
      };
    },
  };
}

function unpacked(req: IncomingMessage): Readable {
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  switch (encoding) {
    case '':
    case 'identity':
      return req;
    case 'gzip':
    case 'x-gzip':
      return req.pipe(createGunzip());
    case 'deflate':
      return req.pipe(createInflate());
    case 'br':
      return req.pipe(createBrotliDecompress());
    default:
      throw new LprError('invalid_input', `The hub cannot unpack the encoding "${encoding.slice(0, 40)}": send gzip.`, {
        problems: [{ field: 'content-encoding', problem: 'is unknown' }],
      });
  }
}

export const tooLarge = (field = 'body'): LprError =>
  new LprError('body_too_large', 'The message is too large: at most 42 MB, 20 MB a picture, 40 parts.', {
    problems: [{ field, problem: 'is too large' }],
  });
export const unreadable = (error: unknown): LprError =>
  new LprError('invalid_input', `The body cannot be read: ${errorMessage(error)}`, {
    problems: [{ field: 'body', problem: 'cannot be read' }],
  });

const inOurCodes = (error: unknown): LprError =>
  errorCode(error) === 'internal' ? unreadable(error) : (error as LprError);

/** What its head says of a body's length; null when it says nothing. */
function lengthOf(req: IncomingMessage): number | null {
  const { 'content-length': length } = req.headers;
  return length === undefined ? null : Number(length);
}

/** Before anything is read. @throws body_too_large, overloaded */
export function checkHead(req: IncomingMessage, claim: BodyClaim, most: number): void {
  const length = lengthOf(req);
  if (length === null) return;
  if (length > most) throw tooLarge();
  claim.expect(length);
}

/** Unpacked; what is unpacked counts. @throws body_too_large, overloaded, invalid_input */
export async function readBody(req: IncomingMessage, claim: BodyClaim, most: number): Promise<Buffer> {
  const source = unpacked(req);
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    const stop = (error: unknown): void => {
      source.off('data', take);
      req.unpipe();
      if (source !== req) source.destroy();
      reject(inOurCodes(error));
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      try {
        if (size > most) throw tooLarge();
        claim.take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        stop(error);
      }
    };
    source.on('data', take);
    source.once('end', resolve);
    source.once('error', stop);
    req.once('error', stop);
    req.once('close', () => {
      if (!req.complete) stop(new Error('the connection broke'));
    });
  });
  return Buffer.concat(chunks, size);
}

/** Counts what somebody else reads. Rejects when there is no room for it; never resolves. */
export function countBody(req: IncomingMessage, claim: BodyClaim, most: number): Promise<never> {
  let size = 0;
  return new Promise((_resolve, reject) => {
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      try {
        if (size > most) throw tooLarge();
        claim.take(chunk.length);
      } catch (error) {
        req.off('data', take);
        req.unpipe();
        reject(inOurCodes(error));
      }
    };
    req.on('data', take);
  });
}
