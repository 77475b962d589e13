import { randomUUID } from 'node:crypto';
import { access, mkdir, open, opendir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { LprError } from '../errors.ts';
import type { ByteStore, StoredBytes } from './byte-store.ts';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;

function storageError(error: unknown): unknown {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')
    ? new LprError('storage_full', "The hub's disk is full: make room, then send again.", {}, error)
    : error;
}

/**
 * Written beside, flushed, renamed, folder flushed: after this resolves a power cut leaves the whole file.
 * @throws storage_full
 */
export async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(file);
  const fresh = `${file}.${randomUUID()}.part`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
    const directory = await open(folder);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    await rm(fresh, { force: true });
    throw storageError(error);
  }
}

export const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Files below a folder, one after the other: there may be millions. An absent folder has none. */
export async function* filesBelow(folder: string): AsyncGenerator<StoredBytes & { readonly path: string }> {
  const entries = await opendir(folder, { recursive: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  for await (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // Gone since the folder was read: a write that was finishing, or a picture removed just now.
    const facts = await stat(path).catch(() => null);
    if (facts === null) continue;
    yield { path, name: relative(folder, path).split(sep).join('/'), bytes: facts.size, writtenAt: facts.mtime };
  }
}

/** @param folder made when the first picture comes */
export function createDiskStore(folder: string): ByteStore {
  const pathOf = (name: string): string => join(folder, name);
  const missing = (): LprError => new LprError('not_found', 'The bytes of this picture are not on the disk.');
  const usable = (): Promise<unknown> => mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    async put(name, bytes) {
      if (!(await isThere(pathOf(name)))) await writeDurably(pathOf(name), bytes);
    },
    get: (name) =>
      readFile(pathOf(name)).catch((error: unknown) => {
        throw codeOf(error) === 'ENOENT' ? missing() : error;
      }),
    async open(name) {
      const path = pathOf(name);
      if (!(await isThere(path))) throw missing();
      return { path };
    },
    exists: (name) => isThere(pathOf(name)),
    delete: (name) => rm(pathOf(name), { force: true }),
    list: () => filesBelow(folder),
    async freeBytes() {
      await usable();
      const { bavail, blocks, bsize } = await statfs(folder);
      return { free: bavail * bsize, total: blocks * bsize };
    },
    async check() {
      await usable();
    },
  };
}
