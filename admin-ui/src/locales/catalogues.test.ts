import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ERROR_STATUS } from '../../../core/errors.ts';

const source = join(import.meta.dirname, '..');
const pagesFolder = join(source, 'pages');
const folders = [
  join(source, 'locales'),
  ...readdirSync(pagesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(pagesFolder, entry.name)),
];

type Words = Record<string, string>;

/** `{ "a": { "b": "text" } }` as `{ "a.b": "text" }`. */
function flat(words: object, before = ''): Words {
  return Object.fromEntries(
    Object.entries(words).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string' ? [[before + key, value]] : Object.entries(flat(value as object, `${before}${key}.`)),
    ),
  );
}
const read = (folder: string, locale: string): Words =>
  flat(JSON.parse(readFileSync(join(folder, `${locale}.json`), 'utf8')) as object);
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe.each(folders)('%s', (folder) => {
  const english = read(folder, 'en-US');
  const thai = read(folder, 'th');

  test('has the same keys in both languages', () => {
    expect(Object.keys(thai).sort()).toEqual(Object.keys(english).sort());
  });

  test('fills in the same values in both languages', () => {
    for (const [key, text] of Object.entries(english)) {
      expect({ key, values: placeholders(thai[key] ?? '') }).toEqual({ key, values: placeholders(text) });
    }
  });

  test('leaves nothing empty and nothing Thai in English', () => {
    for (const text of [...Object.values(english), ...Object.values(thai)]) expect(text.trim()).not.toBe('');
    expect(Object.values(english).filter((text) => /[ก-๛]/.test(text))).toEqual([]);
  });
});

test('every page has a title', () => {
  for (const folder of folders.slice(1)) expect(read(folder, 'en-US').title).toBeDefined();
});

test('every error of the hub is told in words, with what to do', () => {
  const english = read(join(source, 'locales'), 'en-US');
  const wanted = Object.keys(ERROR_STATUS).flatMap((code) => [`error.${code}.what`, `error.${code}.remedy`]);
  expect(wanted.filter((key) => english[key] === undefined)).toEqual([]);
});

/** Every `t('key')` of the sources that is a plain text. */
function usedKeys(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
    .flatMap((entry) => {
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      return [
        ...text.matchAll(/\b(?:t\(|label: |group: |tell(?:WithUndo)?\(|const group = )'([\w.-]+\.[\w.-]+)'/g),
      ].map((match) => match[1] ?? '');
    });
}

test('every word that is asked for is there', () => {
  const known = new Set(Object.keys(read(join(source, 'locales'), 'en-US')));
  for (const folder of folders.slice(1)) {
    const name = folder.split('/').at(-1) ?? '';
    for (const key of Object.keys(read(folder, 'en-US'))) known.add(`page.${name}.${key}`);
  }
  const used = usedKeys(source);
  expect(used.length).toBeGreaterThan(100);
  expect([...new Set(used)].filter((key) => !known.has(key))).toEqual([]);
});
