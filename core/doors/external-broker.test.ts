import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { createFakeDevices, fakeFormat, later, type FakeDevices } from '../../test/fake-devices.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { startMosquitto, testOnMosquitto, type Mosquitto } from '../../test/mosquitto.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createByteBudget } from './byte-budget.ts';
import { openExternalBroker, type ExternalBroker } from './external-broker.ts';

const format = fakeFormat();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function broker(...given: Parameters<typeof startMosquitto>): Promise<Mosquitto> {
  const mosquitto = await startMosquitto(...given);
  closing.push(() => mosquitto.stop());
  return mosquitto;
}
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lpr-broker-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
interface OneHub {
  readonly devices: FakeDevices;
  readonly door: ExternalBroker;
}
async function hub(url: string, folder: string, formats = [format]): Promise<OneHub> {
  const devices = createFakeDevices(formats);
  const door = await openExternalBroker({
    ...{ url, sessionFile: join(folder, 'mqtt-session.json'), devices, plugins: pluginsOf(...formats), log: quietLog },
    ...{ budget: createByteBudget(), backOffMs: [50, 200] },
  });
  closing.push(() => door.stop());
  return { devices, door };
}
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 1_500; i++) {
    if (holds()) return;
    await sleep(10);
  }
  throw new Error(`never: ${what}`);
}
async function ready(url: string, folder: string, formats = [format]): Promise<OneHub> {
  const one = await hub(url, folder, formats);
  await until(() => one.door.health().ok, `healthy (${one.door.health().problem ?? ''})`);
  return one;
}
async function device(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, options);
  client.on('error', () => undefined);
  closing.push(() => client.end(true));
  return client;
}
const bodies = ({ devices }: OneHub): string[] =>
  devices.received.map(({ message }) => Buffer.from(message.body).toString());

testOnMosquitto('a message is acknowledged to the broker after the write; answers go back over it', async () => {
  const { url } = await broker();
  const one = await ready(url, await newFolder());
  expect(one.door.isShared()).toBe(true);
  const release = Promise.withResolvers<undefined>();
  one.devices.decide = async () => {
    await release.promise;
    return { kind: 'stored', frameIds: [] };
  };
  const camera = await device(url);
  await camera.subscribeAsync('cams/C1/ack');
  const answer = new Promise<string>((done) => camera.once('message', (_topic, payload) => done(payload.toString())));
  await camera.publishAsync('cams/C1/read', 'fake', { qos: 1 });
  await until(() => one.door.inHand() === 1, 'in hand');
  release.resolve(undefined);
  expect(JSON.parse(await answer)).toEqual({ format: 'fake', status: 'stored' });
  expect(one.devices.received[0]).toMatchObject({
    ...{ message: { transport: 'mqtt', path: 'cams/C1/read', address: '127.0.0.1', isRetained: false } },
    ...{ options: { format: 'fake', token: null } },
  });
  await until(() => one.door.inHand() === 0, 'nothing in hand');
});

testOnMosquitto('a hub that stops between receipt and write gets the message again', async () => {
  const { url } = await broker();
  const folder = await newFolder();
  const first = await ready(url, folder);
  first.devices.decide = () => new Promise(() => undefined);
  const camera = await device(url);
  await camera.publishAsync('cams/C1/read', 'must not be lost', { qos: 1 });
  await until(() => first.devices.received.length === 1, 'received');
  await first.door.stop();
  await camera.publishAsync('cams/C1/read', 'came while it was away', { qos: 1 });
  const second = await ready(url, folder);
  await until(() => second.devices.received.length === 2, 'received again');
  expect(bodies(second).sort()).toEqual(['came while it was away', 'must not be lost']);
  // What was acknowledged does not come a third time.
  await second.door.stop();
  const third = await ready(url, folder);
  await sleep(200);
  expect(bodies(third)).toEqual([]);
});

testOnMosquitto('what cannot be stored now is tried until it can, and others go on meanwhile', async () => {
  const { url } = await broker();
  const one = await ready(url, await newFolder());
  let tries = 0;
  one.devices.decide = ({ body }) =>
    Buffer.from(body).toString() === 'hard' && ++tries < 3 ? later() : { kind: 'stored', frameIds: [] };
  const camera = await device(url);
  await camera.publishAsync('cams/C1/read', 'hard', { qos: 1 });
  await camera.publishAsync('cams/C1/read', 'easy', { qos: 0 });
  await until(() => tries === 3, 'third try');
  expect(bodies(one).slice(0, 2)).toEqual(['hard', 'easy']);
  await until(() => one.door.inHand() === 0, 'nothing in hand');
});

testOnMosquitto(
  'the broker restarts: the hub says so, comes back, and what it had not acknowledged comes again',
  async () => {
    const mosquitto = await broker();
    const one = await ready(mosquitto.url, await newFolder());
    one.devices.decide = () => new Promise(() => undefined);
    const camera = await device(mosquitto.url, { reconnectPeriod: 50 });
    await camera.publishAsync('cams/C1/read', 'in hand', { qos: 1 });
    await until(() => one.devices.received.length === 1, 'received');
    await mosquitto.end();
    await until(() => !one.door.health().ok, 'unhealthy');
    expect(one.door.health().problem).toMatch(/MQTT broker mqtt:\/\/127\.0\.0\.1:\d+/);
    one.devices.decide = () => ({ kind: 'stored', frameIds: [] });
    await mosquitto.begin();
    await until(() => one.door.health().ok && one.devices.received.length === 2, 'received again');
    await camera.publishAsync('cams/C1/read', 'later', { qos: 1 });
    await until(() => one.devices.received.length === 3, 'the next');
    expect(bodies(one)).toEqual(['in hand', 'in hand', 'later']);
  },
);

testOnMosquitto('two hubs divide the work, and what came while one was away waits for it', async () => {
  const { url } = await broker();
  const folder = await newFolder();
  const [one, two] = [await ready(url, await newFolder()), await ready(url, folder)];
  const camera = await device(url);
  for (let i = 0; i < 40; i++) await camera.publishAsync(`cams/C${i}/read`, String(i), { qos: 1 });
  await until(() => bodies(one).length + bodies(two).length >= 40, 'all forty');
  await sleep(100);
  expect(bodies(one).length + bodies(two).length).toBe(40);
  expect(Math.min(bodies(one).length, bodies(two).length)).toBeGreaterThan(5);
  // Mosquitto keeps its part for one that is away: it is handed over when it comes back, to nobody else.
  await two.door.stop();
  for (let i = 40; i < 50; i++) await camera.publishAsync('cams/C1/read', String(i), { qos: 1 });
  const again = await ready(url, folder);
  await until(() => bodies(one).length + bodies(two).length + bodies(again).length === 50, 'the rest');
});
testOnMosquitto('an account that may not connect is told with the remedy', async () => {
  const { url } = await broker(['allow_anonymous false', 'password_file DIR/passwords'], { passwords: '' });
  const one = await hub(url, await newFolder());
  await until(() => /MQTT_URL are wrong or may not/.test(one.door.health().problem ?? ''), 'told of the account');
  expect(one.door.health().ok).toBe(false);
});

testOnMosquitto('a picture of 10 MB is taken; what no format wants any more is given up', async () => {
  const { url } = await broker();
  const folder = await newFolder();
  const one = await ready(url, folder);
  const camera = await device(url);
  await camera.publishAsync('cams/C1/read', Buffer.alloc(10e6, 7), { qos: 1 });
  await until(() => one.devices.received.length === 1, 'received');
  expect(one.devices.received[0]?.message.body).toHaveLength(10e6);
  await one.door.stop();
  const other = { ...fakeFormat(), topics: ['others/{device}/read'] };
  const two = await ready(url, folder, [other]);
  await camera.publishAsync('cams/C1/read', 'unwanted', { qos: 1 });
  await camera.publishAsync('others/C1/read', 'wanted', { qos: 1 });
  await until(() => two.devices.received.length > 0, 'received');
  expect(bodies(two)).toEqual(['wanted']);
});

/** As much of MQTT 5 as greets a hub and refuses shared subscriptions (reason code 158, MQTT 5, 3.9.3). */
async function withoutShares(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (chunk[0] === 0x10) socket.write(Buffer.from([0x20, 3, 0, 0, 0]));
      if (chunk[0] !== 0x82) return;
      const [high = 0, low = 0] = chunk.subarray(2, 4);
      const codes = Array.from(
        chunk.toString('latin1').matchAll(/(\$share\/lpr-hub\/)?cams\/\+\/[a-z]+/g),
        ([topic, share]) => {
          asked.push(topic);
          return share === undefined ? 1 : 158;
        },
      );
      socket.write(Buffer.from([0x90, 3 + codes.length, high, low, 0, ...codes]));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => server.close());
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('a broker that refuses shared subscriptions gives plain ones, and that is known', async () => {
  const { url, asked } = await withoutShares();
  const one = await ready(url, await newFolder());
  expect(one.door.isShared()).toBe(false);
  const plain = ['cams/+/health', 'cams/+/read'];
  expect(asked).toEqual([...plain.map((topic) => `$share/lpr-hub/${topic}`), ...plain]);
});

test('a broker that is away is told with the remedy, and the account is never told', async () => {
  const one = await hub('mqtt://someone:hush@127.0.0.1:1', await newFolder());
  await until(() => /cannot be reached/.test(one.door.health().problem ?? ''), 'told');
  expect(one.door.health().problem).toMatch(/MQTT_URL/);
  expect(one.door.health().problem).not.toMatch(/hush|someone/);
});
