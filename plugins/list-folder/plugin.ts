/** The newest file of a folder below the data folder: whoever may write there hands lists over without an account. */
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { defineListSource, LprError, path, text } from '../../core/plugins/define.ts';

/** A file that changed just now may still be written to. */
const QUIET_MS = 2_000;

const failed = (message: string, field: string, problem: string, cause?: unknown): LprError =>
  new LprError('list_source_failed', message, { problems: [{ field, problem }] }, cause);

/** `*` stands for any run of characters; everything else for itself. */
const matcher = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'iu');

async function inside(dataDir: string, folder: string): Promise<string> {
  const root = join(await realpath(dataDir), 'lists');
  const wanted = join(root, folder);
  const real = await realpath(wanted).catch((error: unknown) => {
    throw failed(
      `There is no folder ${folder} below lists in the data folder: make it.`,
      'folder',
      'is not there',
      error,
    );
  });
  if (real !== root && !real.startsWith(root + sep)) {
    throw failed('The folder lies outside of lists in the data folder.', 'folder', 'lies outside of the data folder');
  }
  return real;
}

export default defineListSource({
  id: 'folder',
  fields: { folder: path({ required: true }), pattern: text({ default: '*.csv', required: true }) },
  async fetch({ config, dataDir, validator }) {
    const folder = await inside(dataDir, config.folder);
    const wanted = matcher(config.pattern);
    let newest: { readonly name: string; readonly size: number; readonly at: number } | null = null;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!entry.isFile() || !wanted.test(entry.name)) continue;
      const { size, mtimeMs: at } = await stat(join(folder, entry.name));
      if (newest === null || at > newest.at) newest = { name: entry.name, size, at };
    }
    if (newest === null)
      throw failed(`No file in ${config.folder} is called ${config.pattern}.`, 'pattern', 'fits no file');
    if (Date.now() - newest.at < QUIET_MS) {
      throw failed(
        `${newest.name} is still being written: it is read at the next time.`,
        'folder',
        'is being written to',
      );
    }
    const state = `${newest.name}:${newest.at}:${newest.size}`;
    if (state === validator) return null;
    const body = createReadStream(join(folder, newest.name));
    const close = (): Promise<void> => {
      body.destroy();
      return Promise.resolve();
    };
    return { fileName: newest.name, bytes: newest.size, body, validator: state, close };
  },
});
