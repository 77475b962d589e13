import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createEngineSettingsStore } from '../db/stores/engine-settings-store.ts';
import { defineOcrEngine, secret, url, type OcrEngine } from '../plugins/define.ts';
import { createEngineSettings } from './engine-settings.ts';
import { createRecogniser, type Recogniser } from './recogniser.ts';

let database: TestDatabase;
let recogniser: Recogniser;
/** Configurations that the engine "remote" was set up with. */
const setUps: unknown[] = [];

const reads: OcrEngine = { read: () => Promise.reject(new Error('not asked')) };
const box = {
  seal: (text: string) => `sealed:${text}`,
  open: (text: string) => text.replace('sealed:', ''),
  named: () => 'unused',
};
const open = (): Recogniser =>
  createRecogniser({
    plugins: pluginsOf(
      defineOcrEngine({ id: 'local', fields: {}, setup: () => Promise.resolve(reads) }),
      defineOcrEngine({
        id: 'remote',
        fields: { url: url({ required: true }), key: secret() },
        setup({ config }) {
          setUps.push(config);
          return Promise.resolve(reads);
        },
      }),
    ),
    compute: { size: 1, run: () => Promise.reject(new Error('not asked')) },
    log: quietLog,
    settings: createEngineSettings(createEngineSettingsStore(database), box),
  });

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query('truncate engine_settings');
  setUps.length = 0;
  recogniser = open();
});

test('an engine without the configuration that it wants says where to fill it in', async () => {
  const [, remote] = await recogniser.engines();
  expect(remote).toMatchObject({ id: 'remote', problem: { code: 'engine_unavailable' } });
  expect(remote?.problem?.message).toMatch(/"remote" is not configured yet.*Settings/);
});

test('a configuration takes effect at once, survives a restart, and its secret is stored sealed and never shown', async () => {
  const saved = await recogniser.configure('remote', { config: { url: 'http://127.0.0.1:9/', key: 's3cret' } });
  expect(saved).toMatchObject({ problem: null, config: { url: 'http://127.0.0.1:9/', key: true } });
  expect(setUps).toEqual([{ url: 'http://127.0.0.1:9/', key: 's3cret' }]);
  const { rows } = await database.pool.query<{ config: unknown }>('select config from engine_settings');
  expect(rows[0]?.config).toMatchObject({ key: 'sealed:s3cret' });
  // A form sends a kept secret as `true`.
  await recogniser.configure('remote', { config: { url: 'http://127.0.0.1:8/', key: true } });
  expect(setUps.at(-1)).toEqual({ url: 'http://127.0.0.1:8/', key: 's3cret' });
  await open().engines();
  expect(setUps.at(-1)).toEqual({ url: 'http://127.0.0.1:8/', key: 's3cret' });
});

test('a configuration that cannot be used changes nothing', async () => {
  await expect(recogniser.configure('remote', { config: { url: 'ftp://x' } })).rejects.toMatchObject({
    code: 'invalid_input',
    details: { problems: [{ field: 'url' }] },
  });
  await expect(recogniser.configure('nobody', { isDefault: true })).rejects.toMatchObject({ code: 'not_found' });
  expect((await database.pool.query('select from engine_settings')).rowCount).toBe(0);
});

test('one engine is the default: the first until somebody chooses', async () => {
  expect(await recogniser.engineId('')).toBe('local');
  await recogniser.configure('remote', { config: { url: 'http://127.0.0.1:9/' }, isDefault: true });
  expect(await recogniser.engineId('')).toBe('remote');
  await recogniser.configure('local', { isDefault: true });
  expect((await recogniser.engines()).map(({ id, isDefault }) => [id, isDefault])).toEqual([
    ['local', true],
    ['remote', false],
  ]);
});
