import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { WebSocket } from 'ws';
import { createFakeDevices, fakeFormat, later, type FakeDevices } from '../../test/fake-devices.ts';
import { pluginsOf } from '../../test/fake-plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createAddressGate, GATE_LIMITS, type GateLimits } from './address-gate.ts';
import { createByteBudget, type ByteBudget } from './byte-budget.ts';
import { openSocketServer } from './socket-server.ts';
import { openSocketioDoor, type SocketioDoor } from './socketio-door.ts';

const format = fakeFormat();
/** Shares an event with the other; each knows its own. */
const rival = fakeFormat('rival', 'mine', { socketio: [{ namespace: '/', events: ['shared', 'own'] }] });

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  // Polls that were cut off tell so a turn later.
  await sleep(20);
});

interface Opened {
  readonly devices: FakeDevices;
  readonly door: SocketioDoor;
  readonly url: string;
}
async function open(budget: ByteBudget = createByteBudget(), limits: GateLimits = GATE_LIMITS): Promise<Opened> {
  const devices = createFakeDevices([format, rival]);
  const server = createServer();
  const sockets = openSocketServer([server], { gate: createAddressGate(limits), budget });
  const live = sockets.io.of('/live');
  live.on('connection', (socket) => socket.on('say', () => undefined));
  const door = openSocketioDoor({
    ...{ sockets, devices, plugins: pluginsOf(format, rival), log: quietLog, budget, publicUrl: null },
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(async () => {
    await door.stop();
    sockets.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { devices, door, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function connect(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  const socket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true, ...options });
  closing.push(() => socket.close());
  return socket;
}
async function connected(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<Socket> {
  const socket = connect(url, options);
  await once(socket as never, 'connect');
  return socket;
}
const next = async (socket: Socket, name: string): Promise<unknown> =>
  ((await once(socket as never, name)) as unknown[])[0];
const refusal = async (socket: Socket): Promise<Error> => (await next(socket, 'connect_error')) as Error;

test.each(['websocket', 'polling'])('an event is handed over and answered, by %s', async (transport) => {
  const { devices, url } = await open();
  const socket = await connected(`${url}/lpr`, { transports: [transport], auth: { token: 'secret' } });
  const answered = next(socket, 'answer');
  const ack: unknown = await socket.emitWithAck('read', { text: 'x', image: Buffer.from([1, 2, 3]) });
  expect([ack, await answered]).toEqual([{ status: 'stored' }, { status: 'stored' }]);
  const [{ message, options } = { message: null, options: null }] = devices.received;
  expect(message).toMatchObject({ transport: 'socketio', path: 'read', namespace: '/lpr', address: '127.0.0.1' });
  expect(message?.args).toEqual([{ text: 'x', image: Buffer.from([1, 2, 3]) }]);
  expect(options).toMatchObject({ format: 'fake', token: 'secret', session: { transport: 'socketio' } });
});

test('several formats that listen to one event are asked whose it is', async () => {
  const { devices, url } = await open();
  const socket = await connected(url);
  for (const payload of ['mine', 'fake', 'neither']) await socket.emitWithAck('shared', payload);
  await socket.emitWithAck('own', 'neither');
  expect(devices.received.map(({ options }) => options.format)).toEqual(['rival', 'fake', null, 'rival']);
});

test('the token may come in the query or as Bearer', async () => {
  const { devices, url } = await open();
  await (await connected(url, { query: { token: 'a' } })).emitWithAck('read', 1);
  await (await connected(url, { extraHeaders: { authorization: 'Bearer b' } })).emitWithAck('read', 1);
  await (await connected(url)).emitWithAck('read', 1);
  expect(devices.received.map(({ options }) => options.token)).toEqual(['a', 'b', null]);
});

test('messages of one socket are handled one after the other, sockets beside each other', async () => {
  const { devices, url } = await open();
  const running: string[] = [];
  devices.decide = async ({ args }) => {
    running.push(`+${String(args[0])}`);
    await sleep(20);
    running.push(`-${String(args[0])}`);
    return { kind: 'stored', frameIds: [] };
  };
  const socket = await connected(url);
  await Promise.all([1, 2, 3].map((i) => socket.emitWithAck('read', i)));
  expect(running).toEqual(['+1', '-1', '+2', '-2', '+3', '-3']);
});

test('what waits is bounded: more is told to come later, and nothing that was told stored is lost', async () => {
  const { devices, url } = await open();
  const gate = Promise.withResolvers<undefined>();
  devices.decide = async () => {
    await gate.promise;
    return { kind: 'stored', frameIds: [] };
  };
  const socket = await connected(url);
  let told = 0;
  const acks = Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const { status } = (await socket.emitWithAck('read', i)) as { status: string };
      if (++told === 36) gate.resolve(undefined);
      return status;
    }),
  );
  const all = await acks;
  expect(all.filter((status) => status === 'later')).toHaveLength(36);
  expect(devices.received).toHaveLength(64);
});

test('what all of them hold together is bounded', async () => {
  const budget = createByteBudget(1_000_000);
  const { devices, url } = await open(budget);
  const gate = Promise.withResolvers<undefined>();
  devices.decide = async () => {
    await gate.promise;
    return { kind: 'stored', frameIds: [] };
  };
  const arrived = devices.next();
  const first = (await connected(url)).emitWithAck('read', `fake${'x'.repeat(800_000)}`);
  await arrived;
  const second = await connected(url);
  const gone = next(second, 'disconnect');
  second.emit('read', 'x'.repeat(800_000));
  await gone;
  gate.resolve(undefined);
  expect(await first).toEqual({ status: 'stored' });
  expect(budget.held).toBe(0);
});

test('packets that never end hold a bounded amount', async () => {
  const budget = createByteBudget(1_000_000);
  const { url } = await open(budget);
  const raw = async (): Promise<WebSocket> => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    closing.push(() => ws.terminate());
    ws.on('error', () => undefined);
    await once(ws, 'open');
    ws.send(Buffer.alloc(900_000), { fin: false });
    return ws;
  };
  const first = await raw();
  while (budget.held < 900_000) await sleep(10);
  await once(await raw(), 'close');
  first.terminate();
  while (budget.held > 0) await sleep(10);
});

test('a refusal and a "later" reach the device in its own words', async () => {
  const { devices, url } = await open();
  devices.decide = () => later();
  expect(await (await connected(url)).emitWithAck('read', 1)).toEqual({ status: 'later' });
});

test('events that nobody declares are let fall; other namespaces do not exist', async () => {
  const { devices, url } = await open();
  const socket = await connected(url);
  socket.emit('what', 1);
  await socket.emitWithAck('read', 1);
  expect(devices.received).toHaveLength(1);
  expect((await refusal(connect(`${url}/elsewhere`))).message).toMatch(/invalid namespace/i);
});

test('pages of other sites are turned away, and no page is answered across sites', async () => {
  const { url } = await open();
  const error = await refusal(connect(url, { extraHeaders: { origin: 'https://evil.example' } }));
  expect(error.message).toMatch(/another site/);
  const polled = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, {
    headers: { origin: 'https://evil.example' },
  });
  expect(polled.headers.get('access-control-allow-origin')).toBeNull();
});

test('a packet of 20 MB of a device is taken, one of 40 MB ends its connection; a browser may send little', async () => {
  const { devices, url } = await open();
  const picture = Buffer.alloc(20e6, 7);
  const socket = await connected(url);
  const arrived = devices.next();
  socket.emit('read', { picture });
  const [first] = (await arrived).args as [{ picture: Buffer }];
  expect(first.picture).toHaveLength(20e6);
  const cut = next(socket, 'disconnect');
  socket.emit('read', { picture: Buffer.alloc(40e6) });
  expect(await cut).toMatch(/transport/);
  const browser = await connected(`${url}/live`);
  const gone = next(browser, 'disconnect');
  browser.emit('say', 'x'.repeat(20_000));
  expect(await gone).toMatch(/transport/);
});

test('the hub ends a session, and hears of sessions that ended', async () => {
  const { devices, door, url } = await open();
  const socket = await connected(url);
  await socket.emitWithAck('read', 1);
  const other = await connected(url);
  await other.emitWithAck('read', 2);
  const gone = next(socket, 'disconnect');
  const [session] = [...devices.sessions.values()];
  session?.close('another connection took over');
  expect(await gone).toBe('io server disconnect');
  while (devices.ended.length === 0) await sleep(10);
  expect(devices.ended).toEqual([session?.sessionId]);
  expect([door.connections(), other.connected]).toEqual([1, true]);
});

test('a fault in handling is no answer', async () => {
  const { devices, url } = await open();
  devices.decide = () => Promise.reject(new Error('broke'));
  const socket = await connected(url);
  const gone = next(socket, 'disconnect');
  let isTold = false;
  socket.emit('read', 1, () => (isTold = true));
  await gone;
  expect(isTold).toBe(false);
});

/** Engine.IO 3 by hand, as python-socketio 4 and socket.io 2 speak it: packets begin with `4`, binary ones with byte 4. */
test('devices of the Engine.IO 3 generation are served, pictures as binary attachments too', async () => {
  const { devices, url } = await open();
  const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=3&transport=websocket`);
  closing.push(() => ws.terminate());
  const heard: string[] = [];
  const wait = async (start: string): Promise<string> => {
    for (;;) {
      const found = heard.find((text) => text.startsWith(start));
      if (found !== undefined) return found;
      await once(ws, 'message');
    }
  };
  ws.on('message', (data: Buffer) => void heard.push(data.toString()));
  await once(ws, 'open');
  expect(await wait('0{')).toContain('pingInterval');
  await wait('40');
  ws.send('40/lpr,');
  await wait('40/lpr');
  const arrived = devices.next();
  ws.send('451-/lpr,["read",{"text":"x","image":{"_placeholder":true,"num":0}}]');
  ws.send(Buffer.from([4, 9, 8, 7]));
  expect(await arrived).toMatchObject({ namespace: '/lpr', args: [{ text: 'x', image: Buffer.from([9, 8, 7]) }] });
  expect(await wait('42/lpr')).toBe('42/lpr,["answer",{"status":"stored"}]');
  ws.send('2');
  expect(await wait('3')).toBe('3');
  ws.send('42["read",{"text":"y"}]');
  expect(await wait('42["answer"')).toBe('42["answer",{"status":"stored"}]');
});

test('garbage frames end their own connection and nothing else', async () => {
  const { devices, url } = await open();
  const good = await connected(url);
  for (const garbage of [
    '4',
    '45',
    '42',
    '42{',
    '42[]',
    '42[1]',
    '451-["read",{"_placeholder":true,"num":7}]',
    '9',
    'ÿþ',
    '42["read"',
    '40/nowhere,',
  ]) {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    closing.push(() => ws.terminate());
    ws.on('error', () => undefined);
    await once(ws, 'open');
    ws.send('40');
    ws.send(garbage);
  }
  await sleep(100);
  expect(await good.emitWithAck('read', 1)).toEqual({ status: 'stored' });
  expect(devices.received).toHaveLength(1);
});

test('a device that never reads is cut off', async () => {
  const { devices, url } = await open();
  devices.decide = () => ({ kind: 'stored', frameIds: [] });
  const big = 'x'.repeat(200_000);
  devices.receive = () =>
    Promise.resolve({
      ...{ outcome: { kind: 'stored', frameIds: [] }, deviceId: null },
      reply: { emit: [{ event: 'answer', args: [big] }] },
    });
  const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=3&transport=websocket`);
  closing.push(() => ws.terminate());
  ws.on('error', () => undefined);
  await once(ws, 'open');
  ws.send('40');
  await sleep(50);
  ws.pause();
  const good = await connected(url);
  for (let i = 0; i < 400 && devices.ended.length === 0; i++) {
    ws.send('42["read",1]');
    if (i % 20 === 0) await sleep(20);
  }
  for (let i = 0; i < 200 && devices.ended.length === 0; i++) await sleep(20);
  expect(devices.ended).toHaveLength(1);
  expect(good.connected).toBe(true);
});

test('one address holds so many connections; who is turned away is told why', async () => {
  const { url } = await open(createByteBudget(), { perAddress: 2, perSecond: 1_000, inAll: 10 });
  const first = await connected(url);
  await connected(url, { transports: ['polling'] });
  await refusal(connect(url));
  const polled = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
  expect([polled.status, await polled.text()]).toEqual([403, expect.stringContaining('holds 2 connections')]);
  // A greeting that fails takes no place.
  for (let i = 0; i < 20; i++) await fetch(`${url}/socket.io/?EIO=2&transport=polling`);
  first.close();
  await sleep(50);
  await connected(url);
});
