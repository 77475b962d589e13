import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  aRule,
  ANY_DETECTION,
  ANY_HIT,
  CAMERA,
  detected,
  hitDetected,
  openAlerts,
  type TestAlerts,
} from '../../test/alerts.ts';
import { aHit } from '../../test/blacklists.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import type { Camera } from '../cameras/cameras.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import type { GeofencePart, HitPart, LprMessage } from '../message.ts';
import { patternTest } from './compile-rule.ts';
import type { AlertsDependencies } from './create-alerts.ts';
import type { RuleCondition } from './rules.ts';

const ZONE = uuidv7();
let database: TestDatabase;
let folder: string;
let opened: TestAlerts | undefined;
let cameras: readonly Camera[] = [];
let kept: DetectionSummary[] = [];
let hits = new Map<string, HitPart>();
/** Geofence events by detection. */
const seen = new Map<string, readonly GeofencePart[]>();
let pending: string[] = [];
const considered: string[] = [];

const summaryOf = ({ lpr }: LprMessage<'detection'>, more: Partial<DetectionSummary> = {}): DetectionSummary => ({
  ...{ characters: [], lastSeenAt: new Date(lpr.capturedAt), isParked: false, capturedAtSource: 'device' },
  ...{
    series: '1กก',
    serial: '1234',
    cameraName: 'Gate 1',
    frame: null,
    patch: null,
    box: null,
    corners: null,
    hits: [],
  },
  ...{ frameId: lpr.frameId, cameraId: lpr.cameraId, receivedAt: new Date(lpr.capturedAt) },
  ...{ capturedAt: new Date(lpr.capturedAt), ...lpr.detection },
  ...more,
});

const entering = ({ lpr }: LprMessage<'detection'>, geofenceId = uuidv7()): GeofencePart => ({
  ...{ geofenceEventId: uuidv7(), geofenceId, geofenceName: 'Port', seconds: null },
  ...{ event: 'enter', at: lpr.capturedAt, isNew: true },
});

const open = async (): Promise<TestAlerts> => {
  opened = await openAlerts(database, folder, [], {
    cameras: {
      list: () => Promise.resolve(cameras),
      zones: () => Promise.resolve([{ zoneId: ZONE, name: 'Port', cameras: [{ cameraId: CAMERA, role: 'in' }] }]),
    },
    detections: {
      summary: (id) => Promise.resolve(kept.find(({ detectionId }) => detectionId === id) ?? null),
      lastRecorded: () => Promise.resolve(kept),
      page: (_from, _to, after) => Promise.resolve(after === null ? kept : []),
    },
    blacklists: {
      match: ({ lpr }) => Promise.resolve([hits.get(lpr.detection.detectionId)].filter((hit) => hit !== undefined)),
      considered: (ids) => Promise.resolve(void considered.push(...ids)),
      pendingHits: () =>
        Promise.resolve(
          pending.flatMap((detectionId) => {
            const hit = hits.get(detectionId);
            return hit === undefined
              ? []
              : [{ hit, detectionId, cameraId: CAMERA, capturedAt: new Date(), isLate: false }];
          }),
        ),
    },
    geofences: { observe: ({ lpr }) => Promise.resolve(seen.get(lpr.detection.detectionId) ?? []) },
  } satisfies Partial<AlertsDependencies>);
  return opened;
};

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-rules-'));
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate 1', 'gate 1', 'push')`,
    [CAMERA],
  );
  await database.pool.query(`insert into zones (zone_id, name, name_key) values ($1, 'Port', 'port')`, [ZONE]);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('truncate alert_subjects, alerts, hits cascade');
  await database.pool.query('delete from alert_rules');
  [kept, hits, pending, cameras] = [[], new Map(), [], []];
  considered.length = 0;
});
afterEach(() => opened?.stop());

const withConditions = (...conditions: readonly RuleCondition[]) => aRule({ groups: [{ match: 'all', conditions }] });

test.each([
  ['กก', '1กก1234', true],
  ['กก', '1กข1234', false],
  ['1กก*', '1กก9', true],
  ['1กก*', '21กก9', false],
  ['?กก1234', '1กก1234', true],
  ['๑กก', '1กก1234', true],
])('a pattern %s on %s: %s, as the search in Detections has it', (pattern, plate, expected) => {
  expect(patternTest(pattern)(plate)).toBe(expected);
});

describe('conditions', () => {
  test('a zone holds for its cameras, and a parked vehicle is known from its detection', async () => {
    const { alerts } = await open();
    const place = { kind: 'place' as const, cameraIds: [], zoneIds: [ZONE], checkpointIds: [] };
    const parked = { ...ANY_DETECTION, filter: { ...ANY_DETECTION.filter, isParked: true } };
    await alerts.rules.create(withConditions(place, parked));
    const message = detected();
    expect(await alerts.consider(message)).toEqual([]);
    kept = [summaryOf(message)];
    expect(await alerts.consider(message)).toEqual([]);
    kept = [summaryOf(message, { isParked: true })];
    expect(await alerts.consider({ lpr: { ...message.lpr, cameraId: uuidv7() } })).toEqual([]);
    expect(await alerts.consider(message)).toHaveLength(1);
  });

  test('a camera that has trouble is alerted once while it lasts, without any vehicle', async () => {
    const { alerts } = await open();
    await alerts.rules.create(withConditions({ kind: 'camera', troubles: ['offline', 'clock'] }));
    const health = { state: 'offline', since: new Date('2026-11-26T01:00:00Z'), warnings: [] };
    cameras = [{ cameraId: CAMERA, name: 'Gate 1', checkpointId: null, health } as unknown as Camera];
    await alerts.sweep();
    await alerts.sweep();
    const any = { category: null, cameraId: null, ruleId: null, detectionId: null, minPriority: null, plate: null };
    const query = { ...any, state: 'open' as const, from: null, to: null, cursor: null, limit: 10, withCovert: true };
    expect((await alerts.list(query)).items).toMatchObject([
      { cameraTrouble: 'offline', detectionId: null, plateNumber: null, subject: { kind: 'camera' } },
    ]);
    const warnings = [{ code: 'clock_off', value: 40, expected: null }];
    cameras = [{ ...cameras[0], health: { ...health, state: 'online', warnings } } as unknown as Camera];
    await alerts.sweep();
    expect(await alerts.countOpen()).toBe(2);
    expect(await alerts.consider(detected())).toEqual([]);
  });

  test('a search whose plate is corrected to another one is taken back, and the missed one raised', async () => {
    const { alerts, told } = await open();
    const filter = { ...ANY_DETECTION.filter, plate: '1กก1234' };
    await alerts.rules.create(withConditions({ kind: 'detection', filter }));
    const [wrong, missed] = [detected(), detected({ plateNumber: '9ขข9' })];
    await alerts.consider(wrong);
    await alerts.consider(missed);
    const as = { added: [], adds: true };
    await alerts.reconsider(summaryOf(wrong, { plateNumber: '9ขข9', status: 'corrected' }), as);
    await alerts.reconsider(summaryOf(missed, { plateNumber: '1กก1234', status: 'corrected' }), as);
    expect(told).toEqual(['alert.raised Rule', 'alert.retracted Rule', 'alert.raised Rule']);
  });

  test('a geofence event that a correction showed is raised once', async () => {
    const { alerts, told } = await open();
    await alerts.rules.create(withConditions({ kind: 'geofence', geofenceIds: [], events: ['enter'] }));
    const message = detected();
    const event = entering(message);
    for (let twice = 0; twice < 2; twice++) {
      await alerts.reconsider(summaryOf(message, { status: 'corrected' }), { added: [], events: [event], adds: true });
    }
    expect(told).toEqual(['alert.raised Port']);
    await alerts.retract([], [event.geofenceEventId]);
    expect(told).toEqual(['alert.raised Port', 'alert.retracted Port']);
  });
});

test('a geofence event that was counted on an alert that was taken back is looked at by itself', async () => {
  const { alerts, told } = await open();
  const conditions = [{ kind: 'geofence' as const, geofenceIds: [], events: ['enter' as const] }];
  await alerts.rules.create(aRule({ groups: [{ match: 'all', conditions }], rearmSeconds: 600 }));
  const geofenceId = uuidv7();
  const [wrong, right] = [detected(), detected()];
  const [first, second] = [entering(wrong, geofenceId), entering(right, geofenceId)];
  await alerts.consider({ lpr: { ...wrong.lpr, geofence: first } });
  await alerts.consider({ lpr: { ...right.lpr, geofence: second } });
  kept = [summaryOf(right)];
  seen.set(right.lpr.detection.detectionId, [second]);
  await alerts.retract([], [first.geofenceEventId]);
  expect(told).toEqual(['alert.raised Port', 'alert.updated Port', 'alert.retracted Port', 'alert.raised Port']);
});

describe('a crash between a detection and its alert loses nothing', () => {
  test('the last detections are looked at when the hub starts, and what stands stands', async () => {
    const { alerts } = await open();
    await alerts.rules.create(aRule());
    const [known, lost] = [await hitDetected(database), await hitDetected(database)];
    for (const message of [known, lost]) hits.set(message.lpr.detection.detectionId, message.lpr.hit);
    kept = [summaryOf(known), summaryOf(lost), summaryOf(detected())];
    await alerts.consider(known);
    await alerts.recover({ hasGeofences: false });
    await alerts.recover({ hasGeofences: false });
    expect(await alerts.countOpen()).toBe(2);
  });

  test('one that cannot be looked at keeps neither the others nor the hub', async () => {
    const { alerts } = await open();
    await alerts.rules.create(aRule());
    const [bad, lost] = [await hitDetected(database), await hitDetected(database)];
    hits.set(lost.lpr.detection.detectionId, lost.lpr.hit);
    kept = [summaryOf(bad, { capturedAt: new Date(NaN) }), summaryOf(lost)];
    await alerts.recover({ hasGeofences: false });
    expect(await alerts.countOpen()).toBe(1);
  });

  test('so are geofence events, with the hits of their detection, where the flow looks at geofences', async () => {
    const { alerts, told } = await open();
    const [geofence] = [{ kind: 'geofence' as const, geofenceIds: [], events: ['enter' as const] }];
    await alerts.rules.create(aRule({ groups: [{ match: 'all', conditions: [geofence, ANY_HIT] }] }));
    const lost = await hitDetected(database);
    const { detectionId } = lost.lpr.detection;
    hits.set(detectionId, lost.lpr.hit);
    kept = [summaryOf(lost)];
    seen.set(detectionId, [entering(lost)]);
    await alerts.recover({ hasGeofences: false });
    expect(told).toEqual([]);
    for (let twice = 0; twice < 2; twice++) await alerts.recover({ hasGeofences: true });
    expect(told).toEqual(['alert.raised Port']);
  });

  test('hits that no alert step has seen are looked at when this process has one', async () => {
    const { alerts } = await open();
    await alerts.rules.create(aRule());
    const lost = await hitDetected(database);
    const { detectionId } = lost.lpr.detection;
    hits.set(detectionId, lost.lpr.hit);
    [kept, pending] = [[summaryOf(lost)], [detectionId]];
    await alerts.sweep();
    expect(await alerts.countOpen()).toBe(0);
    await alerts.consider(detected());
    await alerts.sweep();
    expect(await alerts.countOpen()).toBe(1);
    await opened?.stop();
    opened = undefined;
    expect(considered).toEqual([lost.lpr.hit.hitId]);
  });
});

test('a preview says how many alerts there would have been, and how many only counted', async () => {
  const { alerts } = await open();
  const entry = { blacklistId: uuidv7(), entryId: uuidv7() };
  const at = (minute: number): Partial<DetectionSummary> => ({ capturedAt: new Date(Date.now() - minute * 60_000) });
  kept = [
    summaryOf(detected(), { ...at(1), hits: [aHit({ ...entry, hitId: uuidv7() })] }),
    summaryOf(detected(), at(2)),
    summaryOf(detected(), { ...at(5), hits: [aHit({ ...entry, hitId: uuidv7() })] }),
    summaryOf(detected(), { ...at(90), hits: [aHit({ ...entry, hitId: uuidv7() })] }),
  ];
  const groups = [{ match: 'all' as const, conditions: [ANY_HIT] }];
  const preview = await alerts.rules.preview({ match: 'all', groups, title: '{list}: {plate}', rearmSeconds: 600 });
  expect(preview).toMatchObject({ looked: 4, isCut: false, alerts: 2, repeats: 1 });
  expect(preview.examples.map(({ title }) => title)).toEqual(['Stolen: 1กก1234', 'Stolen: 1กก1234']);
  await expect(alerts.rules.preview({ match: 'all', groups, title: '{x}', rearmSeconds: 0 })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});
