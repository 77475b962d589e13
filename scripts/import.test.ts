/** The command against a whole hub. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ADMIN, startTestHub, type TestHub } from '../test/hub.ts';
import { picture } from '../test/pictures.ts';

const SCRIPT = fileURLToPath(new URL('./import.ts', import.meta.url));
let hub: TestHub;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-import-'));
  hub = await startTestHub();
});
afterAll(async () => {
  await hub.stop();
  await rm(folder, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const run = (words: readonly string[], password = ADMIN.password): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, INIT_CWD: folder, LPR_PASSWORD: password };
    execFile(process.execPath, [SCRIPT, ...words], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });

test('old reads become detections at their time, with their picture, and call nobody; again adds nothing', async () => {
  const camera = { name: 'Old gate', protocol: 'push', config: {}, enabled: true, checkpointId: null };
  const place = { latitude: null, longitude: null, heading: null };
  expect((await hub.admin('POST', '/v1/cameras', { ...camera, ...place })).status).toBe(201);
  const list = { name: 'Stolen', category: 'stolen', priority: 90 };
  const { blacklistId } = (await hub.admin('POST', '/v1/blacklists', list)).body as { blacklistId: string };
  const entry = { plateNumber: '1กก1234', issuingEntity: null, countryCode: null, reason: null };
  await hub.admin('POST', `/v1/blacklists/${blacklistId}/entries`, { ...entry, validFrom: null, validTo: null });

  await writeFile(join(folder, 'scene.png'), await picture(3, 320, 180));
  await writeFile(
    join(folder, 'old.csv'),
    [
      'plate,province,capturedAt,picture,id',
      '1กก 1234,กรุงเทพมหานคร,2024-03-01 08:00:00,scene.png,1',
      'กย 899,ราชบุรี,2024-03-01T02:00:00Z,,2',
      'กย 899,ราชบุรี,never,,3',
      'กย 899,ราชบุรี,2024-03-02T02:00:00Z,missing.png,4',
    ].join('\n'),
  );
  const words = ['old.csv', '--url', hub.url, '--user', ADMIN.name, '--camera', 'Old gate'];
  const first = await run(words);
  expect(first).toMatchObject({ code: 1, err: expect.stringMatching(/2 stored, 0 known already, 2 refused/) });
  expect(first.out).toMatch(/^5: The picture cannot be read.*^4: .*capturedAt/ms);

  const detections = async (): Promise<readonly Record<string, unknown>[]> =>
    ((await hub.admin('GET', '/v1/detections')).body as { items: Record<string, unknown>[] }).items;
  for (let i = 0; i < 200 && (await detections()).length < 2; i++) await sleep(50);
  const found = await detections();
  expect(found.map(({ plateNumber, capturedAt }) => [plateNumber, capturedAt])).toEqual([
    ['กย899', '2024-03-01T02:00:00.000Z'],
    ['1กก1234', '2024-03-01T01:00:00.000Z'],
  ]);
  expect(found[1]?.['frame']).toMatchObject({ width: 320, height: 180 });
  // The hit is on record, as one of long ago: it waits for nobody and rings nowhere.
  const alerts = async (): Promise<readonly unknown[]> =>
    ((await hub.admin('GET', '/v1/alerts')).body as { items: readonly unknown[] }).items;
  for (let i = 0; i < 200 && (await alerts()).length === 0; i++) await sleep(50);
  expect(await alerts()).toMatchObject([{ plateNumber: '1กก1234', cause: 'late' }]);
  expect((await hub.admin('GET', '/v1/status')).body.openAlerts).toBe(0);

  expect((await run(words)).err).toMatch(/0 stored, 2 known already, 2 refused/);
  expect(await detections()).toHaveLength(2);
});

test('a wrong command and a wrong password are told', async () => {
  expect(await run([])).toMatchObject({ code: 2 });
  expect(await run(['old.csv', '--user', 'a', '--format', 'xml'])).toMatchObject({ code: 2 });
  const refused = await run(['old.csv', '--url', hub.url, '--user', ADMIN.name], 'wrong');
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/HTTP 401/) });
});
