/** One hub per data folder: a second one would stop the first one's database. */
import { accessSync, constants, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LprError } from './errors.ts';

/**
 * What tells this process from a later one with the same number: boot and start time. In a container the hub gets the same
 * number at every start. Empty where the system does not tell (not Linux).
 */
function birthOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start time is the twentieth word after it.
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** @returns whether `file` is now a copy of `own`; false when there was a file already */
function claim(own: string, file: string): boolean {
  try {
    // A link comes whole or not at all: nobody reads a lock half-written.
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a dead process's lock away, unless another start was faster and the lock is its own by now. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== stale) claim(aside, file);
  rmSync(aside, { force: true });
}

/** Makes the data folder, for its owner alone. @throws settings_invalid when it cannot be used */
export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const problem = `is ${folder}, which cannot be used (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): choose a folder that the hub may write, or mend its permissions`;
    const problems = [{ field: 'LPR_DATA_DIR', problem }];
    throw new LprError('settings_invalid', `LPR_DATA_DIR ${problem}.`, { problems }, error);
  }
}

/** @returns how to give the folder back. @throws conflict naming the process that holds it */
export function lockFolder(folder: string): () => void {
  makeDataFolder(folder);
  const file = join(folder, 'hub.pid');
  const own = `${file}.${process.pid}.new`;
  const content = `${process.pid} ${birthOf(process.pid)}\n`;
  try {
    for (;;) {
      writeFileSync(own, content, { mode: 0o600 });
      if (claim(own, file)) break;
      const held = readIfThere(file);
      if (held === null) continue;
      const [pid = 0, birth = ''] = held.trim().split(' ');
      const holder = Number(pid);
      if (holder > 0 && isAlive(holder) && birth === birthOf(holder)) {
        throw new LprError(
          'conflict',
          `Another hub (process ${holder}) uses ${folder}. Stop it, or choose another folder with LPR_DATA_DIR.`,
        );
      }
      removeStale(file, held);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (readIfThere(file) === content) rmSync(file, { force: true });
  };
}
