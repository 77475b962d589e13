import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { aHit } from '../../test/blacklists.ts';
import { openFakeApi, type FakeApi } from '../../test/fake-api.ts';
import { sampleAlert, sampleFrame, sampleSummary } from '../../test/fake-hub.ts';
import type { Role } from '../access/access.ts';
import { Alert, DetectionSummary, FrameStatus } from './contract.ts';

let api: FakeApi;
const sockets: Socket[] = [];
beforeAll(async () => {
  api = await openFakeApi();
});
afterAll(async () => {
  for (const socket of sockets) socket.close();
  await api.close();
});

function connect(headers: Record<string, string>, namespace = '/live', transport = 'websocket'): Socket {
  const socket = io(`${api.url}${namespace}`, {
    ...{ transports: [transport], reconnection: false, forceNew: true, extraHeaders: headers },
  });
  sockets.push(socket);
  return socket;
}
const refusal = async (socket: Socket): Promise<string> => {
  const [error] = (await once(socket as never, 'connect_error')) as [Error];
  return error.message;
};
async function signedIn(role: Role): Promise<Socket> {
  const socket = connect({ cookie: api.hub.signIn(role) });
  await once(socket as never, 'connect');
  return socket;
}
const next = async (socket: Socket, name: string): Promise<unknown> =>
  ((await once(socket as never, name)) as unknown[])[0];

test('what happens arrives as the contract says', async () => {
  const socket = await signedIn('viewer');
  const all = Promise.all([
    next(socket, 'detection.created'),
    next(socket, 'frame.ended'),
    next(socket, 'alert.raised'),
    next(socket, 'camera.changed'),
  ]);
  api.hub.events.emit('detection.created', sampleSummary);
  api.hub.events.emit('frame.ended', sampleFrame);
  api.hub.events.emit('alert.raised', sampleAlert);
  api.hub.events.emit('camera.changed', { cameraId: 'c' });
  const [detection, frame, alert, camera] = await all;
  expect(DetectionSummary.parse(detection)).toEqual(detection);
  expect(FrameStatus.parse(frame)).toEqual(frame);
  expect(Alert.parse(alert)).toEqual(alert);
  expect(camera).toEqual({ cameraId: 'c' });
});

test('of covert lists those hear nothing who may not see blacklists', async () => {
  const [viewer, operator] = [await signedIn('viewer'), await signedIn('operator')];
  const both = Promise.all([viewer, operator].map((socket) => next(socket, 'detection.updated')));
  const hits = [aHit({ hitId: 'a' }), aHit({ hitId: 'b', isCovert: true })];
  api.hub.events.emit('detection.updated', { ...sampleSummary, hits, before: null });
  const shown = (await both).map((answer) => (answer as DetectionSummary).hits.map(({ hitId }) => hitId));
  expect(shown).toEqual([['a'], ['a', 'b']]);
});

test('strangers hear nothing, by whatever transport', async () => {
  for (const transport of ['websocket', 'polling']) {
    expect(await refusal(connect({}, '/live', transport))).toMatch(/sign in/i);
    expect(await refusal(connect({ cookie: `lpr_session=${'z'.repeat(43)}` }, '/live', transport))).toMatch(/sign in/i);
  }
});

test.each(['https://evil.example', 'null', 'not an address'])('a page of %s hears nothing', async (origin) => {
  const cookie = api.hub.signIn('viewer');
  expect(await refusal(connect({ cookie, origin }))).toMatch(/another site/);
});

test('there is one place to listen', async () => {
  expect(await refusal(connect({ cookie: api.hub.signIn('viewer') }, '/'))).toMatch(/\/live/);
  expect(await refusal(connect({ cookie: api.hub.signIn('viewer') }, '/other'))).toMatch(/invalid namespace/i);
});

test('signing out ends the connection at once', async () => {
  const client = api.client();
  await client('POST', '/v1/session', { name: 'leaving', password: 'correct horse battery' });
  const socket = connect({ cookie: client.cookie() });
  await once(socket as never, 'connect');
  const ended = once(socket as never, 'disconnect');
  const other = await signedIn('operator');
  expect((await client('DELETE', '/v1/session')).status).toBe(204);
  expect(await ended).toEqual(expect.arrayContaining(['io server disconnect']));
  expect(other.connected).toBe(true);
});

test('a role that changes is heard at once', async () => {
  const socket = await signedIn('supervisor');
  const token = `supervisor-${'s'.repeat(43)}`.slice(0, 43);
  const before = api.hub.sessions.get(token)!;
  api.hub.sessions.set(token, { ...before, permissions: ['cameras.view'] });
  const userId = before.user.userId;
  const admin = { cookie: api.hub.signIn('administrator') };
  expect((await api.client()('PATCH', `/v1/users/${userId}`, { role: 'viewer' }, admin)).status).toBe(200);
  await sleep(50);
  const heard: string[] = [];
  socket.onAny((name: string) => heard.push(name));
  const changed = next(socket, 'camera.changed');
  api.hub.events.emit('alert.raised', sampleAlert);
  api.hub.events.emit('camera.changed', { cameraId: 'c' });
  await changed;
  expect(heard).toEqual(['camera.changed']);
});
