/** Pictures that somebody puts into a folder: FTP drops, exports, photographs. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { choice, defineCameraProtocol, flag, LprError, number, path } from '../../core/plugins/define.ts';
import { DONE, REJECTED, stableFiles } from './stable-files.ts';

const LARGEST_BYTES = 20 * 1024 * 1024;
/** A file that ends too early may still be on its way over a slow line: so often it gets more time. */
const TRUNCATED_TRIES = 3;

/** Moves without ever overwriting: a second `a.jpg` becomes `a-2.jpg`. */
async function moveInto(folder: string, file: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const extension = extname(file);
  const stem = basename(file, extension);
  for (let n = 1; ; n++) {
    const target = join(folder, n === 1 ? `${stem}${extension}` : `${stem}-${n}${extension}`);
    if (await stat(target).catch(() => null)) continue;
    await rename(file, target);
    return target;
  }
}

async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new LprError(
    'folder_unusable',
    `${folder} is no folder that the hub can read: make it, or mend its permissions.`,
    {
      problems: [{ field: 'folder', problem: 'cannot be read' }],
    },
  );
}

export default defineCameraProtocol({
  id: 'folder',
  fields: {
    folder: path({ required: true }),
    afterwards: choice(['move', 'delete', 'keep'], 'move'),
    settleSeconds: number({ default: 2, min: 0.5, max: 600, unit: 's' }),
    subfolders: flag(false),
    polling: flag(false),
  },
  async *frames({ config, dataDir, signal, log }) {
    const folder = isAbsolute(config.folder) ? config.folder : resolve(dataDir, config.folder);
    await assertFolder(folder);
    const settleMs = config.settleSeconds * 1_000;
    const files = stableFiles({ folder, settleMs, signal, subfolders: config.subfolders, polling: config.polling });
    const tries = new Map<string, number>();

    const reject = async (file: string, code: string, message: string): Promise<void> => {
      tries.delete(file);
      const moved = await moveInto(join(folder, REJECTED), file);
      await writeFile(`${moved}.reason.txt`, `${code}\n${message}\n`);
    };

    for await (const file of files) {
      const facts = await stat(file).catch(() => null);
      if (facts === null) continue;
      if (facts.size > LARGEST_BYTES) {
        await reject(file, 'image_too_large', `The file has ${facts.size} bytes; at most ${LARGEST_BYTES} are taken.`);
        continue;
      }
      const bytes = await readFile(file).catch((error: unknown) => {
        log.warn({ file: basename(file), code: (error as NodeJS.ErrnoException).code }, 'a file cannot be read');
        return null;
      });
      if (bytes === null) continue;
      yield {
        bytes,
        capturedAt: facts.mtime,
        capturedAtSource: 'file',
        eventKey: null,
        label: basename(file),
        async accepted() {
          tries.delete(file);
          if (config.afterwards === 'delete') await rm(file, { force: true });
          if (config.afterwards === 'move') await moveInto(join(folder, DONE), file);
        },
        async refused({ code, message }) {
          const count = (tries.get(file) ?? 0) + 1;
          if ((code === 'image_truncated' || code === 'image_empty') && count < TRUNCATED_TRIES) {
            tries.set(file, count);
            files.retry(file);
            return;
          }
          await reject(file, code, message);
        },
      };
    }
  },
  async test({ config, dataDir }) {
    await assertFolder(isAbsolute(config.folder) ? config.folder : resolve(dataDir, config.folder));
    return null;
  },
});
