/** A whole hub that keeps its pictures in an S3 store. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { startTestHub, type Answer, type TestHub } from '../../test/hub.ts';
import { picture } from '../../test/pictures.ts';
import { startS3Server, type S3Server } from '../../test/s3-server.ts';
import { openDatabase } from '../db/database.ts';
import { runningPostgres } from '../db/embedded-postgres.ts';
import { createS3Store } from './s3-store.ts';

let s3: S3Server;
let hub: TestHub;

beforeAll(async () => {
  s3 = await startS3Server();
  hub = await startTestHub(s3.env);
}, 120_000);
afterAll(async () => {
  await hub.stop();
  await s3.stop();
});

const upload = async (bytes: Buffer): Promise<Answer> =>
  hub.admin('POST', '/v1/uploads', { image: bytes.toString('base64') });
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${hub.url}/api${path}`, { headers: { cookie: hub.admin.cookie(), ...headers } });

test('a picture lies in the bucket and nowhere else, and comes to the browser whole and derived', async () => {
  const bytes = await picture(1);
  const { status, body } = await upload(bytes);
  expect(status).toBe(201);
  expect(body.imageId).toBe(createHash('sha256').update(bytes).digest('hex'));
  const store = await createS3Store(s3.settings);
  const names: string[] = [];
  for await (const { name } of store.list()) names.push(name);
  expect(names).toEqual([`${body.imageId.slice(0, 2)}/${body.imageId.slice(2, 4)}/${body.imageId}.png`]);
  expect(await readdir(join(hub.dataDir, 'images')).catch(() => [])).not.toContain('original');

  const original = await get(`/v1/images/${body.imageId}?size=original`);
  expect(Object.fromEntries(original.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-length': String(bytes.length),
    etag: `"${body.imageId}-original"`,
  });
  expect(Buffer.compare(Buffer.from(await original.arrayBuffer()), bytes)).toBe(0);
  const known = { 'if-none-match': `"${body.imageId}-original"`, 'cache-control': 'max-age=0' };
  expect((await get(`/v1/images/${body.imageId}?size=original`, known)).status).toBe(304);
  const thumbnail = await get(`/v1/images/${body.imageId}?size=thumbnail`);
  expect((await sharp(Buffer.from(await thumbnail.arrayBuffer())).metadata()).format).toBe('webp');
  expect((await hub.admin('GET', '/v1/status')).body.freeBytes).toBeNull();
  expect((await hub.admin('GET', '/health')).body.parts.pictures).toEqual({ ok: true, problem: null });
});

test('a picture past its age goes from the bucket, answers 410 with its date, and stands in the log', async () => {
  const { imageId } = (await upload(await picture(3))).body;
  await get(`/v1/images/${imageId}?size=thumbnail`);
  const connection = await runningPostgres(join(hub.dataDir, 'postgres'));
  if (connection === null) throw new Error('the hub has no database');
  const database = openDatabase(connection, () => undefined);
  await database.pool.query(
    `update frames set state = 'settled', received_at = now() - interval '8 days' where image_id = $1`,
    [imageId],
  );
  await database.pool.query(`update images set created_at = now() - interval '8 days' where image_id = $1`, [imageId]);
  await database.close();
  expect((await hub.admin('POST', '/v1/retention/sweep')).status).toBe(200);
  await hub.hub.retention.sweep();
  for (const size of ['original', 'display', 'thumbnail']) {
    const { status, body, headers } = await hub.admin('GET', `/v1/images/${imageId}?size=${size}`);
    expect([status, body.error.code]).toEqual([410, 'image_removed']);
    expect(Date.parse(body.error.removedAt)).not.toBeNaN();
    expect(headers.get('cache-control')).toBe('no-store');
  }
  const { items } = (await hub.admin('GET', '/v1/retention/removals')).body;
  expect(items).toMatchObject([{ imageId, keptAs: 'unused', reason: 'age', purpose: 'frame' }]);
  const store = await createS3Store(s3.settings);
  expect(await store.exists(`${imageId.slice(0, 2)}/${imageId.slice(2, 4)}/${imageId}.png`)).toBe(false);
  const actions = (await hub.admin('GET', '/v1/audit')).body.items.map((entry: { action: string }) => entry.action);
  expect(actions).toContain('retention.started');
});

test('while the store does not answer no frame is accepted, and health says why', async () => {
  const frames = async (): Promise<number> => {
    const { queued, running, dead } = await hub.hub.ingest.counts();
    return queued + running + dead;
  };
  const before = await frames();
  await s3.stop();
  const { status, body } = await upload(await picture(2));
  expect([status, body.error.code]).toEqual([503, 'store_unavailable']);
  expect(await frames()).toBeLessThanOrEqual(before);
  const health = await hub.admin('GET', '/health');
  expect([health.status, health.body.parts.pictures.ok]).toEqual([503, false]);
  expect(health.body.parts.pictures.problem).toContain('S3_ENDPOINT');
}, 60_000);
