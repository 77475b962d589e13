import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createHealthStore } from '../db/stores/camera-health-store.ts';
import { createCameraStore } from '../db/stores/camera-store.ts';
import { createMaintenanceStore } from '../db/stores/maintenance-store.ts';
import { createZoneStore } from '../db/stores/zone-store.ts';
import { createEvents, type Events } from '../events.ts';
import { createSecretBox } from '../secrets.ts';
import { READ_AS_THE_FLOW_SAYS, type CameraInput } from './cameras.ts';
import { createCameras } from './create-cameras.ts';
import { driftBetween } from './device-state.ts';

const HOUR = 3_600_000;
let database: TestDatabase;
let dataDir: string;
let events: Events;
let cameras: ReturnType<typeof createCameras>;
let at: Date;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lpr-places-'));
  await database.pool.query('delete from zones; delete from cameras; delete from checkpoints');
  at = new Date('2026-11-26T03:30:00Z');
  events = createEvents((error) => {
    throw error;
  });
  cameras = createCameras({
    ...{ store: createCameraStore(database), healthStore: createHealthStore(database) },
    ...{ zoneStore: createZoneStore(database), maintenanceStore: createMaintenanceStore(database) },
    ...{ plugins: pluginsOf(), secrets: createSecretBox(join(dataDir, 'secrets')), events, log: quietLog, dataDir },
    reach: { publicUrl: null, mqttPort: null },
    accept: () => Promise.reject(new Error('nothing comes here')),
    acceptEvent: () => Promise.reject(new Error('nothing comes here')),
    siteZone: () => Promise.resolve('Asia/Bangkok'),
    renderScene: () => Promise.reject(new Error('not drawn here')),
    dayStart: () => Promise.resolve(new Date('2026-11-25T17:00:00Z')),
    instantOf: (wall) => Promise.resolve(new Date(wall)),
    now: () => at,
  });
});
afterEach(async () => {
  await cameras.stop();
  await rm(dataDir, { recursive: true, force: true });
});
const add = async (name: string, more: Partial<CameraInput> = {}): Promise<string> => {
  const camera = await cameras.create({
    ...{ name, protocol: 'push', config: {}, enabled: true, checkpointId: null },
    ...{ latitude: null, longitude: null, heading: null, reading: READ_AS_THE_FLOW_SAYS, ...more },
  });
  return camera.cameraId;
};

describe('zones', () => {
  test('group cameras, with roles where it matters; a camera may be in several', async () => {
    const [a, b] = [await add('A'), await add('B')];
    const park = await cameras.createZone({
      name: 'Car park',
      cameras: [
        { cameraId: a, role: 'in' },
        { cameraId: b, role: 'out' },
      ],
    });
    await cameras.createZone({ name: 'South', cameras: [{ cameraId: b, role: 'inside' }] });
    await expect(cameras.createZone({ name: 'south', cameras: [] })).rejects.toMatchObject({ code: 'name_taken' });
    const nobody = [{ cameraId: randomUUID(), role: 'in' as const }];
    await expect(cameras.updateZone(park.zoneId, { cameras: nobody })).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await cameras.updateZone(park.zoneId, { name: 'Garage' })).cameras).toEqual(park.cameras);
    await cameras.remove(a);
    expect((await cameras.zones()).map(({ name, cameras: those }) => [name, those.map(({ role }) => role)])).toEqual([
      ['Garage', ['out']],
      ['South', ['inside']],
    ]);
    await cameras.removeZone(park.zoneId);
    expect(await cameras.get(b)).not.toBeNull();
    await expect(cameras.removeZone(park.zoneId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('checkpoints', () => {
  test('are renamed, moved and ordered, and go once no camera stands there', async () => {
    const { checkpointId } = await cameras.createCheckpoint({ name: 'North', latitude: null, longitude: null });
    const [a, b, c] = [
      await add('A', { checkpointId }),
      await add('B', { checkpointId }),
      await add('C', { checkpointId }),
    ];
    const order = [c, a];
    const moved = await cameras.updateCheckpoint(checkpointId, {
      name: 'North gate',
      latitude: 13.7,
      cameraIds: order,
    });
    expect(moved).toMatchObject({ name: 'North gate', latitude: 13.7, longitude: null, cameraIds: [c, a, b] });
    await expect(cameras.removeCheckpoint(checkpointId)).rejects.toMatchObject({ code: 'conflict' });
    await cameras.update(a, { checkpointId: null });
    await cameras.remove(b);
    await cameras.update(c, { checkpointId: null });
    await cameras.removeCheckpoint(checkpointId);
    expect(await cameras.checkpoints()).toEqual([]);
  });
});

describe('maintenance', () => {
  const by = { userId: null };
  const hours = (from: number, to: number): { from: Date; to: Date } => ({
    from: new Date(at.getTime() + from * HOUR),
    to: new Date(at.getTime() + to * HOUR),
  });

  test('of a camera mutes it until it ends; its hours are marked, those that have passed too', async () => {
    const cameraId = await add('A');
    cameras.frameArrived(cameraId, null, new Date(at.getTime() - 2 * HOUR));
    cameras.frameArrived(cameraId, null, at);
    await cameras.healthHistory(cameraId, new Date(0));
    const window = await cameras.addMaintenance({ cameraId, zoneId: null, reason: 'new lens', ...hours(-1, 4) }, by);
    expect((await cameras.get(cameraId))?.health).toMatchObject({
      state: 'maintenance',
      maintenance: { windowId: window.windowId, reason: 'new lens' },
    });
    const { hours: counted } = await cameras.healthHistory(cameraId, new Date(0));
    expect(counted.map(({ maintenance }) => maintenance)).toEqual([false, true]);
    at = new Date(at.getTime() + HOUR);
    await cameras.endMaintenance(window.windowId);
    expect((await cameras.get(cameraId))?.health).toMatchObject({ state: 'online', maintenance: null });
    await expect(cameras.endMaintenance(window.windowId)).rejects.toMatchObject({ code: 'conflict' });
    const [kept] = await cameras.maintenance(new Date(0));
    expect(kept).toMatchObject({ reason: 'new lens', to: at });
  });

  test('of a zone holds for who belongs to it now', async () => {
    const [a, b] = [await add('A'), await add('B')];
    const { zoneId } = await cameras.createZone({ name: 'South', cameras: [{ cameraId: a, role: 'inside' }] });
    await cameras.addMaintenance({ cameraId: null, zoneId, reason: '', ...hours(0, 1) }, by);
    const states = async (): Promise<unknown[]> => (await cameras.list()).map(({ health }) => health.state);
    expect(await states()).toEqual(['maintenance', 'waiting']);
    await cameras.updateZone(zoneId, { cameras: [{ cameraId: b, role: 'inside' }] });
    cameras.alive(a);
    cameras.alive(b);
    expect(await states()).toEqual(['online', 'maintenance']);
  });

  test('to come is taken back without a trace; what cannot be is told by its field', async () => {
    const cameraId = await add('A');
    const { windowId } = await cameras.addMaintenance({ cameraId, zoneId: null, reason: '', ...hours(2, 3) }, by);
    expect((await cameras.get(cameraId))?.health.state).toBe('waiting');
    await cameras.endMaintenance(windowId);
    expect(await cameras.maintenance(new Date(0))).toEqual([]);
    const wrong = [
      { cameraId: null, zoneId: null, ...hours(0, 1) },
      { cameraId, zoneId: null, ...hours(1, 0) },
      { cameraId, zoneId: null, ...hours(0, 24 * 93) },
      { cameraId: randomUUID(), zoneId: null, ...hours(0, 1) },
    ];
    for (const one of wrong) {
      await expect(cameras.addMaintenance({ ...one, reason: '' }, by)).rejects.toMatchObject({ code: 'invalid_input' });
    }
  });
});

describe('what a device should have', () => {
  test('is told to doors when it changes, and what parts is shown by field', async () => {
    const told: unknown[] = [];
    events.on('camera.desired', ({ desired }) => told.push(desired));
    const cameraId = await add('A', { desired: { interval: 60, night: true } });
    await cameras.update(cameraId, { name: 'B' });
    expect(await cameras.deviceStates(cameraId)).toMatchObject({ reported: null, drift: [] });
    await cameras.reported(cameraId, { interval: '60', model: 'v1.3' });
    await cameras.reported(cameraId, { night: false });
    expect(await cameras.deviceStates(cameraId)).toEqual({
      desired: { interval: 60, night: true },
      reported: { interval: '60', model: 'v1.3', night: false },
      reportedAt: at,
      drift: [{ field: 'night', desired: true, reported: false }],
    });
    await cameras.update(cameraId, { desired: { interval: 30 } });
    const [, first] = (await cameras.versions(cameraId)).slice(-2);
    await cameras.restore(cameraId, first!.versionId);
    expect(told).toEqual([{ interval: 60, night: true }, { interval: 30 }, { interval: 60, night: true }]);
  });

  test('what a device reports through a door reaches each of its cameras', async () => {
    await cameras.start();
    const cameraIds = [await add('A', { desired: { interval: 5 } }), await add('B')];
    const changed = new Promise((done) => events.on('camera.changed', done));
    events.emit('device.reported', { deviceId: 'd', cameraIds, reported: { interval: 60 } });
    expect(await changed).toEqual({ cameraId: cameraIds[0] });
    expect((await cameras.deviceStates(cameraIds[0]!)).drift).toEqual([
      { field: 'interval', desired: 5, reported: 60 },
    ]);
  });

  test('numbers that a device writes as text are the same', () => {
    expect(driftBetween({ a: 5, b: true, c: [1] }, { a: '5', b: 'true', c: [1], d: 1 })).toEqual([]);
    expect(driftBetween({ a: 5 }, {})).toEqual([{ field: 'a', desired: 5, reported: null }]);
    expect(driftBetween({ a: 5 }, null)).toEqual([]);
  });
});

test('figures of a camera come from its detections, corrections and hours', async () => {
  const cameraId = await add('A');
  const { rows } = await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role)
     values (gen_random_uuid(), 'Malee', 'malee', 'x', 'operator') returning user_id`,
  );
  const userId: string = rows[0].user_id;
  const detect = async (read: string, confidence: number, reads: number, storedMs: number): Promise<string> => {
    const id = randomUUID();
    const received = new Date(at.getTime() - HOUR);
    const values = [id, received, cameraId, read, confidence, reads, JSON.stringify({ plateNumber: read })];
    await database.pool.query(
      `insert into detections (detection_id, captured_at, captured_at_source, received_at, camera_id, status, plate_number,
                               confidence, best_read_id, read_count, best_read, recorded_at)
       values ($1, $2::timestamptz - interval '400 ms', 'device', $2, $3, 'confirmed', $4, $5, 'r', $6, $7,
               $2::timestamptz + $8 * interval '1 ms')`,
      [...values, storedMs],
    );
    await database.pool.query(
      `insert into detection_keys (detection_id, captured_at) values ($1, $2::timestamptz - interval '400 ms')`,
      [id, received],
    );
    return id;
  };
  const correct = (id: string, kind: string, text: string): Promise<unknown> =>
    database.pool.query(
      `insert into corrections (correction_id, detection_id, kind, before, after, corrected_by, corrected_at)
       values (gen_random_uuid(), $1, $2, '{}', $3, $4, clock_timestamp())`,
      [id, kind, JSON.stringify({ plateNumber: text }), userId],
    );
  expect(await cameras.metrics(cameraId, 7)).toMatchObject({
    ...{ detections: 0, readsPerVehicle: null, confidence: null, reviewed: 0, exact: 0, storedMs: null },
  });
  const [a, b, c] = [
    await detect('1กก1234', 0.9, 3, 200),
    await detect('กข99', 0.7, 1, 400),
    await detect('x', 0.5, 2, 900),
  ];
  await correct(a, 'text', '1กก1284');
  await correct(a, 'text', '1กก1234');
  await correct(b, 'text', 'กข98');
  await correct(c, 'not_a_plate', 'x');
  for (let i = 0; i < 5; i++) cameras.frameArrived(cameraId, null, at);
  const metrics = await cameras.metrics(cameraId, 7);
  expect(metrics).toMatchObject({ detections: 3, readsPerVehicle: 2, reviewed: 3, exact: 1, notPlates: 1, frames: 5 });
  expect(metrics).toMatchObject({
    storedMs: { p50: 400 },
    onTheWayMs: 400,
    framesWithoutPlate: 0,
    detectionsPerHour: 3,
  });
  expect(metrics.confidence).toBeCloseTo(0.7, 5);
  expect(metrics.storedMs?.p95).toBeCloseTo(850, 3);
});
