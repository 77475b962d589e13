import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { picture } from '../../test/pictures.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createImageRecords } from '../db/stores/image-store.ts';
import { createIngestStore } from '../db/stores/ingest-store.ts';
import { LprError } from '../errors.ts';
import { createEvents } from '../events.ts';
import { createImageStore } from '../images/create-image-store.ts';
import type { LprMessage } from '../message.ts';
import { createIngest, type IngestLimits } from './create-ingest.ts';
import type { FrameInput, FrameStatus, Ingest } from './ingest.ts';

const CAMERA = '00000000-0000-7000-8000-000000000001';
const OFF = '00000000-0000-7000-8000-000000000002';
let database: TestDatabase;
let folder: string;
let ingest: Ingest;
const ended: FrameStatus[] = [];

const open = (limits: Partial<IngestLimits> = {}): Ingest => {
  const events = createEvents((error) => {
    throw error;
  });
  events.on('frame.ended', (status) => ended.push(status));
  return createIngest({
    store: createIngestStore(database),
    images: createImageStore({ dir: join(folder, 'images'), records: createImageRecords(database) }),
    events,
    log: quietLog,
    cameraState: (id) => Promise.resolve(id === CAMERA ? 'enabled' : id === OFF ? 'disabled' : 'unknown'),
    frameArrived: () => undefined,
    limits: { backOffMs: 1, ...limits },
  });
};
const frame = async (n: number, more: Partial<FrameInput> = {}): Promise<FrameInput> => ({
  cameraId: CAMERA,
  bytes: await picture(n),
  capturedAt: null,
  capturedAtSource: 'received',
  eventKey: null,
  label: null,
  ...more,
});
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 400 && !(await is()); i++) await sleep(25);
  expect(await is()).toBe(true);
};

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-ingest-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('delete from frames');
  ended.length = 0;
  ingest = open();
  await ingest.start();
});
afterEach(() => ingest.stop());

test('a frame waits until a flow takes it, is split, and ends when each part has ended', async () => {
  const { frameId, width } = await ingest.accept(await frame(1));
  expect(width).toBe(64);
  expect(await ingest.counts()).toEqual({ queued: 1, running: 0, dead: 0 });
  const seen: LprMessage[] = [];
  ingest.consume({ cameraIds: [], deliver: (message) => seen.push(message) });
  await until(() => seen.length === 1);
  expect(seen[0]?.lpr).toMatchObject({ frameId, cameraId: CAMERA, token: frameId, frame: { width: 64, height: 48 } });
  ingest.split(frameId, [`${frameId}#0`, `${frameId}#1`]);
  ingest.settle(`${frameId}#0`, 'recorded', '00000000-0000-7000-8000-00000000000a');
  ingest.settle(`${frameId}#0`, 'discarded');
  expect(ended).toHaveLength(0);
  ingest.settle(`${frameId}#1`, 'discarded');
  await until(() => ended.length === 1);
  expect(await ingest.status(frameId)).toMatchObject({
    state: 'settled',
    outcomes: { recorded: 1, discarded: 1 },
    attempts: 1,
  });
});

test('a frame without plates is settled by locate', async () => {
  ingest.consume({
    cameraIds: [],
    deliver: ({ lpr }) => {
      ingest.split(lpr.token, []);
    },
  });
  const { frameId } = await ingest.accept(await frame(2));
  await until(async () => (await ingest.status(frameId))?.state === 'settled');
  expect((await ingest.status(frameId))?.outcomes).toEqual({ no_plate: 1 });
});

test('the same event twice is one frame', async () => {
  const first = await ingest.accept(await frame(3, { eventKey: 'pass-1' }));
  const second = await ingest.accept(await frame(4, { eventKey: 'pass-1' }));
  expect(second).toMatchObject({ frameId: first.frameId, duplicate: true });
  const same = await Promise.all([ingest.accept(await frame(5)), ingest.accept(await frame(5))]);
  expect(new Set(same.map((one) => one.frameId)).size).toBe(1);
  expect(await ingest.counts()).toMatchObject({ queued: 2 });
});

test('what fails is tried again, then lies dead with its error, and can be replayed', async () => {
  let tries = 0;
  let mended = false;
  ingest.consume({
    cameraIds: [],
    deliver: ({ lpr }) => {
      tries++;
      if (mended) ingest.settle(lpr.token, 'recorded');
      else ingest.fail(lpr.token, new LprError('engine_failed', 'The engine broke.'));
    },
  });
  const { frameId } = await ingest.accept(await frame(6));
  await until(async () => (await ingest.status(frameId))?.state === 'dead');
  expect(tries).toBe(5);
  expect(await ingest.status(frameId)).toMatchObject({
    error: { code: 'engine_failed', message: 'The engine broke.' },
  });
  mended = true;
  expect(await ingest.replay('all')).toBe(1);
  await until(async () => (await ingest.status(frameId))?.state === 'settled');
});

test('a flow that is deployed anew again and again never makes a frame fail for good', async () => {
  let deploys = 0;
  ingest.consume({
    cameraIds: [],
    deliver: ({ lpr }) => {
      if (++deploys > 8) ingest.settle(lpr.token, 'discarded');
      else ingest.fail(lpr.token, new LprError('stopping', 'The node was closed.'));
    },
  });
  const { frameId } = await ingest.accept(await frame(20));
  await until(async () => (await ingest.status(frameId))?.state === 'settled');
  expect(deploys).toBe(9);
});

test('what no branch finishes fails with a reason', async () => {
  await ingest.stop();
  ingest = open({ settleMs: 40, attempts: 1 });
  await ingest.start();
  ingest.consume({ cameraIds: [], deliver: () => undefined });
  const { frameId } = await ingest.accept(await frame(7));
  await until(async () => (await ingest.status(frameId))?.state === 'dead');
  expect((await ingest.status(frameId))?.error?.code).toBe('flow_unsettled');
});

test('no more frames are in the flow than allowed, and each comes to its turn', async () => {
  await ingest.stop();
  ingest = open({ inFlight: 3 });
  await ingest.start();
  for (let n = 0; n < 12; n++) await ingest.accept(await frame(100 + n));
  let inFlight = 0;
  let most = 0;
  ingest.consume({
    cameraIds: [],
    deliver: ({ lpr }) => {
      most = Math.max(most, ++inFlight);
      setTimeout(() => {
        inFlight--;
        ingest.settle(lpr.token, 'discarded');
      }, 5);
    },
  });
  await until(() => ended.length === 12);
  expect(most).toBe(3);
});

test('a consumer gets only the cameras it asked for', async () => {
  const seen: string[] = [];
  ingest.consume({ cameraIds: [OFF], deliver: ({ lpr }) => seen.push(lpr.frameId) });
  await ingest.accept(await frame(8));
  await sleep(100);
  expect(seen).toEqual([]);
  expect(await ingest.counts()).toMatchObject({ queued: 1 });
});

test.each([
  ['camera_unknown', { cameraId: '00000000-0000-7000-8000-000000000009' }],
  ['camera_disabled', { cameraId: OFF }],
  ['image_empty', { bytes: Buffer.alloc(0) }],
  ['image_not_a_picture', { bytes: Buffer.from('this is a text file named car.jpg') }],
])('%s', async (code, more) => {
  await expect(ingest.accept(await frame(9, more))).rejects.toMatchObject({ code });
  expect(await ingest.counts()).toEqual({ queued: 0, running: 0, dead: 0 });
});

test.each([
  ['1970-01-01T00:00:00Z', 'received'],
  ['2100-01-01T00:00:00Z', 'received'],
  ['2024-05-01T10:00:00Z', 'device'],
])('a clock that says %s counts as %s', async (instant, source) => {
  const capturedAt = new Date(instant);
  const { frameId } = await ingest.accept(
    await frame(10, { capturedAt, capturedAtSource: 'device', eventKey: instant }),
  );
  const { rows } = await database.pool.query('select * from frames where frame_id = $1', [frameId]);
  expect(rows[0]).toMatchObject({
    captured_at_source: source,
    captured_at: source === 'device' ? capturedAt : rows[0].received_at,
    captured_at_raw: source === 'device' ? null : capturedAt,
  });
});

test('a hub that is killed loses nothing that it accepted', async () => {
  await ingest.stop();
  const core = join(import.meta.dirname, '..');
  const program = `
    const load = (file) => import(${JSON.stringify(core)} + '/' + file);
    const { openDatabase } = await load('db/database.ts');
    const { createImageStore } = await load('images/create-image-store.ts');
    const { createImageRecords } = await load('db/stores/image-store.ts');
    const { createIngestStore } = await load('db/stores/ingest-store.ts');
    const { createIngest } = await load('ingest/create-ingest.ts');
    const { createEvents } = await load('events.ts');
    const { picture } = await import(${JSON.stringify(join(core, '../test/pictures.ts'))});
    const { quietLog } = await import(${JSON.stringify(join(core, '../test/quiet-log.ts'))});
    const database = openDatabase(${JSON.stringify(database.connection)}, () => {});
    const ingest = createIngest({
      store: createIngestStore(database), events: createEvents(() => {}), log: quietLog,
      images: createImageStore({ dir: ${JSON.stringify(join(folder, 'images'))}, records: createImageRecords(database) }),
      cameraState: async () => 'enabled', frameArrived: () => {},
    });
    await ingest.start();
    ingest.consume({ cameraIds: [], deliver: ({ lpr }) => { if (Math.random() < 0.5) ingest.settle(lpr.token, 'discarded'); } });
    for (let n = 0; ; n++) {
      const { frameId } = await ingest.accept({ cameraId: ${JSON.stringify(CAMERA)}, bytes: await picture(1000 + n),
        capturedAt: null, capturedAtSource: 'received', eventKey: null, label: null });
      process.stdout.write(frameId + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.split('\n').length > 40) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  const acknowledged = printed.split('\n').slice(0, -1);
  expect(acknowledged.length).toBeGreaterThanOrEqual(40);

  ingest = open();
  ingest.consume({
    cameraIds: [],
    deliver: ({ lpr }) => {
      ingest.settle(lpr.token, 'discarded');
    },
  });
  await ingest.start();
  await until(async () => {
    const { queued, running } = await ingest.counts();
    return queued + running === 0;
  });
  for (const frameId of acknowledged) expect((await ingest.status(frameId))?.state).toBe('settled');
});
