import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import folderPlugin from '../../plugins/camera-folder/plugin.ts';
import snapshotPlugin from '../../plugins/camera-snapshot/plugin.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { picture } from '../../test/pictures.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createHealthStore } from '../db/stores/camera-health-store.ts';
import { createCameraStore } from '../db/stores/camera-store.ts';
import { createMaintenanceStore } from '../db/stores/maintenance-store.ts';
import { createZoneStore } from '../db/stores/zone-store.ts';
import { createEvents } from '../events.ts';
import { inspectImage } from '../images/decode.ts';
import type { FrameInput } from '../ingest/ingest.ts';
import { createSecretBox } from '../secrets.ts';
import { READ_AS_THE_FLOW_SAYS, type CameraInput } from './cameras.ts';
import { createCameras } from './create-cameras.ts';

let database: TestDatabase;
let dataDir: string;
let cameras: ReturnType<typeof createCameras>;
const accepted: FrameInput[] = [];

const open = (): typeof cameras =>
  createCameras({
    store: createCameraStore(database),
    healthStore: createHealthStore(database),
    zoneStore: createZoneStore(database),
    maintenanceStore: createMaintenanceStore(database),
    reach: { publicUrl: null, mqttPort: null },
    plugins: pluginsOf(folderPlugin, snapshotPlugin),
    secrets: createSecretBox(join(dataDir, 'secrets')),
    events: createEvents((error) => {
      throw error;
    }),
    log: quietLog,
    dataDir,
    async accept(input) {
      await inspectImage(input.bytes);
      accepted.push(input);
      cameras.frameArrived(input.cameraId, { imageId: 'a'.repeat(64), width: 1, height: 1 }, new Date(), null);
      return { frameId: String(accepted.length), duplicate: false };
    },
    acceptEvent: () => Promise.reject(new Error('nothing comes here')),
    siteZone: () => Promise.resolve('Asia/Bangkok'),
    renderScene: () => Promise.reject(new Error('not drawn here')),
    instantOf: (wall) => Promise.resolve(new Date(wall - 7 * 3_600_000)),
    dayStart: () => Promise.resolve(new Date(Date.now() - 3_600_000)),
  });
const input = (more: Partial<CameraInput>): CameraInput => ({
  ...{ name: 'Gate', protocol: 'push', config: {}, enabled: true, checkpointId: null },
  ...{ latitude: null, longitude: null, heading: null, reading: READ_AS_THE_FLOW_SAYS, ...more },
});
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 400 && !(await is()); i++) await sleep(25);
  expect(await is()).toBe(true);
};

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lpr-cameras-'));
  await database.pool.query('delete from ingest_keys; delete from cameras');
  accepted.length = 0;
  cameras = open();
});
afterEach(async () => {
  await cameras.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('the registry', () => {
  test('a new install starts with its built-in cameras, once', async () => {
    await cameras.start();
    await cameras.stop();
    cameras = open();
    await cameras.start();
    const all = await cameras.list();
    expect(all.map((camera) => camera.builtIn).sort()).toEqual(['demo', 'folder', 'upload']);
    const demo = all.find((camera) => camera.builtIn === 'demo');
    await expect(cameras.remove(demo!.cameraId)).rejects.toMatchObject({ code: 'conflict' });
    expect(await cameras.update(demo!.cameraId, { enabled: false })).toMatchObject({
      enabled: false,
      health: { state: 'off' },
    });
  });

  test('names are unique, and free again after removal', async () => {
    const first = await cameras.create(input({ name: 'Gate' }));
    await expect(cameras.create(input({ name: 'gate' }))).rejects.toMatchObject({ code: 'name_taken' });
    await cameras.remove(first.cameraId);
    await cameras.create(input({ name: 'gate' }));
    expect(await cameras.get(first.cameraId)).toBeNull();
  });

  test('a secret is stored sealed, never shown, and kept when it is left out', async () => {
    const config = { url: 'http://127.0.0.1:9/x.jpg', username: 'admin', password: 'hunter2', interval: 60 };
    const { cameraId } = await cameras.create(input({ protocol: 'snapshot', config, enabled: false }));
    const { rows } = await database.pool.query('select config from cameras where camera_id = $1', [cameraId]);
    expect(JSON.stringify(rows)).not.toContain('hunter2');
    await cameras.update(cameraId, { config: { ...config, username: 'root', password: true } });
    const after = await database.pool.query('select config from cameras where camera_id = $1', [cameraId]);
    expect((await cameras.get(cameraId))?.config).toMatchObject({ ...config, username: 'root', password: true });
    expect(createSecretBox(join(dataDir, 'secrets')).open(String(after.rows[0].config.password))).toBe('hunter2');
  });

  test.each([
    ['protocol_unknown', { protocol: 'telepathy' }],
    ['invalid_input', { protocol: 'snapshot', config: { url: 'ftp://x', interval: -1 } }],
    ['invalid_input', { checkpointId: '00000000-0000-7000-8000-000000000009' }],
  ])('%s', async (code, more) => {
    await expect(cameras.create(input(more))).rejects.toMatchObject({ code });
  });

  test('an ingest key names its camera until it is revoked', async () => {
    const { cameraId } = await cameras.create(input({}));
    const { key, keyId, prefix } = await cameras.createKey(cameraId, 'edge box');
    expect(key.startsWith(prefix)).toBe(true);
    expect(await cameras.authenticate(key)).toEqual({ cameraId });
    expect((await cameras.keys(cameraId))[0]?.lastUsedAt).not.toBeNull();
    await expect(cameras.authenticate(`${key.slice(0, -1)}x`)).rejects.toMatchObject({ code: 'ingest_key_wrong' });
    await cameras.update(cameraId, { enabled: false });
    await expect(cameras.authenticate(key)).rejects.toMatchObject({ code: 'camera_disabled' });
    await cameras.update(cameraId, { enabled: true });
    await cameras.revokeKey(cameraId, keyId);
    await expect(cameras.authenticate(key)).rejects.toMatchObject({ code: 'ingest_key_wrong' });
  });
});

describe('versions', () => {
  const url = 'http://127.0.0.1:9/x.jpg';
  const config = { url, username: 'admin', password: 'hunter2', interval: 60 };
  const passwordOf = async (cameraId: string): Promise<string> => {
    const { rows } = await database.pool.query('select config from cameras where camera_id = $1', [cameraId]);
    return createSecretBox(join(dataDir, 'secrets')).open(String(rows[0].config.password));
  };
  let userId: string;
  beforeAll(async () => {
    const { rows } = await database.pool.query(
      `insert into users (user_id, name, name_key, password_hash, role)
       values (gen_random_uuid(), 'Somchai', 'somchai', 'x', 'administrator') returning user_id`,
    );
    userId = rows[0].user_id;
  });

  test('say who changed what and when, field by field, and keep secrets to themselves', async () => {
    const { cameraId } = await cameras.create(input({ protocol: 'snapshot', config, enabled: false }), { userId });
    await cameras.update(cameraId, { name: 'North', config: { ...config, password: 'hunter3' } });
    await cameras.update(cameraId, { config: { ...config, password: true, interval: 5 } }, { userId, note: 'faster' });
    const versions = await cameras.versions(cameraId);
    expect(versions.map(({ version, action, by, note }) => [version, action, by, note])).toEqual([
      [3, 'changed', 'Somchai', 'faster'],
      [2, 'changed', null, null],
      [1, 'created', 'Somchai', null],
    ]);
    expect(versions[0]?.differences).toEqual([{ field: 'config.interval', isSecret: false, before: 60, after: 5 }]);
    expect(versions[1]?.differences).toEqual([
      { field: 'name', isSecret: false, before: 'Gate', after: 'North' },
      { field: 'config.password', isSecret: true, before: true, after: true },
    ]);
    const [newest, , first] = versions;
    const all = await cameras.compareVersions(cameraId, newest!.versionId, first!.versionId);
    expect(all.map(({ field }) => field)).toEqual(['name', 'config.password', 'config.interval']);
    expect(JSON.stringify(versions)).not.toMatch(/hunter|v1\./);
  });

  test('what changes nothing makes none', async () => {
    const { cameraId } = await cameras.create(input({ protocol: 'snapshot', config, enabled: false }));
    await cameras.update(cameraId, { name: 'Gate', config: { ...config, password: 'hunter2' } });
    expect(await cameras.versions(cameraId)).toHaveLength(1);
  });

  test('an old one comes back whole, secret and all, as a new one', async () => {
    const { cameraId } = await cameras.create(input({ protocol: 'snapshot', config, enabled: false }));
    const lanes = [{ number: 1, name: 'Left', direction: 'toward', destination: 'City' }] as const;
    await cameras.update(cameraId, { lanes, config: { ...config, password: 'wrong', username: 'root' } });
    const [, first] = await cameras.versions(cameraId);
    const back = await cameras.restore(cameraId, first!.versionId, { userId, note: 'as it was' });
    expect(back).toMatchObject({ lanes: [], config: { username: 'admin', password: true } });
    expect(await passwordOf(cameraId)).toBe('hunter2');
    const [newest] = await cameras.versions(cameraId);
    expect(newest).toMatchObject({ version: 3, action: 'restored', by: 'Somchai', note: 'as it was' });
    expect(newest?.differences.map(({ field }) => field)).toEqual(['lanes', 'config.username', 'config.password']);
  });

  test('a name that another camera has taken meanwhile is told', async () => {
    const { cameraId } = await cameras.create(input({ name: 'Gate' }));
    await cameras.update(cameraId, { name: 'Old gate' });
    await cameras.create(input({ name: 'Gate' }));
    const [, first] = await cameras.versions(cameraId);
    await expect(cameras.restore(cameraId, first!.versionId)).rejects.toMatchObject({ code: 'name_taken' });
    await expect(cameras.restore(cameraId, 'none')).rejects.toMatchObject({ code: 'not_found' });
    expect(await cameras.versions(cameraId)).toHaveLength(2);
  });
});

describe('a watched folder', () => {
  let drop: string;
  const watch = async (config: Record<string, unknown> = {}): Promise<string> => {
    drop = join(dataDir, 'drop');
    await mkdir(drop, { recursive: true });
    const camera = await cameras.create(
      input({ protocol: 'folder', config: { folder: drop, settleSeconds: 0.5, ...config } }),
    );
    return camera.cameraId;
  };

  test('takes what lies there and what comes, and moves it away', async () => {
    await mkdir(join(dataDir, 'drop'), { recursive: true });
    await writeFile(join(dataDir, 'drop', 'early.png'), await picture(1));
    const cameraId = await watch();
    await writeFile(join(drop, 'รถ late.png'), await picture(2));
    await until(() => accepted.length === 2);
    expect(accepted.map((frame) => frame.label).sort()).toEqual(['early.png', 'รถ late.png']);
    expect(accepted[0]).toMatchObject({ cameraId, capturedAtSource: 'file' });
    await until(async () => (await readdir(join(drop, 'done')).catch(() => [])).length === 2);
    expect(await readdir(drop)).toEqual(['done']);
    expect((await cameras.get(cameraId))?.health.state).toBe('online');
  });

  test('never takes a file that is still being written', async () => {
    await watch();
    const whole = await picture(3, 400, 300);
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 8)) {
      await appendFile(join(drop, 'slow.png'), whole.subarray(at, at + Math.ceil(whole.length / 8)));
      await sleep(200);
    }
    await until(() => accepted.length === 1);
    expect(Buffer.from(accepted[0]!.bytes).equals(whole)).toBe(true);
  });

  test('puts what is no picture aside, with the reason beside it', async () => {
    await watch();
    await writeFile(join(drop, 'notes.jpg'), 'this is a text');
    await until(async () => (await readdir(join(drop, 'rejected')).catch(() => [])).length === 2);
    expect((await readdir(join(drop, 'rejected'))).sort()).toEqual(['notes.jpg', 'notes.jpg.reason.txt']);
    expect(accepted).toHaveLength(0);
  });

  test('leaves unfinished names and links that lead out alone', async () => {
    await watch();
    await writeFile(join(dataDir, 'outside.png'), await picture(4));
    await symlink(join(dataDir, 'outside.png'), join(drop, 'link.png'));
    await writeFile(join(drop, 'upload.part'), await picture(5));
    await writeFile(join(drop, 'real.png'), await picture(6));
    await until(() => accepted.length === 1);
    await sleep(1_200);
    expect(accepted.map((frame) => frame.label)).toEqual(['real.png']);
  });

  test('takes the time and the event out of the name, and leaves other cameras their files', async () => {
    drop = join(dataDir, 'drop');
    await mkdir(join(drop, '2026-11-26'), { recursive: true });
    const names = { pattern: '{YYYY}-{MM}-{DD}/{camera}_{hh}{mm}{ss}_{id}', subfolders: true, settleSeconds: 0.5 };
    const config = { folder: drop, camera: 'gate', afterwards: 'keep', ...names };
    await cameras.create(input({ protocol: 'folder', config }));
    await writeFile(join(drop, '2026-11-26', 'gate_081530_A1.png'), await picture(1));
    await writeFile(join(drop, '2026-11-26', 'yard_081530_A1.png'), await picture(2));
    await writeFile(join(drop, 'gate_081530_A1.png'), await picture(3));
    await until(() => accepted.length === 1);
    await sleep(1_200);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toMatchObject({ eventKey: 'id:A1', capturedAtSource: 'device', label: 'gate_081530_A1.png' });
    expect(accepted[0]?.capturedAt?.toISOString()).toBe('2026-11-26T01:15:30.000Z');
  });

  test('a folder that is not there is told on the camera', async () => {
    const { cameraId } = await cameras.create(input({ protocol: 'folder', config: { folder: '/no/such/folder' } }));
    await until(async () => (await cameras.get(cameraId))?.health.state === 'failing');
    expect((await cameras.get(cameraId))?.health.error?.code).toBe('folder_unusable');
  });
});

describe('a snapshot camera', () => {
  let server: Server;
  let answer: (req: IncomingMessage, res: ServerResponse) => void;
  let address: string;
  beforeAll(async () => {
    server = createServer((req, res) => {
      answer(req, res);
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/snap.jpg?channel=1`;
  });
  afterAll(() => void server.close());
  const tryIt = (config: Record<string, unknown> = {}): ReturnType<typeof cameras.test> =>
    cameras.test({ protocol: 'snapshot', config: { url: address, ...config }, cameraId: null });

  test('gives each new picture once', async () => {
    let n = 0;
    answer = (_req, res) => void picture(Math.floor(n++ / 2)).then((bytes) => res.end(bytes));
    await cameras.create(input({ protocol: 'snapshot', config: { url: address, interval: 0.2, motion: 'off' } }));
    await until(() => n >= 8);
    expect(accepted.length).toBeGreaterThanOrEqual(3);
    expect(accepted.length).toBeLessThanOrEqual(Math.ceil(n / 2));
    expect(new Set(accepted.map((frame) => createHash('sha1').update(frame.bytes).digest('hex'))).size).toBe(
      accepted.length,
    );
  });

  test('signs in by digest', async () => {
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    answer = (req, res) => {
      const given = Object.fromEntries(
        [...(req.headers.authorization ?? '').matchAll(/(\w+)="?([^",]+)"?/g)].map((m) => [m[1], m[2]]),
      );
      const ha1 = md5('admin:IP camera:s3cret');
      const expected = md5(`${ha1}:n0nce:${given['nc']}:${given['cnonce']}:auth:${md5(`GET:${req.url}`)}`);
      if (given['response'] === expected) {
        void picture(1).then((bytes) => res.end(bytes));
        return;
      }
      res
        .writeHead(401, { 'WWW-Authenticate': 'Digest realm="IP camera", nonce="n0nce", qop="auth", algorithm=MD5' })
        .end();
    };
    expect(await tryIt({ username: 'admin', password: 's3cret' })).toMatchObject({ width: 64, height: 48 });
    await expect(tryIt({ username: 'admin', password: 'wrong' })).rejects.toThrow(/401/);
  });

  test.each<[string, string, (req: IncomingMessage, res: ServerResponse) => void]>([
    ['camera_bad_answer', 'a page', (_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['camera_bad_answer', 'status 404', (_req, res) => res.writeHead(404).end()],
    ['camera_bad_answer', 'bytes that are no picture', (_req, res) => res.end('nonsense')],
    [
      'camera_bad_answer',
      'a way to another host',
      (_req, res) => res.writeHead(302, { location: 'http://example.invalid/' }).end(),
    ],
    ['camera_bad_answer', 'more than a picture may have', (_req, res) => res.end(Buffer.alloc(22 * 1024 * 1024))],
    ['camera_unreachable', 'nothing at all', (req) => req.socket.destroy()],
  ])('%s for %s', async (code, _what, handler) => {
    answer = handler;
    await expect(tryIt()).rejects.toMatchObject({ code });
  });

  test('trouble is shown on the camera and gone when it answers again', async () => {
    answer = (_req, res) => res.writeHead(500).end();
    const { cameraId } = await cameras.create(
      input({ protocol: 'snapshot', config: { url: address, interval: 0.2, motion: 'off' } }),
    );
    await until(async () => (await cameras.get(cameraId))?.health.state === 'failing');
    answer = (_req, res) => void picture(7).then((bytes) => res.end(bytes));
    await until(async () => (await cameras.get(cameraId))?.health.state === 'online');
    expect(accepted).toHaveLength(1);
  });
});
