import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { picture } from '../../test/pictures.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { record, type Recorded } from '../../test/recorded.ts';
import { createImageRecords } from '../db/stores/image-store.ts';
import { createRetentionStore } from '../db/stores/retention-store.ts';
import { errorCode, LprError } from '../errors.ts';
import type { ByteStore } from './byte-store.ts';
import { createImageStore, type OwnedImageStore } from './create-image-store.ts';
import { createRetention } from './create-retention.ts';
import { createDiskStore } from './disk-store.ts';
import { checkPolicy, DAY_MS, type Retention, type RetentionPolicy } from './retention.ts';

let database: TestDatabase;
let dir: string;
let bytes: ByteStore;
let room: { free: number; total: number };
let broken = false;
let images: OwnedImageStore;
let retention: Retention;
let userId: string;
/** Pictures are stored at the real time; the test moves the clock of retention on. */
let daysOn = 0;

const POLICY: RetentionPolicy = {
  unused: 7,
  unmatched: { frames: 30, patches: 60 },
  hit: { frames: 365, patches: null },
  floor: { percent: 10, gigabytes: 0 },
};

beforeEach(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'lpr-retention-'));
  const disk = createDiskStore(join(dir, 'original'));
  room = { free: 900, total: 1000 };
  broken = false;
  bytes = {
    ...disk,
    freeBytes: () => Promise.resolve(room),
    delete: (name) => (broken ? Promise.reject(new LprError('store_unavailable', 'gone')) : disk.delete(name)),
  };
  images = createImageStore({ dir, bytes, records: createImageRecords(database) });
  daysOn = 0;
  retention = createRetention({
    ...{ images, log: quietLog, store: createRetentionStore(database) },
    now: () => new Date(Date.now() + daysOn * DAY_MS),
  });
  userId = randomUUID();
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1, 'Somchai', 'somchai', '', 'administrator')`,
    [userId],
  );
  await retention.setPolicy(POLICY, userId);
}, 60_000);

afterEach(async () => {
  await retention.stop();
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

let number = 0;
const store = async (purpose: 'frame' | 'patch' = 'frame'): Promise<string> =>
  (await images.put(await picture(++number), purpose)).imageId;
const pass = (more: Partial<Recorded> & Pick<Recorded, 'frameImage'>): Promise<string | null> =>
  record(database, { receivedAt: new Date(), ...more });
const isThere = (imageId: string): Promise<boolean | string> => images.read(imageId).then(() => true, errorCode);
/** Which pictures are there after a sweep so many days from now. */
async function after(days: number, ...ids: readonly string[]): Promise<(boolean | string)[]> {
  daysOn = days;
  const { problem } = await retention.sweep();
  expect(problem).toBeNull();
  return Promise.all(ids.map(isThere));
}
const GONE = 'image_removed';

test('each class has its age, for frames and patches', async () => {
  const [none, seen, patch, hit, hitPatch] = [
    await store(),
    await store(),
    await store('patch'),
    await store(),
    await store('patch'),
  ];
  await pass({ frameImage: none });
  await pass({ frameImage: seen, patchImage: patch });
  await pass({ frameImage: hit, patchImage: hitPatch, isHit: true });
  const all = [none, seen, patch, hit, hitPatch];
  expect(await after(6, ...all)).toEqual([true, true, true, true, true]);
  expect(await after(8, ...all)).toEqual([GONE, true, true, true, true]);
  expect(await after(31, ...all)).toEqual([GONE, GONE, true, true, true]);
  expect(await after(61, ...all)).toEqual([GONE, GONE, GONE, true, true]);
  expect(await after(366, ...all)).toEqual([GONE, GONE, GONE, GONE, true]);
  expect(await after(36_000, ...all)).toEqual([GONE, GONE, GONE, GONE, true]);
  const log = await retention.removals({ limit: 10, before: null });
  expect(log.map(({ imageId, keptAs, purpose, reason }) => [imageId, keptAs, purpose, reason])).toEqual([
    [hit, 'hit', 'frame', 'age'],
    [patch, 'unmatched', 'patch', 'age'],
    [seen, 'unmatched', 'frame', 'age'],
    [none, 'unused', 'frame', 'age'],
  ]);
  const rest = await retention.removals({ limit: 10, before: log[2]?.removalId ?? '' });
  expect(rest.map(({ imageId }) => imageId)).toEqual([none]);
});

test('a picture that several show lives as long as the longest', async () => {
  const frame = await store();
  const patch = await store('patch');
  await pass({ frameImage: frame, patchImage: patch });
  await pass({ frameImage: frame, patchImage: patch, isHit: true });
  await pass({ frameImage: frame });
  expect(await after(364, frame, patch)).toEqual([true, true]);
  expect(await after(366, frame, patch)).toEqual([GONE, true]);
});

test('a later pass with the same picture counts from then', async () => {
  const frame = await store();
  await pass({ frameImage: frame, patchImage: await store('patch') });
  expect(await after(20, frame)).toEqual([true]);
  await pass({ frameImage: frame, patchImage: await store('patch'), receivedAt: new Date(Date.now() + 20 * DAY_MS) });
  expect(await after(45, frame)).toEqual([true]);
  expect(await after(51, frame)).toEqual([GONE]);
});

test('a hit that is found after the first look keeps the picture', async () => {
  const frame = await store();
  const detectionId = await pass({ frameImage: frame, patchImage: await store('patch') });
  expect(await after(20, frame)).toEqual([true]);
  await database.pool.query(
    `insert into hits (hit_id, detection_id, blacklist_id, entry_id, blacklist_name, category, priority, matched_by, confidence)
     values (gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 'Wanted', 'wanted', 90, 'exact', 1)`,
    [detectionId],
  );
  expect(await after(31, frame)).toEqual([true]);
  expect(await after(366, frame)).toEqual([GONE]);
});

test('what waits for the flow is kept, and so is what nothing shows yet while something waits', async () => {
  const [queued, patchOnTheWay, dead] = [await store(), await store('patch'), await store()];
  await pass({ frameImage: queued, state: 'queued' });
  await pass({ frameImage: dead, state: 'dead' });
  // A dead letter can be replayed, and then needs its picture.
  expect(await after(100, queued, patchOnTheWay, dead)).toEqual([true, true, true]);
  await database.pool.query(`update frames set state = 'settled'`);
  expect(await after(100, queued, patchOnTheWay, dead)).toEqual([GONE, GONE, GONE]);
});

describe('legal hold', () => {
  test('keeps frame and patch whatever the age and the room, until it is released', async () => {
    const [frame, patch] = [await store(), await store('patch')];
    const detectionId = (await pass({ frameImage: frame, patchImage: patch })) ?? '';
    await retention.hold(detectionId, 'hold', 'Case 12/2569', userId);
    room.free = 10;
    expect(await after(5000, frame, patch)).toEqual([true, true]);
    expect(retention.problem()).toContain('make room');
    expect((await retention.preview(POLICY)).figures.map((one) => [one.keptAs, one.going.pictures])).toEqual([
      ['hold', 0],
      ['hold', 0],
    ]);
    room.free = 900;
    await retention.hold(detectionId, 'release', 'Case closed', userId);
    expect(await after(5000, frame, patch)).toEqual([GONE, GONE]);
    expect((await retention.holds(detectionId)).map(({ kind, reason, by }) => [kind, reason, by])).toEqual([
      ['release', 'Case closed', 'Somchai'],
      ['hold', 'Case 12/2569', 'Somchai'],
    ]);
  });

  test('is set once, and only on what there is; its log cannot be changed', async () => {
    const detectionId = (await pass({ frameImage: await store(), patchImage: await store('patch') })) ?? '';
    const code = (kind: 'hold' | 'release', id = detectionId): Promise<unknown> =>
      retention.hold(id, kind, 'x', userId).then(() => 'done', errorCode);
    expect(await code('release')).toBe('conflict');
    expect(await code('hold')).toBe('done');
    expect(await code('hold')).toBe('conflict');
    expect(await code('hold', randomUUID())).toBe('not_found');
    expect(await code('hold', 'nothing')).toBe('not_found');
    await expect(database.pool.query('delete from detection_holds')).rejects.toThrow('append-only');
  });
});

describe('the floor of free disk', () => {
  test('takes the oldest unmatched first, then unused, and says when nothing is left to take', async () => {
    const at = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
    const all: string[] = [];
    for (const hours of [50, 40, 30]) {
      const frameImage = await store();
      all.push(frameImage);
      await pass({ frameImage, patchImage: await store('patch'), receivedAt: at(hours) });
    }
    const unused = await store();
    await pass({ frameImage: unused, receivedAt: at(90) });
    const hit = await store();
    await pass({ frameImage: hit, patchImage: await store('patch'), isHit: true, receivedAt: at(99) });
    // Two hours on nothing is past its age.
    expect(await after(2 / 24, ...all, unused, hit)).toEqual([true, true, true, true, true]);
    room.free = 99;
    expect(await after(2 / 24, ...all, unused, hit)).toEqual([GONE, GONE, GONE, GONE, true]);
    expect(retention.problem()).toContain('make room');
    const log = await retention.removals({ limit: 20, before: null });
    expect(log.every(({ reason }) => reason === 'space')).toBe(true);
    expect(log[0]?.imageId).toBe(unused);
    expect((await retention.preview(POLICY)).room).toEqual({ free: 99, total: 1000, floor: 100 });
    room.free = 500;
    await retention.sweep();
    expect(retention.problem()).toBeNull();
  });

  test('stops as soon as there is room again', async () => {
    const old = await store();
    await pass({ frameImage: old, receivedAt: new Date(Date.now() - DAY_MS) });
    daysOn = 1 / 12;
    await retention.sweep();
    for (let n = 0; n < 250; n++) {
      await database.pool.query(
        `insert into images (image_id, media_type, width, height, bytes, purpose, kept_as, kept_from)
         values ($1, 'image/png', 1, 1, 1, 'frame', 'unmatched', now() - interval '2 days')`,
        [n.toString(16).padStart(64, '0')],
      );
    }
    room.free = 99;
    const deleting = bytes.delete.bind(bytes);
    Object.assign(bytes, {
      delete: (name: string) => {
        room.free = 500;
        return deleting(name);
      },
    });
    const { removed } = await retention.sweep();
    // The first batch made room: neither the second nor anything unused goes.
    expect(removed).toBe(200);
    expect(await isThere(old)).toBe(true);
  });
});

test('the preview tells what would go, and touches nothing', async () => {
  const frame = await store();
  const patch = await store('patch');
  await pass({ frameImage: frame, patchImage: patch });
  await after(2, frame);
  daysOn = 40;
  const { figures } = await retention.preview(POLICY);
  const size = (id: string): Promise<number> => images.read(id).then(({ length }) => length);
  expect(
    figures.map(({ keptAs, purpose, pictures, going }) => [keptAs, purpose, pictures, going.pictures, going.bytes]),
  ).toEqual([
    ['unmatched', 'frame', 1, 1, await size(frame)],
    ['unmatched', 'patch', 1, 0, 0],
  ]);
  const kept = { frames: null, patches: null };
  const milder = await retention.preview({ ...POLICY, unmatched: kept, hit: kept });
  expect(milder.figures.map(({ going }) => going.pictures)).toEqual([0, 0]);
  expect(await isThere(frame)).toBe(true);
});

test('a picture that comes again after its removal is there again', async () => {
  const bytesAgain = await picture(++number);
  const { imageId } = await images.put(bytesAgain, 'frame');
  await images.file(imageId, 'thumbnail');
  expect(await after(8, imageId)).toEqual([GONE]);
  await expect(images.file(imageId, 'thumbnail')).rejects.toMatchObject({ code: GONE });
  await images.put(bytesAgain, 'frame');
  expect(await isThere(imageId)).toBe(true);
  await images.file(imageId, 'thumbnail');
});

test('while pictures go the same ones come again: each that was accepted can be read', async () => {
  const all = await Promise.all(Array.from({ length: 40 }, () => picture(++number)));
  const ids = await Promise.all(all.map(async (one) => (await images.put(one, 'frame')).imageId));
  await database.pool.query(`update images set created_at = now() - interval '99 days'`);
  const [result] = await Promise.all([
    retention.sweep(),
    ...all.map(async (one) => {
      await new Promise((done) => setTimeout(done, Math.random() * 60));
      await images.put(one, 'frame');
    }),
  ]);
  expect(result.problem).toBeNull();
  expect(await Promise.all(ids.map(isThere))).toEqual(ids.map(() => true));
});

test('bytes that the store does not let go are taken away later, and the fault is told', async () => {
  const frame = await store();
  broken = true;
  daysOn = 8;
  expect((await retention.sweep()).problem?.code).toBe('store_unavailable');
  expect(await isThere(frame)).toBe(GONE);
  expect(retention.problem()).toContain('could not be removed');
  const names = async (): Promise<string[]> => {
    const all: string[] = [];
    for await (const { name } of bytes.list()) all.push(name);
    return all;
  };
  expect(await names()).toHaveLength(1);
  broken = false;
  expect((await retention.sweep()).problem).toBeNull();
  expect(await names()).toHaveLength(0);
  expect(retention.problem()).toBeNull();
  await expect(database.pool.query('delete from image_removals')).rejects.toThrow('append-only');
});

test('a stop ends a sweep between two batches', async () => {
  await database.pool.query(
    `insert into images (image_id, media_type, width, height, bytes, purpose, created_at)
     select lpad(to_hex(n), 64, '0'), 'image/png', 1, 1, 1, 'frame', now() - interval '99 days' from generate_series(1, 3000) n`,
  );
  const sweeping = retention.sweep();
  expect((await retention.state()).isSweeping).toBe(true);
  await retention.stop();
  const { removed, problem } = await sweeping;
  expect(problem).toBeNull();
  expect(removed).toBeLessThan(3000);
});

test('rules that make no sense are refused field by field', () => {
  const faults = (policy: RetentionPolicy): string[] => {
    try {
      checkPolicy(policy);
      return [];
    } catch (error) {
      return ((error as LprError).details.problems ?? []).map(({ field }) => field);
    }
  };
  expect(faults(POLICY)).toEqual([]);
  expect(
    faults({
      unused: 0,
      unmatched: { frames: 1.5, patches: null },
      hit: { frames: 1, patches: 300 },
      floor: { percent: 51, gigabytes: -1 },
    }),
  ).toEqual(['unused', 'unmatched.frames', 'hit.frames', 'hit.patches', 'floor.percent', 'floor.gigabytes']);
});
