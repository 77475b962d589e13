import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { LOOK_CAMERA, motion, readMessage, type Look } from '../../test/looks.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createDetectionStore } from '../db/stores/detection-store.ts';
import { createEvents } from '../events.ts';
import type { DetectionPart, LprMessage } from '../message.ts';
import { createDetections } from './create-detections.ts';
import type { Detection, DetectionQuery } from './detections.ts';

const OPTIONS = { windowSeconds: 10, minSimilarity: 0.75, parkedMinutes: 10 };
let database: TestDatabase;
let detections: ReturnType<typeof createDetections>;
const told: string[] = [];

async function begin(): Promise<void> {
  const events = createEvents((error) => {
    throw error;
  });
  events.on('detection.updated', ({ plateNumber, before }) => {
    if (before !== null) told.push(`${before.plateNumber} → ${plateNumber}`);
  });
  detections = createDetections({ store: createDetectionStore(database), events, log: quietLog });
  await detections.start();
}
/** As after a crash: nothing of what was in memory is left. */
async function again(): Promise<void> {
  await detections.stop();
  await begin();
}

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate 1', 'gate 1', 'push')`,
    [LOOK_CAMERA],
  );
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query('truncate detections, reads, read_keys, detection_keys, plates, vehicles');
  told.length = 0;
  await begin();
});
afterEach(() => detections.stop());

async function take(message: LprMessage<'read'>): Promise<DetectionPart> {
  const detection = await detections.merge(message, OPTIONS);
  await detections.record({ lpr: { ...message.lpr, detection } });
  return detection;
}
const see = (look: Look): Promise<DetectionPart> => take(readMessage(look));
const seeAll = async (looks: readonly Look[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const look of looks) ids.push((await see(look)).detectionId);
  return ids;
};
const every: DetectionQuery = {
  ...{ plate: null, issuingEntity: null, countryCode: null, cameraId: null, status: null, from: null, to: null },
  ...{ minConfidence: null, cursor: null, limit: 200 },
};
const all = async () => (await detections.search(every)).items;
const whole = async ({ detectionId }: { detectionId: string }): Promise<Detection> => {
  const detection = await detections.get(detectionId);
  if (detection === null) throw new Error('it is gone');
  return detection;
};
const tracked = (trackId: string) => ({ device: { trackId } });

describe('a track that the device follows', () => {
  test('is one detection whatever was read, without any picture', async () => {
    const ids = await seeAll([
      { text: '1กก1234', ...tracked('7') },
      { text: '', entity: null, confidence: 0, at: 1, ...tracked('7') },
      { text: '8ฮฮ99', at: 2, confidence: 0.3, ...tracked('7') },
      { text: '1กก1234', at: 3, ...tracked('7') },
    ]);
    expect(new Set(ids).size).toBe(1);
    const [seen] = await all();
    expect(seen).toMatchObject({ plateNumber: '1กก1234', status: 'confirmed', readCount: 4 });
    expect((await whole(seen!)).mergedBy).toEqual(['voted:2/4', 'track']);
  });

  test('counted anew by the device is another vehicle', async () => {
    await seeAll([
      { text: '1กก1234', ...tracked('1') },
      { text: '9ฮฮ55', at: 300, ...tracked('1') },
      { text: '1กก1234', at: 4 * 3600, ...tracked('1') },
    ]);
    expect(await all()).toHaveLength(3);
  });

  test('two tracks at once are two vehicles, unless the text says otherwise', async () => {
    const ids = await seeAll([
      { text: '1กก1234', ...tracked('1') },
      { text: '2ขข5678', at: 1, ...tracked('2') },
      { text: '1กก1234', at: 2, ...tracked('3') },
    ]);
    expect(ids[2]).toBe(ids[0]);
    expect(ids[1]).not.toBe(ids[0]);
  });

  test('that the device ends is confirmed at once', async () => {
    const part = await see({ text: '1กก1234', device: { trackId: '7', isFinal: true } });
    expect(part.status).toBe('confirmed');
    expect((await whole(part)).mergedBy).toEqual(['final']);
  });
});

describe('likeness', () => {
  test.each([
    ['a character too many', '1กก1234', '11กก1234'],
    ['a character too few', '1กก1234', '1กก123'],
    ['look-alikes', '1กฎ1234', '1กฏ1234'],
    ['a look-alike and a missing character', '1ดก1234', '1ตก123'],
  ])('%s is the same vehicle, also without a place', async (_what, one, other) => {
    const ids = await seeAll([
      { text: one, device: {} },
      { text: other, at: 2, device: {} },
    ]);
    expect(ids[1]).toBe(ids[0]);
  });

  test('a neighbour in number is not, once two provinces say so', async () => {
    await seeAll([
      { text: '1กก1234', device: {} },
      { text: '1กก1239', entity: 'TH-50', at: 2, device: {} },
    ]);
    expect(await all()).toHaveLength(2);
  });

  test('without places, what is unclear is the look before or after', async () => {
    const ids = await seeAll([
      { text: '', entity: null, confidence: 0, device: {} },
      { text: '3ษฎ9814', at: 1, device: {} },
      { text: '3ษฎ98', at: 2, confidence: 0.5, device: {} },
      { text: '', entity: null, confidence: 0, at: 2.5, device: {} },
      { text: '', entity: null, confidence: 0, at: 9, device: {} },
    ]);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(ids[4]).not.toBe(ids[0]);
  });

  test('one that turns round is another pass when the device says so, and only then', async () => {
    const ids = await seeAll([
      { text: '1กก1234', device: { motion: motion('toward') } },
      { text: '1กก1234', at: 1, device: { motion: motion('toward') } },
      { text: '1กก1234', at: 5, device: {} },
      { text: '1กก1234', at: 9, device: { motion: motion('away') } },
    ]);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
    expect(ids[3]).not.toBe(ids[0]);
  });

  test('what the winning text was before is told with the change', async () => {
    await seeAll([
      { text: '1กด1234', confidence: 0.4 },
      { text: '1กต1234', at: 1, confidence: 0.9 },
    ]);
    expect(told).toEqual(['1กด1234 → 1กต1234']);
    const { rows } = await database.pool.query(
      'select plate_number, detection_count, (select count(*) from vehicles) as vehicles from plates',
    );
    expect(rows).toEqual([{ plate_number: '1กต1234', detection_count: 1, vehicles: 1 }]);
  });
});

describe('a parked car', () => {
  const minutes = (from: number, to: number, every: number): Look[] =>
    Array.from({ length: Math.floor((to - from) / every) }, (_, k) => ({
      text: '1กก1234',
      at: (from + k * every) * 60,
    }));

  test('is one detection that grows, with few stored reads', async () => {
    await seeAll(minutes(0, 20, 0.25));
    const [parked, ...more] = await all();
    expect(more).toEqual([]);
    expect(parked).toMatchObject({ isParked: true, readCount: 80, status: 'confirmed' });
    expect(parked!.lastSeenAt.getTime() - parked!.capturedAt.getTime()).toBe(79 * 15_000);
    const { reads, mergedBy } = await whole(parked!);
    expect(reads.length).toBeLessThanOrEqual(16);
    expect(reads[0]!.capturedAt).toEqual(parked!.capturedAt);
    expect(reads.at(-1)!.capturedAt).toEqual(parked!.lastSeenAt);
    expect(reads.some(({ isBest }) => isBest)).toBe(true);
    expect(mergedBy).toEqual(['voted:80/80', 'parked', `folded:${80 - reads.length}`]);
  });

  test('stays one over a restart and gaps of minutes, and leaves in the end', async () => {
    await seeAll(minutes(0, 3, 0.1));
    await again();
    await seeAll(minutes(8, 9, 0.1));
    expect(await all()).toHaveLength(1);
    await seeAll([{ text: '1กก1234', at: 30 * 60 }]);
    expect(await all()).toHaveLength(2);
  });

  test('that a device tells of once a minute is one', async () => {
    await seeAll(minutes(0, 10, 1));
    expect(await all()).toHaveLength(1);
  });

  test('hides no other that passes it', async () => {
    await seeAll([...minutes(0, 2, 0.1), { text: '7ฬฬ77', at: 121, x: 600 }, { text: '1กก1234', at: 122 }]);
    expect((await all()).map(({ plateNumber }) => plateNumber).sort()).toEqual(['1กก1234', '7ฬฬ77']);
  });
});

describe('what is told late', () => {
  test('joins the pass of its time, which then began earlier', async () => {
    const first = await see({ text: '1กก1234', at: 100 });
    await again();
    await see({ text: '5คค555', at: 4000 });
    const late = await see({ text: '1กก1234', at: 96, isLate: true });
    expect(late.detectionId).toBe(first.detectionId);
    const grown = await whole(first);
    expect(grown).toMatchObject({ readCount: 2, status: 'confirmed' });
    expect(grown.lastSeenAt.getTime() - grown.capturedAt.getTime()).toBe(4_000);
    expect(grown.mergedBy).toEqual(['voted:2/2', 'late']);
    const { rows } = await database.pool.query(`select first_seen_at from plates where plate_number = '1กก1234'`);
    expect(rows).toEqual([{ first_seen_at: grown.capturedAt }]);
  });

  test('is a detection at its own time where nothing passed', async () => {
    await see({ text: '1กก1234', at: 4000 });
    await see({ text: '1กก1234', at: 100, isLate: true });
    const [newest, oldest] = await all();
    expect(newest!.capturedAt.getTime() - oldest!.capturedAt.getTime()).toBe(3_900_000);
  });
});

describe('exactly once', () => {
  const looks = (): LprMessage<'read'>[] => [
    ...Array.from({ length: 4 }, (_, k) => readMessage({ text: '1กก1234', at: k })),
    ...Array.from({ length: 3 }, (_, k) => readMessage({ text: k === 1 ? '8ฮฮ999' : '8ฮฮ99', at: k * 2, x: 600 })),
    ...Array.from({ length: 30 }, (_, k) => readMessage({ text: '3งง333', at: 40 + k * 4, x: 1200, y: 400 })),
    readMessage({ text: '', entity: null, confidence: 0, at: 200, x: 300 }),
    readMessage({ text: '5จจ5', at: 201, frameId: '01a215d3-7481-7344-97f8-d365891b0bee' }),
    readMessage({ text: '5จจ6', at: 201, frameId: '01a215d3-7481-7344-97f8-d365891b0bee', index: 1, x: 800 }),
  ];
  const snapshot = async (): Promise<unknown> => {
    const { rows } = await database.pool.query(
      `select d.detection_id, d.captured_at, d.last_seen_at, d.plate_number, d.read_count, d.is_parked, d.merged_by,
              (select array_agg(k.read_id order by k.read_id) from read_keys k where k.detection_id = d.detection_id) as known,
              (select array_agg(r.read_id order by r.read_id) from reads r where r.detection_id = d.detection_id) as kept
         from detections d order by d.detection_id`,
    );
    const plates = await database.pool.query('select * from plates order by plate_number');
    return [rows, plates.rows];
  };
  const shuffled = <T>(items: readonly T[], seed: number): T[] =>
    items
      .map((item, index) => [((index + 1) * 7919 * seed) % 104_729, item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);

  test.each([1, 2, 3])('the same messages again after a crash change nothing, in any order (%i)', async (seed) => {
    const messages = looks();
    for (const message of messages) await take(message);
    const before = await snapshot();
    await again();
    for (const message of shuffled(messages, seed)) await take(message);
    expect(await snapshot()).toEqual(before);
  });

  test('a crash in the middle: what was written stays, the rest follows', async () => {
    const messages = looks();
    for (const message of messages.slice(0, 20)) await take(message);
    await again();
    for (const message of messages) await take(message);
    const resumed = await all();
    expect(resumed).toHaveLength(6);
    expect(resumed.reduce((sum, { readCount }) => sum + readCount, 0)).toBe(messages.length);
  });

  test('merged and not recorded before the crash leaves nothing behind', async () => {
    const message = readMessage({ text: '1กก1234' });
    await detections.merge(message, OPTIONS);
    await again();
    await take(message);
    expect(await all()).toHaveLength(1);
  });

  test('all at once, twice, while the first are on their way', async () => {
    const messages = looks();
    await Promise.all([...messages, ...messages].map(take));
    const seen = await all();
    expect(seen).toHaveLength(6);
    expect(seen.reduce((sum, { readCount }) => sum + readCount, 0)).toBe(messages.length);
  });
});
