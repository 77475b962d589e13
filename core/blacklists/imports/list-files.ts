/** The files of imports while they are looked at, in the data folder: one each, named after the import. */
import { createWriteStream } from 'node:fs';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LprError } from '../../errors.ts';

export interface ListFiles {
  /** Keeps it whole or not at all; gives its size. @throws list_too_long, storage_full, invalid_input when it is empty */
  keep(importId: string, body: AsyncIterable<Uint8Array> | Readable, signal: AbortSignal): Promise<number>;
  path(importId: string): string;
  has(importId: string): Promise<boolean>;
  remove(importId: string): Promise<void>;
  /** Removes those of imports that are not open, but for what may just be coming in. */
  sweep(open: readonly string[]): Promise<void>;
}

/** Bytes of a file: two million rows of 250 characters. */
export const MOST_BYTES = 512 * 2 ** 20;

/** Its import is not in the database before it is here as a whole. */
const COMING_MS = 3_600_000;

export function createListFiles(folder: string, mostBytes = MOST_BYTES): ListFiles {
  const path = (importId: string): string => join(folder, importId);
  return {
    path,
    async keep(importId, body, signal) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      let bytes = 0;
      async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > mostBytes) {
            throw new LprError('list_too_long', `A list may have at most ${mostBytes / 2 ** 20} MB: split it.`, {
              problems: [{ field: 'file', problem: 'is too large' }],
            });
          }
          yield chunk;
        }
      }
      try {
        await pipeline(body as AsyncIterable<Uint8Array>, counted, createWriteStream(path(importId), { mode: 0o600 }), {
          signal,
        });
        if (bytes > 0) return bytes;
        throw new LprError('invalid_input', 'The file is empty.', {
          problems: [{ field: 'file', problem: 'is empty' }],
        });
      } catch (error) {
        await rm(path(importId), { force: true });
        if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
        throw new LprError('storage_full', 'The disk is full: make room for the list.', {}, error);
      }
    },
    has: (importId) =>
      access(path(importId)).then(
        () => true,
        () => false,
      ),
    remove: (importId) => rm(path(importId), { force: true }),
    async sweep(open) {
      const kept = new Set(open);
      const names = await readdir(folder).catch((error: unknown) => {
        if ((error as { code?: unknown }).code === 'ENOENT') return [];
        throw error;
      });
      for (const name of names) {
        const age = kept.has(name) ? 0 : Date.now() - (await stat(path(name))).mtimeMs;
        if (age > COMING_MS) await rm(path(name), { force: true });
      }
    },
  };
}
