import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aList, anEntry, noNews } from '../../test/blacklists.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createBlacklistStore } from '../db/stores/blacklist-store.ts';
import type { Blacklists, RematchedDetection } from './blacklists.ts';
import { createBlacklists } from './create-blacklists.ts';
import { EXACT_POLICY } from './match-policy.ts';

let database: TestDatabase;
let blacklists: Blacklists;
const userId = randomUUID();

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool.query(
    `insert into users (user_id, name, name_key, role, password_hash) values ($1, 'somchai', 'somchai', 'supervisor', 'x')`,
    [userId],
  );
  blacklists = createBlacklists({ store: createBlacklistStore(database), news: noNews, log: quietLog });
  await blacklists.start();
});
afterAll(async () => {
  await blacklists.stop();
  await database.close();
});

test('an entry that is removed while an import holds the list waits for it: neither fails', async () => {
  const { blacklistId } = await blacklists.create(aList());
  const { entryId } = await blacklists.addEntry(blacklistId, anEntry(), userId);
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    // As an import takes it: the list first, its entries later.
    await client.query('select from blacklists where blacklist_id = $1 for update', [blacklistId]);
    const removing = blacklists.removeEntry(blacklistId, entryId);
    const waits = async (): Promise<boolean> => {
      const { rows } = await database.pool.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query ilike '%blacklist%'`,
      );
      return (rows[0]?.n ?? 0) > 0;
    };
    while (!(await waits())) await sleep(10);
    await client.query(`update blacklist_entries set reason = 'imported' where entry_id = $1`, [entryId]);
    await client.query('commit');
    await removing;
  } finally {
    client.release();
  }
  expect(await blacklists.entry(blacklistId, entryId)).toBeNull();
});

test('a hit outlives its entry: it is taken back when its detection says something else, not because the entry is gone', async () => {
  const confusable = { ...EXACT_POLICY, edits: 'confusable' } as const;
  const { blacklistId } = await blacklists.create(aList({ name: 'Found again', policy: confusable }));
  const entries = ['8กก8888', '8กถ8888', '8กก88*'];
  const added = await Promise.all(
    entries.map((plateNumber) => blacklists.addEntry(blacklistId, anEntry({ plateNumber }), userId)),
  );
  const detection: RematchedDetection = {
    ...{ detectionId: randomUUID(), status: 'confirmed', plateNumber: '8กก8888', issuingEntity: 'TH-10' },
    ...{ countryCode: 'TH', plateType: null, confidence: 0.9, cameraId: randomUUID(), capturedAt: new Date() },
  };
  const hits = await blacklists.rematch(detection, { adds: true });
  expect(hits.added).toHaveLength(3);
  await blacklists.removeEntries(
    blacklistId,
    added.map(({ entryId }) => entryId),
  );
  expect((await blacklists.rematch(detection, { adds: true })).retracted).toEqual([]);
  const typed = { ...detection, status: 'corrected', plateNumber: '8กถ8888' } as const;
  const retracted = hits.added.filter(({ entryPlateNumber }) => entryPlateNumber !== '8กถ8888');
  expect(new Set((await blacklists.rematch(typed, { adds: true })).retracted)).toEqual(
    new Set(retracted.map(({ hitId }) => hitId)),
  );
});
