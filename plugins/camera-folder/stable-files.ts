/** Files of a folder once they have stopped changing. */
import { lstat } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watch } from 'chokidar';
import type { Log } from '../../core/plugins/define.ts';

export const DONE = 'done';
export const REJECTED = 'rejected';

const POLL_MS = 500;
/** What copying programs call a file that they have not finished. */
const UNFINISHED = /(^\.|\.(tmp|part|partial|crdownload|filepart)$|~$|\.reason\.txt$)/i;

export interface StableFilesOptions {
  readonly folder: string;
  readonly subfolders: boolean;
  /** Look again and again instead of being told: network drives tell nothing. */
  readonly polling: boolean;
  readonly settleMs: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

interface Seen {
  readonly size: number;
  readonly changedAt: number;
  readonly since: number;
}

/** Yields paths, oldest first. A file comes again only after `retry` or when it changes. */
export function stableFiles(options: StableFilesOptions): AsyncIterable<string> & { retry(path: string): void } {
  const { folder, subfolders, polling, settleMs, signal, log } = options;
  const waiting = new Map<string, Seen | null>();
  const isOurs = (path: string): boolean => {
    const parts = relative(folder, path).split(sep);
    return parts[0] !== DONE && parts[0] !== REJECTED && !UNFINISHED.test(basename(path));
  };

  async function* files(): AsyncGenerator<string> {
    const watcher = watch(folder, {
      depth: subfolders ? 10 : 0,
      followSymlinks: false,
      usePolling: polling,
      interval: 2_000,
      ignored: (path) => path !== folder && !isOurs(path),
    });
    watcher.on('add', (path) => waiting.set(path, null));
    watcher.on('change', (path) => waiting.set(path, null));
    const failed = new Promise<never>((_resolve, reject) => {
      watcher.on('error', (error) => {
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
    failed.catch(() => undefined);
    try {
      while (!signal.aborted) {
        const ready: { path: string; changedAt: number }[] = [];
        for (const [path, before] of waiting) {
          // lstat: a link could lead out of the folder.
          const stat = await lstat(path).catch(() => null);
          if (stat === null || !stat.isFile()) {
            // Names in another encoding (windows-874) cannot be asked for by the text that they were listed as.
            if (path.includes('\uFFFD'))
              log.warn({}, 'a file cannot be taken because its name is not in UTF-8: rename it');
            waiting.delete(path);
            continue;
          }
          const isSame = before !== null && before.size === stat.size && before.changedAt === stat.mtimeMs;
          const since = isSame ? before.since : Date.now();
          waiting.set(path, { size: stat.size, changedAt: stat.mtimeMs, since });
          if (isSame && Date.now() - since >= settleMs) ready.push({ path, changedAt: stat.mtimeMs });
        }
        ready.sort((a, b) => a.changedAt - b.changedAt);
        for (const { path } of ready) {
          waiting.delete(path);
          yield path;
        }
        await Promise.race([sleep(POLL_MS, undefined, { signal }).catch(() => undefined), failed]);
      }
    } finally {
      await watcher.close();
    }
  }

  return {
    [Symbol.asyncIterator]: files,
    retry: (path) => void waiting.set(path, null),
  };
}
