import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aList, anEntry, noNews } from '../../test/blacklists.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createBlacklistStore } from '../db/stores/blacklist-store.ts';
import type { BlacklistEntryInput, BlacklistInput, Blacklists } from './blacklists.ts';
import { createBlacklists } from './create-blacklists.ts';
import { EXACT_POLICY } from './match-policy.ts';

const AT = new Date('2026-11-26T03:00:00Z');
const everyList = (): boolean => true;

let database: TestDatabase;
let blacklists: Blacklists;
const userId = randomUUID();

async function have(list: Partial<BlacklistInput>, ...entries: readonly Partial<BlacklistEntryInput>[]): Promise<void> {
  const { blacklistId } = await blacklists.create(aList(list));
  for (const entry of entries) await blacklists.addEntry(blacklistId, anEntry(entry), userId);
}

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query(
    `insert into users (user_id, name, name_key, role, password_hash) values ($1, 'somchai', 'somchai', 'supervisor', 'x')`,
    [userId],
  );
  blacklists = createBlacklists({
    ...{ store: createBlacklistStore(database), news: noNews, log: quietLog, now: () => AT },
  });
  await blacklists.start();
  const confusable = { ...EXACT_POLICY, edits: 'confusable', withoutProvince: false, minConfidence: 0.5 } as const;
  await have(
    { name: 'Stolen', priority: 90 },
    { plateNumber: '1กก1234', issuingEntity: 'TH-10', reason: 'Case 12' },
    { plateNumber: '1กก1234', issuingEntity: 'TH-50' },
    { plateNumber: '1กก*' },
    { plateNumber: '2ขข1', validTo: new Date(AT.getTime() - 1) },
    { plateNumber: '2ขข2', validFrom: new Date(AT.getTime() + 1) },
  );
  await have({ name: 'Own', priority: 20, policy: confusable }, { plateNumber: '1กถ1234' }, { plateNumber: '1กก1234' });
  await have({ name: 'Wanted', priority: 99, needsReason: 'case' }, { plateNumber: '1กก1234' });
});
afterAll(async () => {
  await blacklists.stop();
  await database.close();
});

const listed = async (plate: string, issuingEntity: string | null = null, mayLook = everyList): Promise<unknown> =>
  (await blacklists.lookUp(plate, issuingEntity, mayLook)).items.map(
    ({ blacklistName, plateNumber, issuingEntity: province, matchedBy }) =>
      `${blacklistName} ${plateNumber} ${province ?? '-'} ${matchedBy}`,
  );

test('as listed in any list, by wildcard, and by the policy of each list: the likest first, then the highest priority', async () => {
  const found = await blacklists.lookUp('๑กก-๑๒๓๔', null, everyList);
  expect([found.plateNumber, found.count, found.withheld]).toEqual(['1กก1234', 6, []]);
  expect(await listed('๑กก-๑๒๓๔')).toEqual([
    'Wanted 1กก1234 - without_province',
    expect.stringMatching(/^Stolen 1กก1234 TH-(10|50) without_province$/),
    expect.stringMatching(/^Stolen 1กก1234 TH-(10|50) without_province$/),
    'Own 1กก1234 - without_province',
    'Stolen 1กก* - wildcard',
    // A read of it would have to be very sure of itself, but whoever asks wants to know.
    'Own 1กถ1234 - confusable',
  ]);
  expect(found.items.find(({ issuingEntity }) => issuingEntity === 'TH-10')).toMatchObject({
    ...{ reason: 'Case 12', category: 'stolen', differences: [], confidence: 1 },
  });
  expect(found.items.at(-1)?.differences).toEqual([{ place: 2, read: 'ก', listed: 'ถ' }]);
});

test('who names a province is not shown entries of others', async () => {
  expect(await listed('1กก1234', 'TH-10')).toEqual([
    'Wanted 1กก1234 - without_province',
    'Stolen 1กก1234 TH-10 exact',
    'Own 1กก1234 - without_province',
    'Stolen 1กก* - wildcard',
    'Own 1กถ1234 - confusable',
  ]);
});

test('what has ended or not begun does not count', async () => {
  expect([await listed('2ขข1'), await listed('2ขข2')]).toEqual([[], []]);
});

test('a list that asks for more than was said is named and not looked at, whatever it holds', async () => {
  const { items, withheld } = await blacklists.lookUp('1กก1234', null, (needs) => needs === 'none');
  expect(new Set(items.map(({ blacklistName }) => blacklistName))).toEqual(new Set(['Stolen', 'Own']));
  expect(withheld).toMatchObject([{ name: 'Wanted', needsReason: 'case' }]);
  const other = await blacklists.lookUp('9ฮฮ9', null, (needs) => needs === 'none');
  expect([other.items, other.withheld]).toEqual([[], withheld]);
});

test.each(['1กก*', '?กก1234', ' - '])('%s is no whole plate', async (plate) => {
  await expect(blacklists.lookUp(plate, null, everyList)).rejects.toMatchObject({
    ...{ code: 'invalid_input', details: { problems: [{ field: 'plate' }] } },
  });
});
