import { request as httpRequest, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { quietLog } from '../test/quiet-log.ts';
import { selfSigned } from '../test/self-signed.ts';
import { openHttp, type HttpFront } from './http-front.ts';

const opened: HttpFront[] = [];
afterEach(async () => {
  for (const front of opened.splice(0)) await front.close();
});
async function open(settings: Partial<Parameters<typeof openHttp>[0]> = {}): Promise<HttpFront> {
  const common = { tls: null, port: 0, host: '127.0.0.1', extraPorts: [], publicUrl: null };
  const front = await openHttp({ ...common, ...settings }, quietLog);
  opened.push(front);
  return front;
}
const get = async (port: number): Promise<[number, string]> => {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return [response.status, await response.text()];
};
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

test('until there is something to serve, visitors are told to come back', async () => {
  const front = await open();
  const early = await fetch(`http://127.0.0.1:${front.port}/health`);
  expect([early.status, early.headers.get('retry-after'), ((await early.json()) as { ok: boolean }).ok]).toEqual([
    503,
    '2',
    false,
  ]);
  front.serve((_req, res) => res.end('served'));
  expect(await get(front.port)).toEqual([200, 'served']);
});

test('requests under way are answered before it stops, and no others are begun', async () => {
  const front = await open();
  const begun = Promise.withResolvers<ServerResponse>();
  front.serve((_req, res) => {
    begun.resolve(res);
  });
  const slow = get(front.port);
  const response = await begun.promise;
  let isDrained = false;
  const drained = front.drain().then(() => (isDrained = true));
  expect((await get(front.port))[0]).toBe(503);
  expect(isDrained).toBe(false);
  response.end('in time');
  expect(await slow).toEqual([200, 'in time']);
  await drained;
});

test('a request that never ends holds nothing up for ever', async () => {
  const front = await open();
  const begun = Promise.withResolvers<undefined>();
  front.serve(() => {
    begun.resolve(undefined);
  });
  const hanging = get(front.port).catch(() => 'cut off');
  await begun.promise;
  await front.drain();
  await front.close();
  expect(await hanging).toBe('cut off');
});

test('further ports serve the same', async () => {
  const extra = await freePort();
  const front = await open({ extraPorts: [extra] });
  front.serve((_req, res) => res.end('served'));
  expect(await get(extra)).toEqual([200, 'served']);
});

test('a port in use is told with the setting that changes it, and leaves no port open', async () => {
  const blocker = createServer();
  await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done));
  const taken = (blocker.address() as AddressInfo).port;
  const inUse = (setting: string): object =>
    expect.objectContaining({
      code: 'port_in_use',
      message: `Port ${taken} is in use on 127.0.0.1. Choose another with ${setting}.`,
    });
  await expect(open({ port: taken })).rejects.toEqual(inUse('PORT'));
  const port = await freePort();
  await expect(open({ port, extraPorts: [taken] })).rejects.toEqual(inUse('EXTRA_PORTS'));
  await expect(get(port)).rejects.toThrow();
  await new Promise((done) => blocker.close(done));
});

test('an address of another machine is told as HOST', async () => {
  await expect(open({ host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'settings_invalid',
    message: expect.stringContaining('HOST is 192.0.2.1'),
  });
});

test('with a certificate it speaks TLS', async () => {
  const tls = selfSigned();
  const front = await open({ tls });
  front.serve((_req, res) => res.end('sealed'));
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = httpsRequest({ host: '127.0.0.1', port: front.port, ca: tls.cert }, (res) => {
      res.on('data', (chunk: Buffer) => resolve(chunk.toString()));
    });
    sent.on('error', reject).end();
  });
  expect(answer).toBe('sealed');
  const plain = new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: front.port }, resolve).on('error', reject).end();
  });
  await expect(plain).rejects.toThrow();
});

test('a key that does not belong to the certificate is told before any port opens', async () => {
  const { cert } = selfSigned();
  const { key } = selfSigned();
  for (const tls of [
    { cert, key },
    { cert: '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----', key },
  ]) {
    await expect(open({ tls })).rejects.toMatchObject({
      code: 'settings_invalid',
      message: expect.stringMatching(/^TLS_CERT and TLS_KEY cannot be used/),
    });
  }
});
