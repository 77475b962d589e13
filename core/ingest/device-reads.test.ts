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
import { UNKNOWN_READ } from '../plugins/device-format.ts';
import { createIngest, type IngestDependencies } from './create-ingest.ts';
import type { EventInput, Ingest } from './ingest.ts';

const CAMERA = '00000000-0000-7000-8000-000000000001';
const DEVICE = '00000000-0000-7000-8000-0000000000d1';

let database: TestDatabase;
let folder: string;
let ingest: Ingest;
let seen: LprMessage[] = [];

const open = (more: Partial<IngestDependencies> = {}): Ingest => {
  const events = createEvents((error) => {
    throw error;
  });
  return createIngest({
    store: createIngestStore(database),
    images: createImageStore({ dir: join(folder, 'images'), records: createImageRecords(database) }),
    events,
    log: quietLog,
    cameraState: () => Promise.resolve('enabled'),
    frameArrived: () => undefined,
    limits: { backOffMs: 1 },
    ...more,
  });
};
const event = (more: Partial<EventInput> = {}): EventInput => ({
  cameraId: CAMERA,
  deviceId: DEVICE,
  engine: 'device:test',
  capturedAt: null,
  capturedAtSource: 'received',
  isLate: false,
  eventKey: null,
  label: null,
  frame: null,
  pull: null,
  reads: [{ ...UNKNOWN_READ, text: '1กก 1234', province: 'กรุงเทพมหานคร', confidence: 0.9 }],
  ...more,
});
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 400 && !(await is()); i++) await sleep(25);
  if (!(await is())) throw new Error('it never came to that');
};
const settleAll = (): void => {
  ingest.consume({
    cameraIds: [],
    deliver: (message) => {
      seen.push(message);
      ingest.settle(message.lpr.token, 'recorded');
    },
  });
};
const restart = async (more: Partial<IngestDependencies>): Promise<void> => {
  await ingest.stop();
  ingest = open(more);
  await ingest.start();
};

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-reads-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('delete from frames');
  seen = [];
  ingest = open();
  await ingest.start();
});
afterEach(() => ingest.stop());

test('a read without a picture comes as a plate in the hub’s own form', async () => {
  settleAll();
  const { frameId } = await ingest.acceptEvent(event());
  await until(async () => (await ingest.status(frameId))?.state === 'settled');
  expect(seen).toHaveLength(1);
  expect(seen[0]?.lpr).toMatchObject({
    frameId,
    token: `${frameId}#0`,
    isLate: false,
    read: {
      readId: `${frameId}.0`,
      engine: 'device:test',
      plateNumber: '1กก1234',
      issuingEntity: 'TH-10',
      countryCode: 'TH',
      confidence: 0.9,
      quality: null,
      device: { text: '1กก 1234', confidence: 0.9 },
    },
  });
  expect(seen[0]?.lpr.frame).toBeUndefined();
});

test('each plate of an event is a message of its own, and the event ends when all have ended', async () => {
  ingest.consume({ cameraIds: [], deliver: (message) => seen.push(message) });
  const { frameId } = await ingest.acceptEvent(
    event({
      reads: [
        { ...UNKNOWN_READ, text: 'กข1' },
        { ...UNKNOWN_READ, text: '' },
      ],
    }),
  );
  await until(() => seen.length === 2);
  expect(seen.map(({ lpr }) => lpr.read?.plateNumber)).toEqual(['กข1', '']);
  expect(seen[0]?.lpr.read?.reasons).toContain('confidence:unmeasured');
  ingest.settle(`${frameId}#0`, 'recorded');
  await sleep(50);
  expect((await ingest.status(frameId))?.state).toBe('running');
  ingest.settle(`${frameId}#1`, 'discarded');
  await until(async () => (await ingest.status(frameId))?.state === 'settled');
});

test('the same event twice is one, by its own name or by its content', async () => {
  settleAll();
  const named = await Promise.all([
    ingest.acceptEvent(event({ eventKey: 'e1' })),
    ingest.acceptEvent(event({ eventKey: 'e1' })),
  ]);
  expect(new Set(named.map(({ frameId }) => frameId)).size).toBe(1);
  expect(named.filter(({ duplicate }) => duplicate)).toHaveLength(1);
  const capturedAt = new Date();
  const like = event({ capturedAt, capturedAtSource: 'device' });
  const first = await ingest.acceptEvent(like);
  expect(await ingest.acceptEvent(like)).toEqual({ frameId: first.frameId, duplicate: true });
  const other = await ingest.acceptEvent(
    event({ capturedAt: new Date(capturedAt.getTime() + 1), capturedAtSource: 'device' }),
  );
  expect(other.duplicate).toBe(false);
});

test('told without time and picture, the same plate again is another pass', async () => {
  settleAll();
  const bare = event({ capturedAt: new Date(NaN), capturedAtSource: 'device' });
  const first = await ingest.acceptEvent(bare);
  await sleep(2);
  const second = await ingest.acceptEvent(bare);
  expect(second.duplicate).toBe(false);
  expect(second.frameId).not.toBe(first.frameId);
});

test('the patch is cut from the scene that came with the read', async () => {
  settleAll();
  await ingest.acceptEvent(
    event({ frame: await picture(1), reads: [{ ...UNKNOWN_READ, text: 'กข1', box: [10, 10, 30, 12] }] }),
  );
  await until(() => seen.length === 1);
  const { frame, patch } = seen[0]!.lpr;
  expect(frame).toMatchObject({ width: 64, height: 48 });
  expect(patch).toMatchObject({ box: [10, 10, 30, 12], locatedBy: 'device:test' });
  expect(patch!.image.width).toBeGreaterThanOrEqual(30);
  expect(patch!.image.width).toBeLessThan(64);
});

test('a box outside its picture, and a picture that is none, cost the picture and not the read', async () => {
  settleAll();
  await ingest.acceptEvent(
    event({ frame: await picture(1), reads: [{ ...UNKNOWN_READ, text: 'กข1', box: [900, 900, 30, 12] }] }),
  );
  await ingest.acceptEvent(event({ frame: Buffer.from('GIF89a no'), reads: [{ ...UNKNOWN_READ, text: 'กข2' }] }));
  await until(() => seen.length === 2);
  expect(seen.map(({ lpr }) => lpr.read?.plateNumber)).toEqual(['กข1', 'กข2']);
  expect(seen[0]?.lpr.read?.reasons).toContain('picture:box_outside');
  expect(seen[1]?.lpr.read?.reasons.some((reason) => reason.startsWith('picture:image_'))).toBe(true);
});

test('a picture that the device keeps is fetched, again when it is not there yet, and given up in the end', async () => {
  let asked = 0;
  const bytes = await picture(3);
  await restart({
    pullPicture: (deviceId, { path }) => {
      asked++;
      if (deviceId !== DEVICE || path === 'never')
        return Promise.reject(new LprError('camera_unreachable', 'Nobody there.'));
      return asked < 3 ? Promise.reject(new LprError('camera_bad_answer', 'Not yet.')) : Promise.resolve(bytes);
    },
  });
  settleAll();
  const { frameId } = await ingest.acceptEvent(event({ pull: { path: 'later', afterMs: 0 } }));
  await until(async () => (await ingest.status(frameId))?.state === 'settled');
  expect(seen[0]?.lpr.frame).toMatchObject({ width: 64 });
  const never = await ingest.acceptEvent(event({ eventKey: 'n', pull: { path: 'never', afterMs: 0 } }));
  await until(async () => (await ingest.status(never.frameId))?.state === 'settled');
  expect(seen[1]?.lpr.read?.reasons).toContain('picture:camera_unreachable');
});

test('what is told long after it happened is marked late', async () => {
  settleAll();
  const hourAgo = new Date(Date.now() - 3_600_000);
  await ingest.acceptEvent(event({ capturedAt: hourAgo, capturedAtSource: 'device' }));
  await ingest.acceptEvent(event({ eventKey: 'again', isLate: true }));
  await until(() => seen.length === 2);
  expect(seen.map(({ lpr }) => lpr.isLate)).toEqual([true, true]);
});

test('thousands at once are all settled, and no more are in the flow than allowed', async () => {
  await restart({ limits: { backOffMs: 1, readsInFlight: 50 } });
  let inFlight = 0;
  let most = 0;
  ingest.consume({
    cameraIds: [],
    deliver: ({ lpr }) => {
      most = Math.max(most, ++inFlight);
      setImmediate(() => {
        inFlight--;
        ingest.settle(lpr.token, 'recorded');
      });
    },
  });
  await Promise.all(Array.from({ length: 3_000 }, (_, n) => ingest.acceptEvent(event({ eventKey: `e${n}` }))));
  await until(async () => {
    const { queued, running } = await ingest.counts();
    return queued + running === 0;
  });
  const { rows } = await database.pool.query(`select count(*)::int as n from frames where state = 'settled'`);
  expect(rows[0]).toEqual({ n: 3_000 });
  expect(most).toBeLessThanOrEqual(50);
});

test('with the disk almost full nothing is accepted, and everything again once there is room', async () => {
  let free = 1e9;
  let time = new Date('2026-11-26T08:00:00Z');
  const images = createImageStore({ dir: join(folder, 'images'), records: createImageRecords(database) });
  await restart({
    now: () => time,
    images: { ...images, freeBytes: () => Promise.resolve({ free, total: 2e9 }) },
  });
  settleAll();
  await ingest.acceptEvent(event({ eventKey: 'before' }));
  free = 100e6;
  time = new Date(time.getTime() + 6_000);
  await expect(ingest.acceptEvent(event({ eventKey: 'full' }))).rejects.toMatchObject({ code: 'storage_full' });
  expect(await ingest.counts()).toMatchObject({ queued: 0, dead: 0 });
  // Also when the clock was set back meanwhile.
  free = 1e9;
  time = new Date(time.getTime() - 3_600_000);
  await ingest.acceptEvent(event({ eventKey: 'full' }));
  await until(async () => (await ingest.counts()).running === 0);
  expect(seen).toHaveLength(2);
});
