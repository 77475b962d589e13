/**
 * Writes what Node-RED wants of a node beside its code: a one-line shim, the editor's HTML, catalogues and help.
 * `node nodes/kit/build-nodes.ts` does it for `nodes/.built`.
 */
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { marked } from 'marked';
import type { NodeSpec } from './define-node.ts';
import { editorHtml, LISTS_SCRIPT, MODULE } from './editor-html.ts';
import { inFlowOrder, wiringHtml } from './typical-wiring.ts';
import { BUILT_FOLDER, loadSpecs, NODES_FOLDER } from './load-specs.ts';

export const LANGUAGES = ['en-US', 'th'] as const;

/** A node's catalogue: `label`, `output.<name>`, `field.<key>.label|help|any|gone|option.<value>`. */
export interface NodeWords {
  readonly label: string;
  readonly output: Readonly<Record<string, string>>;
  readonly field?: Readonly<
    Record<
      string,
      { readonly label: string; readonly help?: string; readonly option?: Readonly<Record<string, string>> }
    >
  >;
}

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

export const readWords = async (name: string, language: string): Promise<NodeWords> =>
  (await readJson(join(NODES_FOLDER, name, `${language}.json`))) as NodeWords;

type Named = readonly [name: string, spec: NodeSpec];
type Labels = Readonly<Record<(typeof LANGUAGES)[number], ReadonlyMap<string, string>>>;

async function buildNode([name, spec]: Named, all: readonly Named[], labels: Labels, folder: string): Promise<void> {
  const source = join(NODES_FOLDER, name);
  const target = join(folder, name);
  await mkdir(target, { recursive: true });
  const from = (file: string): string => relative(target, join(NODES_FOLDER, file)).replaceAll('\\', '/');
  await writeFile(
    join(target, `${spec.type}.js`),
    `import spec from '${from(`${name}/node.ts`)}';\nimport { register } from '${from('kit/register.ts')}';\nexport default register(spec);\n`,
  );
  const { field = {} } = await readWords(name, 'en-US');
  const helped = Object.keys(field).filter((key) => field[key]?.help !== undefined);
  await writeFile(join(target, `${spec.type}.html`), editorHtml(spec, new Set(helped)));
  await Promise.all(
    LANGUAGES.map(async (language) => {
      const locale = join(target, 'locales', language);
      await mkdir(locale, { recursive: true });
      const words = await readWords(name, language);
      const error = await readJson(join(NODES_FOLDER, 'kit', `errors.${language}.json`));
      await writeFile(join(locale, `${spec.type}.json`), JSON.stringify({ ...words, error }));
      const help = await marked.parse(await readFile(join(source, `${language}.md`), 'utf8'));
      await writeFile(
        join(locale, `${spec.type}.html`),
        `<script type="text/html" data-help-name="${spec.type}">\n${wiringHtml(name, all, labels[language])}\n${help}</script>\n`,
      );
    }),
  );
  if (existsSync(join(source, 'icons'))) await cp(join(source, 'icons'), join(target, 'icons'), { recursive: true });
}

const EXAMPLES_FOLDER = resolve(NODES_FOLDER, '../flows/examples');

/** The editor's Import > Examples names them by their files: so by what their group says, in both languages. */
async function copyExamples(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(EXAMPLES_FOLDER)) {
    const from = join(EXAMPLES_FOLDER, file);
    const nodes = (await readJson(from)) as readonly { readonly type: string; readonly name?: string }[];
    const title = nodes.find(({ type }) => type === 'group')?.name ?? file.replace(/\.json$/, '');
    await copyFile(from, join(folder, `${title.replace(/[/\\:*?"<>|]/g, '-')}.json`));
  }
}

/** Builds every node into `folder`, which is emptied first. */
export async function buildNodes(folder = BUILT_FOLDER): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  // The palette shows nodes in the order in which they are listed.
  const all = inFlowOrder(await loadSpecs());
  const labelsIn = async (language: string): Promise<ReadonlyMap<string, string>> =>
    new Map(await Promise.all(all.map(async ([name]) => [name, (await readWords(name, language)).label] as const)));
  const labels: Labels = { 'en-US': await labelsIn('en-US'), th: await labelsIn('th') };
  await Promise.all(all.map((one) => buildNode(one, all, labels, folder)));
  await mkdir(join(folder, 'resources'), { recursive: true });
  await copyFile(join(NODES_FOLDER, 'kit', LISTS_SCRIPT), join(folder, 'resources', LISTS_SCRIPT));
  await copyExamples(join(folder, 'examples'));
  const nodes = Object.fromEntries(all.map(([name, { type }]) => [type, `${name}/${type}.js`]));
  await writeFile(
    join(folder, 'package.json'),
    // Without the key `node-red` Node-RED reads no catalogues.
    JSON.stringify({ name: MODULE, version: '0.1.0', type: 'module', 'node-red': { nodes } }, null, 2),
  );
}

if (import.meta.main) await buildNodes();
