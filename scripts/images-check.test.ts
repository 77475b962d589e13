import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ADMIN, createClient } from '../test/hub.ts';
import { picture } from '../test/pictures.ts';
import { quietLog } from '../test/quiet-log.ts';
import { startS3Server } from '../test/s3-server.ts';
import type { ImageCheck } from '../core/images/check-images.ts';
import { createS3Store } from '../core/images/s3-store.ts';
import { startHub, type RunningHub } from '../core/start.ts';
import { readSettings } from '../settings.ts';

const SCRIPT = fileURLToPath(new URL('./images-check.ts', import.meta.url));
let dataDir: string;
let env: Record<string, string>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lpr-check-'));
  env = { LPR_DATA_DIR: dataDir, PORT: '0', MQTT_PORT: '0', LPR_WORKERS: '1' };
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const run = (more: Record<string, string>, ...words: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...words], { env: { ...process.env, ...env, ...more } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
const json = async (more: Record<string, string>, ...words: string[]): Promise<ImageCheck & { code: number }> => {
  const { code, out, err } = await run(more, '--json', ...words);
  if (out === '') throw new Error(err);
  return { code, ...(JSON.parse(out) as ImageCheck) };
};

const start = (more: Record<string, string> = {}): Promise<RunningHub> =>
  startHub(readSettings({ ...env, ...more }), { log: quietLog });
async function upload(hub: RunningHub, numbers: readonly number[]): Promise<string[]> {
  const admin = createClient(hub.url);
  await admin('POST', '/v1/setup', { ...ADMIN, code: hub.setupCode });
  await admin('POST', '/v1/session', ADMIN);
  const ids: string[] = [];
  for (const n of numbers) {
    const image = (await picture(n)).toString('base64');
    ids.push((await admin('POST', '/v1/uploads', { image })).body.imageId as string);
  }
  return ids;
}
const name = (id: string): string => `${id.slice(0, 2)}/${id.slice(2, 4)}/${id}.png`;

test('finds what is missing both ways, beside a running hub and without one, and repairs orphans alone', async () => {
  const hub = await start();
  const [good = '', gone = '', hurt = ''] = await upload(hub, [1, 2, 3]);
  const folder = join(dataDir, 'images/original');
  // The demo camera may have stored scenes of its own: all of them are right.
  const clean = await json({}, '--hashes');
  expect(clean).toMatchObject({ code: 0, orphans: [], missing: [], damaged: [], lost: [] });
  expect(clean.pictures).toBeGreaterThanOrEqual(3);

  await rm(join(folder, name(gone)));
  await writeFile(join(folder, name(hurt)), await picture(4));
  const orphan = name('f'.repeat(64));
  await mkdir(join(folder, 'ff/ff'), { recursive: true });
  await writeFile(join(folder, orphan), 'left over');
  const broken = `${name(good)}.${randomUUID()}.part`;
  await writeFile(join(folder, broken), 'half');
  const old = new Date(Date.now() - 3_600_000);
  await utimes(join(folder, orphan), old, old);
  const older = new Date(Date.now() - 50 * 3_600_000);
  await utimes(join(folder, broken), older, older);
  await hub.hub.retention.stop();

  const beside = await json({}, '--hashes');
  expect(beside).toMatchObject({ code: 1, missing: [gone], damaged: [hurt], lost: [] });
  expect(beside.orphans.map((one) => one.name).sort()).toEqual([broken, orphan].sort());
  await hub.stop();

  const alone = await run({}, '--hashes');
  expect(alone.code).toBe(1);
  for (const told of [gone, hurt, orphan]) expect(alone.out).toContain(told);

  // Only what is older than a day goes.
  const repaired = await json({}, '--repair');
  expect(repaired).toMatchObject({ code: 1, repaired: [broken] });
  expect(await readdir(join(folder, 'ff/ff'))).toHaveLength(1);
  await utimes(join(folder, orphan), older, older);
  expect(await json({}, '--repair')).toMatchObject({ repaired: [orphan], missing: [gone] });
  expect((await json({})).orphans).toEqual([]);
}, 180_000);

test('the same for an S3 store, and a store that does not answer is told', async () => {
  const s3 = await startS3Server();
  const hub = await start(s3.env);
  const [good = ''] = await upload(hub, [11]);
  await hub.stop();
  const store = await createS3Store(s3.settings);
  const found = await json(s3.env);
  // The pictures of the test above lie on the disk, not here.
  expect(found.missing).not.toContain(good);
  await store.delete(name(good));
  expect((await json(s3.env)).missing).toContain(good);
  await s3.stop();
  const { code, err } = await run(s3.env);
  expect([code, err]).toEqual([2, expect.stringContaining('S3_ENDPOINT')]);
}, 180_000);

test('a folder without a hub is told, and left as it is', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'lpr-check-'));
  const { code, err } = await run({ LPR_DATA_DIR: empty });
  expect([code, err]).toEqual([2, expect.stringContaining('LPR_DATA_DIR')]);
  expect((await readdir(empty)).filter((one) => one !== 'images')).toEqual([]);
  await rm(empty, { recursive: true });
});

test('a misspelt option is told with the right ones', async () => {
  const { code, err } = await run({}, '--hash');
  expect([code, err]).toEqual([2, expect.stringContaining('--hashes')]);
});
