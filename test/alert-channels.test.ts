/** What holds for every alert channel. */
import { resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { parseConfig } from '../core/fields.ts';
import { loadPlugins, type Plugins } from '../core/plugins/plugins.ts';

let plugins: Plugins;
beforeAll(async () => {
  plugins = await loadPlugins(resolve(import.meta.dirname, '../plugins'));
});

test('all ways to tell people are there, each with its words', () => {
  expect(plugins.failures).toEqual([]);
  expect(plugins.all('alertChannel').map(({ id }) => id)).toEqual([
    ...['email', 'line', 'mqtt', 'push', 'slack', 'sms', 'teams', 'telegram', 'webhook'],
  ]);
});

test('what is missing is said in both languages', () => {
  for (const plugin of plugins.all('alertChannel')) {
    const filled = Object.entries(plugin.fields).map(([key, field]) => {
      const { kind, options, default: value } = field;
      if (kind === 'choice') return [key, options?.includes('link') === true ? 'link' : value];
      return [
        key,
        kind === 'url'
          ? `${options?.[0] ?? ''}://example.com/`
          : kind === 'number'
            ? value
            : kind === 'flag'
              ? true
              : 'x',
      ];
    });
    const config = parseConfig(plugin.fields, Object.fromEntries(filled));
    const keys = [null, 'http://10.0.0.5', 'https://hub.local', 'https://lpr.example.org'].flatMap(
      (publicUrl) => plugin.missing?.(config, { publicUrl }) ?? [],
    );
    const { words } = plugins.list('alertChannel').find(({ id }) => id === plugin.id) ?? {};
    for (const key of keys) {
      expect([plugin.id, key, typeof words?.en.missing?.[key]]).toEqual([plugin.id, key, 'string']);
      expect([plugin.id, key, typeof words?.th.missing?.[key]]).toEqual([plugin.id, key, 'string']);
    }
    expect(plugin.missing?.(config, { publicUrl: 'https://lpr.example.org' }) ?? []).toEqual([]);
  }
});
