import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { aList, anEntry } from '../../test/blacklists.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { record } from '../../test/recorded.ts';
import { createNews } from '../db/news.ts';
import { tellBlacklist } from '../db/stores/blacklist-news.ts';
import { createBlacklistStore } from '../db/stores/blacklist-store.ts';
import type { DetectionPart, LprMessage } from '../message.ts';
import type { News } from '../news.ts';
import type { BlacklistEntryInput, Blacklists, HitItem, HitQuery, RematchedDetection } from './blacklists.ts';
import { createBlacklists } from './create-blacklists.ts';
import { writeEndings } from './endings.ts';
import { EXACT_POLICY } from './match-policy.ts';

const USER = '00000000-0000-7000-8000-000000000001';
const CAMERA = '00000000-0000-7000-8000-0000000000c1';
const OTHER_CAMERA = '00000000-0000-7000-8000-0000000000c2';
const ALL = { plate: null, state: 'all', cursor: null, limit: 50 } as const;
const HITS: HitQuery = {
  ...{ blacklistId: null, category: null, cameraId: null, from: null, to: null, state: 'open', status: null },
  ...{ order: 'value', cursor: null, limit: 50 },
};

let database: TestDatabase;
let news: News[];
let here: Blacklists;
/** The same database, as another process has it. */
let there: Blacklists;

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1, 'Anna', 'anna', 'x', 'supervisor')`,
    [USER],
  );
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate', 'gate', 'push'), ($2, 'Rear', 'rear', 'push')`,
    [CAMERA, OTHER_CAMERA],
  );
  news = [createNews(database, quietLog), createNews(database, quietLog)];
  [here, there] = news.map((one) =>
    createBlacklists({ store: createBlacklistStore(database), news: one, log: quietLog }),
  ) as [Blacklists, Blacklists];
  for (const one of news) await one.start();
  await here.start();
  await there.start();
});
afterAll(async () => {
  await here.stop();
  await there.stop();
  for (const one of news) await one.stop();
  await database.close();
});
beforeEach(async () => {
  for (const { blacklistId } of await here.list()) await here.remove(blacklistId);
  await database.pool.query('truncate hits, detections, detection_keys, reads, read_keys cascade');
});

const add = (blacklistId: string, entry: Partial<BlacklistEntryInput>): ReturnType<Blacklists['addEntry']> =>
  here.addEntry(blacklistId, anEntry(entry), USER);

async function seen(
  plateNumber: string,
  more: Partial<DetectionPart> = {},
  cameraId = CAMERA,
): Promise<LprMessage<'detection'>> {
  const at = new Date();
  const detectionId = await record(database, {
    receivedAt: at,
    frameImage: 'f',
    patchImage: 'p',
    plateNumber,
    cameraId,
  });
  const detection: DetectionPart = {
    ...{ detectionId: detectionId ?? '', isNew: true, isBest: true, status: 'confirmed', plateNumber },
    ...{ issuingEntity: null, countryCode: 'TH', plateType: null, confidence: 0.9, readCount: 1, ...more },
  };
  const frameId = randomUUID();
  return {
    lpr: {
      ...{ frameId, cameraId, capturedAt: at.toISOString(), capturedAtSource: 'device', receivedAt: at.toISOString() },
      ...{ isLate: false, token: frameId, detection },
    },
  };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await isTrue());) {
    if (Date.now() > end) throw new Error('It did not come to pass.');
    await sleep(20);
  }
}
const matches = async (blacklists: Blacklists, plateNumber: string): Promise<readonly string[]> =>
  (await blacklists.match(await seen(plateNumber), '')).map(({ entryPlateNumber }) => entryPlateNumber);

describe('a change is known to every process', () => {
  test('an entry that is added, changed and removed, a list that is changed and removed', async () => {
    const { blacklistId } = await here.create(aList());
    const { entryId } = await add(blacklistId, { plateNumber: '1กก1' });
    expect(await matches(here, '1กก1')).toEqual(['1กก1']);
    await until(async () => (await matches(there, '1กก1')).length === 1);

    await there.updateEntry(blacklistId, entryId, { plateNumber: '1กก2' }, USER);
    expect([await matches(there, '1กก1'), await matches(there, '1กก2')]).toEqual([[], ['1กก2']]);
    await until(async () => (await matches(here, '1กก1')).length === 0 && (await matches(here, '1กก2')).length === 1);

    await here.update(blacklistId, { policy: { ...EXACT_POLICY, edits: 'any', oneEditFrom: 4 } });
    await until(async () => (await matches(there, '1กX2')).length === 1);

    await here.removeEntry(blacklistId, entryId);
    await until(async () => (await matches(there, '1กก2')).length === 0);
    await add(blacklistId, { plateNumber: '1กก3' });
    await until(async () => (await matches(there, '1กก3')).length === 1);
    await here.remove(blacklistId);
    await until(async () => (await matches(there, '1กก3')).length === 0);
  });

  test('a list that is swapped whole, told in one word: what it has no more goes, the others stay', async () => {
    const { blacklistId } = await here.create(aList());
    const other = await here.create(aList({ name: 'Wanted' }));
    for (const plateNumber of ['1กก1', '1กก2', '1กก*']) await add(blacklistId, { plateNumber });
    await add(other.blacklistId, { plateNumber: '9ขข9' });
    await database.transaction(async (client) => {
      await client.query(`delete from blacklist_entries where blacklist_id = $1 and plate_number <> '1กก2'`, [
        blacklistId,
      ]);
      await client.query(
        `insert into blacklist_entries (entry_id, blacklist_id, plate_number)
         select gen_random_uuid(), $1, '5ฮฮ' || n from generate_series(1, 25000) n`,
        [blacklistId],
      );
      await tellBlacklist(client, blacklistId);
    });
    for (const blacklists of [here, there]) {
      await until(() => Promise.resolve(blacklists.indexFigures().entries === 25_002));
      expect(await matches(blacklists, '1กก1')).toEqual([]);
      const plates = ['1กก2', '5ฮฮ1', '5ฮฮ25000', '9ขข9'];
      expect((await Promise.all(plates.map((plate) => matches(blacklists, plate)))).flat()).toEqual(plates);
    }
  });
});

describe('entries', () => {
  test('plates come in as people write them; notes are text, whatever they look like', async () => {
    const { blacklistId } = await here.create(aList({ defaultValidityDays: 30 }));
    const notes = '<img src=x onerror=alert(1)> seen with <b>tow bar</b>';
    const entry = await add(blacklistId, { plateNumber: ' ๑กก-๑๒๓๔ ', issuingEntity: 'TH-10', notes });
    expect(entry).toMatchObject({
      plateNumber: '1กก1234',
      countryCode: 'TH',
      notes,
      createdBy: 'Anna',
      isActive: true,
    });
    expect(entry.validTo?.getTime()).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    expect((await add(blacklistId, { plateNumber: '2กก2', validTo: null })).validTo).toBeNull();
    const change = { plateNumber: '๑ กก ๑๒๓๔', notes: null };
    const changed = await here.updateEntry(blacklistId, entry.entryId, change, USER);
    expect(changed).toMatchObject({ plateNumber: '1กก1234', notes: null, changedBy: 'Anna' });
    expect((await add(blacklistId, { plateNumber: '1กก ****??' })).plateNumber).toBe('1กก*??');
  });

  test.each<[string, Partial<BlacklistEntryInput>, string]>([
    ['nothing that could be on a plate', { plateNumber: '***' }, 'plateNumber'],
    ['a pattern that nearly every plate fits', { plateNumber: '*1*' }, 'plateNumber'],
    ['a plate that is too long', { plateNumber: '1'.repeat(21) }, 'plateNumber'],
    ['a province that there is not', { issuingEntity: 'TH-99' }, 'issuingEntity'],
    ['a province of another country', { issuingEntity: 'TH-10', countryCode: 'LA' }, 'countryCode'],
    ['an end before its beginning', { validFrom: new Date('2026-02-01'), validTo: new Date('2026-01-01') }, 'validTo'],
    ['a date that there is not', { validFrom: new Date('2026-13-45') }, 'validFrom'],
    ['a year of the Buddhist era', { validTo: new Date('2570-01-01') }, 'validTo'],
    ['more than certain', { confidence: 1.2 }, 'confidence'],
  ])('%s is refused, naming the field', async (_what, entry, field) => {
    const { blacklistId } = await here.create(aList());
    await expect(add(blacklistId, entry)).rejects.toMatchObject({
      code: 'invalid_input',
      details: { problems: [{ field }] },
    });
    expect((await here.entries(blacklistId, ALL)).items).toEqual([]);
  });

  test('the same plate twice is refused and the answer names the entry that is there; another list may have it', async () => {
    const { blacklistId } = await here.create(aList());
    const { entryId } = await add(blacklistId, { issuingEntity: 'TH-10' });
    const refused = { code: 'entry_listed', details: { entryId, problems: [{ field: 'plateNumber' }] } };
    await expect(add(blacklistId, { issuingEntity: 'TH-10' })).rejects.toMatchObject(refused);
    const elsewhere = await add(blacklistId, { issuingEntity: 'TH-20' });
    const change = { issuingEntity: 'TH-10' };
    await expect(here.updateEntry(blacklistId, elsewhere.entryId, change, USER)).rejects.toMatchObject(refused);
    const other = await here.create(aList({ name: 'Wanted' }));
    await add(other.blacklistId, { issuingEntity: 'TH-10' });
  });

  test('pages lose nothing at equal times, searches find parts and patterns', async () => {
    const { blacklistId } = await here.create(aList());
    await database.pool.query(
      `insert into blacklist_entries (entry_id, blacklist_id, plate_number, created_at)
       select gen_random_uuid(), $1, '1กก' || n, '2026-11-26' from generate_series(1, 25) n`,
      [blacklistId],
    );
    const plates: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page: Awaited<ReturnType<Blacklists['entries']>> = await here.entries(blacklistId, {
        ...ALL,
        limit: 10,
        cursor,
      });
      plates.push(...page.items.map(({ plateNumber }) => plateNumber));
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect(plates).toEqual(Array.from({ length: 25 }, (_, i) => `1กก${25 - i}`));
    const search = async (plate: string): Promise<number> =>
      (await here.entries(blacklistId, { ...ALL, plate })).items.length;
    expect([await search('ก๒'), await search('1กก?'), await search('*9')]).toEqual([7, 9, 2]);
    await expect(here.entries(blacklistId, { ...ALL, cursor: 'xyz' })).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
  });

  test('many are removed at once, or none', async () => {
    const { blacklistId } = await here.create(aList());
    const ids = [await add(blacklistId, { plateNumber: '1กก1' }), await add(blacklistId, { plateNumber: '1กก2' })].map(
      ({ entryId }) => entryId,
    );
    await expect(here.removeEntries(blacklistId, [...ids, USER])).rejects.toMatchObject({
      code: 'not_found',
      details: { problems: [{ field: 'entryIds.2' }] },
    });
    expect((await here.entries(blacklistId, ALL)).items).toHaveLength(2);
    expect(await here.removeEntries(blacklistId, ids)).toBe(2);
    expect(await matches(here, '1กก1')).toEqual([]);
  });

  test('those that end soon and those to be looked at again are told', async () => {
    const { blacklistId } = await here.create(aList({ warnDays: 10 }));
    const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
    await add(blacklistId, { plateNumber: '1กก1', validTo: inDays(5) });
    await add(blacklistId, { plateNumber: '1กก2', validTo: inDays(20) });
    await add(blacklistId, { plateNumber: '1กก3', validFrom: inDays(-9), validTo: inDays(-1), reviewAt: inDays(-2) });
    await add(blacklistId, { plateNumber: '1กก4', reviewAt: inDays(-2) });
    const told = async (days: number | null): Promise<readonly string[]> => {
      const { ending, toReview } = await here.expiring(blacklistId, days);
      return [...ending, ...toReview].map(({ plateNumber }) => plateNumber);
    };
    expect([await told(null), await told(30)]).toEqual([
      ['1กก1', '1กก4'],
      ['1กก1', '1กก2', '1กก4'],
    ]);
    const written: unknown[] = [];
    await writeEndings(here, (...row) => {
      written.push(row);
      return Promise.resolve();
    });
    expect(written).toEqual([['blacklist.expiring', blacklistId, { ending: 1, toReview: 1 }]]);
    const ended = await here.entries(blacklistId, { ...ALL, state: 'ended' });
    expect(ended.items.map(({ plateNumber }) => plateNumber)).toEqual(['1กก3']);
  });

  test('what is attached is told by its content', async () => {
    const { blacklistId } = await here.create(aList());
    const { entryId } = await add(blacklistId, {});
    const pdf = Buffer.from('%PDF-1.7 court order');
    const { attachmentId } = await here.attach(blacklistId, entryId, { name: 'order.exe', bytes: pdf }, USER);
    expect(await here.attachment(blacklistId, entryId, attachmentId)).toEqual({
      ...{ name: 'order.exe', mediaType: 'application/pdf', bytes: pdf },
    });
    const page = { name: 'a.png', bytes: Buffer.from('<html>') };
    await expect(here.attach(blacklistId, entryId, page, USER)).rejects.toMatchObject({ code: 'invalid_input' });
    expect((await here.entry(blacklistId, entryId))?.attachments).toMatchObject([
      { name: 'order.exe', addedBy: 'Anna' },
    ]);
    await here.removeAttachment(blacklistId, entryId, attachmentId);
    expect(await here.attachment(blacklistId, entryId, attachmentId)).toBeNull();
  });
});

describe('hits', () => {
  test('say how they matched and what one needs to judge them, and are given again to whoever asks again', async () => {
    const policy = { ...EXACT_POLICY, edits: 'confusable' } as const;
    const list = aList({ policy, isCovert: true, colour: '#aa0000', sound: 'siren' });
    const { blacklistId } = await here.create(list);
    const { entryId } = await add(blacklistId, { issuingEntity: 'TH-10', reason: 'missing', confidence: 0.5 });
    const message = await seen('1กถ1234');
    const [hit, ...more] = await here.match(message, '');
    expect([hit, more]).toMatchObject([
      {
        ...{ blacklistId, entryId, matchedBy: 'confusable', entryPlateNumber: '1กก1234', entryIssuingEntity: 'TH-10' },
        ...{ differences: [{ place: 2, read: 'ถ', listed: 'ก' }], isCovert: true, colour: '#aa0000', sound: 'siren' },
        ...{ reason: 'missing', isNew: true },
      },
      [],
    ]);
    const [again] = await there
      .match(message, '')
      .then(async (hits) => (hits.length > 0 ? hits : here.match(message, '')));
    expect(again).toMatchObject({ hitId: hit?.hitId, isNew: false });
    expect(await here.match(message, randomUUID())).toEqual([]);
  });

  test('wait until an alert step has looked at them', async () => {
    const { blacklistId } = await here.create(aList());
    await add(blacklistId, {});
    const [hit] = await here.match(await seen('1กก1234'), '');
    const since = new Date(Date.now() - 60_000);
    const [pending, ...more] = await here.pendingHits(since);
    expect([pending?.hit.hitId, pending?.cameraId, pending?.hit.isNew, more]).toEqual([hit?.hitId, CAMERA, false, []]);
    await here.considered([hit?.hitId ?? '']);
    expect(await here.pendingHits(since)).toEqual([]);
  });

  async function manyHits(): Promise<Record<'stolen' | 'guests', string>> {
    const stolen = await here.create(aList({ priority: 90 }));
    const guests = await here.create(aList({ name: 'Guests', category: 'vip', priority: 80 }));
    await add(stolen.blacklistId, { plateNumber: '1กก1' });
    await add(guests.blacklistId, { plateNumber: '2ขข2' });
    for (let i = 0; i < 5; i++) {
      await here.match(await seen('1กก1', {}, i === 0 ? OTHER_CAMERA : CAMERA), '');
      await here.match(await seen('2ขข2'), '');
    }
    return { stolen: stolen.blacklistId, guests: guests.blacklistId };
  }
  const hits = async (query: Partial<HitQuery> = {}): Promise<readonly HitItem[]> =>
    (await here.hits({ ...HITS, ...query })).items;

  test('are ranked by priority, sureness and what was learned of the list, page by page', async () => {
    const { stolen, guests } = await manyHits();
    const first = await here.hits({ ...HITS, limit: 7 });
    expect(first.items.map(({ blacklistId }) => blacklistId === stolen)).toEqual([
      ...Array.from({ length: 5 }, () => true),
      ...Array.from({ length: 2 }, () => false),
    ]);
    // What is decided between two pages does not lose any.
    const wrong = first.items.slice(0, 4);
    await here.decide(
      wrong.map(({ hitId }) => hitId),
      'misread',
      USER,
      null,
    );
    const second = await here.hits({ ...HITS, limit: 7, cursor: first.nextCursor });
    expect(second.items.map(({ blacklistId }) => blacklistId)).toEqual([guests, guests, guests]);
    expect(new Set([...first.items, ...second.items].map(({ hitId }) => hitId)).size).toBe(10);
    // The list that was wrong four times of four is worth less from now on.
    const after = await hits();
    expect(after.map(({ blacklistId }) => blacklistId)).toEqual([guests, guests, guests, guests, guests, stolen]);
    expect(after.at(-1)?.accuracy).toBeCloseTo(1 / 6);
    const newest = await here.hits({ ...HITS, state: 'all', order: 'newest', limit: 4 });
    const older = await here.hits({ ...HITS, state: 'all', order: 'newest', cursor: newest.nextCursor });
    const times = [...newest.items, ...older.items].map(({ createdAt }) => createdAt.getTime());
    expect([times.length, times]).toEqual([10, [...times].sort((a, b) => b - a)]);
    const cursor = newest.nextCursor;
    await expect(here.hits({ ...HITS, cursor })).rejects.toMatchObject({ code: 'cursor_invalid' });
  });

  test('are found by list, category, camera, time and state', async () => {
    const { guests } = await manyHits();
    const count = async (query: Partial<HitQuery>): Promise<number> => (await hits(query)).length;
    const now = Date.now();
    expect([
      await count({ blacklistId: guests }),
      await count({ category: 'stolen' }),
      await count({ cameraId: OTHER_CAMERA }),
      await count({ from: new Date(now - 60_000), to: new Date(now + 60_000) }),
      await count({ to: new Date(now - 3_600_000) }),
      await count({ status: 'confirmed' }),
      await count({ status: 'corrected' }),
      await count({ state: 'decided' }),
    ]).toEqual([5, 5, 1, 10, 0, 10, 0, 0]);
  });

  test('what people decide counts for the list and for the camera', async () => {
    const { stolen } = await manyHits();
    const [first, second, third, fourth] = await hits({ blacklistId: stolen });
    await here.decide([first?.hitId ?? '', second?.hitId ?? ''], 'correct', USER, 'stopped at the gate');
    await here.decide([third?.hitId ?? ''], 'wrong_list', null, null);
    await here.decide([fourth?.hitId ?? ''], 'dismissed', USER, null);
    expect(await here.hit(first?.hitId ?? '')).toMatchObject({
      ...{ outcome: 'correct', decidedBy: 'Anna', decisionNote: 'stopped at the gate' },
    });
    expect((await here.hit(third?.hitId ?? ''))?.decidedBy).toBeNull();
    const detail = await here.get(stolen);
    expect(detail?.accuracy).toMatchObject({ hits: 5, decided: 4, right: 2, wrong: 1 });
    expect(detail?.accuracy.share).toBeCloseTo(2 / 3);
    expect(detail?.cameras.map(({ cameraName, hits: made }) => [cameraName, made])).toEqual([
      ['Gate', 4],
      ['Rear', 1],
    ]);
    expect((await hits({ blacklistId: stolen })).length).toBe(1);
  });

  test('those that were taken back are never open, and stand again when the detection matches again', async () => {
    const { blacklistId } = await here.create(aList());
    await add(blacklistId, {});
    const message = await seen('1กก1234');
    const [hit] = await here.match(message, '');
    const { detectionId } = message.lpr.detection;
    const summary = (plateNumber: string): RematchedDetection => ({
      ...message.lpr.detection,
      plateNumber,
      cameraId: CAMERA,
      capturedAt: new Date(),
    });
    expect(await here.rematch(summary('9ฮฮ9'), { adds: true })).toEqual({ added: [], retracted: [hit?.hitId] });
    expect([await hits(), (await hits({ state: 'retracted' })).length]).toEqual([[], 1]);
    const { added } = await here.rematch(summary('1กก1234'), { adds: true });
    expect(added.map(({ hitId }) => hitId)).toEqual([hit?.hitId]);
    // Whoever was cut off between the hit and its alert gets it again.
    expect((await here.rematch(summary('1กก1234'), { adds: true })).added).toHaveLength(1);
    await here.considered([hit?.hitId ?? '']);
    expect((await here.rematch(summary('1กก1234'), { adds: true })).added).toEqual([]);
    expect(await here.withdraw(detectionId)).toEqual([hit?.hitId]);
    expect(await hits()).toEqual([]);
  });
});

describe('before a policy is saved', () => {
  const proposed = { ...EXACT_POLICY, edits: 'confusable' } as const;

  test('one sees which misreads it takes, and what it would have done last week', async () => {
    const { blacklistId } = await here.create(aList());
    await add(blacklistId, { plateNumber: '1กก1234' });
    for (const plateNumber of ['1กก1234', '1กถ1234', '1กท1234', '9ขข9']) await seen(plateNumber);
    const preview = await here.previewPolicy(blacklistId, proposed, []);
    const [misreads] = preview.misreads;
    expect(misreads?.listed).toBe('1กก1234');
    expect(misreads?.accepted).toContain('1กท1234');
    expect(misreads?.acceptedCount).toBeGreaterThan(misreads?.accepted.length ?? 0);
    expect([preview.detections, preview.ofDetections, preview.entries]).toEqual([4, 4, 1]);
    const { proposed: after, present } = preview;
    expect(after.byMatch.confusable).toBeCloseTo(2 * after.byMatch.without_province);
    expect(present?.byMatch).toMatchObject({ confusable: 0, without_province: after.byMatch.without_province });
    // Those that are new come first.
    expect(
      preview.examples
        .map(({ plateNumber }) => plateNumber)
        .slice(0, 2)
        .sort(),
    ).toEqual(['1กถ1234', '1กท1234']);
  });

  test('for a list that is not made yet too; what cannot be an entry is named', async () => {
    await seen('1กถ1234');
    const preview = await here.previewPolicy(null, proposed, [{ plateNumber: '๑กก1234', issuingEntity: null }]);
    expect([preview.present, preview.examples.map(({ listed }) => listed)]).toEqual([null, ['1กก1234']]);
    const wrong = [
      { plateNumber: '1กก1', issuingEntity: null },
      { plateNumber: '-', issuingEntity: null },
    ];
    await expect(here.previewPolicy(null, proposed, wrong)).rejects.toMatchObject({
      details: { problems: [{ field: 'entries.1.plateNumber' }] },
    });
  });

  test('a huge list is told to stay exact', async () => {
    const { blacklistId } = await here.create(aList({ policy: proposed }));
    expect((await here.get(blacklistId))?.advice).toEqual([]);
    await database.pool.query(
      `insert into blacklist_entries (entry_id, blacklist_id, plate_number)
       select gen_random_uuid(), $1, 'X' || n from generate_series(1, 100001) n`,
      [blacklistId],
    );
    expect((await here.get(blacklistId))?.advice).toEqual(['exact_only']);
  });
});
