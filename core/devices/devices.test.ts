import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import type { CameraInput } from '../cameras/cameras.ts';
import { createDeviceStore } from '../db/stores/device-store.ts';
import { LprError } from '../errors.ts';
import { createEvents } from '../events.ts';
import type { EventInput } from '../ingest/ingest.ts';
import {
  at,
  badField,
  defineDeviceFormat,
  jsonOf,
  NOTHING_DECODED,
  secret,
  text,
  textAt,
  UNKNOWN_READ,
  url,
  type WireMessage,
} from '../plugins/define.ts';
import { createSecretBox } from '../secrets.ts';
import { createDevices } from './create-devices.ts';
import type { Devices, Received } from './devices.ts';

/** Made up: `{"id":"box-1","camera":"2","plate":"…"}` answered `OK`, `KEPT`, `NO` or `WAIT`. */
const format = defineDeviceFormat({
  id: 'made-up',
  fields: { plateField: text({ default: 'plate' }), address: url(), password: secret() },
  transports: ['http', 'websocket'],
  claims: (message) => message.body[0] === 0x7b,
  decode(message, { config }) {
    const sent = jsonOf(message);
    const deviceRef = textAt(at(sent, 'id')) ?? '';
    if (at(sent, 'ping') !== undefined) {
      return { ...NOTHING_DECODED, deviceRef, health: { isOnline: true, facts: {}, camerasDown: [], clock: null } };
    }
    if (at(sent, 'nothing') !== undefined) return { ...NOTHING_DECODED, deviceRef };
    if (at(sent, 'bug') !== undefined) throw new TypeError('a fault of the format');
    const plate = textAt(at(sent, config.plateField)) ?? badField(config.plateField, 'is missing');
    return {
      ...NOTHING_DECODED,
      deviceRef,
      events: [
        {
          ...{ eventKey: textAt(at(sent, 'key')), cameraRef: textAt(at(sent, 'camera')) ?? '', cameraName: null },
          ...{ capturedAt: null, isLate: false, frame: null, pull: null, coerced: [] },
          reads: [{ ...UNKNOWN_READ, text: plate, confidence: 0.9 }],
        },
      ],
    };
  },
  reply: ({ kind }) => ({ status: 200, body: { stored: 'OK', held: 'KEPT', refused: 'NO', later: 'WAIT' }[kind] }),
});

const GATE = '00000000-0000-7000-8000-00000000ca01';

let database: TestDatabase;
let folder: string;
let devices: Devices;
let accepted: EventInput[] = [];
let cameras: CameraInput[] = [];
let trouble: LprError | null = null;
let time = new Date('2026-11-26T03:00:00Z');

const open = (): Devices =>
  createDevices({
    store: createDeviceStore(database),
    plugins: pluginsOf(format),
    secrets: createSecretBox(join(folder, 'secrets')),
    events: createEvents((error) => {
      throw error;
    }),
    log: quietLog,
    siteZone: () => Promise.resolve('Asia/Bangkok'),
    fetchBytes: () => Promise.reject(new Error('not asked for')),
    now: () => time,
    catchUpMs: 20,
    cameras: {
      list: () => Promise.resolve([]),
      get: (cameraId) => Promise.resolve(cameraId === GATE ? ({ cameraId } as never) : null),
      async create(input) {
        if (cameras.some(({ name }) => name === input.name)) throw new LprError('name_taken', 'Another has this name.');
        cameras.push(input);
        const cameraId = crypto.randomUUID();
        await database.pool.query(
          `insert into cameras (camera_id, name, name_key, protocol) values ($1, $2, $1::uuid::text, 'device')`,
          [cameraId, input.name],
        );
        return { cameraId } as never;
      },
      alive: () => undefined,
      deviceLink: () => undefined,
    },
    ingest: {
      accept: () => Promise.reject(new Error('no pictures here')),
      acceptEvent(input) {
        if (trouble !== null) return Promise.reject(trouble);
        accepted.push(input);
        return Promise.resolve({ frameId: crypto.randomUUID(), duplicate: false });
      },
      counts: () => Promise.resolve({ queued: 0, running: 0, dead: 0 }),
    },
  });

const message = (body: unknown, address = '10.0.0.7'): WireMessage => ({
  ...{ transport: 'http', address, receivedAt: time, method: 'POST', path: '/', query: {}, headers: {}, namespace: '' },
  ...{
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    parts: [],
    args: [],
    isRetained: false,
  },
});
const send = (
  body: unknown,
  more: { address?: string; token?: string | null; format?: string | null } = {},
): Promise<Received> =>
  devices.receive(message(body, more.address), { format: more.format ?? null, token: more.token ?? null });
const approve = async (deviceId: string | null): Promise<void> => {
  await devices.approve(deviceId ?? '', { name: null, cameraId: null });
};

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-devices-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('delete from devices');
  accepted = [];
  cameras = [];
  trouble = null;
  devices = open();
  await devices.start();
});
afterEach(() => devices.stop());

test('an unknown device is answered as if all were well, waits, and what it sent is taken once it is approved', async () => {
  const first = await send({ id: 'box-1', plate: 'กข1' });
  expect(first.reply).toEqual({ status: 200, body: 'KEPT' });
  await send({ id: 'box-1', plate: 'กข2' });
  expect(accepted).toEqual([]);
  expect(await devices.list()).toMatchObject([
    { ref: 'box-1', state: 'waiting', address: '10.0.0.7', held: { waiting: 2, quarantined: 0 } },
  ]);
  await approve(first.deviceId);
  expect(accepted.map(({ reads }) => reads[0]?.text)).toEqual(['กข1', 'กข2']);
  expect(cameras.map(({ name }) => name)).toEqual(['box-1']);
  expect(await devices.get(first.deviceId ?? '')).toMatchObject({ state: 'approved', held: { waiting: 0, bytes: 0 } });
  expect((await send({ id: 'box-1', plate: 'กข3' })).reply.body).toBe('OK');
  expect(accepted).toHaveLength(3);
});

test('trouble in the middle of an approval, or a kill, leaves nothing behind: the rest is taken when that is possible', async () => {
  const { deviceId } = await send({ id: 'box-2', plate: 'กข1' });
  await send({ id: 'box-2', plate: 'กข2' });
  trouble = new LprError('database_unavailable', 'PostgreSQL does not answer.');
  await expect(approve(deviceId)).rejects.toMatchObject({ code: 'database_unavailable' });
  expect(await devices.get(deviceId ?? '')).toMatchObject({ state: 'approved', held: { waiting: 2, quarantined: 0 } });
  // As after a kill: another process finds them.
  await devices.stop();
  const sent = time;
  time = new Date(time.getTime() + 3_600_000);
  trouble = null;
  devices = open();
  await devices.start();
  for (let i = 0; i < 400 && accepted.length < 2; i++) await sleep(25);
  expect(accepted.map(({ reads, receivedAt }) => [reads[0]?.text, receivedAt])).toEqual([
    ['กข1', sent],
    ['กข2', sent],
  ]);
  time = sent;
});

test('the same id from another address is another device, until it is approved as the one that moved', async () => {
  const first = await send({ id: 'box-1', plate: 'กข1' });
  await approve(first.deviceId);
  const moved = await send({ id: 'box-1', plate: 'กข2' }, { address: '10.0.0.8' });
  expect(moved.outcome.kind).toBe('held');
  expect(await devices.get(moved.deviceId ?? '')).toMatchObject({ state: 'waiting', movedFrom: first.deviceId });
  await approve(moved.deviceId);
  expect(await devices.list()).toHaveLength(1);
  expect(new Set(accepted.map(({ cameraId }) => cameraId)).size).toBe(1);
});

test('each of a device’s cameras becomes one, once, also when two messages bring it up together', async () => {
  const { deviceId } = await send({ id: 'box-1', ping: 1 });
  await approve(deviceId);
  await Promise.all(['1', '2', '1', '2', '1'].map((camera, n) => send({ id: 'box-1', camera, plate: `กข${n}` })));
  expect(cameras.map(({ name }) => name).sort()).toEqual(['box-1 · 1', 'box-1 · 2']);
  expect((await devices.get(deviceId ?? ''))?.cameras.map(({ cameraRef }) => cameraRef).sort()).toEqual(['1', '2']);
});

test('a message over which its format stumbles keeps none that come after it from an approval', async () => {
  const { deviceId } = await send({ id: 'box-1', camera: '1', plate: 'กข1' });
  await send({ id: 'box-1', bug: 1 });
  await send({ id: 'box-1', camera: '1', plate: 'กข2' });
  await approve(deviceId);
  expect(accepted.map(({ reads }) => reads[0]?.text)).toEqual(['กข1', 'กข2']);
  const held = await devices.held({ reason: null, deviceId: deviceId ?? null, before: null, limit: 10 });
  expect(held.map(({ reason, error }) => [reason, error?.code])).toEqual([['quarantine', 'invalid_input']]);
});

test('a device may be approved as a camera that is there already', async () => {
  await database.pool.query(
    `insert into cameras (camera_id, name, name_key, protocol) values ($1, 'Gate', 'gate', 'device') on conflict do nothing`,
    [GATE],
  );
  const { deviceId } = await send({ id: 'box-1', camera: '7', plate: 'กข1' });
  await devices.approve(deviceId ?? '', { name: 'North', cameraId: GATE });
  expect(accepted.map(({ cameraId }) => cameraId)).toEqual([GATE]);
  expect(cameras).toEqual([]);
  expect(await devices.get(deviceId ?? '')).toMatchObject({
    name: 'North',
    cameras: [{ cameraRef: '7', cameraId: GATE }],
  });
});

test('a device made beforehand sends its token; a wrong one is refused', async () => {
  const { deviceId } = await devices.create({ name: 'North', format: 'made-up', ref: '', config: {}, timeZone: null });
  const { token } = await devices.makeToken(deviceId);
  expect((await send({ plate: 'กข1' }, { token })).reply.body).toBe('OK');
  expect((await send({ plate: 'กข1' }, { token, address: '10.9.9.9' })).reply.body).toBe('OK');
  const wrong = await send({ plate: 'กข1' }, { token: 'lpd_wrong' });
  expect(wrong).toMatchObject({ reply: { body: 'NO' }, outcome: { error: { code: 'ingest_key_wrong' } } });
  await devices.makeToken(deviceId);
  expect((await send({ plate: 'กข1' }, { token })).reply.body).toBe('NO');
  expect(await devices.identify(token)).toBeNull();
});

test('what cannot be decoded is kept with the field that failed, and taken after a fix', async () => {
  const { deviceId } = await send({ id: 'box-1', ping: 1 });
  await approve(deviceId);
  const odd = await devices.receive(message({ id: 'box-1', kennzeichen: 'กข1' }), { format: 'made-up', token: null });
  // The message names nobody, but one device alone sends so from there.
  expect(odd).toMatchObject({ reply: { body: 'KEPT' }, deviceId });
  // With a second one there nobody can be told: it waits as a device of its own.
  await send({ id: 'box-2', ping: 1 });
  expect([deviceId, null]).not.toContain((await send({ kennzeichen: 'กข1' })).deviceId);
  await devices.discard([
    (await devices.held({ reason: 'quarantine', deviceId, before: null, limit: 1 }))[0]?.heldId ?? '',
  ]);
  const { token } = await devices.makeToken(deviceId ?? '');
  const kept = await send({ kennzeichen: 'กข2' }, { token });
  expect(kept.reply.body).toBe('KEPT');
  const [held] = await devices.held({ reason: 'quarantine', deviceId, before: null, limit: 10 });
  expect(held).toMatchObject({ error: { code: 'invalid_input', field: 'plate' } });
  expect(await devices.get(deviceId ?? '')).toMatchObject({
    held: { quarantined: 1 },
    error: { heldId: held?.heldId },
  });
  expect(await devices.replay([held?.heldId ?? ''])).toEqual({ stored: 0, failed: 1 });
  await devices.update(deviceId ?? '', { config: { plateField: 'kennzeichen' } });
  expect(await devices.replay('all')).toEqual({ stored: 1, failed: 0 });
  expect(accepted.map(({ reads }) => reads[0]?.text)).toEqual(['กข2']);
});

test('a waiting device fills its share and no more; others are not harmed', async () => {
  for (let n = 0; n < 1_000; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => send({ id: 'box-1', plate: `กข${n + i}` })));
  }
  const over = await send({ id: 'box-1', plate: 'กข9999' });
  expect(over).toMatchObject({ reply: { body: 'WAIT' }, outcome: { kind: 'later', error: { code: 'overloaded' } } });
  expect((await send({ id: 'box-2', plate: 'กข1' })).reply.body).toBe('KEPT');
  time = new Date(time.getTime() + 8 * 86_400_000);
  expect((await send({ id: 'box-2', plate: 'กข1' })).reply.body).toBe('WAIT');
});

test('one address cannot make up devices without end', async () => {
  const replies = [];
  for (let n = 0; n < 60; n++) replies.push((await send({ id: `box-${n}`, plate: 'กข1' })).reply.body);
  expect(replies.filter((body) => body === 'KEPT')).toHaveLength(50);
  expect((await send({ id: 'other', plate: 'กข1' }, { address: '10.0.0.9' })).reply.body).toBe('KEPT');
});

test('a blocked device is refused, and what was kept of it is gone', async () => {
  const { deviceId } = await send({ id: 'box-1', plate: 'กข1' });
  await devices.block(deviceId ?? '');
  expect((await send({ id: 'box-1', plate: 'กข2' })).reply.body).toBe('NO');
  expect(await devices.held({ reason: null, deviceId, before: null, limit: 10 })).toEqual([]);
});

test('trouble of the hub is told as "later" and never counted as stored', async () => {
  const { deviceId } = await send({ id: 'box-1', ping: 1 });
  await approve(deviceId);
  trouble = new LprError('database_unavailable', 'PostgreSQL does not answer.');
  expect(await send({ id: 'box-1', plate: 'กข1' })).toMatchObject({
    reply: { body: 'WAIT' },
    outcome: { kind: 'later' },
  });
  trouble = new LprError('camera_disabled', 'This camera is switched off.');
  expect((await send({ id: 'box-1', plate: 'กข1' })).reply.body).toBe('NO');
  trouble = null;
  expect((await send({ id: 'box-1', plate: 'กข1' })).reply.body).toBe('OK');
  expect((await devices.get(deviceId ?? ''))?.error).toBeNull();
});

test('what bears no mark of a known format is told so', async () => {
  expect(await send('hello')).toMatchObject({ outcome: { kind: 'refused', error: { code: 'protocol_unknown' } } });
  expect(await send('{}', { format: 'nonsense' })).toMatchObject({ reply: { status: 422 } });
});

test('of two connections of one device the newer takes over; two that fight are told apart', async () => {
  const { deviceId } = await send({ id: 'box-1', ping: 1 });
  await approve(deviceId);
  const closed: string[] = [];
  const session = (sessionId: string) => ({
    ...({ sessionId, transport: 'websocket', address: '10.0.0.7' } as const),
    close: () => closed.push(sessionId),
  });
  const over = (sessionId: string): Promise<Received> =>
    devices.receive(message({ id: 'box-1', plate: 'กข1' }), { format: null, token: null, session: session(sessionId) });
  await over('a');
  await over('b');
  expect(closed).toEqual(['a']);
  expect((await devices.get(deviceId ?? ''))?.isOnline).toBe(true);
  devices.sessionEnded('a');
  expect((await devices.get(deviceId ?? ''))?.isOnline).toBe(true);
  for (const sessionId of ['a', 'b', 'a', 'b']) expect((await over(sessionId)).reply.body).toBe('OK');
  expect((await over('a')).reply.body).toBe('WAIT');
  time = new Date(time.getTime() + 30_000);
  devices.sessionEnded('b');
  expect((await devices.get(deviceId ?? ''))?.isOnline).toBe(false);
});

test('a connection for one message alone is no standing one: its end takes nobody offline', async () => {
  const { deviceId } = await send({ id: 'box-1', ping: 1 });
  const session = { sessionId: 'a', transport: 'websocket', address: '10.0.0.7', close: () => undefined } as const;
  await devices.receive(message({ id: 'box-1', plate: 'กข1' }), { format: null, token: null, session });
  expect((await devices.get(deviceId ?? ''))?.isOnline).toBe(true);
  devices.sessionEnded('a');
  expect((await devices.get(deviceId ?? ''))?.isOnline).toBeNull();
});

test('a message without a name is of whose connection it comes over, and what tells of nobody makes no device', async () => {
  const session = { sessionId: 'a', transport: 'websocket', address: '10.0.0.7', close: () => undefined } as const;
  const over = (body: unknown): Promise<Received> =>
    devices.receive(message(body), { format: 'made-up', token: null, session });
  expect(await over({ nothing: true })).toMatchObject({ reply: { body: 'OK' }, deviceId: null });
  expect(await devices.list()).toEqual([]);
  const { deviceId } = await over({ id: 'box-1', plate: 'กข1' });
  expect(await over({ plate: 'กข2' })).toMatchObject({ reply: { body: 'KEPT' }, deviceId });
  expect(await devices.list()).toHaveLength(1);
});

test('devices, their cameras and what is kept of them survive a restart', async () => {
  const { deviceId } = await send({ id: 'box-1', ping: 1 });
  await approve(deviceId);
  await send({ id: 'box-1', camera: '4', plate: 'กข1' });
  await send({ id: 'box-2', plate: 'กข1' });
  const before = await devices.list();
  await devices.stop();
  devices = open();
  await devices.start();
  expect(await devices.list()).toEqual(before.map((device) => ({ ...device, lagMs: null })));
  await send({ id: 'box-1', camera: '4', plate: 'กข2' });
  expect(cameras).toHaveLength(1);
});

test('secrets are sealed and never shown; pictures are asked of the set address alone', async () => {
  const config = { address: 'http://10.0.0.7/base', password: 'hunter2' };
  const device = await devices.create({ name: 'North', format: 'made-up', ref: '', config, timeZone: null });
  expect(device.config).toMatchObject({ password: true, address: 'http://10.0.0.7/base' });
  const { rows } = await database.pool.query('select config::text from devices');
  expect(rows[0].config).not.toContain('hunter2');
  await expect(devices.pullPicture(device.deviceId, { path: '//evil.example/x.jpg', afterMs: 0 })).rejects.toThrow(
    'not asked for',
  );
  await expect(
    devices.pullPicture(device.deviceId, { path: 'http://evil.example/x.jpg', afterMs: 0 }),
  ).rejects.toMatchObject({
    code: 'camera_bad_answer',
  });
});

test('a sample can be tried without storing anything', async () => {
  const sample = { format: 'made-up', config: { plateField: 'p' }, timeZone: null };
  const { decoded, reply } = await devices.tryOut({ ...sample, message: message({ p: 'กข1' }) });
  expect(decoded.events[0]?.reads[0]?.text).toBe('กข1');
  expect(reply.body).toBe('OK');
  await expect(devices.tryOut({ ...sample, message: message({ plate: 'กข1' }) })).rejects.toMatchObject({
    details: { problems: [{ field: 'p' }] },
  });
  expect(await devices.list()).toEqual([]);
});
