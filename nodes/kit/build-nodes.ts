/** Writes what Node-RED wants of a node beside its code: a one-line shim, the editor's HTML, catalogues and help. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { marked } from 'marked';
import type { NodeSpec } from './define-node.ts';
import { editorHtml } from './editor-html.ts';
import { BUILT_FOLDER, loadSpecs, NODES_FOLDER } from './load-specs.ts';

const LANGUAGES = ['en-US', 'th'] as const;

interface Words {
  readonly field?: Readonly<Record<string, { readonly help?: string }>>;
}

const readJson = async (file: string): Promise<Words> => JSON.parse(await readFile(file, 'utf8')) as Words;

async function buildNode(name: string, spec: NodeSpec): Promise<void> {
  const source = join(NODES_FOLDER, name);
  const target = join(BUILT_FOLDER, name);
  await mkdir(target, { recursive: true });
  await writeFile(
    join(target, `${spec.type}.js`),
    `import spec from '../../${name}/node.ts';\nimport { register } from '../../kit/register.ts';\nexport default register(spec);\n`,
  );
  const english = await readJson(join(source, 'en-US.json'));
  const helped = new Set(Object.keys(english.field ?? {}).filter((key) => english.field?.[key]?.help !== undefined));
  await writeFile(join(target, `${spec.type}.html`), editorHtml(spec, helped));
  for (const language of LANGUAGES) {
    const folder = join(target, 'locales', language);
    await mkdir(folder, { recursive: true });
    const words = await readJson(join(source, `${language}.json`));
    const errors = await readJson(join(NODES_FOLDER, 'kit', `errors.${language}.json`));
    await writeFile(join(folder, `${spec.type}.json`), JSON.stringify({ ...words, error: errors }));
    const help = await marked.parse(await readFile(join(source, `${language}.md`), 'utf8'));
    await writeFile(
      join(folder, `${spec.type}.html`),
      `<script type="text/html" data-help-name="${spec.type}">\n${help}</script>\n`,
    );
  }
  if (existsSync(join(source, 'icons'))) await cp(join(source, 'icons'), join(target, 'icons'), { recursive: true });
}

await rm(BUILT_FOLDER, { recursive: true, force: true });
const specs = await loadSpecs();
for (const [name, spec] of specs) await buildNode(name, spec);
const nodes = Object.fromEntries([...specs].map(([name, { type }]) => [type, `${name}/${type}.js`]));
// Without the key `node-red` Node-RED reads no catalogues.
await writeFile(
  join(BUILT_FOLDER, 'package.json'),
  JSON.stringify({ name: '@lpr-hub/nodes', version: '0.1.0', type: 'module', 'node-red': { nodes } }, null, 2),
);
