import { readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NodeSpec } from './define-node.ts';

export const NODES_FOLDER = resolve(import.meta.dirname, '..');
/** Where the build puts what Node-RED loads. */
export const BUILT_FOLDER = join(NODES_FOLDER, '.built');

/** Every node of this project by its folder's name. */
export async function loadSpecs(): Promise<ReadonlyMap<string, NodeSpec>> {
  const names = (await readdir(NODES_FOLDER)).filter((name) => existsSync(join(NODES_FOLDER, name, 'node.ts'))).sort();
  const specs = await Promise.all(
    names.map(async (name): Promise<[string, NodeSpec]> => {
      const module = (await import(pathToFileURL(join(NODES_FOLDER, name, 'node.ts')).href)) as { default: NodeSpec };
      return [name, module.default];
    }),
  );
  return new Map(specs);
}
