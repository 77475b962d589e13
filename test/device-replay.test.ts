/** Each device over its real transport: held while it is unknown, stored once approved, answered in its own words, kept once. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import { loadPlugins, type Plugins } from '../core/plugins/plugins.ts';
import { contextFor, OUTCOMES } from './device-samples.ts';
import { freePort, replay, withoutIds, type Doors } from './device-replay.ts';
import { readWireSample } from './event-samples.ts';
import { startTestHub, type TestHub } from './hub.ts';
import { picture } from './pictures.ts';

const ROOT = join(import.meta.dirname, '..');
let hub: TestHub;
let plugins: Plugins;
let doors: Doors;

beforeAll(async () => {
  const mqttPort = await freePort();
  hub = await startTestHub({ MQTT_PORT: String(mqttPort) });
  plugins = await loadPlugins(join(ROOT, 'plugins'));
  doors = { url: hub.url, mqttPort };
});
afterAll(() => hub.stop());

/** Format, sample, the device's own id, plate, time of capture. */
const READS: readonly (readonly [string, string, string, string, string])[] = [
  ['predecessor', 'g0.socketio', '', 'กข1234', '2025-06-11T01:15:30.000Z'],
  ['predecessor', 'g1.websocket', 'aicamera1', 'กข1234', '2025-06-11T01:15:30.000Z'],
  ['predecessor', 'g2.socketio', '1', 'กข1234', '2025-08-16T11:02:58.000Z'],
  ['predecessor', 'g2-raw.websocket', '1', 'กข1234', '2025-08-16T11:02:58.000Z'],
  ['predecessor', 'rest-detection.http', '1', 'กข1234', '2025-08-16T11:02:58.000Z'],
  ['predecessor', 'g3.mqtt', 'CAM001', 'กข1234', '2024-01-15T10:30:00.000Z'],
  ['rekor', 'group.http', 'AGENT1', '6PK132', '2018-10-07T15:01:53.600Z'],
  ['plate-recognizer', 'nested.http', '', 'PL8REC', '2024-05-15T08:31:00.000Z'],
  ['plate-recognizer', 'form.http', '', '9JUB11', '2021-09-29T05:56:13.606Z'],
  ['frigate', 'end.mqtt', '', '123ABC', '2020-12-04T23:19:21.750Z'],
];

const deviceOf = async (format: string, ref: string) =>
  (await hub.hub.devices.list()).find((device) => device.format === format && device.ref === ref);
/** Reads of this plate at this moment that the device made. */
async function readsOf(format: string, ref: string, plate: string, at: string) {
  const cameras = (await deviceOf(format, ref))?.cameras ?? [];
  const query = { plate, issuingEntity: null, countryCode: null, status: null, from: null, to: null };
  const found = await Promise.all(
    cameras.map(({ cameraId }) =>
      hub.hub.detections.search({ ...query, cameraId, minConfidence: null, cursor: null, limit: 50 }),
    ),
  );
  const whole = await Promise.all(
    found.flatMap(({ items }) => items).map(({ detectionId }) => hub.hub.detections.get(detectionId)),
  );
  return whole
    .flatMap((detection) => detection?.reads ?? [])
    .filter((read) => read.capturedAt.toISOString() === at && read.plateNumber === plate);
}
const until = async <T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> => {
  for (let i = 0; i < 200; i++) {
    const found = await look();
    if (found.length > 0) return found;
    await sleep(50);
  }
  return [];
};
const expected = async (format: string, file: string, kind: 'stored' | 'held'): Promise<unknown> => {
  const plugin = plugins.find('deviceFormat', format)!;
  const { message } = await readWireSample(join(ROOT, 'plugins', `device-${format}`), file);
  const decoded = plugin.decode(message, contextFor(plugin));
  return withoutIds(plugin.reply(OUTCOMES[kind], message, decoded));
};

describe.each(READS)('%s %s', (format, file, ref, plate, at) => {
  const send = async (): Promise<unknown> =>
    withoutIds(await replay(doors, await readWireSample(join(ROOT, 'plugins', `device-${format}`), file)));

  test('is held while nobody knows it, then stored, each told in its own words, and kept once', async () => {
    const before = await deviceOf(format, ref);
    if (before?.state !== 'approved') {
      expect(await send()).toEqual(await expected(format, file, 'held'));
      const waiting = await deviceOf(format, ref);
      expect(waiting).toMatchObject({ state: 'waiting', address: '127.0.0.1' });
      await hub.hub.devices.approve(waiting!.deviceId, { name: null, cameraId: null });
    }
    expect(await send()).toEqual(await expected(format, file, 'stored'));
    const reads = await until(() => readsOf(format, ref, plate, at));
    expect(reads.map(({ engine }) => engine)).toEqual([`device:${format}`]);
    // What came before it was approved, what came after, and this are one event.
    expect(await send()).toEqual(await expected(format, file, 'stored'));
    await sleep(200);
    expect(await readsOf(format, ref, plate, at)).toHaveLength(1);
  });
});

test.each([
  ['predecessor', 'g1-status.socketio', 'aicamera1', { camera_status: 'Camera not detected' }],
  ['predecessor', 'g2-health.socketio', '1', { camera: 'error: No frame for 30 s' }],
  ['predecessor', 'rest-clean-health.http', '1', { 'camera.cpu_usage': 45.2 }],
  ['predecessor', 'g3-health.mqtt', 'CAM001', { status: 'healthy' }],
  ['rekor', 'heartbeat.http', 'AGENT1', { os: 'linux' }],
  ['plate-recognizer', 'dwell.http', '', { 'last event': 'dwell' }],
] as const)('%s %s is health, and stores nothing', async (format, file, ref, facts) => {
  const sample = await readWireSample(join(ROOT, 'plugins', `device-${format}`), file);
  const plugin = plugins.find('deviceFormat', format)!;
  const nothing = { kind: 'stored', frameIds: [] } as const;
  const answer = plugin.reply(nothing, sample.message, plugin.decode(sample.message, contextFor(plugin)));
  expect(withoutIds(await replay(doors, sample))).toEqual(withoutIds(answer));
  expect((await deviceOf(format, ref))?.health?.facts).toMatchObject(facts);
});

test.each([
  [
    'rekor',
    'results.http',
    'AGENT1',
    'AE1T3E',
    '2017-03-27T00:29:49.596Z',
    '/img/unspecified-cam16488027-1490574589596.jpg',
  ],
  [
    'frigate',
    'update.mqtt',
    '',
    '123ABC',
    '2020-12-04T23:19:18.250Z',
    '/api/events/1607123955.475377-mxklsc/snapshot.jpg',
  ],
])('%s %s: the picture that did not come along is fetched', async (format, file, ref, plate, at, path) => {
  const asked: string[] = [];
  const scene = await picture(7, 1280, 720);
  const server = createServer((req, res) => {
    asked.push(req.url ?? '');
    res.writeHead(200, { 'content-type': 'image/png' }).end(scene);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { deviceId } = (await deviceOf(format, ref))!;
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await hub.hub.devices.update(deviceId, { config: { address } });
    await replay(doors, await readWireSample(join(ROOT, 'plugins', `device-${format}`), file));
    const [read] = await until(async () =>
      (await readsOf(format, ref, plate, at)).filter(({ frame }) => frame !== null),
    );
    expect(read?.frame).toMatchObject({ width: 1280, height: 720 });
    // Frigate's box belongs to another picture and is left out; the agent's is of this one, and a patch is cut by it.
    expect([read?.box, read?.patch !== null]).toEqual(format === 'rekor' ? [[110, 295, 117, 57], true] : [null, false]);
    expect(asked).toEqual([path]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('what a device has goes to its camera, what the camera should have to the device', async () => {
  const { cameras } = hub.hub;
  const [camera] = (await deviceOf('predecessor', 'CAM001'))!.cameras;
  await replay(doors, await readWireSample(join(ROOT, 'plugins', 'device-predecessor'), 'g3-config.mqtt'));
  await cameras.update(camera!.cameraId, { desired: { detection_interval: 500 } });
  const [state] = await until(async () => [await cameras.deviceStates(camera!.cameraId)].filter((one) => one.reported));
  expect(state).toMatchObject({
    desired: { detection_interval: 500 },
    reported: { detection_interval: 1000, confidence_threshold: 0.8 },
  });

  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${doors.mqttPort}`, { reconnectPeriod: 0 });
  const heard: string[] = [];
  client.on('message', (_topic, payload) => heard.push(payload.toString()));
  try {
    // Retained: it finds it there.
    await client.subscribeAsync('lprserver/cameras/CAM001/config/update', { qos: 1 });
    await until(() => Promise.resolve(heard));
    await client.publishAsync('lprserver/cameras/CAM001/config/request', '{}', { qos: 1 });
    await until(() => Promise.resolve(heard.slice(1)));
    expect(heard.map((one) => JSON.parse(one).config_data)).toEqual([
      { detection_interval: 500 },
      { detection_interval: 500 },
    ]);
  } finally {
    await client.endAsync(true);
  }
});

test('a probe and a ping make no device of anybody', async () => {
  const before = (await hub.hub.devices.list()).length;
  for (const file of ['rest-probe.http', 'g2-ping.socketio']) {
    const sample = await readWireSample(join(ROOT, 'plugins', 'device-predecessor'), file);
    const plugin = plugins.find('deviceFormat', 'predecessor')!;
    const answer = plugin.reply({ kind: 'stored', frameIds: [] }, sample.message, null);
    expect(withoutIds(await replay(doors, sample))).toEqual(withoutIds(answer));
  }
  expect(await hub.hub.devices.list()).toHaveLength(before);
});
