import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, test } from '@jest/globals';
import {
  away,
  brink,
  cameraAt,
  CENTRE,
  corner,
  lost,
  middle,
  port,
  site,
  useGeofenceBed,
} from '../../test/geofence-bed.ts';
import type { GeofencePart, SeenMotion } from '../message.ts';
import type { Geofence, GeofenceRules } from './geofences.ts';

const bed = useGeofenceBed();

test.each(['2026-99-99T_00000000-0000-4000-8000-000000000001', `2026-11-23T08:00:00.000Z_${'-'.repeat(36)}`])(
  'a cursor that no page gave is refused: %s',
  async (cursor) => {
    const query = {
      geofenceId: null,
      event: null,
      plateNumber: null,
      from: null,
      to: null,
      retracted: false,
      limit: 10,
    };
    await expect(bed.geofences.events({ ...query, cursor })).rejects.toMatchObject({ code: 'cursor_invalid' });
  },
);

test('a vehicle that nobody saw for longer than events are kept is not inside any more, in any process', async () => {
  const { geofenceId } = await bed.geofences.create(port());
  const other = await bed.openRoom();
  await bed.observe(middle, 0);
  const days = (n: number): Date => new Date(Date.parse('2026-11-23T08:00:00Z') + n * 86_400_000);
  bed.now = days(399);
  await bed.geofences.prune();
  expect(await bed.geofences.visits(geofenceId)).toHaveLength(1);
  bed.now = days(401);
  await bed.geofences.prune();
  expect([await bed.geofences.visits(geofenceId), await bed.standing()]).toEqual([[], []]);
  // Nobody remembers it: it is not even asked about.
  const asked = async (room: typeof other): Promise<number> => {
    bed.questions = 0;
    await room.observe(bed.seen(away, 401 * 86_400), '');
    return bed.questions;
  };
  expect(await asked(bed.geofences)).toBe(0);
  while ((await asked(other)) > 0) await sleep(10);
});

describe('coming and going', () => {
  test('enter when it is first seen inside, leave when it is seen elsewhere', async () => {
    const { geofenceId } = await bed.geofences.create(port());
    const [enter] = await bed.geofences.observe(bed.seen(middle, 0), '');
    expect(enter).toMatchObject({ geofenceId, geofenceName: 'Port', event: 'enter', seconds: null, isNew: true });
    expect(await bed.observe(corner, 20)).toEqual([]);
    expect(await bed.geofences.visits(geofenceId)).toMatchObject([{ lastCameraId: corner.cameraId, isLeaving: false }]);
    const [leave] = await bed.geofences.observe(bed.seen(away, 90), '');
    expect(leave).toMatchObject({ event: 'leave', seconds: 90, at: '2026-11-23T08:01:30.000Z' });
    expect(await bed.geofences.visits(geofenceId)).toEqual([]);
  });

  test('the same detection gives the same events with the same ids; a later read of it gives nothing new', async () => {
    await bed.geofences.create(port());
    const message = bed.seen(middle, 0);
    const first = await bed.geofences.observe(message, '');
    expect(await bed.geofences.observe(message, '')).toEqual(first);
    const later = { lpr: { ...message.lpr, frameId: uuidv7(), capturedAt: '2026-11-23T08:00:01.000Z' } };
    expect(await bed.geofences.observe(later, '')).toEqual(
      first.map((part): GeofencePart => ({ ...part, isNew: false })),
    );
    expect(await bed.standing()).toEqual(['enter 0']);
  });

  test('a node that asks for one geofence hears of that one, and all are followed', async () => {
    const one = await bed.geofences.create(port());
    const other = await bed.geofences.create(
      port({}, { name: 'Town', shape: { kind: 'circle', centre: CENTRE, radius: 9_000 } }),
    );
    const message = bed.seen(middle, 0);
    expect((await bed.geofences.observe(message, one.geofenceId)).map(({ geofenceName }) => geofenceName)).toEqual([
      'Port',
    ]);
    // A second node, asked of the same message.
    expect(await bed.geofences.observe(message, other.geofenceId)).toMatchObject([
      { geofenceName: 'Town', isNew: true },
    ]);
    expect(await bed.observe(away, 60)).toEqual(['leave']);
  });

  test('where no camera lies in a geofence and the vehicle is in none, the database is not asked', async () => {
    await bed.geofences.create(port());
    bed.questions = 0;
    expect(await bed.observe(away, 0)).toEqual([]);
    expect(await bed.observe(lost, 1)).toEqual([]);
    expect(bed.questions).toBe(0);
    await bed.observe(middle, 2);
    expect(bed.questions).toBeGreaterThan(0);
  });

  test('another province is another vehicle', async () => {
    const { geofenceId } = await bed.geofences.create(port());
    await bed.observe(middle, 0);
    expect(await bed.observe(away, 10, { issuingEntity: 'TH-20' })).toEqual([]);
    expect(await bed.observe(middle, 20, { issuingEntity: 'TH-20' })).toEqual(['enter']);
    expect(await bed.geofences.visits(geofenceId)).toHaveLength(2);
  });

  test('another process knows who is inside, and what the geofences are', async () => {
    const other = await bed.openRoom();
    const { geofenceId } = await bed.geofences.create(port());
    for (let i = 0; i < 400 && (await other.get(geofenceId)) === null; i++) await sleep(25);
    await bed.observe(middle, 0);
    const leaving = bed.seen(away, 60);
    let parts: readonly GeofencePart[] = [];
    for (let i = 0; i < 400 && parts.length === 0; i++) {
      parts = await other.observe(leaving, '');
      await sleep(25);
    }
    expect(parts).toMatchObject([{ event: 'leave', seconds: 60 }]);
  });

  test('who is inside is known after a new start', async () => {
    await bed.geofences.create(port());
    await bed.observe(middle, 0);
    bed.geofences = await bed.openRoom();
    expect(await bed.observe(away, 60)).toEqual(['leave']);
  });

  test('a geofence that is off follows nobody; one that is gone leaves its events', async () => {
    const { geofenceId } = await bed.geofences.create(port({}, { enabled: false }));
    expect(await bed.observe(middle, 0)).toEqual([]);
    await bed.geofences.update(geofenceId, { enabled: true });
    expect(await bed.observe(middle, 1)).toEqual(['enter']);
    await bed.geofences.remove(geofenceId);
    expect(await bed.observe(away, 2)).toEqual([]);
    expect(await bed.standing()).toEqual(['enter 1']);
    await expect(bed.geofences.remove(geofenceId)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('rules', () => {
  test('within the margin a camera says nothing; without it the vehicle has left', async () => {
    const { geofenceId } = await bed.geofences.create(port({ marginMetres: 100 }));
    await bed.observe(middle, 0);
    expect(await bed.observe(brink, 10)).toEqual([]);
    expect(await bed.observe(lost, 15)).toEqual([]);
    expect(await bed.geofences.visits(geofenceId)).toHaveLength(1);
    expect(await bed.observe(away, 20)).toEqual(['leave']);
  });

  test('a leave counts when the vehicle is not seen inside again for long enough', async () => {
    const { geofenceId } = await bed.geofences.create(port({ leaveDelaySeconds: 60 }));
    await bed.observe(middle, 0);
    expect(await bed.observe(away, 10)).toEqual([]);
    expect(await bed.geofences.visits(geofenceId)).toMatchObject([{ isLeaving: true }]);
    expect(await bed.observe(middle, 50)).toEqual([]);
    await bed.passTo(200);
    expect(await bed.standing()).toEqual(['enter 0']);
    const leaving = bed.seen(away, 210);
    expect(await bed.geofences.observe(leaving, '')).toEqual([]);
    await bed.passTo(280);
    expect(await bed.standing()).toEqual(['enter 0', 'leave 210']);
    // The clock showed it, so flows are told from outside, by a message of the detection that did.
    const [message] = bed.told.flatMap((event) => event.message ?? []);
    expect(message?.lpr).toMatchObject({
      ...{ cameraId: away.cameraId, detection: { detectionId: leaving.lpr.detection.detectionId } },
      geofence: { event: 'leave', seconds: 210, isNew: true },
    });
    await bed.geofences.passTime();
    expect(bed.told.filter((event) => event.message !== null)).toHaveLength(1);
  });

  test('the same vehicle does not raise the same event again before its time', async () => {
    await bed.geofences.create(port({ rearmSeconds: 600 }));
    expect(await bed.observe(middle, 0)).toEqual(['enter']);
    expect(await bed.observe(away, 60)).toEqual(['leave']);
    expect(await bed.observe(middle, 120)).toEqual([]);
    expect(await bed.observe(away, 180)).toEqual([]);
    expect(await bed.observe(middle, 700)).toEqual(['enter']);
    expect(await bed.observe(middle, 130, { plateNumber: '2ขข99' })).toEqual(['enter']);
  });

  test('dwell is told by the clock while nobody sees the vehicle, once a visit', async () => {
    const { geofenceId } = await bed.geofences.create(port({ events: ['dwell'], dwellSeconds: 300 }));
    await bed.observe(middle, 0);
    await bed.passTo(250);
    expect(bed.told).toEqual([]);
    await bed.passTo(304);
    expect(bed.told).toMatchObject([
      { event: { event: 'dwell', seconds: 300 }, message: { lpr: { geofence: { event: 'dwell' } } } },
    ]);
    expect(await bed.observe(corner, 400)).toEqual([]);
    await bed.passTo(900);
    expect(await bed.standing()).toEqual(['dwell 300']);
    expect(await bed.geofences.visits(geofenceId)).toMatchObject([{ dwells: true }]);
  });

  test('dwell is told when the vehicle is seen inside again before the clock was looked at', async () => {
    await bed.geofences.create(port({ events: ['dwell'], dwellSeconds: 300 }));
    const first = bed.seen(middle, 0);
    await bed.geofences.observe(first, '');
    await bed.observe(corner, 500);
    expect(await bed.standing()).toEqual(['dwell 300']);
    await bed.geofences.passTime();
    expect(bed.told).toMatchObject([{ event: { detectionId: first.lpr.detection.detectionId }, message: {} }]);
  });

  test('a rule that is changed while a vehicle is inside holds for it', async () => {
    // The rows say by the database's clock from when on they are looked at.
    bed.now = new Date();
    const minute = (bed.now.getTime() - Date.parse('2026-11-23T08:00:00Z')) / 1000;
    const { geofenceId } = await bed.geofences.create(port({ events: ['dwell'], dwellSeconds: 3_600 }));
    await bed.observe(middle, minute);
    await bed.passTo(minute + 400);
    expect(await bed.standing()).toEqual([]);
    const { rules } = (await bed.geofences.get(geofenceId)) as Geofence;
    await bed.geofences.update(geofenceId, { rules: { ...rules, dwellSeconds: 300 } });
    await bed.passTo(minute + 400);
    expect(bed.told.map(({ event }) => event.event)).toEqual(['dwell']);
  });

  test('a vehicle that stands before one camera dwells by its own later reads', async () => {
    await bed.geofences.create(port({ events: ['dwell'], dwellSeconds: 300 }));
    const detectionId = uuidv7();
    await bed.observe(middle, 0, { detectionId });
    await bed.observe(middle, 200, { detectionId });
    expect(await bed.observe(middle, 320, { detectionId })).toEqual(['dwell']);
  });

  test('silence is a leave where that is wanted', async () => {
    await bed.geofences.create(port({ silenceSeconds: 600 }));
    await bed.observe(middle, 0);
    await bed.observe(corner, 100);
    await bed.passTo(650);
    expect(await bed.standing()).toEqual(['enter 0']);
    await bed.passTo(710);
    expect(bed.told.flatMap(({ event, message }) => (message === null ? [] : [event]))).toMatchObject([
      { event: 'leave', bySilence: true, seconds: 700 },
    ]);
    expect(await bed.observe(middle, 800)).toEqual(['enter']);
  });

  test('outside of its hours nobody is told, and the vehicle is followed all the same', async () => {
    const { geofenceId } = await bed.geofences.create(port({ calendarId: randomUUID() }));
    bed.isOpen = false;
    expect(await bed.observe(middle, 0)).toEqual([]);
    expect(await bed.geofences.visits(geofenceId)).toHaveLength(1);
    bed.isOpen = true;
    expect(await bed.observe(away, 60)).toEqual(['leave']);
  });

  test('a detection that is not sure enough counts for nothing', async () => {
    await bed.geofences.create(port({ minConfidence: 0.8 }));
    expect(await bed.observe(middle, 0, { confidence: 0.7 })).toEqual([]);
    expect(await bed.observe(middle, 1, { confidence: 0.8 })).toEqual(['enter']);
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
    bed.geofences = await bed.openRoom({ ...site, cameras: [camera] });
    await bed.geofences.create(port({ direction }));
    expect(await bed.observe(camera, 0, motion === null ? {} : { motion })).toHaveLength(count);
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
    bed.geofences = await bed.openRoom({
      cameras: [entrance, exit, hall, away],
      zones: [zone],
      checkpoints: [{ checkpointId, name: 'Hall', position: null }],
    });
    await bed.geofences.create(
      port({}, { shape: { kind: 'cameras', cameraIds: [], zoneIds: [zone.zoneId], checkpointIds: [checkpointId] } }),
    );
    expect(await bed.observe(exit, 0)).toEqual([]);
    expect(await bed.observe(entrance, 10)).toEqual(['enter']);
    expect(await bed.observe(hall, 20)).toEqual([]);
    expect(await bed.observe(exit, 30)).toEqual(['leave']);
    expect(await bed.observe(hall, 40)).toEqual(['enter']);
    expect(await bed.observe(away, 50)).toEqual(['leave']);
  });

  test('names cameras that are there', async () => {
    const shape = { kind: 'cameras', cameraIds: [randomUUID()], zoneIds: [], checkpointIds: [] } as const;
    await expect(bed.geofences.create(port({}, { shape }))).rejects.toMatchObject({
      details: { problems: [{ field: 'shape.cameraIds', problem: 'names a camera that is none' }] },
    });
  });
});

test('a vehicle that cannot be followed, as its calendar is gone, keeps nobody else waiting', async () => {
  const dwell = { events: ['dwell'], dwellSeconds: 60 } as const;
  await bed.geofences.create(port({ ...dwell, calendarId: randomUUID() }));
  const yard = { name: 'Yard', shape: { kind: 'circle', centre: away.position ?? CENTRE, radius: 200 } } as const;
  await bed.geofences.create(port(dwell, yard));
  await bed.observe(middle, 0);
  await bed.observe(away, 1, { plateNumber: '2ขข2' });
  Object.defineProperty(bed, 'isOpen', {
    configurable: true,
    get: () => {
      throw new Error('There is no such calendar.');
    },
  });
  await expect(bed.passTo(100)).rejects.toThrow('There is no such calendar.');
  expect([await bed.standing(), bed.told.length]).toEqual([['dwell 61'], 1]);
  Object.defineProperty(bed, 'isOpen', { configurable: true, enumerable: true, writable: true, value: true });
  await bed.passTo(101);
  expect(await bed.standing()).toEqual(['dwell 60', 'dwell 61']);
});

test('old sightings go, and whoever is inside stays', async () => {
  const { geofenceId } = await bed.geofences.create(port());
  await bed.observe(middle, 0);
  await bed.observe(middle, 0, { plateNumber: '2ขข2' });
  await bed.observe(away, 5, { plateNumber: '2ขข2' });
  bed.now = new Date(bed.now.getTime() + 399 * 86_400_000);
  await bed.geofences.prune();
  expect(await bed.geofences.visits(geofenceId)).toHaveLength(1);
  const { rows } = await bed.database.pool.query(
    `select (select count(*)::int from geofence_states) as states, (select count(*)::int from geofence_sightings) as sightings`,
  );
  expect(rows).toEqual([{ states: 1, sightings: 0 }]);
});

test('names are taken once, and pages follow each other', async () => {
  for (const name of ['B', 'A', 'C']) await bed.geofences.create(port({}, { name }));
  await expect(bed.geofences.create(port({}, { name: 'a' }))).rejects.toMatchObject({ code: 'name_taken' });
  const query = { search: null, within: null, limit: 2 };
  const first = await bed.geofences.list({ ...query, cursor: null });
  const second = await bed.geofences.list({ ...query, cursor: first.nextCursor });
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['A', 'B', 'C']);
  expect(second.nextCursor).toBeNull();
  const within = [101, 13, 102, 14] as const;
  expect((await bed.geofences.list({ ...query, within, cursor: null })).items).toEqual([]);
});
