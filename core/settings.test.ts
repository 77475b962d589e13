import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readSettings } from '../settings.ts';
import type { LprError } from './errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'lpr-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const faultsOf = (env: Record<string, string>): string[] => {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    return ((error as LprError).details.problems ?? []).map((problem) => problem.field);
  }
};

test('nothing set is a hub on loopback with everything embedded', () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    isOpen: false,
    databaseUrl: null,
    mqtt: { port: 1883 },
  });
  expect(isAbsolute(settings.dataDir)).toBe(true);
});

test('any other address opens the hub', () => {
  expect(readSettings({ HOST: '0.0.0.0' }).isOpen).toBe(true);
  expect(readSettings({ HOST: '::1' }).isOpen).toBe(false);
});

test('a value may come from a file', () => {
  const file = join(folder, 'url');
  writeFileSync(file, 'postgres://lpr:secret@db/lpr\n');
  expect(readSettings({ DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://lpr:secret@db/lpr');
});

test('all faults are told together, each by its name', () => {
  const faults = faultsOf({
    PORT: '99999',
    PUBLIC_URL: 'ftp://x',
    TLS_CERT: '-----BEGIN',
    EXTRA_PORTS: '80,none',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'postgres://a/b',
    DATABASE_URL_FILE: join(folder, 'absent'),
  });
  expect(faults.sort()).toEqual(['DATABASE_URL', 'EXTRA_PORTS', 'LOG_LEVEL', 'PORT', 'PUBLIC_URL', 'TLS_KEY']);
});

test('a fault never tells a password', () => {
  expect(() => readSettings({ DATABASE_URL: 'mysql://root:hunter2@x' })).toThrow(/^(?!.*hunter2)/s);
});
