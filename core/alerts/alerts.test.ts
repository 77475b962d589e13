import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import webhook from '../../plugins/alert-webhook/plugin.ts';
import { aList, anEntry, noNews } from '../../test/blacklists.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import type { Blacklists } from '../blacklists/blacklists.ts';
import { createBlacklists } from '../blacklists/create-blacklists.ts';
import { createAlertStore } from '../db/stores/alert-store.ts';
import { createBlacklistStore } from '../db/stores/blacklist-store.ts';
import { createEvents } from '../events.ts';
import type { DetectionPart, HitPart, LprMessage } from '../message.ts';
import { createSecretBox } from '../secrets.ts';
import type { Alerts } from './alerts.ts';
import { createAlerts } from './create-alerts.ts';

const USER = '00000000-0000-7000-8000-0000000000ff';
const CAMERA = '00000000-0000-7000-8000-000000000001';
const entry = anEntry({ issuingEntity: 'TH-10', countryCode: 'TH', reason: 'missing since May' });
let database: TestDatabase;
let folder: string;
let blacklists: Blacklists;
let now = new Date();

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-alerts-'));
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1, 'Anna', 'anna', 'x', 'operator')`,
    [USER],
  );
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('truncate alert_deliveries, alerts, hits, blacklist_entries, blacklists cascade');
  now = new Date();
  blacklists = createBlacklists({ store: createBlacklistStore(database), news: noNews, log: quietLog, now: () => now });
  await blacklists.start();
});

function detected(more: Partial<DetectionPart> = {}): LprMessage<'detection'> {
  const at = new Date().toISOString();
  const frameId = uuidv7();
  const detection: DetectionPart = {
    ...{ detectionId: uuidv7(), isNew: true, isBest: true, status: 'provisional', plateNumber: '1กก1234' },
    ...{ issuingEntity: 'TH-10', countryCode: 'TH', plateType: 'RY1', confidence: 0.9, readCount: 1, ...more },
  };
  return {
    lpr: {
      frameId,
      cameraId: CAMERA,
      capturedAt: at,
      capturedAtSource: 'device',
      receivedAt: at,
      isLate: false,
      token: frameId,
      detection,
    },
  };
}

describe('matching', () => {
  beforeEach(async () => {
    const { blacklistId } = await blacklists.create(aList());
    await blacklists.addEntry(blacklistId, entry, USER);
  });

  test('tells how and how surely, and meets an entry once per detection', async () => {
    const message = detected();
    expect(await blacklists.match(message, '')).toMatchObject([
      { blacklistName: 'Stolen', category: 'stolen', matchedBy: 'exact', confidence: 0.9, reason: 'missing since May' },
    ]);
    const [again, ...more] = await blacklists.match(message, '');
    expect([again?.isNew, more]).toEqual([false, []]);
  });

  test.each<[string, Partial<DetectionPart>, string[]]>([
    ['without a province it is no identity', { issuingEntity: null }, ['without_province']],
    ['another province is another vehicle', { issuingEntity: 'TH-20' }, []],
    ['another country is another vehicle', { countryCode: 'LA', issuingEntity: null }, []],
    ['another text is another vehicle', { plateNumber: '1กก1235' }, []],
  ])('%s', async (_what, more, expected) => {
    expect((await blacklists.match(detected(more), '')).map((hit) => hit.matchedBy)).toEqual(expected);
  });

  test('the highest priority comes first, and one list can be asked alone', async () => {
    const vip = await blacklists.create(aList({ name: 'Guests', category: 'vip', priority: 99 }));
    await blacklists.addEntry(vip.blacklistId, { ...entry, plateNumber: '๑กก ๑๒๓๔' }, USER);
    expect((await blacklists.match(detected(), '')).map((hit) => hit.category)).toEqual(['vip', 'stolen']);
    expect((await blacklists.match(detected(), vip.blacklistId)).map((hit) => hit.category)).toEqual(['vip']);
  });

  test('an entry counts only while it is valid', async () => {
    const { blacklistId } = await blacklists.create(aList({ name: 'Day guests', category: 'own', priority: 1 }));
    const [validFrom, validTo] = [new Date(now.getTime() + 1_000), new Date(now.getTime() + 2_000)];
    await blacklists.addEntry(blacklistId, { ...entry, plateNumber: 'ขข9', validFrom, validTo }, USER);
    const ask = async (): Promise<number> => (await blacklists.match(detected({ plateNumber: 'ขข9' }), '')).length;
    expect(await ask()).toBe(0);
    now = new Date(now.getTime() + 1_500);
    expect(await ask()).toBe(1);
    now = new Date(now.getTime() + 1_000);
    expect(await ask()).toBe(0);
    await expect(
      blacklists.addEntry(blacklistId, { ...entry, validFrom: validTo, validTo: validFrom }, USER),
    ).rejects.toMatchObject({
      details: { problems: [{ field: 'validTo' }] },
    });
  });

  test('what is removed matches no more', async () => {
    const [list] = await blacklists.list();
    await blacklists.remove(list!.blacklistId);
    expect(await blacklists.match(detected(), '')).toEqual([]);
  });
});

describe('an alert', () => {
  let server: Server;
  let address: string;
  const received: { body: string; headers: Record<string, unknown> }[] = [];
  let status = 200;
  let alerts: Alerts;
  const raised: string[] = [];

  beforeAll(async () => {
    server = createServer((req, res) => {
      let body = '';
      req.on('data', (chunk: Buffer) => (body += chunk.toString()));
      req.on('end', () => {
        received.push({ body, headers: req.headers });
        res.writeHead(status).end();
      });
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
  });
  afterAll(() => void server.close());
  beforeEach(async () => {
    await database.pool.query('delete from alert_channels');
    received.length = 0;
    raised.length = 0;
    status = 200;
    const events = createEvents((error) => {
      throw error;
    });
    events.on('alert.raised', (alert) => raised.push(alert.title));
    alerts = createAlerts({
      store: createAlertStore(database),
      ...{
        plugins: pluginsOf(webhook),
        secrets: createSecretBox(folder),
        events,
        log: quietLog,
        publicUrl: 'https://lpr.example',
      },
    });
    await alerts.start();
    const { blacklistId } = await blacklists.create(aList());
    await blacklists.addEntry(blacklistId, entry, USER);
  });
  const hit = async (): Promise<LprMessage<'hit' | 'detection'>> => {
    const message = detected();
    const [first] = await blacklists.match(message, '');
    return { lpr: { ...message.lpr, hit: first as HitPart } };
  };
  const until = async (is: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !is(); i++) await sleep(25);
    expect(is()).toBe(true);
  };

  test('of what is told late is listed as such and calls nobody', async () => {
    const channel = { name: 'Desk', plugin: 'webhook', config: { url: address }, enabled: true };
    const { channelId } = await alerts.createChannel(channel);
    const { lpr } = await hit();
    expect(await alerts.raise({ lpr: { ...lpr, isLate: true } }, { channelId })).toMatchObject({ cause: 'late' });
    expect([raised, await alerts.countOpen(), await alerts.list({ open: true, limit: 10 })]).toEqual([[], 0, []]);
    expect(await alerts.list({ open: null, limit: 10 })).toMatchObject([{ cause: 'late' }]);
    expect((await database.pool.query('select from alert_deliveries')).rowCount).toBe(0);
    await alerts.stop();
  });

  test('is raised once per hit, and acknowledged by name', async () => {
    const message = await hit();
    const first = await alerts.raise(message, { channelId: '' });
    expect((await alerts.raise(message, { channelId: '' })).alertId).toBe(first.alertId);
    expect(raised).toEqual(['Stolen']);
    expect(await alerts.countOpen()).toBe(1);
    expect(await alerts.acknowledge(first.alertId, USER)).toMatchObject({ acknowledgedBy: 'Anna' });
    expect(await alerts.list({ open: true, limit: 10 })).toEqual([]);
    expect(await alerts.list({ open: false, limit: 10 })).toHaveLength(1);
    await alerts.stop();
  });

  test('reaches a webhook, signed, with a link to its detection', async () => {
    const channel = await alerts.createChannel({
      name: 'Desk',
      plugin: 'webhook',
      config: { url: address, secret: 's3cret' },
      enabled: true,
    });
    expect(channel.config).toMatchObject({ url: address, secret: true });
    const message = await hit();
    await alerts.raise(message, { channelId: channel.channelId });
    await until(() => received.length === 1);
    const [{ body, headers } = { body: '', headers: {} }] = received;
    expect(JSON.parse(body)).toMatchObject({
      ...{ title: 'Stolen', plateNumber: '1กก1234', priority: 90 },
      link: `https://lpr.example/detections/${message.lpr.detection.detectionId}`,
    });
    const signature = createHmac('sha256', 's3cret')
      .update(`${String(headers['lpr-timestamp'])}.${body}`)
      .digest('hex');
    expect(headers['lpr-signature']).toBe(`sha256=${signature}`);
    await alerts.stop();
  });

  test('that is not taken is sent again until it is', async () => {
    const channel = await alerts.createChannel({
      name: 'Desk',
      plugin: 'webhook',
      config: { url: address },
      enabled: true,
    });
    status = 503;
    await alerts.raise(await hit(), { channelId: channel.channelId });
    await until(() => received.length === 1);
    status = 200;
    await until(() => received.length === 2);
    await sleep(300);
    await alerts.stop();
    const { rows } = await database.pool.query('select state, attempts from alert_deliveries');
    expect(rows).toEqual([{ state: 'delivered', attempts: 2 }]);
  });

  test('the test button tells what is wrong', async () => {
    status = 403;
    const { channelId } = await alerts.createChannel({
      name: 'Desk',
      plugin: 'webhook',
      config: { url: address },
      enabled: true,
    });
    await expect(alerts.testChannel(channelId)).rejects.toMatchObject({
      code: 'channel_refused',
      message: expect.stringContaining('403'),
    });
    await alerts.stop();
  });
});
