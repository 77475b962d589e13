import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { LOOK_CAMERA as CAMERA, LOOK_START as START, readMessage, type Look } from '../../test/looks.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createDetectionStore } from '../db/stores/detection-store.ts';
import { createEvents } from '../events.ts';
import type { DetectionPart, LprRecord } from '../message.ts';
import { createDetections } from './create-detections.ts';
import type { DetectionQuery, Detections, DetectionSummary } from './detections.ts';

const USER = '00000000-0000-7000-8000-0000000000ff';
const OPTIONS = { windowSeconds: 10, minSimilarity: 0.75, parkedMinutes: 10 };
let database: TestDatabase;
let detections: Detections & { start(): Promise<void> };
const told: string[] = [];

const open = (): typeof detections => {
  const events = createEvents((error) => {
    throw error;
  });
  events.on('detection.created', ({ plateNumber }) => told.push(`created ${plateNumber}`));
  events.on('detection.updated', ({ plateNumber }) => told.push(`updated ${plateNumber}`));
  return createDetections({ store: createDetectionStore(database), events, log: quietLog });
};

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1, 'Anna', 'anna', 'x', 'operator')`,
    [USER],
  );
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate 1', 'gate 1', 'push')`,
    [CAMERA],
  );
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query('truncate detections, reads, read_keys, detection_keys, plates, vehicles');
  told.length = 0;
  detections = open();
  await detections.start();
});
afterEach(() => detections.stop());

async function pass(look: Look): Promise<{ part: DetectionPart; summary: DetectionSummary }> {
  const message = readMessage(look);
  const part = await detections.merge(message, OPTIONS);
  const lpr = { ...message.lpr, detection: part } as LprRecord & { detection: DetectionPart };
  return { part, summary: await detections.record({ lpr }) };
}

const query = (more: Partial<DetectionQuery> = {}): DetectionQuery => ({
  ...{ plate: null, issuingEntity: null, countryCode: null, cameraId: null, status: null, from: null, to: null },
  ...{ minConfidence: null, cursor: null, limit: 50, ...more },
});
const plates = async (more: Partial<DetectionQuery> = {}): Promise<string[]> =>
  (await detections.search(query(more))).items.map((item) => item.plateNumber);

describe('one vehicle passing one camera', () => {
  test('is one detection, and its reads vote for the text', async () => {
    const first = await pass({ text: '1กด1234', confidence: 0.5 });
    expect(first.part).toMatchObject({ isNew: true, status: 'provisional' });
    await pass({ text: '1กต1234', at: 1, confidence: 0.9 });
    const third = await pass({ text: '1กต1234', at: 2, confidence: 0.7 });
    expect(third.part).toMatchObject({
      detectionId: first.part.detectionId,
      isNew: false,
      status: 'confirmed',
      plateNumber: '1กต1234',
    });
    expect(await plates()).toEqual(['1กต1234']);
    const detection = await detections.get(first.part.detectionId);
    expect(detection).toMatchObject({
      readCount: 3,
      cameraName: 'Gate 1',
      series: '1กต',
      serial: '1234',
      plateType: 'RY1',
    });
    expect(detection?.reads.map((read) => [read.plateNumber, read.isBest])).toEqual([
      ['1กด1234', false],
      ['1กต1234', true],
      ['1กต1234', false],
    ]);
    expect(detection!.confidence).toBeGreaterThan(0.9);
    expect(told).toEqual(['created 1กด1234', 'updated 1กต1234', 'updated 1กต1234']);
  });

  test('after the window, or with another plate, it is another', async () => {
    await pass({ text: '1กก1111' });
    await pass({ text: '1กก1111', at: 60, x: 700 });
    await pass({ text: '9ฮฮ9999', at: 61 });
    expect(await plates()).toEqual(['9ฮฮ9999', '1กก1111', '1กก1111']);
  });

  test('two plates in one picture are two vehicles, however alike', async () => {
    const frameId = uuidv7();
    await pass({ text: '1กก1111', frameId, index: 0 });
    await pass({ text: '1กก1112', frameId, index: 1, x: 600 });
    expect(await plates()).toHaveLength(2);
  });

  test('the same text of two provinces read alike stays together, a different text does not', async () => {
    await pass({ text: '1กก1111', entity: 'TH-10' });
    await pass({ text: '1กก1111', entity: 'TH-20', at: 1 });
    await pass({ text: '1กก1117', entity: 'TH-50', at: 2, x: 700 });
    expect(await plates()).toHaveLength(2);
  });

  test('an unread plate joins the pass at its place', async () => {
    const { part } = await pass({ text: '1กก1111' });
    const unread = await pass({ text: '', entity: null, at: 1, confidence: 0 });
    expect(unread.part).toMatchObject({ detectionId: part.detectionId, plateNumber: '1กก1111' });
    const elsewhere = await pass({ text: '', entity: null, at: 1, confidence: 0, x: 900 });
    expect(elsewhere.part.isNew).toBe(true);
  });

  test('late frames are placed at their capture time', async () => {
    await pass({ text: '1กก1111', at: 100 });
    await pass({ text: '2กก2222', at: 50 });
    expect(await plates()).toEqual(['1กก1111', '2กก2222']);
  });

  test('what is replayed after a restart is not counted twice', async () => {
    const frameId = uuidv7();
    const { part } = await pass({ text: '1กก1111', frameId });
    await detections.stop();
    detections = open();
    await detections.start();
    const again = await pass({ text: '1กก1111', frameId });
    expect(again.part.detectionId).toBe(part.detectionId);
    const joined = await pass({ text: '1กก1111', at: 2 });
    expect(joined.part.detectionId).toBe(part.detectionId);
    expect((await detections.get(part.detectionId))?.reads).toHaveLength(2);
    const { rows } = await database.pool.query('select detection_count from plates');
    expect(rows).toEqual([{ detection_count: 1 }]);
  });
});

describe('search', () => {
  beforeEach(async () => {
    await pass({ text: '1กก1234', at: 0 });
    await pass({ text: 'ฆข777', at: 100, entity: 'TH-20', confidence: 0.4 });
    await pass({ text: 'WXY1234', at: 200, entity: null });
  });

  test.each<[string, Partial<DetectionQuery>, string[]]>([
    ['a part of the plate', { plate: '123' }, ['WXY1234', '1กก1234']],
    ['Thai digits and spaces', { plate: 'กก ๑๒' }, ['1กก1234']],
    ['lower case', { plate: 'wxy' }, ['WXY1234']],
    ['wildcards', { plate: '1ก?1*' }, ['1กก1234']],
    ['a percent sign, which is nothing special', { plate: '%' }, ['WXY1234', 'ฆข777', '1กก1234']],
    ['a province', { issuingEntity: 'TH-20' }, ['ฆข777']],
    ['a span', { from: new Date(START + 50_000), to: new Date(START + 150_000) }, ['ฆข777']],
    ['certainty', { minConfidence: 0.5 }, ['WXY1234', '1กก1234']],
    ['a camera without detections', { cameraId: USER }, []],
  ])('by %s', async (_what, more, expected) => {
    expect(await plates(more)).toEqual(expected);
  });

  test('pages follow each other without gap or repeat, also when instants are equal', async () => {
    for (let i = 0; i < 7; i++) await pass({ text: `ขข${1000 + i * 1111}`, at: 300, x: i * 300 });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Detections['search']>> = await detections.search(query({ cursor, limit: 3 }));
      seen.push(...page.items.map((item) => item.detectionId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(10);
    expect(new Set(seen).size).toBe(10);
  });

  test('a made-up cursor is refused', async () => {
    await expect(detections.search(query({ cursor: 'abc' }))).rejects.toMatchObject({ code: 'cursor_invalid' });
  });
});

test('what a camera saw lately is summed up', async () => {
  expect(await detections.sightOf(CAMERA)).toEqual({ sight: null, advice: [] });
  const recent = (Date.now() - START) / 1000 - 3600;
  for (const [index, text] of ['1กก1', '2ขข22', '3คค333'].entries()) await pass({ text, at: recent + index * 60 });
  const { sight, advice } = await detections.sightOf(CAMERA);
  expect(sight).toMatchObject({ detections: 3, unsure: expect.any(Number) });
  expect(sight?.plateHeight).toBeGreaterThan(0);
  // Three plates are no ground for advice.
  expect(advice).toEqual([]);
});

describe('correction', () => {
  test('shows the corrected text, keeps what was read, and the history cannot be rewritten', async () => {
    const { part } = await pass({ text: '1กด1234' });
    const input = {
      kind: 'text',
      plateNumber: '1กต ๑๒๓๔',
      issuingEntity: 'TH-20',
      countryCode: 'TH',
      note: 'looked at it',
    } as const;
    const corrected = await detections.correct(part.detectionId, input, USER);
    expect(corrected).toMatchObject({
      plateNumber: '1กต1234',
      series: '1กต',
      issuingEntity: 'TH-20',
      status: 'corrected',
      confidence: 1,
    });
    expect(corrected.reads[0]?.plateNumber).toBe('1กด1234');
    expect(corrected.corrections).toMatchObject([
      {
        correctedBy: 'Anna',
        before: { plateNumber: '1กด1234', issuingEntity: 'TH-10' },
        after: { plateNumber: '1กต1234' },
      },
    ]);
    expect(await plates({ plate: '1กต' })).toEqual(['1กต1234']);
    expect(await plates({ plate: '1กด' })).toEqual([]);
    await expect(database.pool.query('delete from corrections')).rejects.toThrow(/append-only/);
  });

  test('a later read does not undo it', async () => {
    const { part } = await pass({ text: '1กด1234' });
    const input = { kind: 'text', plateNumber: '1กต1234', issuingEntity: null, countryCode: null, note: null } as const;
    await detections.correct(part.detectionId, input, USER);
    await pass({ text: '1กด1234', at: 1 });
    expect(await detections.get(part.detectionId)).toMatchObject({ plateNumber: '1กต1234', status: 'corrected' });
  });

  test('what is no plate is rejected, and that can be taken back', async () => {
    const { part } = await pass({ text: '1กก1234' });
    const none = { kind: 'not_a_plate', plateNumber: '', issuingEntity: null, countryCode: null, note: null } as const;
    expect(await detections.correct(part.detectionId, none, USER)).toMatchObject({
      status: 'rejected',
      plateNumber: '1กก1234',
    });
    const back = {
      kind: 'text',
      plateNumber: '1กก1234',
      issuingEntity: 'TH-10',
      countryCode: 'TH',
      note: null,
    } as const;
    expect(await detections.correct(part.detectionId, back, USER)).toMatchObject({
      status: 'corrected',
      corrections: { length: 2 },
    });
  });

  test('becomes training data: the newest word on each detection, oldest first, page by page', async () => {
    const read = await pass({ text: '1กด1234' });
    const other = await pass({ text: '9ขข99', at: 60 });
    const text = {
      kind: 'text',
      plateNumber: '1กต1234',
      issuingEntity: 'TH-20',
      countryCode: 'TH',
      note: null,
    } as const;
    const none = { kind: 'not_a_plate', plateNumber: '', issuingEntity: null, countryCode: null, note: null } as const;
    await detections.correct(read.part.detectionId, none, USER);
    await detections.correct(read.part.detectionId, text, USER);
    await detections.correct(other.part.detectionId, none, USER);
    const [first, second, ...more] = await detections.correctedReads(null, 10);
    expect(first).toMatchObject({ read: '1กด1234', text: '1กต1234', issuingEntity: 'TH-20' });
    expect(first?.patch?.imageId).toEqual(expect.any(String));
    expect(second).toMatchObject({ read: '9ขข99', text: '', issuingEntity: null });
    expect(more).toEqual([]);
    expect(await detections.correctedReads(first!.correctionId, 10)).toEqual([second]);
    await expect(detections.correctedReads('nothing', 10)).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([
    ['plateNumber', { plateNumber: ' - ', issuingEntity: null }],
    ['issuingEntity', { plateNumber: '1กก1', issuingEntity: 'TH-99' }],
  ])('names the field %s that cannot be used', async (field, input) => {
    const { part } = await pass({ text: '1กก1234' });
    const correction = { kind: 'text', countryCode: null, note: null, ...input } as const;
    await expect(detections.correct(part.detectionId, correction, USER)).rejects.toMatchObject({
      code: 'invalid_input',
      details: { problems: [{ field }] },
    });
  });
});

test('detections of any month are taken', async () => {
  await pass({ text: '1กก1111', at: -3 * 365 * 86_400 });
  await pass({ text: '2กก2222', at: 0 });
  await detections.start();
  expect(await plates()).toEqual(['2กก2222', '1กก1111']);
});
