/** One hub per data folder: a second one would stop the first one's database. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LprError } from './errors.ts';

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A number is used again after a restart of the machine: whose is it now?
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return true;
  }
}

/** @returns how to give the folder back. @throws conflict naming the process that holds it */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'hub.pid');
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => {
        rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0 && runs(pid)) {
      throw new LprError(
        'conflict',
        `Another hub (process ${pid}) uses ${folder}. Stop it, or choose another folder with LPR_DATA_DIR.`,
      );
    }
    rmSync(file, { force: true });
  }
}
