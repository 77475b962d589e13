import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { aHit, aList, anEntry, noNews } from '../../test/blacklists.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createBlacklistStore } from '../db/stores/blacklist-store.ts';
import type { HitPart } from '../message.ts';
import type { Blacklist, Blacklists } from './blacklists.ts';
import { createBlacklists } from './create-blacklists.ts';

const DAY_MS = 86_400_000;
const AT = new Date('2026-11-26T03:00:00Z');

let database: TestDatabase;
let blacklists: Blacklists;
let userId: string;
let list: Blacklist;
let hits: readonly HitPart[];

beforeAll(async () => {
  database = await openTestDatabase();
  userId = randomUUID();
  await database.pool.query(
    `insert into users (user_id, name, name_key, role, password_hash) values ($1, 'somchai', 'somchai', 'supervisor', 'x')`,
    [userId],
  );
  const store = createBlacklistStore(database);
  blacklists = createBlacklists({ store, news: noNews, log: quietLog });
  list = await blacklists.create(aList());
  const soon = (days: number): Date => new Date(Date.now() + days * DAY_MS);
  const entries = [
    anEntry({ plateNumber: '1กก1234', validTo: soon(3) }),
    anEntry({ plateNumber: '2ขข5678', validTo: soon(300), reviewAt: soon(-1) }),
    anEntry({ plateNumber: '3คค9012', validTo: null }),
  ];
  hits = await Promise.all(
    entries.map(async (input) => {
      const { entryId } = await blacklists.addEntry(list.blacklistId, input, userId);
      const hit = aHit({ hitId: randomUUID(), blacklistId: list.blacklistId, entryId });
      const sight = {
        detectionId: randomUUID(),
        plateNumber: '',
        cameraId: randomUUID(),
        capturedAt: AT,
        isLate: false,
      };
      const [made] = await store.addHits(sight, [hit]);
      if (made === undefined) throw new Error('The hit was not made.');
      return made;
    }),
  );
});
afterAll(() => database.close());

const ids = (): readonly string[] => hits.map(({ hitId }) => hitId);
const shown = async (): Promise<Blacklist | undefined> => (await blacklists.list())[0];

test('a list says what of it ends soon and what waits for a review', async () => {
  expect(await shown()).toMatchObject({ entryCount: 3, endingCount: 1, toReviewCount: 1, accuracyShare: null });
});

test('many hits are decided at once, which the list learns from, and taken back at once', async () => {
  expect(await blacklists.openHits()).toEqual({ stolen: 3, wanted: 0, vip: 0, expired: 0, own: 0 });
  await blacklists.decide(ids().slice(0, 2), 'correct', userId, null);
  await blacklists.decide(ids().slice(2), 'misread', userId, 'mud');
  expect(await blacklists.openHits()).toMatchObject({ stolen: 0 });
  expect((await shown())?.accuracyShare).toBeCloseTo(2 / 3, 5);

  await blacklists.decide(ids(), null, userId, null);
  expect(await blacklists.openHits()).toMatchObject({ stolen: 3 });
  expect(await blacklists.hit(ids()[2] ?? '')).toMatchObject({ outcome: null, decidedBy: null, decisionNote: null });
  expect((await shown())?.accuracyShare).toBeNull();
});

test('a dismissed hit says nothing of the list', async () => {
  await blacklists.decide(ids(), 'dismissed', userId, null);
  expect((await shown())?.accuracyShare).toBeNull();
});
