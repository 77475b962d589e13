import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import webhook from '../../plugins/alert-webhook/plugin.ts';
import { CAMERA, hitDetected, openAlerts, type TestAlerts } from '../../test/alerts.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import { createDeliveryStore } from '../db/stores/alert-delivery-store.ts';
import { defineAlertChannel, LprError, secret, text, type AlertNotice } from '../plugins/define.ts';
import type { Alerts } from './alerts.ts';

let database: TestDatabase;
let folder: string;
let receiver: Receiver;
let opened: TestAlerts;
let alerts: Alerts;
let hung: AlertNotice[] = [];

const hanging = defineAlertChannel({
  id: 'hanging',
  fields: {},
  address: null,
  send: (notice) => {
    hung.push(notice);
    return new Promise(() => undefined);
  },
});
const refusing = defineAlertChannel({
  id: 'refusing',
  fields: { how: text() },
  address: null,
  retryForMs: 100,
  send: (_notice, { config }) =>
    Promise.reject(new LprError(config.how === 'rejected' ? 'channel_rejected' : 'channel_refused', 'will not')),
});
const mailing = defineAlertChannel({
  id: 'mailing',
  fields: { to: text(), secret: secret() },
  address: 'email',
  isAnywhere: true,
  addresses: ({ to }) => to.split(' '),
  async send(notice, { to, request, config }) {
    await request(`http://${config.to.includes('@') ? new URL(receiver.url).host : config.to}/in`, {
      body: JSON.stringify({ ...notice, to }),
    });
  },
});

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-outbox-'));
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate 1', 'gate 1', 'push')`,
    [CAMERA],
  );
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('truncate alert_deliveries, alert_subjects, alerts, hits, alert_channels cascade');
  await database.pool.query('delete from alert_rules');
  hung = [];
  receiver = await openReceiver();
  opened = await openAlerts(database, folder, [webhook, hanging, refusing, mailing], { sendMs: 300 });
  ({ alerts } = opened);
});
afterEach(async () => {
  await opened.stop();
  await receiver.close();
});

const channel = async (plugin = 'webhook', config: Record<string, string | boolean> = {}, perMinute = null) => {
  const usual = plugin === 'webhook' ? { url: receiver.url, allowPrivate: true } : {};
  const input = { plugin, name: `${plugin} ${Math.random()}`, config: { ...usual, ...config }, enabled: true };
  return (await alerts.channels.create({ ...input, language: null, perMinute })).channelId;
};
const raise = async (): Promise<void> => {
  await alerts.consider(await hitDetected(database));
};
const rows = async (): Promise<{ state: string; attempts: number; address: string; id: string }[]> =>
  (await database.pool.query('select delivery_id as id, state, attempts, address from alert_deliveries order by 1'))
    .rows;
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 1_200 && !(await is()); i++) await sleep(25);
  expect(await is()).toBe(true);
};

test('a channel that hangs delays no other, and is tried again after its time', async () => {
  await opened.rule({ channelIds: [await channel('hanging'), await channel()] });
  for (let i = 0; i < 6; i++) await raise();
  await receiver.has(6);
  await until(() => hung.length > 4);
  await until(async () => (await rows()).filter(({ state }) => state === 'delivered').length === 6);
  expect((await alerts.channels.list()).find(({ plugin }) => plugin === 'hanging')?.state).toMatchObject({
    ...{ sent: 0, waiting: 6, error: { code: 'channel_refused' } },
  });
});

test('what is not taken is sent again under the same name until it is', async () => {
  receiver.answer = 503;
  await opened.rule({ channelIds: [await channel()] });
  await raise();
  await receiver.has(3);
  receiver.answer = 200;
  await until(async () => (await rows())[0]?.state === 'delivered');
  const names = receiver.received.map(({ body }) => JSON.parse(body.toString()).deliveryId);
  expect(new Set(names).size).toBe(1);
});

test('what never will be taken is given up at once, listed, and sent again or let go', async () => {
  const channelId = await channel('refusing', { how: 'rejected' });
  await opened.rule({ channelIds: [channelId] });
  await raise();
  await raise();
  await until(async () => (await rows()).every(({ state }) => state === 'dead'));
  const [letter, other] = await alerts.channels.deadLetters(channelId, 10);
  expect(letter).toMatchObject({
    attempts: 1,
    title: 'Stolen',
    error: { code: 'channel_rejected', message: 'will not' },
  });
  expect(await alerts.counts()).toMatchObject({ dead: 2 });
  expect(await alerts.channels.discard({ deliveryIds: [other?.deliveryId ?? ''], channelId: null })).toBe(1);
  expect(await alerts.channels.replay({ deliveryIds: 'all', channelId })).toBe(1);
  await until(async () => (await rows()).length === 1 && (await rows())[0]?.state === 'dead');
});

test('after the time in which the other side knows a repeat nothing is sent any more', async () => {
  await opened.rule({ channelIds: [await channel('refusing', { how: 'refused' })] });
  await raise();
  await until(async () => (await rows())[0]?.state === 'dead');
  expect((await rows())[0]?.attempts).toBeLessThan(12);
});

test('each address of a channel is told by a delivery of its own', async () => {
  await opened.rule({ channelIds: [await channel('mailing', { to: 'a@x.th b@x.th', allowPrivate: true })] });
  await raise();
  await receiver.has(2);
  expect((await rows()).map(({ address }) => address).sort()).toEqual(['a@x.th', 'b@x.th']);
});

test('a channel whose secret cannot be opened says so, and holds up no other', async () => {
  const broken = await channel('mailing', { to: 'a@x.th', secret: 's3cret' });
  const [unused, other] = [await channel('webhook', { secret: 's3cret' }), await channel()];
  await opened.stop();
  await database.pool.query(
    `update alert_channels set config = config || '{"secret": "v1:of another key"}' where channel_id = any($1::uuid[])`,
    [[broken, unused]],
  );
  opened = await openAlerts(database, folder, [webhook, mailing]);
  ({ alerts } = opened);
  await opened.rule({ channelIds: [broken, other] });
  await raise();
  await receiver.has(1);
  await until(async () =>
    (await alerts.channels.list()).every(
      ({ channelId, state: { sent, error } }) => channelId === unused || sent > 0 || error !== null,
    ),
  );
  const states = new Map((await alerts.channels.list()).map(({ channelId, state }) => [channelId, state]));
  expect(states.get(broken)?.error?.message).toContain('Enter the secret again');
  expect(states.get(other)).toMatchObject({ sent: 1, error: null });
});

test('what a stop cuts off is no attempt', async () => {
  const channelId = await channel('hanging');
  await opened.rule({ channelIds: [channelId] });
  await raise();
  await until(() => hung.length > 0);
  const before = (await rows())[0]?.attempts ?? 0;
  await createDeliveryStore(database).putBack((await rows())[0]?.id ?? '');
  expect((await rows())[0]?.attempts).toBe(before - 1);
});

test('a target in the own network is refused unless the channel may, by name and by number', async () => {
  const { host } = new URL(receiver.url);
  for (const to of [host, host.replace('127.0.0.1', 'localhost'), host.replace('127.0.0.1', '[::ffff:127.0.0.1]')]) {
    const channelId = await channel('mailing', { to });
    await expect(alerts.channels.test(channelId)).rejects.toMatchObject({ code: 'channel_private' });
  }
  expect(receiver.received).toHaveLength(0);
});

test('the test button tells what is wrong, and secrets never come back', async () => {
  receiver.answer = 403;
  const channelId = await channel('webhook', { secret: 's3cret' });
  expect((await alerts.channels.list())[0]?.config).toMatchObject({ secret: true });
  await alerts.channels.update(channelId, { config: { url: receiver.url, allowPrivate: true }, name: 'Desk' });
  await expect(alerts.channels.test(channelId)).rejects.toMatchObject({ message: expect.stringContaining('403') });
  expect(receiver.received[0]?.headers).toHaveProperty('lpr-signature');
  await expect(alerts.channels.update('00000000-0000-7000-8000-00000000dead', {})).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('killed in the midst of it, again and again: each alert is told, and what was noted as taken is told once', async () => {
  receiver.answer = 503;
  await opened.rule({ channelIds: [await channel()] });
  for (let i = 0; i < 150; i++) await raise();
  await opened.stop();
  receiver.answer = 200;
  receiver.received.length = 0;
  const file = join(import.meta.dirname, '../../test/alert-process.ts');
  const started = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [file, JSON.stringify(database.connection), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  };
  await database.pool.query('update alert_deliveries set next_attempt_at = now(), attempts = 0');
  const told = (): string[] => receiver.received.map(({ body }) => JSON.parse(body.toString()).deliveryId);
  const noted = new Map<string, number>();
  let kills = 0;
  for (; kills < 5; kills++) {
    const child = await started();
    const before = receiver.received.length;
    await until(() => receiver.received.length > before);
    await sleep(Math.random() * 60);
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (const { id, state } of await rows()) {
      if (state === 'delivered' && !noted.has(id)) noted.set(id, told().filter((one) => one === id).length);
    }
  }
  const last = await started();
  await until(async () => (await rows()).every(({ state }) => state === 'delivered'));
  last.kill('SIGKILL');
  await once(last, 'exit');
  const all = await rows();
  expect(all).toHaveLength(150);
  expect(new Set(told())).toEqual(new Set(all.map(({ id }) => id)));
  // Once an answer is noted, no kill makes it be told again; what was in flight at a kill, four at most, may be.
  expect(noted.size).toBeGreaterThan(0);
  for (const [id, times] of noted) expect(told().filter((one) => one === id)).toHaveLength(times);
  expect(told().length - all.length).toBeLessThanOrEqual(4 * kills);
}, 180_000);
