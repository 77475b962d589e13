import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createHealthStore } from '../db/stores/camera-health-store.ts';
import { createEvents } from '../events.ts';
import type { StoredCamera } from './camera-store.ts';
import { READ_AS_THE_FLOW_SAYS } from './cameras.ts';
import { createHealthWatch, type HealthWatch } from './health-watch.ts';

const S = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const frame = { imageId: 'a'.repeat(64), width: 1, height: 1 };
const WINDOW = {
  ...{ windowId: 'w', zoneId: null, from: new Date(0), to: new Date(8e12), reason: 'lens', by: null },
  createdAt: new Date(0),
};
const none = { framesToday: 0, lastFrameAt: null, lastFrame: null };

let database: TestDatabase;
let camera: StoredCamera;
let wall: number;
let steady: number;
let told: string[];
let isMaintained: boolean;

const open = (): HealthWatch => {
  const events = createEvents((error) => {
    throw error;
  });
  events.on('camera.changed', ({ cameraId }) => told.push(cameraId));
  return createHealthWatch({
    ...{ store: createHealthStore(database), events, log: quietLog },
    now: () => new Date(wall),
    monotonic: () => steady,
    maintenanceOf: (cameraId) => (isMaintained ? { ...WINDOW, cameraId } : null),
  });
};
const pass = (ms: number): void => {
  wall += ms;
  steady += ms;
};
const arrive = (watch: HealthWatch, capturedAt: Date | null = null): void => {
  watch.frame(camera.cameraId, frame, new Date(wall), capturedAt);
};

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  wall = Date.UTC(2026, 10, 26, 3, 30);
  steady = 1e6;
  told = [];
  isMaintained = false;
  camera = {
    ...{ cameraId: randomUUID(), name: randomUUID(), protocol: 'push', config: {}, enabled: true, builtIn: null },
    ...{ checkpointId: null, latitude: null, longitude: null, heading: null, reading: READ_AS_THE_FLOW_SAYS },
    ...{ lanes: [], desired: {}, createdAt: new Date(wall) },
  };
  await database.pool.query('insert into cameras (camera_id, name, name_key, protocol) values ($1, $2, $2, $3)', [
    camera.cameraId,
    camera.name,
    'push',
  ]);
});

/** A frame every `every` ms, judged as often. */
function run(watch: HealthWatch, count: number, every: number): void {
  for (let i = 0; i < count; i++) {
    pass(every);
    arrive(watch);
    watch.tick();
  }
}

test('learns from the frames alone when a camera is late, and tells each change once', async () => {
  const watch = open();
  await watch.start([camera], [{ cameraId: camera.cameraId, ...none }]);
  expect(watch.healthOf(camera.cameraId).state).toBe('waiting');
  run(watch, 15, 60 * S);
  expect(watch.healthOf(camera.cameraId)).toMatchObject({ state: 'online', expectedSeconds: 60, framesToday: 15 });
  told = [];
  for (let i = 0; i < 140; i++) {
    pass(5 * S);
    watch.tick();
  }
  expect(watch.healthOf(camera.cameraId)).toMatchObject({ state: 'offline', reason: 'silence' });
  expect(told).toHaveLength(2);
  arrive(watch);
  await watch.stop();
  const states = await createHealthStore(database).states(camera.cameraId, new Date(0), 10);
  expect(states.map(({ from, to, reason }) => [from, to, reason])).toEqual([
    ['offline', 'online', 'frames'],
    ['late', 'offline', 'silence'],
    ['online', 'late', 'silence'],
    ['waiting', 'online', 'frames'],
    [null, 'waiting', 'no_frame_yet'],
  ]);
});

test('knows after a restart what it knew, without counting its own absence', async () => {
  const before = open();
  await before.start([camera], [{ cameraId: camera.cameraId, ...none }]);
  run(before, 150, 60 * S);
  const lastFrameAt = new Date(wall);
  pass(2 * S);
  await before.stop();
  pass(2 * HOUR);
  const after = open();
  const stats = [{ cameraId: camera.cameraId, framesToday: 150, lastFrameAt, lastFrame: frame }];
  await after.start([camera], stats);
  expect(after.healthOf(camera.cameraId)).toMatchObject({ state: 'online', expectedSeconds: 60, framesToday: 150 });
  pass(5 * 60 * S);
  after.tick();
  expect(after.healthOf(camera.cameraId).state).toBe('late');
  await after.stop();
  const again = open();
  await again.start([camera], stats);
  expect(again.healthOf(camera.cameraId).state).toBe('late');
  await again.stop();
});

test('a clock that is set, forth or back, is no silence', async () => {
  const watch = open();
  await watch.start([camera], [{ cameraId: camera.cameraId, ...none }]);
  run(watch, 15, 60 * S);
  for (const jump of [5 * HOUR, -8 * HOUR]) {
    wall += jump;
    pass(5 * S);
    watch.tick();
    expect(watch.healthOf(camera.cameraId).state).toBe('online');
  }
  pass(800 * S);
  watch.tick();
  expect(watch.healthOf(camera.cameraId).state).toBe('offline');
  await watch.stop();
});

test('a device seven hours ahead is warned of, but not in maintenance', async () => {
  const watch = open();
  await watch.start([camera], [{ cameraId: camera.cameraId, ...none }]);
  for (let i = 0; i < 6; i++) {
    pass(20 * S);
    arrive(watch, new Date(wall + 7 * HOUR - 400));
  }
  const { warnings, clockOffsetSeconds } = watch.healthOf(camera.cameraId);
  expect(warnings).toEqual([{ code: 'clock_zone', value: -7 * 3600, expected: null }]);
  expect(clockOffsetSeconds).toBe(-25_199.6);
  isMaintained = true;
  watch.tick();
  expect(watch.healthOf(camera.cameraId)).toMatchObject({ state: 'maintenance', warnings: [] });
  await watch.stop();
  const hours = await createHealthStore(database).hours(camera.cameraId, new Date(0));
  expect(hours.at(-1)).toMatchObject({ maintenance: true });
});

describe('what is usual at this hour of the week', () => {
  const put = (
    hoursAgo: number,
    counts: { frames: number; detections: number; maintenance?: boolean },
  ): Promise<unknown> =>
    database.pool.query(
      `insert into camera_hours (camera_id, hour, frames, detections, longest_silence_ms, maintenance)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        camera.cameraId,
        new Date(Math.floor(wall / HOUR) * HOUR - hoursAgo * HOUR),
        counts.frames,
        counts.detections,
        90 * S,
        counts.maintenance ?? false,
      ],
    );

  test('frames that come without reads are told, by the weeks before; maintenance does not count', async () => {
    for (const week of [1, 2, 3]) await put(week * 168 - 1, { frames: 60, detections: 80 });
    await put(4 * 168 - 1, { frames: 0, detections: 0, maintenance: true });
    const watch = open();
    await watch.start([camera], [{ cameraId: camera.cameraId, ...none }]);
    // Half an hour to the full hour, then an hour that is heard whole.
    run(watch, 35, 60 * S);
    await watch.turnHour();
    expect(watch.healthOf(camera.cameraId).warnings).toEqual([]);
    run(watch, 60, 60 * S);
    await watch.turnHour();
    expect(watch.healthOf(camera.cameraId).warnings).toEqual([{ code: 'reads_fell', value: 0, expected: 80 }]);
    await watch.stop();
  });

  test('the same hour of the days before says how long it may be silent', async () => {
    for (const day of [1, 2, 3, 4]) await put((day * DAY) / HOUR, { frames: 3, detections: 1 });
    const watch = open();
    await watch.start([camera], [{ cameraId: camera.cameraId, ...none }]);
    arrive(watch);
    expect(watch.healthOf(camera.cameraId).expectedSeconds).toBe(90);
    await watch.stop();
  });
});
