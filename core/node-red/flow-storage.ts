/** Where Node-RED keeps flows: files in the data folder, written whole or not at all, the version before kept beside. */
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LprError } from '../errors.ts';
import { checkFlows, type FlowNode, type NodeFacts } from './flow-check.ts';

async function readJson<T>(file: string, otherwise: T): Promise<T> {
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as T) : otherwise;
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.new`;
  await writeFile(fresh, JSON.stringify(value, null, 2), { mode: 0o600 });
  if (existsSync(file)) await copyFile(file, `${file}.before`);
  await rename(fresh, file);
}

/** Refuses, with the name of each node and the reason, what cannot work. */
function assertCanWork(flows: readonly FlowNode[], facts: ReadonlyMap<string, NodeFacts>): void {
  const problems = checkFlows(flows, facts);
  if (problems.length === 0) return;
  const lines = problems.map(({ node, problem }) => `${node} ${problem}.`);
  throw new LprError('flow_invalid', lines.join(' '), {
    problems: problems.map(({ nodeId, problem }) => ({ field: nodeId, problem })),
  });
}

/** @param firstFlows the file that a new install starts with */
export function createFlowStorage(folder: string, firstFlows: string, facts: ReadonlyMap<string, NodeFacts>): object {
  const file = (name: string): string => join(folder, `${name}.json`);
  return {
    init: () => mkdir(folder, { recursive: true, mode: 0o700 }),
    async getFlows() {
      if (!existsSync(file('flows'))) await writeJson(file('flows'), JSON.parse(await readFile(firstFlows, 'utf8')));
      return readJson(file('flows'), []);
    },
    async saveFlows(flows: FlowNode[]) {
      assertCanWork(flows, facts);
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
      Promise.reject(new LprError('forbidden', 'The library is not used: export flows as files.')),
  };
}
