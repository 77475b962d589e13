import { createECDH, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createPushStore } from '../db/stores/push-store.ts';
import { createSecretBox } from '../secrets.ts';
import { createPush, type Push, type PushSubscriptionInput } from './push.ts';

const user = (n: number): string => `00000000-0000-7000-8000-0000000000${n}`;
let database: TestDatabase;
let folder: string;
let push: Push;
const opened = (): Push =>
  createPush({
    ...{ store: createPushStore(database), secrets: createSecretBox(folder) },
    maySee: (role, isCovert) => role === 'operator' || (role === 'viewer' && !isCovert),
  });

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-push-'));
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role, disabled) values
       ($1, 'Anna', 'anna', 'x', 'operator', false), ($2, 'Boon', 'boon', 'x', 'viewer', false),
       ($3, 'Aud', 'aud', 'x', 'auditor', false), ($4, 'Gone', 'gone', 'x', 'operator', true)`,
    [user(11), user(12), user(13), user(14)],
  );
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('delete from push_subscriptions');
  push = opened();
});

const browser = (name: string, more: Partial<PushSubscriptionInput['keys']> = {}): PushSubscriptionInput => {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  const keys = { p256dh: pair.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url'), ...more };
  return { endpoint: `https://push.example.com/${name}`, keys, label: name };
};
const told = async (userIds: readonly string[] | null, isCovert = false): Promise<string[]> =>
  (await push.addresses(userIds, isCovert)).map(
    (one) => (JSON.parse(one) as PushSubscriptionInput).endpoint.split('/').at(-1) ?? '',
  );

test('the key lasts over restarts', () => {
  expect(opened().keys).toEqual(push.keys);
  expect(Buffer.from(push.keys.publicKey, 'base64url')).toHaveLength(65);
});

test('tells the browsers of those who may see alerts, of some or of all', async () => {
  for (const [n, name] of [
    ...([
      [11, 'phone'],
      [11, 'desk'],
      [12, 'tablet'],
      [13, 'auditor'],
      [14, 'off'],
    ] as const),
  ]) {
    await push.subscribe(user(n), browser(name));
  }
  expect((await told(null)).sort()).toEqual(['desk', 'phone', 'tablet']);
  expect(await told([user(12), user(14)])).toEqual(['tablet']);
  expect((await told(null, true)).sort()).toEqual(['desk', 'phone']);
  expect(await told([])).toEqual([]);
  const { rows } = await database.pool.query<{ sealed: string }>('select sealed from push_subscriptions');
  expect(rows.every(({ sealed }) => !sealed.includes('push.example.com'))).toBe(true);
});

test('a browser tells the one who signed in there last, once', async () => {
  const one = browser('shared');
  await push.subscribe(user(11), one);
  const { subscriptionId } = await push.subscribe(user(12), { ...one, label: 'Mine' });
  expect(await told(null)).toEqual(['shared']);
  expect(await push.list(user(11))).toEqual([]);
  expect(await push.list(user(12))).toMatchObject([{ label: 'Mine', subscriptionId }]);
  await expect(push.unsubscribe(user(11), subscriptionId)).rejects.toMatchObject({ code: 'not_found' });
  await push.unsubscribe(user(12), subscriptionId);
  expect(await told(null)).toEqual([]);
});

test('what a browser gave up is forgotten', async () => {
  await push.subscribe(user(11), browser('phone'));
  await push.subscribe(user(11), browser('desk'));
  await push.forget((await push.addresses(null, false))[0] ?? '');
  expect(await told(null)).toEqual(['desk']);
});

test('browsers that another key sealed are passed over', async () => {
  await push.subscribe(user(11), browser('old'));
  await database.pool.query(`update push_subscriptions set sealed = 'v1:of another key'`);
  await push.subscribe(user(11), browser('new'));
  expect(await told(null)).toEqual(['new']);
});

test('an account keeps its newest twenty', async () => {
  for (let n = 0; n < 22; n++) await push.subscribe(user(11), browser(`b${n}`));
  const kept = await told(null);
  expect(kept).toHaveLength(20);
  expect(kept).not.toContain('b0');
});

test.each<[string, PushSubscriptionInput]>([
  ['endpoint', { ...browser('x'), endpoint: 'http://push.example.com/x' }],
  ['keys.p256dh', browser('x', { p256dh: 'AAAA' })],
  ['keys.auth', browser('x', { auth: '' })],
])('a wrong %s is told', async (field, input) => {
  await expect(push.subscribe(user(11), input)).rejects.toMatchObject({ details: { problems: [{ field }] } });
});
