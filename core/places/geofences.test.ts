import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createNews } from '../db/news.ts';
import { createGeofenceStore } from '../db/stores/geofence-store.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import { createEvents, type HubEvents } from '../events.ts';
import type { GeofencePart, LprMessage, SeenMotion } from '../message.ts';
import type { News } from '../news.ts';
import { createGeofences, type GeofenceRoom } from './create-geofences.ts';
import type { Site } from './fence-book.ts';
import { DEFAULT_RULES, type Geofence, type GeofenceInput, type GeofenceRules, type Position } from './geofences.ts';

const CENTRE: Position = [100.5, 13.7];
const east = (metres: number): Position => [100.5 + metres / 108_140, 13.7];
const cameraAt = (position: Position | null, more: Partial<Site['cameras'][number]> = {}): Site['cameras'][number] => ({
  ...{ cameraId: randomUUID(), name: 'Gate', position, checkpointId: null, lanes: [], heading: null, isBuiltIn: false },
  ...more,
});
const middle = cameraAt(CENTRE);
const corner = cameraAt(east(150));
const brink = cameraAt(east(250));
const away = cameraAt(east(5_000));
const lost = cameraAt(null);
const site: Site = { cameras: [middle, corner, brink, away, lost], zones: [], checkpoints: [] };

let database: TestDatabase;
let news: News;
let now = new Date();
let rooms: GeofenceRoom[] = [];
let geofences: GeofenceRoom;
let told: HubEvents['geofence.event'][] = [];
let open = true;
let questions = 0;
const summaries = new Map<string, DetectionSummary>();

beforeAll(async () => {
  database = await openTestDatabase();
  news = createNews(database, quietLog);
  await news.start();
});
afterAll(async () => {
  await news.stop();
  await database.close();
});

async function openRoom(where: Site = site): Promise<GeofenceRoom> {
  const events = createEvents((error) => {
    throw error;
  });
  events.on('geofence.event', (event) => told.push(event));
  const store = createGeofenceStore(database);
  const room = createGeofences({
    store: {
      ...store,
      work: (vehicle, run) => {
        questions++;
        return store.work(vehicle, run);
      },
      eventsOf: (detectionId) => {
        questions++;
        return store.eventsOf(detectionId);
      },
    },
    site: () => Promise.resolve(where),
    calendars: { includes: () => open },
    detection: (detectionId) => Promise.resolve(summaries.get(detectionId) ?? null),
    ...{ news, events, log: quietLog, now: () => now },
  });
  await room.start();
  rooms.push(room);
  return room;
}

beforeEach(async () => {
  await database.pool.query(
    'truncate geofences, geofence_states, geofence_sightings, geofence_events, detection_changes, detections',
  );
  now = new Date('2026-11-23T08:00:00Z');
  rooms = [];
  told = [];
  open = true;
  summaries.clear();
  geofences = await openRoom();
  questions = 0;
});
afterEach(async () => {
  for (const room of rooms) await room.stop();
});

const port = (rules: Partial<GeofenceRules> = {}, more: Partial<GeofenceInput> = {}): GeofenceInput => ({
  ...{ name: 'Port', colour: '#0e6a6a', notes: '', enabled: true },
  shape: { kind: 'circle', centre: CENTRE, radius: 200 },
  rules: { ...DEFAULT_RULES, rearmSeconds: 0, ...rules },
  ...more,
});

interface Sight {
  readonly plateNumber?: string;
  readonly issuingEntity?: string | null;
  readonly isLate?: boolean;
  readonly detectionId?: string;
  readonly confidence?: number;
  readonly motion?: SeenMotion;
}

/** A detection by a camera so many seconds after eight o'clock. */
function seen(camera: { readonly cameraId: string }, seconds: number, sight: Sight = {}): LprMessage<'detection'> {
  const { plateNumber = '1กก1234', issuingEntity = 'TH-10', isLate = false, confidence = 0.9, motion } = sight;
  const capturedAt = new Date(Date.parse('2026-11-23T08:00:00Z') + seconds * 1000);
  const detectionId = sight.detectionId ?? uuidv7();
  const frameId = uuidv7();
  const plate = { plateNumber, issuingEntity, countryCode: 'TH', plateType: null, confidence };
  summaries.set(detectionId, {
    ...plate,
    ...{
      detectionId,
      status: 'confirmed',
      series: null,
      serial: null,
      characters: [],
      capturedAt,
      lastSeenAt: capturedAt,
    },
    ...{
      isParked: false,
      capturedAtSource: 'device',
      receivedAt: capturedAt,
      cameraId: camera.cameraId,
      cameraName: '',
    },
    ...{ frameId, frame: null, patch: null, box: null, corners: null, readCount: 1, hits: [] },
  });
  const device = { text: plateNumber, confidence: null, trackId: null, vehicle: null, motion: motion ?? null };
  return {
    lpr: {
      ...{ frameId, cameraId: camera.cameraId, capturedAtSource: 'device', token: frameId, isLate },
      ...{ capturedAt: capturedAt.toISOString(), receivedAt: capturedAt.toISOString() },
      read: {
        ...{ readId: frameId, engine: 'device:test', series: null, serial: null, provinceConfidence: 0.9 },
        ...{ characters: [], candidates: [], reasons: [], quality: null, device, ...plate },
      },
      detection: { ...{ detectionId, isNew: true, isBest: true, status: 'provisional', readCount: 1 }, ...plate },
    },
  };
}
const observe = async (camera: { cameraId: string }, seconds: number, sight: Sight = {}): Promise<readonly string[]> =>
  (await geofences.observe(seen(camera, seconds, sight), '')).map(({ event }) => event);
const standing = async (): Promise<readonly string[]> => {
  const query = {
    geofenceId: null,
    event: null,
    plateNumber: null,
    from: null,
    to: null,
    retracted: false,
    cursor: null,
  };
  const { items } = await geofences.events({ ...query, limit: 100 });
  return items
    .map(({ event, at }) => `${event} ${(at.getTime() - Date.parse('2026-11-23T08:00:00Z')) / 1000}`)
    .reverse();
};
/** The clock of the hub, so many seconds after eight, all that is due done. */
const passTo = async (seconds: number): Promise<void> => {
  now = new Date(Date.parse('2026-11-23T08:00:00Z') + seconds * 1000);
  await geofences.passTime();
};

describe('coming and going', () => {
  test('enter when it is first seen inside, leave when it is seen elsewhere', async () => {
    const { geofenceId } = await geofences.create(port());
    const [enter] = await geofences.observe(seen(middle, 0), '');
    expect(enter).toMatchObject({ geofenceId, geofenceName: 'Port', event: 'enter', seconds: null, isNew: true });
    expect(await observe(corner, 20)).toEqual([]);
    expect(await geofences.visits(geofenceId)).toMatchObject([{ lastCameraId: corner.cameraId, isLeaving: false }]);
    const [leave] = await geofences.observe(seen(away, 90), '');
    expect(leave).toMatchObject({ event: 'leave', seconds: 90, at: '2026-11-23T08:01:30.000Z' });
    expect(await geofences.visits(geofenceId)).toEqual([]);
  });

  test('the same detection gives the same events with the same ids; a later read of it gives nothing new', async () => {
    await geofences.create(port());
    const message = seen(middle, 0);
    const first = await geofences.observe(message, '');
    expect(await geofences.observe(message, '')).toEqual(first);
    const later = { lpr: { ...message.lpr, frameId: uuidv7(), capturedAt: '2026-11-23T08:00:01.000Z' } };
    expect(await geofences.observe(later, '')).toEqual(first.map((part): GeofencePart => ({ ...part, isNew: false })));
    expect(await standing()).toEqual(['enter 0']);
  });

  test('a node that asks for one geofence hears of that one, and all are followed', async () => {
    const one = await geofences.create(port());
    const other = await geofences.create(
      port({}, { name: 'Town', shape: { kind: 'circle', centre: CENTRE, radius: 9_000 } }),
    );
    const message = seen(middle, 0);
    expect((await geofences.observe(message, one.geofenceId)).map(({ geofenceName }) => geofenceName)).toEqual([
      'Port',
    ]);
    // A second node, asked of the same message.
    expect(await geofences.observe(message, other.geofenceId)).toMatchObject([{ geofenceName: 'Town', isNew: true }]);
    expect(await observe(away, 60)).toEqual(['leave']);
  });

  test('where no camera lies in a geofence and the vehicle is in none, the database is not asked', async () => {
    await geofences.create(port());
    questions = 0;
    expect(await observe(away, 0)).toEqual([]);
    expect(await observe(lost, 1)).toEqual([]);
    expect(questions).toBe(0);
    await observe(middle, 2);
    expect(questions).toBeGreaterThan(0);
  });

  test('another province is another vehicle', async () => {
    const { geofenceId } = await geofences.create(port());
    await observe(middle, 0);
    expect(await observe(away, 10, { issuingEntity: 'TH-20' })).toEqual([]);
    expect(await observe(middle, 20, { issuingEntity: 'TH-20' })).toEqual(['enter']);
    expect(await geofences.visits(geofenceId)).toHaveLength(2);
  });

  test('another process knows who is inside, and what the geofences are', async () => {
    const other = await openRoom();
    const { geofenceId } = await geofences.create(port());
    for (let i = 0; i < 400 && (await other.get(geofenceId)) === null; i++) await sleep(25);
    await observe(middle, 0);
    const leaving = seen(away, 60);
    let parts: readonly GeofencePart[] = [];
    for (let i = 0; i < 400 && parts.length === 0; i++) {
      parts = await other.observe(leaving, '');
      await sleep(25);
    }
    expect(parts).toMatchObject([{ event: 'leave', seconds: 60 }]);
  });

  test('who is inside is known after a new start', async () => {
    await geofences.create(port());
    await observe(middle, 0);
    geofences = await openRoom();
    expect(await observe(away, 60)).toEqual(['leave']);
  });

  test('a geofence that is off follows nobody; one that is gone leaves its events', async () => {
    const { geofenceId } = await geofences.create(port({}, { enabled: false }));
    expect(await observe(middle, 0)).toEqual([]);
    await geofences.update(geofenceId, { enabled: true });
    expect(await observe(middle, 1)).toEqual(['enter']);
    await geofences.remove(geofenceId);
    expect(await observe(away, 2)).toEqual([]);
    expect(await standing()).toEqual(['enter 1']);
    await expect(geofences.remove(geofenceId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('rules', () => {
  test('within the margin a camera says nothing; without it the vehicle has left', async () => {
    const { geofenceId } = await geofences.create(port({ marginMetres: 100 }));
    await observe(middle, 0);
    expect(await observe(brink, 10)).toEqual([]);
    expect(await observe(lost, 15)).toEqual([]);
    expect(await geofences.visits(geofenceId)).toHaveLength(1);
    expect(await observe(away, 20)).toEqual(['leave']);
  });

  test('a leave counts when the vehicle is not seen inside again for long enough', async () => {
    const { geofenceId } = await geofences.create(port({ leaveDelaySeconds: 60 }));
    await observe(middle, 0);
    expect(await observe(away, 10)).toEqual([]);
    expect(await geofences.visits(geofenceId)).toMatchObject([{ isLeaving: true }]);
    expect(await observe(middle, 50)).toEqual([]);
    await passTo(200);
    expect(await standing()).toEqual(['enter 0']);
    const leaving = seen(away, 210);
    expect(await geofences.observe(leaving, '')).toEqual([]);
    await passTo(280);
    expect(await standing()).toEqual(['enter 0', 'leave 210']);
    // The clock showed it, so flows are told from outside, by a message of the detection that did.
    const [message] = told.flatMap((event) => event.message ?? []);
    expect(message?.lpr).toMatchObject({
      ...{ cameraId: away.cameraId, detection: { detectionId: leaving.lpr.detection.detectionId } },
      geofence: { event: 'leave', seconds: 210, isNew: true },
    });
    await geofences.passTime();
    expect(told.filter((event) => event.message !== null)).toHaveLength(1);
  });

  test('the same vehicle does not raise the same event again before its time', async () => {
    await geofences.create(port({ rearmSeconds: 600 }));
    expect(await observe(middle, 0)).toEqual(['enter']);
    expect(await observe(away, 60)).toEqual(['leave']);
    expect(await observe(middle, 120)).toEqual([]);
    expect(await observe(away, 180)).toEqual([]);
    expect(await observe(middle, 700)).toEqual(['enter']);
    expect(await observe(middle, 130, { plateNumber: '2ขข99' })).toEqual(['enter']);
  });

  test('dwell is told by the clock while nobody sees the vehicle, once a visit', async () => {
    const { geofenceId } = await geofences.create(port({ events: ['dwell'], dwellSeconds: 300 }));
    await observe(middle, 0);
    await passTo(250);
    expect(told).toEqual([]);
    await passTo(304);
    expect(told).toMatchObject([
      { event: { event: 'dwell', seconds: 300 }, message: { lpr: { geofence: { event: 'dwell' } } } },
    ]);
    expect(await observe(corner, 400)).toEqual([]);
    await passTo(900);
    expect(await standing()).toEqual(['dwell 300']);
    expect(await geofences.visits(geofenceId)).toMatchObject([{ dwells: true }]);
  });

  test('dwell is told when the vehicle is seen inside again before the clock was looked at', async () => {
    await geofences.create(port({ events: ['dwell'], dwellSeconds: 300 }));
    const first = seen(middle, 0);
    await geofences.observe(first, '');
    await observe(corner, 500);
    expect(await standing()).toEqual(['dwell 300']);
    await geofences.passTime();
    expect(told).toMatchObject([{ event: { detectionId: first.lpr.detection.detectionId }, message: {} }]);
  });

  test('a rule that is changed while a vehicle is inside holds for it', async () => {
    // The rows say by the database's clock from when on they are looked at.
    now = new Date();
    const minute = (now.getTime() - Date.parse('2026-11-23T08:00:00Z')) / 1000;
    const { geofenceId } = await geofences.create(port({ events: ['dwell'], dwellSeconds: 3_600 }));
    await observe(middle, minute);
    await passTo(minute + 400);
    expect(await standing()).toEqual([]);
    const { rules } = (await geofences.get(geofenceId)) as Geofence;
    await geofences.update(geofenceId, { rules: { ...rules, dwellSeconds: 300 } });
    await passTo(minute + 400);
    expect(told.map(({ event }) => event.event)).toEqual(['dwell']);
  });

  test('a vehicle that stands before one camera dwells by its own later reads', async () => {
    await geofences.create(port({ events: ['dwell'], dwellSeconds: 300 }));
    const detectionId = uuidv7();
    await observe(middle, 0, { detectionId });
    await observe(middle, 200, { detectionId });
    expect(await observe(middle, 320, { detectionId })).toEqual(['dwell']);
  });

  test('silence is a leave where that is wanted', async () => {
    await geofences.create(port({ silenceSeconds: 600 }));
    await observe(middle, 0);
    await observe(corner, 100);
    await passTo(650);
    expect(await standing()).toEqual(['enter 0']);
    await passTo(710);
    expect(told.flatMap(({ event, message }) => (message === null ? [] : [event]))).toMatchObject([
      { event: 'leave', bySilence: true, seconds: 700 },
    ]);
    expect(await observe(middle, 800)).toEqual(['enter']);
  });

  test('outside of its hours nobody is told, and the vehicle is followed all the same', async () => {
    const { geofenceId } = await geofences.create(port({ calendarId: randomUUID() }));
    open = false;
    expect(await observe(middle, 0)).toEqual([]);
    expect(await geofences.visits(geofenceId)).toHaveLength(1);
    open = true;
    expect(await observe(away, 60)).toEqual(['leave']);
  });

  test('a detection that is not sure enough counts for nothing', async () => {
    await geofences.create(port({ minConfidence: 0.8 }));
    expect(await observe(middle, 0, { confidence: 0.7 })).toEqual([]);
    expect(await observe(middle, 1, { confidence: 0.8 })).toEqual(['enter']);
  });

  const moving = (
    direction: 'toward' | 'away' | null,
    heading: number | null,
    lane: string | null = null,
  ): SeenMotion => ({
    ...{ direction, heading, speed: null, lane },
  });
  test.each<[string, GeofenceRules['direction'], SeenMotion | null, number]>([
    ['toward, as the device says', { by: 'camera', motion: 'toward' }, moving('toward', null), 1],
    ['away, as the device says', { by: 'camera', motion: 'toward' }, moving('away', null), 0],
    ['by its lane', { by: 'camera', motion: 'away' }, moving(null, null, '2'), 1],
    ['nobody knows', { by: 'camera', motion: 'toward' }, null, 0],
    ['heading within', { by: 'heading', from: 300, to: 20 }, moving(null, 350), 1],
    ['heading without', { by: 'heading', from: 300, to: 20 }, moving(null, 180), 0],
    ['heading from where the camera looks', { by: 'heading', from: 260, to: 280 }, moving('toward', null), 1],
  ])('direction: %s', async (_what, direction, motion, count) => {
    const lanes = [
      { number: 1, name: 'In', direction: 'toward' as const },
      { number: 2, name: 'Out', direction: 'away' as const },
    ];
    const camera = cameraAt(CENTRE, { lanes, heading: 90 });
    geofences = await openRoom({ ...site, cameras: [camera] });
    await geofences.create(port({ direction }));
    expect(await observe(camera, 0, motion === null ? {} : { motion })).toHaveLength(count);
  });
});

describe('a group of cameras', () => {
  test('vehicles leave by an out camera, and by any camera elsewhere', async () => {
    const [entrance, exit, hall] = [cameraAt(null), cameraAt(null), cameraAt(null, { checkpointId: randomUUID() })];
    const zone = {
      zoneId: randomUUID(),
      cameras: [
        { cameraId: entrance.cameraId, role: 'in' as const },
        { cameraId: exit.cameraId, role: 'out' as const },
      ],
    };
    const checkpointId = hall.checkpointId ?? '';
    geofences = await openRoom({
      cameras: [entrance, exit, hall, away],
      zones: [zone],
      checkpoints: [{ checkpointId, name: 'Hall', position: null }],
    });
    await geofences.create(
      port({}, { shape: { kind: 'cameras', cameraIds: [], zoneIds: [zone.zoneId], checkpointIds: [checkpointId] } }),
    );
    expect(await observe(exit, 0)).toEqual([]);
    expect(await observe(entrance, 10)).toEqual(['enter']);
    expect(await observe(hall, 20)).toEqual([]);
    expect(await observe(exit, 30)).toEqual(['leave']);
    expect(await observe(hall, 40)).toEqual(['enter']);
    expect(await observe(away, 50)).toEqual(['leave']);
  });

  test('names cameras that are there', async () => {
    const shape = { kind: 'cameras', cameraIds: [randomUUID()], zoneIds: [], checkpointIds: [] } as const;
    await expect(geofences.create(port({}, { shape }))).rejects.toMatchObject({
      details: { problems: [{ field: 'shape.cameraIds', problem: 'names a camera that is none' }] },
    });
  });
});

describe('what comes late or turns out otherwise', () => {
  test('late data take their place in the past and leave the present as it is', async () => {
    const { geofenceId } = await geofences.create(port());
    await observe(middle, 0);
    await observe(middle, 1_000);
    const late = seen(away, 500, { isLate: true });
    expect(await geofences.observe(late, '')).toMatchObject([{ event: 'leave', at: '2026-11-23T08:08:20.000Z' }]);
    // It left and came back, which nobody is told as if it were now.
    expect(await standing()).toEqual(['enter 0', 'leave 500', 'enter 1000']);
    const { rows } = await database.pool.query(`select event, cause, tell_at from geofence_events order by at`);
    expect(rows).toEqual([
      { event: 'enter', cause: 'live', tell_at: null },
      { event: 'leave', cause: 'late', tell_at: null },
      { event: 'enter', cause: 'late', tell_at: null },
    ]);
    expect(await geofences.visits(geofenceId)).toMatchObject([{ lastSeenAt: new Date('2026-11-23T08:16:40Z') }]);
  });

  test('a leave that comes late, after the vehicle left already, changes when it left', async () => {
    await geofences.create(port());
    await observe(middle, 0);
    await observe(away, 900);
    expect(await observe(away, 300, { isLate: true })).toEqual(['leave']);
    expect(await standing()).toEqual(['enter 0', 'leave 300']);
    // The same leave, at another time: nothing is taken back.
    expect((await database.pool.query('select from detection_changes')).rowCount).toBe(0);
    expect(await observe(middle, 1_000)).toEqual(['enter']);
  });

  /** Writes the detection on record, as the record node does. */
  const record = async ({ lpr }: LprMessage<'detection'>): Promise<void> => {
    const { detectionId, plateNumber, issuingEntity, countryCode, confidence } = lpr.detection;
    await database.pool.query(
      `insert into detections (detection_id, captured_at, captured_at_source, received_at, camera_id, status, plate_number,
              issuing_entity, country_code, confidence, best_read_id, read_count, best_read)
       values ($1::uuid, $2, 'device', $2, $3, 'confirmed', $4, $5, $6, $7, $1::text, 1, '{}')`,
      [detectionId, lpr.capturedAt, lpr.cameraId, plateNumber, issuingEntity, countryCode, confidence],
    );
  };
  test('a vehicle that was seen elsewhere since is not inside now because old news of it came', async () => {
    const { geofenceId } = await geofences.create(port());
    now = new Date('2026-11-23T09:00:00Z');
    for (const seconds of [600, 900]) {
      const elsewhere = seen(away, seconds);
      await record(elsewhere);
      expect(await geofences.observe(elsewhere, '')).toEqual([]);
    }
    expect(await observe(middle, 0, { isLate: true })).toEqual(['enter']);
    expect(await standing()).toEqual(['enter 0', 'leave 600']);
    expect(await geofences.visits(geofenceId)).toEqual([]);
  });

  test('any order of arrival gives the same in the end', async () => {
    await geofences.create(
      port({ leaveDelaySeconds: 45, silenceSeconds: 400, dwellSeconds: 120, events: ['enter', 'leave', 'dwell'] }),
    );
    let seed = 9;
    const random = (below: number): number => {
      seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
      return Math.floor((seed / 4_294_967_296) * below);
    };
    for (let round = 0; round < 4; round++) {
      await database.pool.query('truncate geofence_states, geofence_sightings, geofence_events, detections');
      geofences = await openRoom();
      const steps = Array.from({ length: 14 }, () => ({
        camera: [middle, corner, away][random(3)] ?? away,
        at: random(1_500),
      }));
      steps.push({ camera: middle, at: 0 }, { camera: away, at: 1_500 });
      now = new Date('2026-11-23T09:00:00Z');
      for (const { camera, at } of [...steps].sort((a, b) => a.at - b.at)) {
        const message = seen(camera, at);
        await record(message);
        await geofences.observe(message, '');
      }
      const inOrder = await standing();
      expect(inOrder.length).toBeGreaterThan(2);
      await database.pool.query('truncate geofence_states, geofence_sightings, geofence_events, detections');
      geofences = await openRoom();
      const shuffled = steps.map((step) => ({ step, rank: random(1e6) })).sort((a, b) => a.rank - b.rank);
      for (const { step } of shuffled) {
        const message = seen(step.camera, step.at, { isLate: true });
        await record(message);
        await geofences.observe(message, '');
      }
      expect(await standing()).toEqual(inOrder);
    }
  });

  test('detections of two cameras that come in the wrong order are put right', async () => {
    await geofences.create(port());
    await observe(middle, 0);
    expect(await observe(away, 100)).toEqual(['leave']);
    // It was still inside, five seconds before: the same leave, with nothing taken back.
    expect(await observe(corner, 95)).toEqual([]);
    expect(await standing()).toEqual(['enter 0', 'leave 100']);
  });

  test('what late data show to have never happened is followed up, so that whoever was told hears of it', async () => {
    await geofences.create(port({ leaveDelaySeconds: 60 }));
    await observe(middle, 0);
    await observe(away, 100);
    await passTo(300);
    expect(await standing()).toEqual(['enter 0', 'leave 100']);
    const late = seen(middle, 120, { isLate: true });
    expect(await geofences.observe(late, '')).toEqual([]);
    expect(await standing()).toEqual(['enter 0']);
    const { rows } = await database.pool.query('select detection_id from detection_changes');
    expect(rows).toEqual([{ detection_id: late.lpr.detection.detectionId }]);
    const { detectionId } = late.lpr.detection;
    const summary = summaries.get(detectionId) ?? null;
    expect((await geofences.reconsider(detectionId, summary, { adds: false })).retracted).toHaveLength(1);
  });

  test('a corrected plate takes back what never happened and finds what was missed, however often it is asked', async () => {
    const { geofenceId } = await geofences.create(port());
    const wrong = seen(middle, 0, { plateNumber: '1กก1284' });
    await geofences.observe(wrong, '');
    const { detectionId } = wrong.lpr.detection;
    const corrected = {
      ...(summaries.get(detectionId) as DetectionSummary),
      plateNumber: '1กก1234',
      status: 'corrected',
    } as const;
    const result = await geofences.reconsider(detectionId, corrected, { adds: true });
    expect(result).toMatchObject({ added: [{ event: 'enter', plateNumber: '1กก1234', cause: 'correction' }] });
    expect(result.retracted).toHaveLength(1);
    expect(await geofences.reconsider(detectionId, corrected, { adds: true })).toEqual(result);
    expect(await geofences.visits(geofenceId)).toMatchObject([{ plateNumber: '1กก1234' }]);
    expect(await observe(away, 60, { plateNumber: '1กก1284' })).toEqual([]);
    expect(await observe(away, 60)).toEqual(['leave']);
  });

  test('what is no plate was never inside, nor is a detection that is gone', async () => {
    const { geofenceId } = await geofences.create(port());
    const [first, second] = [seen(middle, 0), seen(middle, 0, { plateNumber: '2ขข2' })];
    await geofences.observe(first, '');
    await geofences.observe(second, '');
    const rejected = {
      ...(summaries.get(first.lpr.detection.detectionId) as DetectionSummary),
      status: 'rejected',
    } as const;
    await geofences.reconsider(rejected.detectionId, rejected, { adds: true });
    await geofences.reconsider(second.lpr.detection.detectionId, null, { adds: false });
    expect([await geofences.visits(geofenceId), await standing()]).toEqual([[], []]);
  });

  test('a camera whose clock runs ahead does not push the vehicle into the future', async () => {
    await geofences.create(port());
    const { lpr } = seen(middle, 0);
    await geofences.observe({ lpr: { ...lpr, capturedAt: '2031-01-01T00:00:00.000Z' } }, '');
    expect(await standing()).toEqual(['enter 0']);
    expect(await observe(away, 60)).toEqual(['leave']);
  });
});

test('old sightings and events go, and whoever is inside stays', async () => {
  const { geofenceId } = await geofences.create(port());
  await observe(middle, 0);
  await observe(middle, 0, { plateNumber: '2ขข2' });
  await observe(away, 5, { plateNumber: '2ขข2' });
  now = new Date(now.getTime() + 500 * 86_400_000);
  await geofences.prune();
  expect(await standing()).toEqual([]);
  expect(await geofences.visits(geofenceId)).toHaveLength(1);
  const { rows } = await database.pool.query('select count(*)::int as n from geofence_states');
  expect(rows).toEqual([{ n: 1 }]);
});

test('names are taken once, and pages follow each other', async () => {
  for (const name of ['B', 'A', 'C']) await geofences.create(port({}, { name }));
  await expect(geofences.create(port({}, { name: 'a' }))).rejects.toMatchObject({ code: 'name_taken' });
  const query = { search: null, within: null, limit: 2 };
  const first = await geofences.list({ ...query, cursor: null });
  const second = await geofences.list({ ...query, cursor: first.nextCursor });
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['A', 'B', 'C']);
  expect(second.nextCursor).toBeNull();
  const within = [101, 13, 102, 14] as const;
  expect((await geofences.list({ ...query, within, cursor: null })).items).toEqual([]);
});
