import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createConnection, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocket, type ClientOptions } from 'ws';
import { createFakeDevices, fakeFormat, later, type FakeDevices } from '../../test/fake-devices.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createAddressGate, GATE_LIMITS } from './address-gate.ts';
import { createByteBudget } from './byte-budget.ts';
import { openSocketServer } from './socket-server.ts';
import { openWebsocketDoor, type WebsocketDoor, type WebsocketDoorOptions } from './websocket-door.ts';

const format = fakeFormat();
const other = fakeFormat('other', 'other');

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Opened {
  readonly devices: FakeDevices;
  readonly door: WebsocketDoor;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
}
async function open(changes: Partial<WebsocketDoorOptions> = {}): Promise<Opened> {
  const devices = createFakeDevices([format, other]);
  const server = createServer();
  const sockets = openSocketServer([server]);
  const door = openWebsocketDoor({
    ...{ servers: [server], devices, plugins: pluginsOf(format, other), log: quietLog, gate: createAddressGate() },
    ...{ budget: createByteBudget(), publicUrl: null, ...changes },
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(async () => {
    await door.stop();
    sockets.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const { port } = server.address() as AddressInfo;
  return { devices, door, server, port, url: `ws://127.0.0.1:${port}` };
}

function connect(url: string, options: ClientOptions = {}): WebSocket {
  const ws = new WebSocket(url, options);
  ws.on('error', () => undefined);
  closing.push(() => ws.terminate());
  return ws;
}
async function connected(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const ws = connect(url, options);
  await once(ws, 'open');
  return ws;
}
async function ask(ws: WebSocket, text: string | Buffer): Promise<string> {
  const answer = once(ws, 'message') as Promise<[Buffer, boolean]>;
  ws.send(text);
  const [data, isBinary] = await answer;
  expect(isBinary).toBe(false);
  return data.toString();
}
const ended = async (ws: WebSocket): Promise<number> => ((await once(ws, 'close')) as [number])[0];
const stored = (id: string): string => JSON.stringify({ format: id, status: 'stored' });

test.each([
  ['/', 'fake', null, null],
  ['/ws', 'other', null, null],
  ['/ws?token=secret', 'fake', null, 'secret'],
  ['/ingest/other', 'fake', 'other', null],
  ['/ingest/fake/secret', 'x', 'fake', 'secret'],
  ['/ingest/fake/secret?token=query', 'x', 'fake', 'secret'],
])('a frame to %s with the marker %s', async (path, text, format, token) => {
  const { devices, url } = await open();
  const ws = await connected(url + path);
  expect(await ask(ws, text)).toBe(stored(format ?? text));
  expect(devices.received[0]).toMatchObject({
    ...{ message: { transport: 'websocket', path: '', address: '127.0.0.1', body: Buffer.from(text) } },
    ...{ options: { format, token, session: { transport: 'websocket' } } },
  });
});

test('the token may come as Bearer or as a password', async () => {
  const { devices, url } = await open();
  const basic = Buffer.from('anybody:b:b').toString('base64');
  for (const authorization of ['Bearer a', `Basic ${basic}`, 'Digest x']) {
    await ask(await connected(url, { headers: { authorization } }), 'fake');
  }
  expect(devices.received.map(({ options }) => options.token)).toEqual(['a', 'b:b', null]);
});

test('one to whom any answer means success is cut off without one', async () => {
  const gullible = fakeFormat('fake', 'fake', {
    reply: ({ kind }) => (kind === 'later' ? { close: true } : { body: kind }),
  });
  const devices = createFakeDevices([gullible]);
  const { url } = await open({ devices, plugins: pluginsOf(gullible) });
  devices.decide = () => later();
  const ws = await connected(url);
  const heard: unknown[] = [];
  ws.on('message', (data) => heard.push(data));
  ws.send('fake');
  expect(await ended(ws)).toBe(1013);
  expect(heard).toEqual([]);
});

test('frames are answered one after the other, in order', async () => {
  const { devices, url } = await open();
  let running = 0;
  devices.decide = async () => {
    expect(++running).toBe(1);
    await sleep(2);
    running--;
    return { kind: 'stored', frameIds: [] };
  };
  const ws = await connected(url);
  for (let i = 0; i < 40; i++) ws.send(`fake ${i}`);
  while (devices.received.length < 40) await sleep(5);
  expect(devices.received.map(({ message }) => Buffer.from(message.body).toString())).toEqual(
    Array.from({ length: 40 }, (_, i) => `fake ${i}`),
  );
});

test('upgrades of others are left alone, and unknown ones end', async () => {
  const { server, url, devices } = await open();
  const theirs: string[] = [];
  server.on('upgrade', (req, socket) => {
    if (req.url !== '/editor/comms') return;
    theirs.push(req.url);
    socket.end('HTTP/1.1 418 Theirs\r\n\r\n');
  });
  const refused = async (path: string): Promise<string> =>
    ((await once(connect(url + path), 'error')) as [Error])[0].message;
  expect(await refused('/editor/comms')).toMatch(/418/);
  expect(theirs).toHaveLength(1);
  for (const path of ['/ingest/nobody', '/ingest', '/api/v1', '/ingest/fake/a/b']) await refused(path);
  const io = await connected(`${url}/socket.io/?EIO=4&transport=websocket`);
  expect(io.readyState).toBe(io.OPEN);
  expect(devices.received).toEqual([]);
});

test('a picture of 20 MB is taken, a frame of 40 MB and one with a lying length end their connection', async () => {
  const { devices, url, port } = await open();
  const good = await connected(url);
  expect(await ask(good, Buffer.from(`fake${'x'.repeat(20e6)}`))).toBe(stored('fake'));
  const large = await connected(url);
  large.send(Buffer.alloc(40e6));
  expect([1006, 1009]).toContain(await ended(large));
  const raw = createConnection(port, '127.0.0.1');
  raw.on('error', () => undefined);
  raw.write(
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(raw, 'data');
  raw.write(Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
  raw.resume();
  await new Promise((done) => raw.once('close', done));
  for (const garbage of [
    Buffer.alloc(1_000, 0xff),
    Buffer.from([0x81, 0x02, 1, 2]),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  ]) {
    const ws = await connected(url);
    const gone = ended(ws);
    (ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(garbage);
    await gone;
  }
  expect(await ask(good, 'fake')).toBe(stored('fake'));
  expect(devices.received).toHaveLength(2);
});

test('a connection that does not answer pings is ended; one whose message is being stored is not', async () => {
  const { devices, url, door } = await open({ pingMs: 50 });
  const dead = await connected(url, { autoPong: false });
  const alive = await connected(url);
  const busy = await connected(url);
  const release = Promise.withResolvers<undefined>();
  devices.decide = async () => {
    await release.promise;
    return { kind: 'stored', frameIds: [] };
  };
  const answer = ask(busy, 'fake');
  expect(await ended(dead)).toBe(1006);
  await sleep(200);
  release.resolve(undefined);
  expect(await answer).toBe(stored('fake'));
  expect([alive.readyState, door.connections()]).toEqual([alive.OPEN, 2]);
});

test('a device that never reads its answers is cut off', async () => {
  const { devices, url } = await open();
  const receive = devices.receive.bind(devices);
  devices.receive = async (message, options) => ({
    ...(await receive(message, options)),
    reply: { body: 'x'.repeat(500_000) },
  });
  const ws = await connected(url);
  ws.pause();
  for (let i = 0; i < 200; i++) ws.send('fake');
  while (devices.ended.length === 0) await sleep(10);
  expect(devices.received.length).toBeLessThan(200);
  const good = await connected(url);
  good.send('fake');
  await once(good, 'message');
});

test('what comes in at once is bounded over all connections', async () => {
  const budget = createByteBudget(1_000_000);
  const { url } = await open({ budget });
  const [first, second] = [await connected(url), await connected(url)];
  // The first fragments of messages that never end.
  first.send(Buffer.alloc(900_000), { fin: false });
  while (budget.held < 900_000) await sleep(10);
  second.send(Buffer.alloc(900_000), { fin: false });
  expect(await ended(second)).toBe(1013);
  first.terminate();
  while (budget.held > 0) await sleep(10);
  expect(await ask(await connected(url), `fake${'x'.repeat(500_000)}`)).toBe(stored('fake'));
  while (budget.held > 0) await sleep(10);
});

test('pages of other sites are turned away', async () => {
  const { url } = await open();
  const [error] = (await once(connect(url, { origin: 'https://evil.example' }), 'error')) as [Error];
  expect(error.message).toMatch(/403/);
  await connected(url, { origin: url.replace('ws', 'http') });
});

test('ten thousand connections from one address: the allowed stay, the others are told, nobody else is harmed', async () => {
  const gate = createAddressGate();
  const { port, url } = await open({ gate });
  const good = await connected(url);
  const hello =
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  const answers = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) {
    const socket = createConnection(port, '127.0.0.1');
    closing.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const [, status = ''] = /^HTTP\/1.1 (\d+)/.exec(data.toString()) ?? [];
      answers.set(status, (answers.get(status) ?? 0) + 1);
    });
    socket.write(hello);
    await once(socket, 'connect');
    if (gate.standing > GATE_LIMITS.perAddress) throw new Error('more stand than may');
  }
  expect(await ask(good, 'fake')).toBe(stored('fake'));
  expect(answers.get('429') ?? 0).toBeGreaterThan(9_000);
  expect(answers.get('101') ?? 0).toBeLessThanOrEqual(GATE_LIMITS.perAddress);
});

test('the hub ends a session, hears of those that ended, and on a stop answers what came in', async () => {
  const { devices, url, door } = await open();
  const ws = await connected(url);
  await ask(ws, 'fake');
  const code = ended(ws);
  const [session] = [...devices.sessions.values()];
  session?.close('blocked');
  expect(await code).toBe(1008);
  while (devices.ended.length === 0) await sleep(5);
  expect(devices.ended).toEqual([session?.sessionId]);
  const release = Promise.withResolvers<undefined>();
  devices.decide = async () => {
    await release.promise;
    return { kind: 'stored', frameIds: [] };
  };
  const last = await connected(url);
  const arrived = devices.next();
  const answer = ask(last, 'fake');
  const gone = ended(last);
  await arrived;
  const stopped = door.stop();
  const [error] = (await once(connect(url), 'error')) as [Error];
  expect(error.message).toMatch(/503/);
  release.resolve(undefined);
  expect([await answer, await gone]).toEqual([stored('fake'), 1001]);
  await stopped;
});

test('a fault in handling is no answer', async () => {
  const { devices, url } = await open();
  devices.decide = () => Promise.reject(new Error('broke'));
  const ws = await connected(url);
  ws.send('fake');
  expect(await ended(ws)).toBe(1011);
});
