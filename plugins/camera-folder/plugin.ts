/** Pictures that somebody puts into a folder: FTP drops, exports, photographs. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { choice, defineCameraProtocol, flag, LprError, number, path, text } from '../../core/plugins/define.ts';
import { parsePattern, type NamePattern } from './name-pattern.ts';
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

/** @throws invalid_input */
function patternOf({ pattern, camera }: { readonly pattern: string; readonly camera: string }): NamePattern | null {
  const parsed = pattern === '' ? null : parsePattern(pattern);
  if (camera !== '' && parsed?.hasCamera !== true) {
    const problem = 'wants {camera} in the pattern of names';
    throw new LprError('invalid_input', `The name of the camera ${problem}.`, {
      problems: [{ field: 'camera', problem }],
    });
  }
  return parsed;
}

export default defineCameraProtocol({
  id: 'folder',
  fields: {
    folder: path({ required: true }),
    afterwards: choice(['move', 'delete', 'keep'], 'move'),
    settleSeconds: number({ default: 2, min: 0.5, max: 600, unit: 's' }),
    subfolders: flag(false),
    pattern: text(),
    camera: text(),
    polling: flag(false),
  },
  async *frames({ config, dataDir, signal, log, instantOf }) {
    const pattern = patternOf(config);
    const folder = isAbsolute(config.folder) ? config.folder : resolve(dataDir, config.folder);
    await assertFolder(folder);
    const settleMs = config.settleSeconds * 1_000;
    const { subfolders, polling } = config;
    const files = stableFiles({ folder, settleMs, signal, subfolders, polling, log });
    let isMisfitTold = false;
    const tries = new Map<string, number>();

    const reject = async (file: string, code: string, message: string): Promise<void> => {
      tries.delete(file);
      const moved = await moveInto(join(folder, REJECTED), file);
      await writeFile(`${moved}.reason.txt`, `${code}\n${message}\n`);
    };

    for await (const file of files) {
      const facts = pattern?.read(relative(folder, file).split(sep).join('/')) ?? null;
      // Another camera's, which watches the same folder.
      if (config.camera !== '' && facts?.camera !== config.camera) continue;
      if (pattern !== null && facts === null && !isMisfitTold) {
        isMisfitTold = true;
        log.warn({ file: basename(file) }, 'a name does not fit the pattern: the time of the file counts');
      }
      const found = await stat(file).catch(() => null);
      if (found === null) continue;
      if (found.size > LARGEST_BYTES) {
        await reject(file, 'image_too_large', `The file has ${found.size} bytes; at most ${LARGEST_BYTES} are taken.`);
        continue;
      }
      const bytes = await readFile(file).catch((error: unknown) => {
        log.warn({ file: basename(file), code: (error as NodeJS.ErrnoException).code }, 'a file cannot be read');
        return null;
      });
      if (bytes === null) continue;
      const named = facts?.instant ?? (facts?.wall == null ? null : (await instantOf(facts.wall)).getTime());
      yield {
        bytes,
        capturedAt: named === null ? found.mtime : new Date(named),
        // The camera's own clock wrote the name.
        capturedAtSource: named === null ? 'file' : 'device',
        eventKey: facts?.id == null ? null : `id:${facts.id}`,
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
    patternOf(config);
    await assertFolder(isAbsolute(config.folder) ? config.folder : resolve(dataDir, config.folder));
    return null;
  },
});
