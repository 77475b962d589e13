/** A file system that is small and can be filled: a tmpfs, for which one must be allowed to mount. */
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorMessage, LprError } from '../../core/errors.ts';

const run = promisify(execFile);
const CHUNK = Buffer.alloc(1024 * 1024);

export interface SmallDisk {
  readonly folder: string;
  /** Fills it until so many bytes are left. */
  fill(left: number): Promise<void>;
  /** Takes away what filled it. */
  clear(): Promise<void>;
  remove(): Promise<void>;
}

/** @throws invalid_input where nothing may be mounted */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'lpr-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new LprError(
      'invalid_input',
      `A small disk wants the right to mount (root on Linux): ${errorMessage(error)}`,
    );
  }
  const ballast = join(folder, 'ballast');
  const free = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  };
  return {
    folder,
    async fill(left) {
      const file = await open(ballast, 'a');
      try {
        for (let room = (await free()) - left; room > 0; room = (await free()) - left) {
          await file.write(CHUNK, 0, Math.min(CHUNK.length, Math.max(4096, room)));
        }
      } catch (error) {
        // The hub took the last of it meanwhile: full is full.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        await file.close();
      }
    },
    clear: () => rm(ballast, { force: true }),
    async remove() {
      await run('umount', [folder]).catch(() => run('umount', ['-l', folder]));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
