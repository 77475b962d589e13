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
    mqtt: { port: 1883, tlsPort: 8883 },
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

test('pictures lie in S3 when a bucket is named', () => {
  const keys = { S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b' };
  const own = { ...keys, S3_BUCKET: 'pictures', S3_ENDPOINT: 'http://127.0.0.1:9000/', S3_PREFIX: '/lpr/site-1/' };
  expect(readSettings({}).s3).toBeNull();
  expect(readSettings(own).s3).toEqual({
    endpoint: 'http://127.0.0.1:9000',
    bucket: 'pictures',
    region: 'us-east-1',
    accessKey: 'a',
    secretKey: 'b',
    prefix: 'lpr/site-1',
  });
  expect(readSettings({ ...keys, S3_BUCKET: 'pictures', S3_REGION: 'ap-southeast-7' }).s3).toMatchObject({
    endpoint: null,
    region: 'ap-southeast-7',
  });
});

test('half an S3 store is refused, with everything that is missing', () => {
  expect(faultsOf({ S3_ENDPOINT: 'http://127.0.0.1:9000' })).toEqual(['S3_BUCKET']);
  expect(faultsOf({ S3_SECRET_KEY: 'b' })).toEqual(['S3_BUCKET']);
  expect(faultsOf({ S3_BUCKET: 'pictures' })).toEqual(['S3_REGION', 'S3_ACCESS_KEY', 'S3_SECRET_KEY']);
  const keys = { S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b', S3_ENDPOINT: 'http://127.0.0.1:9000' };
  expect(faultsOf({ ...keys, S3_BUCKET: 'Not a bucket', S3_PREFIX: '../up' })).toEqual(['S3_BUCKET', 'S3_PREFIX']);
});
