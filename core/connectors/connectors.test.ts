import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import rekor from '../../plugins/connector-rekor/plugin.ts';
import webhook from '../../plugins/connector-webhook/plugin.ts';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { LOOK_CAMERA as CAMERA, readMessage, type Look } from '../../test/looks.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import { createConnectorStore } from '../db/stores/connector-store.ts';
import { createDetectionStore } from '../db/stores/detection-store.ts';
import { createDetections } from '../detections/create-detections.ts';
import { LprError } from '../errors.ts';
import { createEvents, type Events } from '../events.ts';
import type { DetectionPart } from '../message.ts';
import { createSecretBox } from '../secrets.ts';
import type { Connector, ConnectorInput, Connectors } from './connectors.ts';
import { createConnectors } from './create-connectors.ts';
import type { Patience } from './delivery-lane.ts';

const USER = '00000000-0000-7000-8000-0000000000ff';
const OPTIONS = { windowSeconds: 10, minSimilarity: 0.75, parkedMinutes: 10 };
const QUICK: Partial<Patience> = { pollMs: 50, firstWaitMs: 20, longestWaitMs: 100, longestPauseMs: 100, stopMs: 500 };
let database: TestDatabase;
let folder: string;
let receiver: Receiver;
let events: Events;
let detections: ReturnType<typeof createDetections>;
let connectors: Connectors;
let at = 0;

const openConnectors = (patience: Partial<Patience> = {}): Connectors =>
  createConnectors({
    store: createConnectorStore(database),
    plugins: pluginsOf(webhook, rekor),
    secrets: createSecretBox(folder),
    images: {
      read: (imageId) =>
        imageId.startsWith('a')
          ? Promise.resolve(Buffer.from([0xff, 0xd8, 1, 2]))
          : Promise.reject(new LprError('image_removed', 'gone')),
    },
    ...{ events, log: quietLog, publicUrl: 'https://lpr.example' },
    siteZone: () => Promise.resolve('Asia/Bangkok'),
    patience: { ...QUICK, ...patience },
  });

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-connectors-'));
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role) values ($1, 'Anna', 'anna', 'x', 'operator')`,
    [USER],
  );
  await database.pool.query(`insert into checkpoints (checkpoint_id, name, latitude, longitude)
    values ('00000000-0000-7000-8000-0000000000cc', 'Bridge', 13.75, 100.5)`);
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol, checkpoint_id)
     values ($1, 'Gate 1', 'gate 1', 'push', '00000000-0000-7000-8000-0000000000cc')`,
    [CAMERA],
  );
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query(`truncate connectors, connector_deliveries, detections, reads, read_keys, detection_keys,
    detection_changes, plates, vehicles cascade`);
  receiver = await openReceiver();
  events = createEvents((error) => {
    throw error;
  });
  detections = createDetections({ store: createDetectionStore(database), events, log: quietLog });
  await detections.start();
  connectors = openConnectors();
  await connectors.start();
});
afterEach(async () => {
  await connectors.stop();
  await detections.stop();
  await receiver.close();
});

const added = (more: Partial<ConnectorInput> = {}): Promise<Connector> =>
  connectors.create({
    ...{ name: 'Centre', plugin: 'webhook', config: { url: receiver.url, secret: 's3cret' }, enabled: true },
    ...{ sends: 'all', provisional: false, updates: false, late: true, cameraIds: [], countries: [] },
    ...{ minConfidence: null, perSecond: 1000, allowPrivate: true, ...more },
  });
async function look(more: Look): Promise<string> {
  const message = readMessage(more);
  const part: DetectionPart = await detections.merge(message, OPTIONS);
  await detections.record({ lpr: { ...message.lpr, detection: part } });
  return part.detectionId;
}
/** Two looks confirm; each call is another pass. */
async function passed(text: string, more: Partial<Look> = {}): Promise<string> {
  at += 100;
  await look({ text, at, ...more });
  return look({ text, at: at + 1, ...more });
}
const bodies = (): { event: string; detection: Record<string, unknown>; pictures?: unknown }[] =>
  receiver.received.map(({ body }) => JSON.parse(body.toString()));
/** By detection. */
function timesTold(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { detection } of bodies()) {
    const id = String(detection['detectionId']);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
const told = (): unknown[] => bodies().map(({ detection }) => detection['plateNumber']);
const states = async (): Promise<string[]> =>
  (await database.pool.query<{ state: string }>('select state from connector_deliveries order by created_at')).rows.map(
    ({ state }) => state,
  );
async function until(is: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 400 && !(await is()); i++) await sleep(25);
  expect(await is()).toBe(true);
}
const settle = (): Promise<unknown> =>
  database.pool.query(
    `with s as (update detections set settles_at = now() where status = 'provisional' returning detection_id)
     update connector_deliveries q set next_attempt_at = now() from s where q.detection_id = s.detection_id`,
  );

describe('what is told', () => {
  test('a confirmed detection, once, signed, with its place and a stable name', async () => {
    await added({ config: { url: receiver.url, secret: 's3cret', pictures: true } });
    const detectionId = await passed('1กก1234');
    await receiver.has(1);
    await until(async () => (await connectors.list())[0]?.state.sent === 1);
    expect(receiver.received).toHaveLength(1);
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    const signed = createHmac('sha256', 's3cret').update(`${String(headers['lpr-timestamp'])}.${body.toString()}`);
    expect(headers).toMatchObject({
      'lpr-signature': `sha256=${signed.digest('hex')}`,
      'lpr-event-id': `${detectionId}.0`,
    });
    expect(bodies()).toMatchObject([
      {
        event: 'detection.created',
        detection: {
          ...{ detectionId, status: 'confirmed', plateNumber: '1กก1234', issuingEntity: 'TH-10', isLate: false },
          camera: { cameraId: CAMERA, name: 'Gate 1', checkpoint: 'Bridge', latitude: 13.75, longitude: 100.5 },
          link: `https://lpr.example/detections/${detectionId}`,
        },
        // The scene is removed, the patch is there.
        pictures: { frame: null, patch: Buffer.from([0xff, 0xd8, 1, 2]).toString('base64') },
      },
    ]);
    expect((await connectors.list())[0]?.state).toMatchObject({ waiting: 0, dead: 0, lagSeconds: null, error: null });
  });

  test('nothing that more reads may change, until it is settled', async () => {
    await added();
    await look({ text: '1กก1234', at: (at += 100) });
    await sleep(400);
    expect(receiver.received).toEqual([]);
    expect((await connectors.list())[0]?.state).toMatchObject({ waiting: 0, lagSeconds: null });
    await settle();
    await receiver.has(1);
    expect(bodies()[0]?.detection['status']).toBe('confirmed');
  });

  test('at the first read where that is wanted, and again when it is settled', async () => {
    await added({ provisional: true });
    await look({ text: '1กก1234', at: (at += 100) });
    await receiver.has(1);
    await until(async () => (await connectors.list())[0]?.state.sent === 1 || (await states()).length === 1);
    await look({ text: '1กก1234', at: at + 1 });
    await receiver.has(2);
    expect(bodies().map(({ event, detection }) => [event, detection['status'], detection['revision']])).toEqual([
      ['detection.created', 'provisional', 0],
      ['detection.updated', 'confirmed', 1],
    ]);
  });

  test('corrections, where they are wanted', async () => {
    await added({ updates: true });
    const id = await passed('1กก1234');
    await receiver.has(1);
    await until(async () => (await states())[0] === 'sent');
    const text = {
      kind: 'text',
      plateNumber: '1กก1235',
      issuingEntity: 'TH-10',
      countryCode: 'TH',
      note: null,
    } as const;
    await detections.correct(id, text, USER);
    await receiver.has(2);
    await until(async () => (await states())[0] === 'sent');
    await detections.correct(id, { ...text, kind: 'not_a_plate', plateNumber: '1กก1235' }, USER);
    await receiver.has(3);
    expect(bodies().map(({ event, detection }) => [event, detection['plateNumber'], detection['status']])).toEqual([
      ['detection.created', '1กก1234', 'confirmed'],
      ['detection.updated', '1กก1235', 'corrected'],
      ['detection.updated', '1กก1235', 'rejected'],
    ]);
  });

  test('no correction where they are not', async () => {
    await added();
    const id = await passed('1กก1234');
    await until(async () => (await states())[0] === 'sent');
    const text = { kind: 'text', plateNumber: '1กก1235', issuingEntity: null, countryCode: 'TH', note: null } as const;
    await detections.correct(id, text, USER);
    await sleep(400);
    expect(told()).toEqual(['1กก1234']);
  });

  test.each<[string, Partial<ConnectorInput>, Partial<Look>, string[]]>([
    ['of other cameras', { cameraIds: [USER] }, {}, []],
    ['of other countries', { countries: ['LA'] }, {}, []],
    ['less sure', { minConfidence: 0.999 }, { confidence: 0.3 }, []],
    ['of this camera and country', { cameraIds: [CAMERA], countries: ['TH'], minConfidence: 0.2 }, {}, ['1กก1234']],
  ])('filters: %s', async (_what, filters, more, expected) => {
    await added(filters);
    await passed('1กก1234', more);
    await sleep(400);
    expect(told()).toEqual(expected);
  });

  test('what reached the hub late is marked, or left out', async () => {
    await added();
    await added({ name: 'Live', late: false });
    await passed('1กก1234');
    await until(async () => (await states()).every((state) => state === 'sent'));
    await connectors.stop();
    await passed('1กก1111');
    await database.pool.query(
      `update detections set received_at = captured_at + interval '1 hour' where plate_number = '1กก1111'`,
    );
    connectors = openConnectors();
    await connectors.start();
    await receiver.has(3);
    await until(async () => (await states()).sort().join() === 'left_out,sent,sent,sent');
    expect(bodies()[2]?.detection).toMatchObject({ plateNumber: '1กก1111', isLate: true });
  });
});

describe('nothing is lost', () => {
  test('what was recorded while nobody sent is told when somebody does', async () => {
    await added();
    await connectors.stop();
    for (let i = 0; i < 30; i++) await passed(`${i % 9}กก${1000 + i}`);
    connectors = openConnectors();
    await connectors.start();
    await receiver.has(30);
    await until(async () => (await states()).every((state) => state === 'sent'));
    expect(new Set(told()).size).toBe(30);
    expect(receiver.received).toHaveLength(30);
  });

  test('killed in the midst of it, again and again: each is told, and what was noted as taken is told once', async () => {
    await added();
    await connectors.stop();
    const file = join(import.meta.dirname, '../../test/connector-process.ts');
    const started = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, [file, JSON.stringify(database.connection), folder]);
      await once(child.stdout, 'data');
      return child;
    };
    const expected = new Set<string>();
    const recording = (async () => {
      for (let i = 0; i < 150; i++) expected.add(await passed(`${i % 9}กก${1000 + i}`));
    })();
    let kills = 0;
    for (; kills < 5; kills++) {
      const child = await started();
      const before = receiver.received.length;
      await until(() => receiver.received.length > before);
      await sleep(Math.random() * 100);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await recording;
    const sentOnce = await database.pool.query<{ id: string }>(
      `select detection_id as id from connector_deliveries where state = 'sent'`,
    );
    const before = timesTold();
    const last = await started();
    await until(async () => (await states()).every((state) => state === 'sent'));
    last.kill('SIGKILL');
    await once(last, 'exit');
    const counts = timesTold();
    expect(new Set(counts.keys())).toEqual(expected);
    // A kill between the answer and its note tells again what was in flight: eight at most, each time.
    expect(receiver.received.length - expected.size).toBeLessThanOrEqual(8 * kills);
    const noted = sentOnce.rows.map(({ id }) => id);
    expect(noted.length).toBeGreaterThan(0);
    expect(noted.map((id) => counts.get(id))).toEqual(noted.map((id) => before.get(id)));
    expect((await connectors.list())[0]?.state.dead).toBe(0);
  }, 120_000);

  test('what is not taken is sent again under the same name until it is, and then no more', async () => {
    receiver.answer = 503;
    await added();
    await passed('1กก1234');
    await receiver.has(3);
    receiver.answer = 200;
    await until(async () => (await states())[0] === 'sent');
    const count = receiver.received.length;
    await sleep(400);
    expect(receiver.received).toHaveLength(count);
    expect(new Set(receiver.received.map(({ headers }) => headers['lpr-event-id'])).size).toBe(1);
    expect((await connectors.list())[0]?.state).toMatchObject({
      ...{ sent: 1, dead: 0 },
      error: { code: 'connector_refused', message: expect.stringContaining('503') },
    });
  });

  test('what is refused for what it says becomes a dead letter, and is sent again when asked', async () => {
    receiver.answer = ({ body }) => (body.toString().includes('1กก6666') ? 422 : 200);
    const { connectorId } = await added();
    await passed('1กก6666');
    await passed('1กก7777');
    await until(async () => (await states()).sort().join() === 'dead,sent');
    expect(receiver.received.filter(({ body }) => body.toString().includes('1กก6666'))).toHaveLength(3);
    const [letter] = await connectors.dead(connectorId, 10);
    expect(letter).toMatchObject({
      ...{ plateNumber: '1กก6666', cameraName: 'Gate 1', attempts: 3 },
      error: { code: 'connector_refused' },
    });
    receiver.answer = 200;
    expect(await connectors.replay(connectorId, [USER])).toBe(0);
    expect(await connectors.replay(connectorId, 'all')).toBe(1);
    await until(async () => (await states()).join() === 'sent,sent');
    expect(await connectors.dead(connectorId, 10)).toEqual([]);
  });

  test('dead letters can be let go', async () => {
    receiver.answer = 400;
    const { connectorId } = await added();
    const id = await passed('1กก6666');
    await until(async () => (await states())[0] === 'dead');
    expect(await connectors.discard(connectorId, [id])).toBe(1);
    expect(await states()).toEqual([]);
  });

  test('an outage turns nothing into dead letters: one at a time is tried until the other side answers', async () => {
    await connectors.stop();
    connectors = openConnectors({ longestPauseMs: 60, firstWaitMs: 30 });
    await connectors.start();
    receiver.answer = 502;
    await added();
    for (let i = 0; i < 40; i++) await passed(`${i % 9}กก${1000 + i}`);
    await sleep(1_500);
    expect(receiver.received.length).toBeLessThan(100);
    receiver.answer = 200;
    await until(async () => (await states()).every((state) => state === 'sent'));
  });

  test('a change that comes while it is being sent is told after it', async () => {
    await added({ updates: true });
    const change = Promise.withResolvers<undefined>();
    let isFirst = true;
    receiver.answer = () => {
      if (isFirst) {
        isFirst = false;
        change.resolve(undefined);
      }
      return 200;
    };
    const id = await passed('1กก1234');
    await change.promise;
    await detections.correct(
      id,
      { kind: 'text', plateNumber: '1กก1235', issuingEntity: 'TH-10', countryCode: 'TH', note: null },
      USER,
    );
    await receiver.has(2);
    expect(told()).toEqual(['1กก1234', '1กก1235']);
  });

  test('a rate is kept', async () => {
    await connectors.stop();
    await connectors.start();
    await added({ perSecond: 5 });
    const begin = Date.now();
    for (let i = 0; i < 6; i++) await passed(`${i}กก${1000 + i}`);
    await receiver.has(6);
    expect(Date.now() - begin).toBeGreaterThan(950);
  });
});

describe('a connector', () => {
  test('that flows feed gets what they hand over, once, and nothing else', async () => {
    const { connectorId } = await added({ sends: 'flow' });
    await passed('1กก1111');
    const id = await passed('1กก2222');
    expect(await connectors.hand(connectorId, id)).toBe('queued');
    expect(await connectors.hand(connectorId, id)).toBe('queued');
    await receiver.has(1);
    await sleep(300);
    expect(told()).toEqual(['1กก2222']);
    await connectors.update(connectorId, { enabled: false });
    expect(await connectors.hand(connectorId, id)).toBe('off');
    await expect(connectors.hand(USER, id)).rejects.toMatchObject({ code: 'connector_unknown' });
  });

  test('shows no secret, keeps it over a change, and is told by name', async () => {
    const { connectorId, config } = await added();
    expect(config).toMatchObject({ secret: true });
    const stored = await database.pool.query<{ config: object }>('select config from connectors');
    expect(JSON.stringify(stored.rows)).not.toContain('s3cret');
    await connectors.update(connectorId, { name: 'Head office', config: { url: receiver.url, secret: true } });
    await connectors.test(connectorId);
    const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
    const signed = createHmac('sha256', 's3cret').update(`${String(headers['lpr-timestamp'])}.${body.toString()}`);
    expect(headers['lpr-signature']).toBe(`sha256=${signed.digest('hex')}`);
    expect(bodies()[0]).toMatchObject({ event: 'test', detection: { plateNumber: 'TEST' } });
    await expect(added({ name: 'HEAD office' })).rejects.toMatchObject({ code: 'name_taken' });
    await connectors.remove(connectorId);
    await expect(connectors.remove(connectorId)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('is told what its form cannot say, and a plugin that is none', async () => {
    await expect(added({ plugin: 'rekor', updates: true })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { problems: [{ field: 'updates' }] },
    });
    await expect(added({ plugin: 'none' })).rejects.toMatchObject({ code: 'connector_unknown' });
  });

  test.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1'])(
    'reaches %s only when it may',
    async (host) => {
      const { port } = new URL(receiver.url);
      const { connectorId } = await added({ allowPrivate: false, config: { url: `http://${host}:${port}/` } });
      await expect(connectors.test(connectorId)).rejects.toMatchObject({ code: 'connector_private' });
      expect(receiver.received).toEqual([]);
    },
  );

  test('follows nobody elsewhere, and says who cannot be reached', async () => {
    const { connectorId } = await added();
    receiver.answer = 302;
    receiver.headers['location'] = 'http://127.0.0.1:1/';
    await expect(connectors.test(connectorId)).rejects.toMatchObject({
      code: 'connector_refused',
      message: expect.stringContaining('302'),
    });
    await connectors.update(connectorId, { config: { url: 'http://127.0.0.1:1/' } });
    await expect(connectors.test(connectorId)).rejects.toMatchObject({ code: 'connector_unreachable' });
  });
});
