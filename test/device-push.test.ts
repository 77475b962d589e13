/** Cameras and systems that push over HTTP, over the hub's own port: held, approved, stored once, answered byte for byte; and what is meant to harm. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadPlugins, type Plugins } from '../core/plugins/plugins.ts';
import type { DeviceFormatPlugin, Outcome } from '../core/plugins/device-format.ts';
import { replay, withoutIds } from './device-replay.ts';
import { contextFor, OUTCOMES, readSample, sampleOf, windows874, type Sample } from './device-samples.ts';
import { startTestHub, type TestHub } from './hub.ts';

const ROOT = join(import.meta.dirname, '..');
let hub: TestHub;
let plugins: Plugins;

beforeAll(async () => {
  [hub, plugins] = await Promise.all([startTestHub(), loadPlugins(join(ROOT, 'plugins'))]);
});
afterAll(() => hub.stop());

const formatOf = (format: string): DeviceFormatPlugin => plugins.find('deviceFormat', format)!;
const sampleIn = (format: string, name: string): Promise<Sample> =>
  readSample(join(ROOT, 'plugins', `device-${format}`), name);
const send = async (sample: Sample): Promise<unknown> =>
  withoutIds(await replay({ url: hub.url, mqttPort: 0 }, sample));
const answerOf = (format: string, { message }: Sample, outcome: Outcome): unknown => {
  const plugin = formatOf(format);
  const { config } = contextFor(plugin);
  const reply = plugin.reply(outcome, message, plugin.decode(message, contextFor(plugin)), config);
  return withoutIds({ headers: {}, ...reply });
};
const deviceOf = async (format: string, ref: string) =>
  (await hub.hub.devices.list()).find((device) => device.format === format && device.ref === ref);

/** Reads of this plate at this moment that the device made, with the detection that they became part of. */
async function readsOf(format: string, ref: string, plate: string, at: string) {
  const cameras = (await deviceOf(format, ref))?.cameras ?? [];
  const query = { plate, issuingEntity: null, countryCode: null, status: null, from: null, to: null };
  const pages = await Promise.all(
    cameras.map(({ cameraId }) =>
      hub.hub.detections.search({ ...query, cameraId, minConfidence: null, cursor: null, limit: 50 }),
    ),
  );
  const ids = pages.flatMap(({ items }) => items.map(({ detectionId }) => detectionId));
  const whole = await Promise.all(ids.map((detectionId) => hub.hub.detections.get(detectionId)));
  return whole.flatMap((detection) =>
    (detection?.reads ?? [])
      .filter((read) => read.capturedAt.toISOString() === at && read.plateNumber === plate)
      .map((read) => ({ ...read, detection })),
  );
}
const until = async <T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> => {
  for (let i = 0; i < 200; i++) {
    const found = await look();
    if (found.length > 0) return found;
    await sleep(50);
  }
  return [];
};

/** Format, sample, the device's own id, plate in the hub's form, province, time of capture. */
const READS: readonly (readonly [string, string, string, string, string | null, string])[] = [
  ['hikvision', 'form', '02:a6:42:f3:2a:d7', '8กผ444', 'TH-50', '2026-11-26T04:59:03.847Z'],
  ['hikvision', 'xml-alone', '02:cc:81:77:93:8a', '38AAP084', null, '2026-11-26T03:10:06.471Z'],
  ['hikvision', 'json', '02:00:00:00:00:42', 'กข1234', 'TH-10', '2026-11-26T04:59:03.250Z'],
  ['dahua', 'tollgate', '8M049B2PAJF0001', 'กข1234', null, '2026-11-26T04:59:03.123Z'],
  ['dahua', 'event', '8M049B2PAJF0001', '1กก1234', null, '2026-11-26T04:59:03.305Z'],
  ['axis', 'new', 'ACCC8E000001', '1กก1234', null, '2026-11-26T04:59:03.252Z'],
  ['axis', 'update-json', 'ACCC8E000001', '1กก1234', null, '2026-11-26T04:59:05.252Z'],
  ['milesight', 'plate', 'North gate', '1กก1234', null, '2026-11-26T04:59:03.123Z'],
  ['onvif', 'notify', 'c37d4bf5-fa69-498d-8294-e0c8ade51ded', '1กก1234', 'TH-50', '2026-11-26T04:59:03.123Z'],
  ['genetec', 'attributes', '', '1กก1234', 'TH-83', '2026-11-26T04:59:03.000Z'],
  ['genetec', 'analytics-xml', 'SHARPXS0014', 'AA7D2', 'TH-83', '2026-11-26T04:59:03.862Z'],
  ['codeproject', 'alert', '', '1กก1234', null, '2026-11-26T04:59:03.250Z'],
  ['generic', 'own', 'gate-box-1', '1กก1234', 'TH-10', '2026-11-26T04:59:03.250Z'],
  ['generic', 'urlencoded', '', 'กข99', null, '2026-11-26T04:59:03.000Z'],
];

test.each(READS)('%s %s', async (format, name, ref, plate, province, at) => {
  const sample = await sampleIn(format, name);
  if ((await deviceOf(format, ref))?.state !== 'approved') {
    expect(await send(sample)).toEqual(answerOf(format, sample, OUTCOMES.held));
    const waiting = await deviceOf(format, ref);
    expect(waiting).toMatchObject({ state: 'waiting', address: '127.0.0.1' });
    await hub.hub.devices.approve(waiting!.deviceId, { name: null, cameraId: null });
  }
  expect(await send(sample)).toEqual(answerOf(format, sample, OUTCOMES.stored));
  const [read] = await until(() => readsOf(format, ref, plate, at));
  expect(read).toMatchObject({ engine: `device:${format}`, plateNumber: plate, issuingEntity: province });
  // What came before it was approved, what came after, and this are one event.
  expect(await send(sample)).toEqual(answerOf(format, sample, OUTCOMES.stored));
  await sleep(200);
  expect(await readsOf(format, ref, plate, at)).toHaveLength(1);
  // A scene that came with a place gives the plate's picture, also where the device cut none.
  const { frame, patch } = read!.detection!;
  const [said] = formatOf(format).decode(sample.message, contextFor(formatOf(format))).events;
  if (said?.frame) expect(frame).toMatchObject({ imageId: expect.stringMatching(/^[0-9a-f]{64}$/) });
  if (said?.frame && said.reads[0]?.box) expect(patch).not.toBeNull();
});

test.each([
  ['hikvision', 'heartbeat', '02:a6:42:f3:2a:d7', { event: 'videoloss', state: 'inactive' }],
  ['dahua', 'keep-alive', '8M049B2PAJF0001', { Active: 'keepAlive' }],
  ['dahua', 'device-info', '8M049B2PAJF0001', { DeviceType: 'ITC' }],
  ['milesight', 'parking', 'North gate', { parking_area: 'A' }],
  ['generic', 'own-heartbeat', 'gate-box-1', { version: '2.0' }],
] as const)('%s %s is health, and stores nothing', async (format, name, ref, facts) => {
  const sample = await sampleIn(format, name);
  expect(await send(sample)).toEqual(answerOf(format, sample, { kind: 'stored', frameIds: [] }));
  expect((await deviceOf(format, ref))?.health?.facts).toMatchObject(facts);
});

test('the camera’s own probe of a fixed path is answered as Dahua wants it', async () => {
  const response = await fetch(`${hub.url}/NotificationInfo/KeepAlive`);
  expect([response.status, await response.text()]).toEqual([200, '{"result":"true","Result":true}']);
});

test('Blue Iris is known by its key, and a key that nobody has is refused in its own words', async () => {
  const device = await hub.hub.devices.create({
    name: 'Iris',
    format: 'codeproject',
    ref: 'iris',
    config: {},
    timeZone: null,
  });
  const { token } = await hub.hub.devices.makeToken(device.deviceId);
  const sample = await sampleIn('codeproject', 'dump-as-text');
  const keyed = (key: string): Sample => ({ ...sample, headers: { ...sample.headers, 'x-api-key': key } });
  expect(await send(keyed(token))).toMatchObject({ status: 201, body: '{"message":"stored"}' });
  expect(await send(keyed('not-a-real-token'))).toMatchObject({ status: 422, body: expect.stringContaining('token') });
});

test('the answer of a webhook is as its device sets it', async () => {
  const config = { replyStatus: 201, replyBody: 'OK {outcome}', plateNumber: 'lp' };
  const device = await hub.hub.devices.create({
    name: 'Own',
    format: 'generic',
    ref: 'own-words',
    config,
    timeZone: null,
  });
  const { token } = await hub.hub.devices.makeToken(device.deviceId);
  const request = `POST /ingest/generic/${token} HTTP/1.1\nContent-Type: application/json\n\n`;
  expect(await send(await sampleOf(`${request}{"lp":"1กก 77"}`))).toMatchObject({ status: 201, body: 'OK stored' });
  // In quarantine it is kept as well: nothing is to be sent again.
  expect(await send(await sampleOf(`${request}{"plate":"1กก 77"}`))).toMatchObject({ status: 201, body: 'OK held' });
  const [held] = await hub.hub.devices.held({
    reason: 'quarantine',
    deviceId: device.deviceId,
    before: null,
    limit: 10,
  });
  expect(held?.error).toMatchObject({ code: 'invalid_input', field: 'plateNumber' });
});

describe('what is meant to harm', () => {
  const deep = `${'['.repeat(50)}${']'.repeat(50)}`;
  const bomb =
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><EventNotificationAlert>&b;</EventNotificationAlert>';
  const entity = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Envelope><Body>&x;</Body></Envelope>';

  test.each([
    ['an XML bomb', 'hikvision', '/ingest/hikvision', bomb, 'body'],
    ['an external entity', 'onvif', '/ingest/onvif', entity, 'body'],
    ['JSON of 50 levels', 'dahua', '/NotificationInfo/TollgateInfo', `{"Picture":${deep}}`, 'body'],
    [
      'a picture that is a script',
      'milesight',
      '/ingest/milesight',
      '{"plate":"A1","full_image":"<script>"}',
      'full_image',
    ],
  ])('%s is kept in quarantine under the field, the device goes on', async (_name, format, path, body, field) => {
    const sample = await sampleOf(`POST ${path} HTTP/1.1\nContent-Type: text/plain\n\n${body}`);
    const { status } = formatOf(format).reply(OUTCOMES.held, sample.message, null);
    expect(await send(sample)).toMatchObject({ status });
    const held = await hub.hub.devices.held({ reason: null, deviceId: null, before: null, limit: 200 });
    expect(held.find((one) => one.format === format && one.error?.field === field)).toBeDefined();
  });

  test('a scene that is a script is left out and said; a name that climbs is no path; the read counts', async () => {
    const sample = await sampleIn('hikvision', 'form');
    const script = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const scene = sample.pictures[1]!;
    const at = sample.body.indexOf(scene);
    const body = Buffer.concat([sample.body.subarray(0, at), script, sample.body.subarray(at + scene.length)]);
    const text = body
      .toString('latin1')
      .replaceAll('a0fe72d4', 'b0fe72d4')
      .replaceAll('11:59:03', '11:59:13')
      .replaceAll('115903847', '115913847');
    const climbing = text.replace(
      'filename="licensePlatePicture.jpg"',
      'filename="../../../../tmp/licensePlatePicture.jpg"',
    );
    expect(await send({ ...sample, body: Buffer.from(climbing, 'latin1') })).toMatchObject({ status: 200, body: 'OK' });
    const [read] = await until(() => readsOf('hikvision', '02:a6:42:f3:2a:d7', '8กผ444', '2026-11-26T04:59:13.847Z'));
    expect(read?.reasons.filter((reason) => reason.startsWith('picture:'))).toHaveLength(1);
  });

  test('windows-874 is read as Thai', async () => {
    const request = 'POST /ingest/generic HTTP/1.1\nContent-Type: application/json\n\n';
    const body =
      '{"deviceId":"gate-box-1","cameraId":"in-1","eventId":"old-thai","timestamp":"2026-11-26T04:58:00Z","plate":"9กฮ 99"}';
    expect(await send(await sampleOf(request + body, windows874))).toMatchObject({ status: 200 });
    expect(await until(() => readsOf('generic', 'gate-box-1', '9กฮ99', '2026-11-26T04:58:00.000Z'))).toHaveLength(1);
  });

  test.each(['1970-01-01T00:00:05Z', '2100-01-01T00:00:00Z'])(
    'a clock that says %s is not believed',
    async (timestamp) => {
      const request = 'POST /ingest/generic HTTP/1.1\nContent-Type: application/json\n\n';
      const plate = timestamp.startsWith('1970') ? '8กข7035' : '2ฬพ9146';
      const body = JSON.stringify({ deviceId: 'gate-box-1', cameraId: 'in-1', eventId: timestamp, timestamp, plate });
      expect(await send(await sampleOf(request + body))).toMatchObject({ status: 200 });
      const { cameras } = (await deviceOf('generic', 'gate-box-1'))!;
      const query = { plate, issuingEntity: null, countryCode: null, status: null, from: null, to: null };
      const found = await until(async () => {
        const page = await hub.hub.detections.search({
          ...query,
          cameraId: cameras[0]!.cameraId,
          minConfidence: null,
          cursor: null,
          limit: 5,
        });
        return page.items;
      });
      expect(found[0]).toMatchObject({ capturedAtSource: 'received' });
    },
  );
});
