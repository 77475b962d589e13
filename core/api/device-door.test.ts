/** What comes in is bounded before it is read; whoever must come later is told so in its own words, and others are served. */
import { createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { plainReply, outcomeOf } from '../devices/reception.ts';
import type { Devices } from '../devices/devices.ts';
import { createByteBudget, type ByteBudget } from '../doors/byte-budget.ts';
import type { Outcome, WireMessage, WireReply } from '../plugins/define.ts';
import { loadPlugins, type Plugins } from '../plugins/plugins.ts';
import { addDeviceDoor } from './device-door.ts';

const MB = 1024 * 1024;
const STORED: Outcome = { kind: 'stored', frameIds: ['00000000-0000-7000-8000-000000000001'] };

let plugins: Plugins;
let server: Server;
let port: number;
let budget: ByteBudget;
let received: WireMessage[] = [];
let release = Promise.withResolvers<undefined>();

const replyOf = (format: string | null, outcome: Outcome, message: WireMessage): WireReply =>
  plugins.find('deviceFormat', format ?? '')?.reply(outcome, message, null) ?? plainReply(outcome);

/** The real door and formats; what comes through is kept here instead of in a database, for as long as a test wants. */
const devices: Pick<Devices, 'receive' | 'turnAway'> = {
  async receive(message, { format }) {
    received.push(message);
    await release.promise;
    return { reply: replyOf(format, STORED, message), outcome: STORED, deviceId: null };
  },
  turnAway: (head, { format }, error) => replyOf(format, outcomeOf(error), head),
};

async function open(bytes: number): Promise<void> {
  budget = createByteBudget(bytes);
  const app = express();
  addDeviceDoor(app, { devices: devices as Devices, plugins, budget, publicUrl: null });
  server = createServer((req, res) => void app(req, res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}
interface Sent {
  readonly answer: Promise<Answer>;
  write(bytes: Buffer): void;
  end(): void;
  cut(): void;
}
function begin(path: string, headers: Readonly<Record<string, string | number>>, from = '127.0.0.1'): Sent {
  const asked = httpRequest({
    ...{ port, host: '127.0.0.1', path, method: 'POST', headers, localAddress: from, agent: false },
  });
  const answer = new Promise<Answer>((done, failed) => {
    asked.on('error', failed);
    asked.once('response', (res) => {
      let body = '';
      res.on('data', (chunk: Buffer) => (body += chunk.toString()));
      res.once('end', () => {
        done({ status: res.statusCode ?? 0, body, headers: res.headers });
      });
    });
  });
  answer.catch(() => undefined);
  asked.flushHeaders();
  return {
    answer,
    write: (bytes) => void asked.write(bytes),
    end: () => void asked.end(),
    cut: () => void asked.destroy(),
  };
}
function post(
  path: string,
  body: Buffer,
  from?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const sent = begin(path, { 'content-length': body.length, 'content-type': 'application/json', ...headers }, from);
  sent.write(body);
  sent.end();
  return sent.answer;
}
const until = async (is: () => boolean): Promise<void> => {
  for (let n = 0; n < 400 && !is(); n++) await sleep(10);
  expect(is()).toBe(true);
};

beforeAll(async () => {
  plugins = await loadPlugins(`${import.meta.dirname}/../../plugins`);
});
beforeEach(() => {
  received = [];
  release = Promise.withResolvers<undefined>();
});
afterEach(async () => {
  release.resolve(undefined);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

test('without room a message is told to come later, unread, in the words of its format; what is held is given back', async () => {
  await open(2 * MB);
  const first = post('/ingest/generic', Buffer.alloc(MB, 'a'), '127.0.0.2');
  await until(() => received.length === 1);
  expect(budget.held).toBe(MB);
  for (const [path, code, words] of [
    ['/ingest/dahua', 503, '"result":"false"'],
    ['/ingest/rekor', 500, '"success":false'],
    ['/api/statistics', 503, '"success":false'],
    ['/ingest', 503, '"code":"overloaded"'],
  ] as const) {
    // Nothing but the head is sent: the answer cannot wait for more.
    const sent = begin(path, { 'content-length': 1.5 * MB, 'content-type': 'application/json' });
    const { status, body } = await sent.answer;
    expect([path, status]).toEqual([path, code]);
    expect(body).toContain(words);
    sent.cut();
  }
  expect(received).toHaveLength(1);
  release.resolve(undefined);
  expect((await first).status).toBe(200);
  expect(budget.held).toBe(0);
});

test('one address fills no more than half; another one is served', async () => {
  await open(4 * MB);
  const waiting = [post('/ingest/generic', Buffer.alloc(MB)), post('/ingest/generic', Buffer.alloc(MB))];
  await until(() => received.length === 2);
  expect((await post('/ingest/generic', Buffer.alloc(1000))).status).toBe(503);
  const other = post('/ingest/generic', Buffer.alloc(1000), '127.0.0.2');
  await until(() => received.length === 3);
  release.resolve(undefined);
  expect((await Promise.all([...waiting, other])).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await post('/ingest/generic', Buffer.alloc(1000))).status).toBe(200);
  expect(budget.held).toBe(0);
});

test('forty-megabyte bodies in parallel from one address: as many as have room are taken, a small message of another comes through', async () => {
  await open(256 * MB);
  const body = Buffer.alloc(40 * MB, 'x');
  const large = Array.from({ length: 20 }, () => post('/ingest/generic', body));
  const small = post('/ingest/generic', Buffer.from('{}'), '127.0.0.2');
  const told = Promise.allSettled(large);
  await until(() => received.some(({ address }) => address === '127.0.0.2'));
  expect(budget.held).toBeLessThanOrEqual(128 * MB + 2);
  release.resolve(undefined);
  expect((await small).status).toBe(200);
  const statuses = (await told).map((one) => (one.status === 'fulfilled' ? one.value.status : 'cut off'));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(20);
  expect(new Set(statuses)).toEqual(
    new Set([200, ...statuses.filter((status) => status === 503 || status === 'cut off')]),
  );
  expect(budget.held).toBe(0);
});

test('a body without a length counts while it comes; one that is cut off gives back what it held', async () => {
  await open(2 * MB);
  const endless = begin('/ingest/generic', { 'transfer-encoding': 'chunked' });
  endless.write(Buffer.alloc(MB / 2));
  await until(() => budget.held === MB / 2);
  const broken = begin('/ingest/generic', { 'content-length': MB / 4 }, '127.0.0.2');
  broken.write(Buffer.alloc(1000));
  await until(() => budget.held === MB / 2 + 1000);
  broken.cut();
  await until(() => budget.held === MB / 2);
  const more = setInterval(() => {
    endless.write(Buffer.alloc(MB / 4));
  }, 5);
  const { status } = await endless.answer;
  clearInterval(more);
  expect(status).toBe(503);
  await until(() => budget.held === 0);
});

test('what is unpacked counts, and a bomb is refused before it is unpacked whole', async () => {
  await open(256 * MB);
  const bomb = gzipSync(Buffer.alloc(200 * MB));
  const { status, body } = await post('/ingest/generic', bomb, '127.0.0.1', { 'content-encoding': 'gzip' });
  expect([status, body.includes('body_too_large') || body.includes('42 MB')]).toEqual([422, true]);
  await until(() => budget.held === 0);
  release.resolve(undefined);
  const packed = gzipSync(Buffer.from('{"a":1}'));
  expect((await post('/ingest/generic', packed, '127.0.0.1', { 'content-encoding': 'gzip' })).status).toBe(200);
  expect(Buffer.from(received[0]?.body ?? []).toString()).toBe('{"a":1}');
  const strange = await post('/ingest/generic', packed, '127.0.0.1', { 'content-encoding': 'zpaq' });
  expect(strange.status).toBe(422);
});

test('a form counts while it comes, and too large a length is refused unread', async () => {
  await open(MB);
  const form = { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' };
  const sent = begin('/ingest/plate-recognizer', form);
  sent.write(Buffer.from('--b\r\nContent-Disposition: form-data; name="upload"; filename="a.jpg"\r\n\r\n'));
  const held = post('/ingest/generic', Buffer.alloc(MB / 2), '127.0.0.2');
  await until(() => received.length === 1);
  const more = setInterval(() => {
    sent.write(Buffer.alloc(MB / 4));
  }, 5);
  expect((await sent.answer).status).toBe(503);
  clearInterval(more);
  release.resolve(undefined);
  await held;
  await until(() => budget.held === 0);
  const large = begin('/ingest', { 'content-length': 43 * MB });
  expect((await large.answer).status).toBe(413);
  large.cut();
});
