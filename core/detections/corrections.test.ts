import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aList, anEntry, noNews } from '../../test/blacklists.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { LOOK_CAMERA, readMessage, type Look } from '../../test/looks.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { openAlerts, type TestAlerts } from '../../test/alerts.ts';
import webhook from '../../plugins/alert-webhook/plugin.ts';
import type { Alerts, AlertState } from '../alerts/alerts.ts';
import { createFollowUp } from '../alerts/follow-up.ts';
import { createBlacklists } from '../blacklists/create-blacklists.ts';
import { EXACT_POLICY } from '../blacklists/match-policy.ts';
import { createBlacklistStore } from '../db/stores/blacklist-store.ts';
import { createDetectionChanges } from '../db/stores/detection-changes.ts';
import { createDetectionStore } from '../db/stores/detection-store.ts';
import { createEvents } from '../events.ts';
import type { DetectionPart } from '../message.ts';
import { createDetections } from './create-detections.ts';
import type { CorrectionInput, Detection } from './detections.ts';

const OPTIONS = { windowSeconds: 10, minSimilarity: 0.75, parkedMinutes: 10 };
const USER = '00000000-0000-7000-8000-0000000000ff';
let database: TestDatabase;
let folder: string;
let detections: ReturnType<typeof createDetections>;
let blacklists: ReturnType<typeof createBlacklists>;
let alerts: Alerts;
let opened: TestAlerts | undefined;
let followUp: ReturnType<typeof createFollowUp>;
const told: string[] = [];

async function begin(): Promise<void> {
  await opened?.stop();
  const events = createEvents((error) => {
    throw error;
  });
  for (const name of ['alert.raised', 'alert.retracted'] as const) {
    events.on(name, ({ plateNumber, cause }) => told.push(`${name} ${plateNumber} ${cause}`));
  }
  detections = createDetections({ store: createDetectionStore(database), events, log: quietLog });
  blacklists = createBlacklists({ store: createBlacklistStore(database), news: noNews, log: quietLog });
  ({ alerts } = opened = await openAlerts(database, folder, [webhook], { events, blacklists }));
  const changes = createDetectionChanges(database);
  const geofences = { reconsider: () => Promise.resolve({ added: [], retracted: [] }) };
  followUp = createFollowUp({ changes, blacklists, geofences, alerts, events, log: quietLog });
  await detections.start();
  await blacklists.start();
}

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-corrections-'));
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1, 'Anna', 'anna', 'x', 'operator')`,
    [USER],
  );
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate 1', 'gate 1', 'push')`,
    [LOOK_CAMERA],
  );
  await begin();
  const { blacklistId } = await blacklists.create(aList());
  await blacklists.addEntry(blacklistId, anEntry({ plateNumber: '1กต1234' }), USER);
});
afterAll(async () => {
  await opened?.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query(
    'truncate detections, reads, read_keys, detection_keys, plates, vehicles, alert_deliveries, alerts, hits, detection_changes cascade',
  );
  await detections.stop();
  await begin();
  told.length = 0;
});
afterEach(async () => {
  await followUp.stop();
  await detections.stop();
});

/** As the default flow: merge, record, blacklist, alert. */
async function see(look: Look): Promise<DetectionPart> {
  const message = readMessage(look);
  const detection = await detections.merge(message, OPTIONS);
  const detected = { lpr: { ...message.lpr, detection } };
  await detections.record(detected);
  for (const hit of await blacklists.match(detected, '')) {
    await alerts.consider({ lpr: { ...detected.lpr, hit } });
  }
  return detection;
}
const text = (plateNumber: string): CorrectionInput => ({
  ...{ kind: 'text', plateNumber, issuingEntity: 'TH-10', countryCode: 'TH', note: null },
});
const whole = async (detectionId: string): Promise<Detection> => {
  const detection = await detections.get(detectionId);
  if (detection === null) throw new Error('it is gone');
  return detection;
};
const plates = async (): Promise<unknown> =>
  (
    await database.pool.query(
      `select plate_number as text, detection_count as n, (select count(*) from vehicles) as vehicles from plates order by 1`,
    )
  ).rows;
const listed = async (state: AlertState | 'all') => {
  const any = { category: null, cameraId: null, ruleId: null, detectionId: null, minPriority: null, plate: null };
  const query = { ...any, state, from: null, to: null, cursor: null, limit: 10, withCovert: true };
  return (await alerts.list(query)).items;
};
const far = { x: 900, y: 500 };

test('a false hit is taken back with its alert, a missed one raised as by correction, and the counts follow', async () => {
  const wrong = await see({ text: '1กต1234' });
  const missed = await see({ text: '7ฬฬ77', at: 100, ...far });
  expect(told).toEqual(['alert.raised 1กต1234 live']);
  told.length = 0;
  await detections.correct(wrong.detectionId, text('1กด1234'), USER);
  await detections.correct(missed.detectionId, text('1กต1234'), USER);
  await followUp.idle();
  expect(told).toEqual(['alert.retracted 1กต1234 live', 'alert.raised 1กต1234 correction']);
  expect((await whole(wrong.detectionId)).hits).toEqual([]);
  expect((await whole(missed.detectionId)).hits).toMatchObject([{ category: 'stolen' }]);
  expect(await listed('open')).toMatchObject([{ cause: 'correction' }]);
  expect(await alerts.countOpen()).toBe(1);
  expect(await plates()).toEqual([
    { text: '1กด1234', n: 1, vehicles: 2 },
    { text: '1กต1234', n: 1, vehicles: 2 },
  ]);
});

test('what follows is done after a kill between the steps, and once', async () => {
  const wrong = await see({ text: '1กต1234' });
  await detections.correct(wrong.detectionId, text('1กด1234'), USER);
  await detections.stop();
  await begin();
  told.length = 0;
  await followUp.idle();
  await followUp.idle();
  expect(told).toEqual(['alert.retracted 1กต1234 live']);
});

test('no plate after all: nothing matches and nothing is counted, and that can be taken back', async () => {
  const { detectionId } = await see({ text: '1กต1234' });
  await detections.correct(detectionId, { ...text(''), kind: 'not_a_plate' }, USER);
  await followUp.idle();
  expect([await alerts.countOpen(), await plates()]).toEqual([0, []]);
  await detections.correct(detectionId, text('1กต1234'), USER);
  await followUp.idle();
  expect([await alerts.countOpen(), await plates()]).toEqual([1, [{ text: '1กต1234', n: 1, vehicles: 1 }]]);
});

test('a provisional hit that the vote takes away is taken back, and stands again when the vote returns', async () => {
  await see({ text: '1กต1234', confidence: 0.5 });
  await see({ text: '1กด1234', at: 1, confidence: 0.9 });
  await followUp.idle();
  expect(await alerts.countOpen()).toBe(0);
  await see({ text: '1กต1234', at: 2, confidence: 0.95 });
  await followUp.idle();
  expect(await alerts.countOpen()).toBe(1);
  expect(await listed('all')).toHaveLength(1);
});

test('a hit by likeness is gone when a person confirms what was read, and surer when it is what was listed', async () => {
  const policy = { ...EXACT_POLICY, edits: 'confusable' } as const;
  const { blacklistId } = await blacklists.create(aList({ name: 'Wanted', policy }));
  await blacklists.addEntry(blacklistId, anEntry({ plateNumber: '5ขข5555' }), USER);
  const { detectionId } = await see({ text: '5ชข5555' });
  const [hit] = (await whole(detectionId)).hits;
  expect(hit).toMatchObject({ matchedBy: 'confusable', differences: [{ place: 1, read: 'ช', listed: 'ข' }] });
  await detections.correct(detectionId, text('5ขข5555'), USER);
  await followUp.idle();
  const [sure] = (await whole(detectionId)).hits;
  expect(sure).toMatchObject({ hitId: hit?.hitId, matchedBy: 'without_province', differences: [] });
  expect(sure?.confidence).toBeGreaterThan(hit?.confidence ?? 1);
  await detections.correct(detectionId, text('5ชข5555'), USER);
  await followUp.idle();
  expect((await whole(detectionId)).hits).toEqual([]);
  await blacklists.remove(blacklistId);
});

test('a late hit is listed as late and rings nowhere', async () => {
  await see({ text: '1กต1234', isLate: true });
  expect(told).toEqual([]);
  expect(await alerts.countOpen()).toBe(0);
  expect(await listed('all')).toMatchObject([{ cause: 'late' }]);
});

test('neighbours that are the same vehicle by it become one detection, and can be taken apart', async () => {
  const first = await see({ text: '1กก1234' });
  await see({ text: '1กก1234', at: 1 });
  const other = await see({ text: '9ฬฬ88', at: 3, ...far });
  await see({ text: '4ขข44', at: 4, x: 400, y: 300 });
  const before = await plates();
  const joined = await detections.correct(other.detectionId, text('1กก1234'), USER);
  expect(joined).toMatchObject({ plateNumber: '1กก1234', readCount: 3, mergedBy: expect.arrayContaining(['merged']) });
  expect(joined.merges).toMatchObject([{ detectionId: first.detectionId, plateNumber: '1กก1234', mergedBy: 'Anna' }]);
  expect(joined.lastSeenAt.getTime() - joined.capturedAt.getTime()).toBe(3_000);
  // The one that went leads to the one that stayed.
  expect((await whole(first.detectionId)).detectionId).toBe(other.detectionId);
  expect(await plates()).toMatchObject([{ text: '1กก1234', n: 1 }, { text: '4ขข44' }]);
  // What comes now joins the one that stayed.
  expect((await see({ text: '1กก1234', at: 5 })).detectionId).toBe(other.detectionId);

  const rest = await detections.split(other.detectionId, joined.merges[0]!.mergeId, USER);
  expect(rest).toMatchObject({ plateNumber: '1กก1234', status: 'corrected', readCount: 2 });
  expect(await whole(first.detectionId)).toMatchObject({ plateNumber: '1กก1234', readCount: 2, merges: [] });
  expect(await plates()).toMatchObject([{ text: '1กก1234', n: 2 }, { text: '4ขข44' }]);
  expect(before).toHaveLength(3);
  await expect(detections.split(other.detectionId, joined.merges[0]!.mergeId, USER)).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(database.pool.query('delete from detection_splits')).rejects.toThrow(/append-only/);
});
