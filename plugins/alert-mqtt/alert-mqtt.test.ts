/** Against a real broker (aedes), in the clear and over TLS. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes, type AedesPublishPacket } from 'aedes';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelContext, noticeOf } from '../../test/alert-channel.ts';
import { selfSigned } from '../../test/self-signed.ts';
import plugin from './plugin.ts';

let broker: Aedes;
let servers: Server[];
const published: AedesPublishPacket[] = [];
beforeEach(async () => {
  published.length = 0;
  servers = [];
  broker = await Aedes.createBroker({
    authenticate: (_client, username, password, done) => {
      done(null, username === undefined || password?.toString() === 'p4ss');
    },
  });
  broker.on('publish', (packet, client) => {
    if (client !== null) published.push(packet);
  });
});
afterEach(async () => {
  await new Promise<void>((done) => {
    broker.close(done);
  });
  for (const server of servers) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
const send = (config: Record<string, unknown>, notice = noticeOf(), signal = AbortSignal.timeout(10_000)) =>
  plugin.send(notice, channelContext(plugin, config, { signal }));

test('publishes once acknowledged, not retained, under a topic that no name can break', async () => {
  const port = await listening(createServer((socket) => void broker.handle(socket)));
  const notice = noticeOf({ cameraName: 'ด่าน/เหนือ #1+' });
  const topic = 'lpr/{kind}/{category}/{camera}/{priority}';
  await send({ broker: `mqtt://127.0.0.1:${port}`, username: 'hub', password: 'p4ss', topic }, notice);
  expect(published).toMatchObject([{ topic: 'lpr/alert/stolen/ด่าน_เหนือ _1_/90', qos: 1, retain: false }]);
  expect(JSON.parse(String(published[0]?.payload))).toEqual(notice);
});

test('over TLS, with a certificate that nobody vouches for where that is allowed', async () => {
  const server = createTlsServer(selfSigned(), (socket) => void broker.handle(socket));
  const address = `mqtts://127.0.0.1:${await listening(server)}`;
  await expect(send({ broker: address })).rejects.toMatchObject({ code: 'channel_refused' });
  await send({ broker: address, selfSigned: true });
  expect(published.map(({ topic }) => topic)).toEqual(['lpr/alerts/stolen']);
});

test('a wrong password, nobody there, a broker that says nothing', async () => {
  const port = await listening(createServer((socket) => void broker.handle(socket)));
  const address = `mqtt://127.0.0.1:${port}`;
  await expect(send({ broker: address, username: 'hub', password: 'x' })).rejects.toMatchObject({
    code: 'channel_refused',
  });
  await expect(send({ broker: 'mqtt://127.0.0.1:9' })).rejects.toMatchObject({ code: 'channel_refused' });
  const silent = createServer((socket) => void socket.on('error', () => undefined).resume());
  const quiet = await listening(silent);
  const controller = new AbortController();
  const failed = expect(
    send({ broker: `mqtt://127.0.0.1:${quiet}` }, noticeOf(), controller.signal),
  ).rejects.toMatchObject({
    ...{ code: 'channel_refused', message: expect.stringContaining('in time') },
  });
  await once(silent, 'connection');
  controller.abort();
  await failed;
});

test.each([
  ['alerts/{plate}', '{plate}'],
  ['alerts/#', 'subscribing'],
  ['$SYS/alerts', 'broker itself'],
])('the topic %s is refused when it is entered', async (topic, told) => {
  const { config } = channelContext(plugin, { broker: 'mqtt://127.0.0.1:9', topic });
  expect(plugin.check?.(config)).toEqual([{ field: 'topic', problem: expect.stringContaining(told) }]);
  await expect(send({ broker: 'mqtt://127.0.0.1:9', topic })).rejects.toMatchObject({ code: 'channel_rejected' });
});
