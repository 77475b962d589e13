import { createConnection, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { createFakeDevices, fakeFormat, later, type FakeDevices } from '../../test/fake-devices.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { selfSigned } from '../../test/self-signed.ts';
import { createAddressGate, GATE_LIMITS } from './address-gate.ts';
import { createByteBudget } from './byte-budget.ts';
import { openMqttDoor, type MqttDoor, type MqttDoorOptions } from './mqtt-door.ts';

const format = fakeFormat();
const other = fakeFormat('other', 'other', { topics: ['others/{device}/read'], subscriptions: [] });
const tokens = { secret: { format: 'fake', ref: 'C1' }, second: { format: 'fake', ref: 'C2' } };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(changes: Partial<MqttDoorOptions> = {}): Promise<{ devices: FakeDevices; door: MqttDoor }> {
  const devices = createFakeDevices([format, other], tokens);
  const door = await openMqttDoor({
    ...{ devices, plugins: pluginsOf(format, other), log: quietLog, gate: createAddressGate() },
    ...{ budget: createByteBudget(), host: '127.0.0.1', port: 0, tls: null, tlsPort: 0, ...changes },
  });
  closing.push(() => door.stop());
  return { devices, door };
}

async function connect(port: number, options: IClientOptions = {}, scheme = 'mqtt'): Promise<MqttClient> {
  const client = mqtt.connect(`${scheme}://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
  client.setMaxListeners(0).on('error', () => undefined);
  closing.push(() => void client.end(true));
  await new Promise<void>((done, fail) => {
    client.once('connect', () => done());
    client.once('error', fail);
    client.once('close', () => fail(new Error('closed')));
  });
  return client;
}
const device = (port: number, options: IClientOptions = {}): Promise<MqttClient> =>
  connect(port, { username: 'anything', password: 'secret', ...options });

/** Whether it was acknowledged before the connection ended. */
const acknowledged = (
  client: MqttClient,
  topic: string,
  payload: string | Buffer,
  qos: 0 | 1 | 2 = 1,
): Promise<boolean> =>
  new Promise((done) => {
    client.once('close', () => done(false));
    client.publish(topic, payload, { qos }, (error) => done(!error));
  });

test.each([1, 2] as const)('a message of QoS %d is acknowledged once it is stored, and not before', async (qos) => {
  const { devices, door } = await open();
  const stored = Promise.withResolvers<undefined>();
  devices.decide = async () => {
    await stored.promise;
    return { kind: 'stored', frameIds: [] };
  };
  const client = await device(door.port);
  const arrived = devices.next();
  let isDone = false;
  const ack = acknowledged(client, 'cams/C1/read', 'hello', qos).then((result) => {
    isDone = true;
    return result;
  });
  expect(await arrived).toMatchObject({ transport: 'mqtt', path: 'cams/C1/read', address: '127.0.0.1' });
  await sleep(100);
  expect(isDone).toBe(false);
  stored.resolve(undefined);
  expect(await ack).toBe(true);
  expect(devices.received).toHaveLength(1);
  expect(devices.received[0]?.options).toMatchObject({ format: 'fake', token: 'secret' });
});

test('one that is told to keep its message gets no acknowledgement, and sends it again after it was cut off', async () => {
  const { devices, door } = await open();
  let [refusals, stored] = [0, 0];
  devices.decide = () => {
    if (refusals++ < 3) return later();
    stored++;
    return { kind: 'stored', frameIds: [] };
  };
  const client = await device(door.port, { reconnectPeriod: 20 });
  let closed = 0;
  client.on('close', () => closed++);
  await new Promise((done) => client.publish('cams/C1/read', 'keep me', { qos: 1 }, done));
  expect([stored, closed]).toEqual([1, 1]);
});

test('a fault in storing is no acknowledgement either', async () => {
  const { devices, door } = await open();
  devices.decide = () => Promise.reject(new Error('broke'));
  expect(await acknowledged(await device(door.port), 'cams/C1/read', 'x')).toBe(false);
});

test('messages are handed over in order, and acknowledged in order', async () => {
  const { devices, door } = await open();
  devices.decide = async ({ body }) => {
    await sleep(Buffer.from(body).toString() === '0' ? 60 : 1);
    return { kind: 'stored', frameIds: [] };
  };
  const client = await device(door.port);
  const acks: number[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => acknowledged(client, 'cams/C1/read', String(i)).then(() => acks.push(i))),
  );
  const order = Array.from({ length: 20 }, (_, i) => i);
  expect(acks).toEqual(order);
  expect(devices.received.map(({ message }) => Number(Buffer.from(message.body).toString()))).toEqual(order);
});

test('answers reach the device, what devices publish reaches no other', async () => {
  const { devices, door } = await open();
  const client = await device(door.port);
  const twin = await device(door.port, { clientId: 'twin' });
  const heard: string[] = [];
  twin.on('message', (topic) => void heard.push(topic));
  expect(await twin.subscribeAsync('cams/C1/ack')).toMatchObject([{ qos: 0 }]);
  await client.subscribeAsync('cams/C1/ack', { qos: 1 });
  const answer = once(client as never, 'message') as Promise<[string, Buffer]>;
  await acknowledged(client, 'cams/C1/read', 'x');
  const [topic, payload] = await answer;
  expect([topic, JSON.parse(payload.toString())]).toEqual(['cams/C1/ack', { format: 'fake', status: 'stored' }]);
  // Retained or not, a device's own words stay with the hub.
  await new Promise((done) => client.publish('cams/C1/health', 'up', { qos: 1, retain: true }, done));
  await sleep(50);
  expect(heard).toEqual(['cams/C1/ack', 'cams/C1/ack']);
  expect(devices.received).toHaveLength(2);
});

test('a device may publish and subscribe in its own name only', async () => {
  const { devices, door } = await open();
  const granted = async (client: MqttClient, topic: string): Promise<boolean> => {
    const [answer] = await client.subscribeAsync(topic).catch(() => [{ qos: 128 }]);
    return (answer?.qos ?? 128) < 128;
  };
  const client = await device(door.port);
  for (const topic of ['cams/C1/ack', 'cams/C1/config']) expect(await granted(client, topic)).toBe(true);
  for (const topic of ['#', '+/+/+', 'cams/#', 'cams/+/config', 'cams/C2/config', '$SYS/#', '$SYS/+/heartbeat']) {
    expect([topic, await granted(client, topic)]).toEqual([topic, false]);
  }
  for (const topic of ['cams/C2/read', 'others/C1/read', 'cams/C1/config', 'nobody/knows', '$SYS/x', 'x'.repeat(300)]) {
    expect([topic, await acknowledged(await device(door.port), topic, 'x')]).toEqual([topic, false]);
  }
  expect(devices.received).toEqual([]);
  // No promise is broken for QoS 0: the stranger's topic is let fall, the connection stays.
  const tolerant = await device(door.port);
  expect(await acknowledged(tolerant, 'nobody/knows', 'x', 0)).toBe(true);
  expect(await acknowledged(tolerant, 'cams/C1/read', 'x')).toBe(true);
});

test('what a device publishes beside is acknowledged and let fall, in its own name only', async () => {
  const chatty = fakeFormat('fake', 'fake', { ignoredTopics: ['cams/{device}/#', 'cams/stats'] });
  const { devices, door } = await open({ plugins: pluginsOf(chatty, other) });
  const client = await device(door.port);
  for (const topic of ['cams/C1/lamp', 'cams/C1/a/b', 'cams/stats']) {
    expect([topic, await acknowledged(client, topic, 'x')]).toEqual([topic, true]);
  }
  expect(devices.received).toEqual([]);
  expect(await acknowledged(client, 'cams/C1/read', 'x')).toBe(true);
  expect(devices.received).toHaveLength(1);
  expect(await acknowledged(client, 'cams/C2/lamp', 'x')).toBe(false);
});

test('one that cannot send a token publishes what formats declare, and hears nothing of devices with a token', async () => {
  const { devices, door } = await open();
  devices.known.push({ format: 'fake', ref: 'C1', hasToken: true });
  const client = await connect(door.port);
  expect(await acknowledged(client, 'cams/C9/read', 'x')).toBe(true);
  expect(devices.received[0]?.options).toMatchObject({ format: 'fake', token: null });
  expect(await client.subscribeAsync('cams/C9/config')).toMatchObject([{ qos: 0 }]);
  await expect(client.subscribeAsync('cams/C1/config')).rejects.toThrow();
  expect(await acknowledged(client, 'nobody/knows', 'x')).toBe(false);
});

test('who is refused is told so', async () => {
  const { door } = await open();
  await expect(connect(door.port, { username: 'a', password: 'wrong' })).rejects.toMatchObject({ code: 4 });
  await expect(connect(door.port, { username: 'a', password: 'broken' })).rejects.toMatchObject({ code: 3 });
  await expect(connect(door.port, { clientId: 'x'.repeat(300) })).rejects.toMatchObject({ code: 2 });
  await expect(connect(door.port, { protocolVersion: 5 })).rejects.toThrow(/protocol|unacceptable/i);
});

const will = (topic: string): IClientOptions => ({
  will: { topic, payload: Buffer.from('gone'), qos: 1, retain: true },
});

test('the last will of a broken connection is a message, and then the session has ended', async () => {
  const { devices, door } = await open();
  const client = await device(door.port, will('cams/C1/health'));
  await acknowledged(client, 'cams/C1/read', 'x');
  const gone = devices.next();
  client.stream.destroy();
  expect(await gone).toMatchObject({ path: 'cams/C1/health', isRetained: false });
  const session = devices.received[0]?.options.session?.sessionId ?? '';
  expect(devices.received[1]?.options.session?.sessionId).toBe(session);
  while (devices.ended.length === 0) await sleep(10);
  expect(devices.ended).toEqual([session]);
  expect(door.connections()).toBe(0);
});

test('a last will is stored even when the hub cannot at once', async () => {
  const { devices, door } = await open();
  let tries = 0;
  devices.decide = () => (++tries < 2 ? later() : { kind: 'stored', frameIds: [] });
  const client = await device(door.port, will('cams/C1/health'));
  client.stream.destroy();
  while (tries < 2 || devices.ended.length === 0) await sleep(20);
  expect(devices.received).toHaveLength(2);
});

test('a last will in the name of another device is refused when it is made', async () => {
  const { devices, door } = await open();
  await expect(device(door.port, will('cams/C2/health'))).rejects.toMatchObject({ code: 5 });
  // One that nobody declares harms nobody and is not told.
  const client = await device(door.port, will('house/lamp'));
  client.stream.destroy();
  await sleep(100);
  expect(devices.received).toEqual([]);
});

test('the same client id twice: the later connection stays, and the earlier one did not go offline', async () => {
  const { devices, door } = await open();
  const options = { clientId: 'cam', ...will('cams/C1/health') };
  const first = await device(door.port, options);
  const closed = once(first as never, 'close');
  const second = await device(door.port, options);
  await closed;
  expect(await acknowledged(second, 'cams/C1/read', 'x')).toBe(true);
  expect(devices.received.map(({ message }) => message.path)).toEqual(['cams/C1/read']);
  expect(door.connections()).toBe(1);
  // A stranger, or another device, does not push it out by its name.
  await expect(connect(door.port, { clientId: 'cam' })).rejects.toMatchObject({ code: 2 });
  await expect(device(door.port, { clientId: 'cam', password: 'second' })).rejects.toMatchObject({ code: 2 });
  expect(second.connected).toBe(true);
});

test('the hub can end a session, without the last will', async () => {
  const { devices, door } = await open();
  const client = await device(door.port, will('cams/C1/health'));
  await acknowledged(client, 'cams/C1/read', 'x');
  const closed = once(client as never, 'close');
  for (const session of devices.sessions.values()) session.close('blocked');
  await closed;
  await sleep(50);
  expect(devices.received).toHaveLength(1);
});

test('settings are kept for whoever comes, until they are taken away', async () => {
  const { door } = await open();
  const config = { topic: 'cams/C1/config', qos: 1, retain: true } as const;
  await door.publish([{ ...config, payload: '{"interval":5}' }]);
  const client = await device(door.port);
  const heard = once(client as never, 'message') as Promise<[string, Buffer, { retain: boolean }]>;
  await client.subscribeAsync('cams/C1/config', { qos: 1 });
  const [topic, payload, packet] = await heard;
  expect([topic, payload.toString(), packet.retain]).toEqual(['cams/C1/config', '{"interval":5}', true]);
  await door.publish([{ ...config, payload: '' }]);
  const late = await device(door.port, { clientId: 'late' });
  let isTold = false;
  late.on('message', () => (isTold = true));
  await late.subscribeAsync('cams/C1/config');
  await sleep(50);
  expect(isTold).toBe(false);
});

test('sessions end with their connections', async () => {
  const { door } = await open();
  const first = await device(door.port, { clean: false, clientId: 'stays' });
  await first.subscribeAsync('cams/C1/ack', { qos: 1 });
  await first.endAsync();
  const second = mqtt.connect(`mqtt://127.0.0.1:${door.port}`, {
    ...{ clean: false, clientId: 'stays', username: 'a', password: 'secret', reconnectPeriod: 0 },
  });
  closing.push(() => void second.end(true));
  const [connack] = (await once(second as never, 'connect')) as [{ sessionPresent: boolean }];
  expect(connack.sessionPresent).toBe(false);
});

/** Says CONNECT (MQTT 3.1.1, 3.1) by hand. */
const hello = (id: string): Buffer => {
  const body = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from('MQTT'),
    Buffer.from([4, 2, 0, 0, 0, id.length]),
    Buffer.from(id),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
};
async function raw(port: number, ...bytes: readonly Buffer[]): Promise<Socket> {
  const socket = createConnection(port, '127.0.0.1');
  socket.on('error', () => undefined);
  closing.push(() => void socket.destroy());
  await once(socket, 'connect');
  for (const one of bytes) socket.write(one);
  return socket;
}
const ended = async (socket: Socket): Promise<void> => {
  socket.resume();
  if (!socket.closed) await new Promise((done) => socket.once('close', done));
};

test('garbage, wildcards in a topic, and a packet of 40 MB end their own connection and nothing else', async () => {
  const { devices, door } = await open();
  const good = await device(door.port);
  await ended(await raw(door.port, Buffer.from('GET / HTTP/1.1\r\n\r\n')));
  await ended(await raw(door.port, Buffer.alloc(2_000, 0xff)));
  await ended(await raw(door.port, Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f])));
  for (const topic of ['cams/+/read', 'cams/#', '', '#']) {
    const publish = Buffer.concat([Buffer.from([0x30, topic.length + 3, 0, topic.length]), Buffer.from(`${topic}x`)]);
    await ended(await raw(door.port, hello('wild'), publish));
  }
  const before = process.memoryUsage().rss;
  const huge = await raw(door.port, hello('huge'), Buffer.from([0x30, 0x80, 0x80, 0x80, 0x14]));
  await ended(huge);
  expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  expect(await acknowledged(good, 'cams/C1/read', 'x')).toBe(true);
  expect(devices.received).toHaveLength(1);
});

test('a picture of 20 MB is taken', async () => {
  const { devices, door } = await open();
  const arrived = devices.next();
  expect(await acknowledged(await device(door.port), 'cams/C1/read', Buffer.alloc(20e6, 7))).toBe(true);
  expect((await arrived).body).toHaveLength(20e6);
});

test('one that announces much and sends little holds only what it sent; together they hold a bounded amount', async () => {
  const budget = createByteBudget(1_000_000);
  const { door } = await open({ budget });
  // 20 MB announced.
  const head = Buffer.from([0x30, 0x80, 0xda, 0xc4, 0x09]);
  const first = await raw(door.port, hello('a'), head, Buffer.alloc(900_000));
  while (budget.held < 900_000) await sleep(10);
  await ended(await raw(door.port, hello('b'), head, Buffer.alloc(900_000)));
  expect(budget.held).toBe(900_000);
  first.destroy();
  while (budget.held > 0) await sleep(10);
});

test('a flood of packets is cut off', async () => {
  const { door } = await open({ limits: { perSecond: 10 } });
  const good = await device(door.port);
  await ended(await raw(door.port, hello('flood'), ...Array<Buffer>(200).fill(Buffer.from([0xc0, 0]))));
  expect(await acknowledged(good, 'cams/C1/read', 'x')).toBe(true);
});

test('ten thousand connections from one address: the allowed stay, the others are told, nobody else is harmed', async () => {
  const gate = createAddressGate();
  const { devices, door } = await open({ gate });
  const good = await device(door.port);
  let told = 0;
  for (let i = 0; i < 10_000; i++) {
    const socket = createConnection(door.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('data', () => told++);
    closing.push(() => socket.destroy());
    await once(socket, 'connect').catch(() => undefined);
    if (gate.standing > GATE_LIMITS.perAddress) throw new Error('more stand than may');
  }
  expect(told).toBeGreaterThan(50);
  expect(gate.refused).toBeGreaterThan(9_000);
  expect(await acknowledged(good, 'cams/C1/read', 'x')).toBe(true);
  expect(devices.received).toHaveLength(1);
});

test('with a certificate there is a second, sealed port', async () => {
  const tls = selfSigned();
  const { devices, door } = await open({ tls });
  const client = await connect(door.tlsPort ?? 0, { ca: tls.cert, username: 'a', password: 'secret' }, 'mqtts');
  expect(await acknowledged(client, 'cams/C1/read', 'x')).toBe(true);
  expect(devices.received[0]?.message.address).toBe('127.0.0.1');
  // Plain talk at the sealed port leads nowhere.
  await ended(await raw(door.tlsPort ?? 0, hello('plain')));
});

test('a port in use is told with its setting, and nothing stays open', async () => {
  const { door } = await open();
  await expect(open({ port: door.port })).rejects.toMatchObject({
    ...{ code: 'port_in_use', message: expect.stringContaining('MQTT_PORT') },
  });
});

test('on a stop what is being stored is acknowledged, and nobody is told offline', async () => {
  const { devices, door } = await open();
  const client = await device(door.port, will('cams/C1/health'));
  const stored = Promise.withResolvers<undefined>();
  devices.decide = async () => {
    await stored.promise;
    return { kind: 'stored', frameIds: [] };
  };
  const arrived = devices.next();
  const ack = acknowledged(client, 'cams/C1/read', 'x');
  await arrived;
  const stopped = door.stop();
  stored.resolve(undefined);
  expect(await ack).toBe(true);
  await stopped;
  expect(devices.received).toHaveLength(1);
});
