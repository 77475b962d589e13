import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { actionWords } from './action-words.ts';

const core = join(import.meta.dirname, '../../../../core');

/** What the sources write to the trail: the second word of a call of `audit`, or the action of an entry. */
function writtenActions(): readonly string[] {
  const files = ['api', 'node-red'].flatMap((room) =>
    readdirSync(join(core, room))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(core, room, name), 'utf8')),
  );
  const found = files.flatMap((text) => [
    ...[
      ...text.matchAll(/audit\(\s*(?:\{[^}]*\}|\w+),\s*(?:[^'"]{0,80}\? )?'(\w+\.\w+)'(?: : '(\w+\.\w+)')?/g),
    ].flatMap(([, action = '', other]) => (other === undefined ? [action] : [action, other])),
    ...[...text.matchAll(/action: '(\w+\.\w+)'/g)].map(([, action = '']) => action),
  ]);
  return [...new Set(found)].sort();
}

function translator(locale: string): { t: (key: string) => string; te: (key: string) => boolean } {
  const words = JSON.parse(readFileSync(join(import.meta.dirname, `${locale}.json`), 'utf8')) as object;
  const find = (key: string): unknown =>
    key
      .split('.')
      .slice(2)
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], words);
  return { t: (key) => String(find(key)), te: (key) => typeof find(key) === 'string' };
}

test.each(['en-US', 'th'])('whatever is written to the trail is told in words (%s)', (locale) => {
  const actions = writtenActions();
  expect(actions.length).toBeGreaterThan(50);
  const { t, te } = translator(locale);
  expect(actions.filter((action) => actionWords(action, t, te) === action)).toEqual([]);
});
