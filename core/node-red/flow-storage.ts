/** Where Node-RED keeps flows: files in the data folder, written whole or not at all, the version before kept beside. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, LprError } from '../errors.ts';
import type { FlowNode } from './flow-check.ts';

async function readJson(file: string, otherwise: unknown): Promise<unknown> {
  if (!existsSync(file)) return otherwise;
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw new LprError(
      'internal',
      `${file} cannot be read (${errorMessage(error)}). Put ${file}.before in its place, or a copy from a backup.`,
      {},
      error,
    );
  }
}

async function writeJson(file: string, value: unknown): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(value, null, 2));
    // Else a power cut after the rename may leave an empty file under the old name.
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (existsSync(file)) await copyFile(file, `${file}.before`);
  await rename(fresh, file);
}

export interface FlowStorageOptions {
  readonly folder: string;
  /** The file that a new install starts with. */
  readonly firstFlows: string;
  /** Throws for flows that must not be stored. */
  readonly check: (flows: readonly FlowNode[]) => Promise<void>;
}

/** A storage module as Node-RED wants it; what it calls by itself is not listed. */
export interface FlowStorage {
  getFlows(): Promise<unknown>;
}

/** Files `flows`, `credentials`, `settings` and `sessions` in the folder. */
export function createFlowStorage({ folder, firstFlows, check }: FlowStorageOptions): FlowStorage {
  const file = (name: string): string => join(folder, `${name}.json`);
  const storage = {
    init: () => mkdir(folder, { recursive: true, mode: 0o700 }),
    async getFlows() {
      if (!existsSync(file('flows'))) await writeJson(file('flows'), await readJson(firstFlows, []));
      return readJson(file('flows'), []);
    },
    async saveFlows(flows: readonly FlowNode[]) {
      await check(flows);
      await writeJson(file('flows'), flows);
    },
    getCredentials: () => readJson(file('credentials'), {}),
    saveCredentials: (credentials: unknown) => writeJson(file('credentials'), credentials),
    getSettings: () => readJson(file('settings'), {}),
    saveSettings: (settings: unknown) => writeJson(file('settings'), settings),
    getSessions: () => readJson(file('sessions'), {}),
    saveSessions: (sessions: unknown) => writeJson(file('sessions'), sessions),
    getLibraryEntry: () => Promise.resolve([]),
    saveLibraryEntry: () =>
      Promise.reject(new LprError('forbidden', 'There is no library on the hub: export the flow as a file.')),
  };
  return storage;
}
