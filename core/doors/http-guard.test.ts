/** On the real port: crowds, and visitors that are slow on purpose. Others are served all the while. */
import { request as httpRequest } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from '@jest/globals';
import { quietLog } from '../../test/quiet-log.ts';
import { openHttp, type HttpFront } from '../http-front.ts';

const fronts: HttpFront[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const front of fronts.splice(0)) await front.close();
});

async function open(
  guarding: Parameters<typeof openHttp>[2] = {},
  publicUrl: string | null = null,
): Promise<HttpFront> {
  const settings = { tls: null, port: 0, host: '127.0.0.1', extraPorts: [], publicUrl };
  const front = await openHttp(settings, quietLog, { checkMs: 50, ...guarding });
  fronts.push(front);
  front.serve((req, res) => {
    req.resume().once('end', () => res.end('served'));
  });
  return front;
}

interface Caller {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly closed: Promise<void>;
}
function dial(port: number, localAddress = '127.0.0.1'): Caller {
  const socket = createConnection({ port, host: '127.0.0.1', localAddress });
  sockets.push(socket);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  return { socket, heard: () => heard, closed };
}
/** From an address of its own: somebody else. */
const visit = (port: number, localAddress = '127.0.0.9', body: Buffer | null = null): Promise<number> =>
  new Promise((done, failed) => {
    const method = body === null ? 'GET' : 'POST';
    const asked = httpRequest({ port, host: '127.0.0.1', localAddress, method, agent: false }, (res) => {
      res.resume().once('end', () => {
        done(res.statusCode ?? 0);
      });
    });
    asked.once('error', failed);
    asked.end(body ?? undefined);
  });

test('ten thousand connections from one address: most are turned away, somebody else is served', async () => {
  const { port } = await open();
  const callers: Caller[] = [];
  for (let n = 0; n < 10_000; n += 500) {
    callers.push(...Array.from({ length: 500 }, () => dial(port)));
    expect(await visit(port)).toBe(200);
  }
  await expect(Promise.race([visit(port, '127.0.0.1').catch(() => 0), sleep(5_000, 0)])).resolves.not.toBe(200);
  expect(callers.some(({ heard }) => heard().startsWith('HTTP/1.1 429'))).toBe(true);
  await sleep(500);
  const standing = callers.filter(({ socket }) => !socket.destroyed).length;
  expect(standing).toBeLessThanOrEqual(600);
  expect(await visit(port)).toBe(200);
  for (const { socket } of callers) socket.destroy();
  await sleep(300);
  expect(await visit(port, '127.0.0.1')).toBe(200);
});

test('behind a proxy of this machine everybody comes from one address: the limit is not for it', async () => {
  const { port } = await open({ limits: { perAddress: 2 } }, 'https://lpr.example');
  const callers = Array.from({ length: 10 }, () => dial(port));
  await sleep(100);
  expect(callers.filter(({ socket }) => socket.destroyed)).toEqual([]);
  expect(await visit(port, '127.0.0.1')).toBe(200);
});

test('a head that never ends is cut off', async () => {
  const { port } = await open({ headersMs: 200 });
  const { socket, closed, heard } = dial(port);
  socket.write('POST /ingest/generic HTTP/1.1\r\nHost: hub\r\n');
  const dripping = setInterval(() => socket.write('X-More: 1\r\n'), 50);
  await closed;
  clearInterval(dripping);
  expect(heard()).toMatch(/^HTTP\/1\.1 408/);
});

test('a body that drips is cut off, one that is only long is not', async () => {
  const { port } = await open({ patienceMs: 600 });
  const head = 'POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 1000000\r\n\r\n';
  const slow = dial(port);
  slow.socket.write(head);
  const dripping = setInterval(() => slow.socket.write('x'), 50);
  const long = dial(port, '127.0.0.2');
  long.socket.write(head);
  for (let n = 0; n < 20; n++) {
    long.socket.write(Buffer.alloc(50_000));
    await sleep(100);
  }
  await slow.closed;
  clearInterval(dripping);
  expect(slow.heard()).toMatch(/^HTTP\/1\.1 408/);
  expect(long.heard()).toMatch(/^HTTP\/1\.1 200/);
});

test('one that never reads its answers is cut off', async () => {
  const front = await open({ patienceMs: 400 });
  front.serve((req, res) => {
    req.resume();
    res.end(Buffer.alloc(8 * 1024 * 1024));
  });
  const deaf = dial(front.port);
  deaf.socket.pause();
  for (let n = 0; n < 20; n++) deaf.socket.write('GET / HTTP/1.1\r\nHost: hub\r\n\r\n');
  await sleep(100);
  expect(await visit(front.port)).toBe(200);
  for (let n = 0; n < 100 && front.server.listenerCount('request') > 0; n++) {
    const open_ = await new Promise<number>((done) => {
      front.server.getConnections((_error, count) => {
        done(count);
      });
    });
    if (open_ === 0) return;
    await sleep(50);
  }
  throw new Error('it is still connected');
});

test('an answer that takes long is waited for', async () => {
  const front = await open({ patienceMs: 200, headersMs: 200 });
  front.serve((req, res) => {
    req.resume();
    setTimeout(() => res.end('late'), 1_000);
  });
  expect(await visit(front.port, '127.0.0.9', gzipSync('body'))).toBe(200);
});

test('a body that the hub itself does not read is no fault of the sender', async () => {
  const front = await open({ patienceMs: 200 });
  front.serve((req, res) => {
    setTimeout(() => {
      req.resume().once('end', () => res.end('read'));
    }, 1_000);
  });
  expect(await visit(front.port, '127.0.0.9', Buffer.alloc(3_000_000))).toBe(200);
});
