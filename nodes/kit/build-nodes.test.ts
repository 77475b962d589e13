import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERROR_STATUS } from '../../core/errors.ts';
import { choice, flag, number, ref, secret, text } from '../../core/fields.ts';
import { buildNodes, LANGUAGES, readWords } from './build-nodes.ts';
import { defineNode } from './define-node.ts';
import { editorHtml } from './editor-html.ts';
import { loadSpecs, NODES_FOLDER } from './load-specs.ts';

const specs = [...(await loadSpecs())];

const keysOf = (value: unknown, path = ''): readonly string[] =>
  value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`))
    : [path];

describe('words', () => {
  test.each(specs.map(([name]) => name))(
    '%s has the same keys in English and Thai, none of them empty',
    async (name) => {
      const [english, thai] = await Promise.all(LANGUAGES.map((language) => readWords(name, language)));
      expect(keysOf(thai)).toEqual(keysOf(english));
      for (const language of LANGUAGES) {
        const folder = join(NODES_FOLDER, name);
        expect(await readFile(join(folder, `${language}.json`), 'utf8')).not.toContain('""');
        expect((await readFile(join(folder, `${language}.md`), 'utf8')).length).toBeGreaterThan(80);
      }
    },
  );

  test.each(specs)('%s has words for every output, field, choice and list', async (name, spec) => {
    const { output, field = {} } = await readWords(name, 'en-US');
    expect(Object.keys(output)).toEqual([...spec.outputs]);
    expect(Object.keys(field)).toEqual(Object.keys(spec.fields));
    for (const [key, { kind, options = [] }] of Object.entries(spec.fields)) {
      if (kind === 'ref')
        expect(field[key]).toEqual(expect.objectContaining({ any: expect.anything(), gone: expect.anything() }));
      if (kind === 'choice') expect(Object.keys(field[key]?.option ?? {})).toEqual([...options]);
    }
  });

  test('errors have words in both languages, for codes that exist', async () => {
    const [english, thai] = await Promise.all(
      LANGUAGES.map(async (language) =>
        Object.keys(JSON.parse(await readFile(join(NODES_FOLDER, `kit/errors.${language}.json`), 'utf8')) as object),
      ),
    );
    expect(thai).toEqual(english);
    expect(english?.filter((code) => !(code in ERROR_STATUS))).toEqual([]);
  });
});

describe('the form', () => {
  const spec = defineNode({
    type: 'lpr-everything',
    icon: 'font-awesome/fa-star',
    accepts: 'frame',
    outputs: ['a', 'b'],
    fields: {
      note: text({ required: true }),
      limit: number({ default: 5, min: 1, max: 9, unit: 'px' }),
      loud: flag(true),
      mode: choice(['fast', 'sure'], 'sure'),
      token: secret(),
      engine: ref('engines'),
    },
    offers: { engine: 'reads' },
    setup: () => ({}),
  });
  const html = editorHtml(spec, new Set(['limit']));

  /** What the editor is told of the node, from the page's own script. */
  function registered(): Record<string, any> {
    const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    const found: [string, Record<string, any>][] = [];
    const RED = { nodes: { registerType: (type: string, definition: object) => found.push([type, definition]) } };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is the editor's page script that is under test
    new Function('RED', script)(RED);
    expect(found.map(([type]) => type)).toEqual(['lpr-everything']);
    return found[0]?.[1] ?? {};
  }

  test('defaults, limits and outputs come from the declaration', () => {
    const { defaults, inputs, outputs, category, credentials } = registered();
    expect([inputs, outputs, category]).toEqual([1, 2, 'LPR']);
    expect(
      Object.fromEntries(Object.entries<{ value: unknown }>(defaults).map(([key, { value }]) => [key, value])),
    ).toEqual({
      ...{ name: '', note: '', limit: 5, loud: true, mode: 'sure', engine: '' },
    });
    expect(defaults.note.required).toBe(true);
    expect(['1', '9', 5, '${LIMIT}'].map((value) => defaults.limit.validate(value))).toEqual([true, true, true, true]);
    expect(['0', '10', '', 'x'].map((value) => defaults.limit.validate(value))).toEqual([false, false, false, false]);
    expect(credentials).toEqual({ token: { type: 'password' } });
  });

  test('each field has its input, and help where there are words for it', () => {
    for (const input of [
      '<input type="text" id="node-input-note">',
      '<input type="number" step="any" id="node-input-limit" min="1" max="9"',
      '<input type="checkbox" id="node-input-loud"',
      '<option value="fast" data-i18n="field.mode.option.fast">',
      '<input type="password" id="node-input-token">',
      '<select id="node-input-engine"',
    ])
      expect(html).toContain(input);
    expect(html.match(/data-i18n="field\.\w+\.help"/g)).toEqual(['data-i18n="field.limit.help"']);
  });
});

describe('the build', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lpr-nodes-'));
    await buildNodes(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('lists nodes in the order of a flow, whatever their folders are called', async () => {
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, any>;
    const types = Object.keys(manifest['node-red'].nodes);
    expect(types.slice(0, 6)).toEqual([
      'lpr-camera-in',
      'lpr-locate',
      'lpr-read',
      'lpr-quality',
      'lpr-merge',
      'lpr-record',
    ]);
    const last = [
      'lpr-blacklist-match',
      'lpr-geofence',
      'lpr-alert',
      'lpr-escalate',
      'lpr-acknowledged',
      'lpr-discard',
    ];
    expect(types.filter((type) => last.includes(type))).toEqual(last);
    expect(types.at(-1)).toBe('lpr-discard');
    expect([...types].sort()).toEqual(specs.map(([, { type }]) => type).sort());
  });

  test('what is done with an alert stands by itself behind the node that raised it', async () => {
    const chips = async (name: string): Promise<(string | undefined)[]> => {
      const help = await readFile(join(folder, name, `locales/en-US/lpr-${name}.html`), 'utf8');
      return [...help.matchAll(/<span style="[^"]*">([^<]+)<\/span>/g)].map(([, label]) => label);
    };
    expect((await chips('tell-line')).slice(-3)).toEqual(['geofence', 'alert', 'tell by LINE']);
    expect((await chips('alert')).slice(-2)).toEqual(['geofence', 'alert']);
    expect(await chips('acknowledged')).toEqual(['acknowledged']);
  });

  test('examples are called as their groups are, in both languages', async () => {
    const names = await readdir(join(folder, 'examples'));
    expect(names).toContain('Tell by LINE · แจ้งทาง LINE.json');
    expect(names.every((name) => / · .+\.json$/.test(name))).toBe(true);
  });

  test('shims lead to the sources', async () => {
    const shim = (await import(join(folder, 'locate/lpr-locate.js'))) as { default: unknown };
    expect(shim.default).toEqual(expect.any(Function));
  });

  test('help shows the wiring with the node of its own framed', async () => {
    const help = await readFile(join(folder, 'discard/locales/th/lpr-discard.html'), 'utf8');
    const chips = [...help.matchAll(/<span style="([^"]*)">([^<]+)<\/span>/g)];
    expect(chips.map(([, , label]) => label)).toEqual(['กล้อง', 'หาป้าย', 'อ่านป้าย', 'คุณภาพ', 'ทิ้ง']);
    expect(chips.filter(([, style]) => style?.includes('outline')).map(([, , label]) => label)).toEqual(['ทิ้ง']);
  });

  test('each catalogue brings the words for errors', async () => {
    for (const language of LANGUAGES) {
      const words = JSON.parse(
        await readFile(join(folder, `read/locales/${language}/lpr-read.json`), 'utf8'),
      ) as Record<string, any>;
      expect(words['error'].engine_failed).toEqual(expect.any(String));
    }
  });
});
