import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { startTestHub, type Answer, type Client, type TestHub } from '../../test/hub.ts';
import { BODIES, IMAGE, QUERIES } from '../../test/route-bodies.ts';
import { picture } from '../../test/pictures.ts';
import { renderScene } from '../simulator/simulator.ts';
import type { RouteSpec } from './route.ts';
import { createRoutes } from './routes.ts';

let hub: TestHub;
let routes: readonly RouteSpec[];
const PASSWORD = 'another long secret';
const codeOf = ({ status, body }: Answer): unknown[] => [status, body.error?.code];

async function signedIn(name: string, role: string): Promise<Client> {
  const { status } = await hub.admin('POST', '/v1/users', { name, password: PASSWORD, role });
  const client = hub.client();
  const session = await client('POST', '/v1/session', { name, password: PASSWORD });
  expect([status, session.status]).toEqual([201, 201]);
  return client;
}

/** What the hub answers is what the contract says, and nothing more. */
function expectContract(method: string, path: string, { status, body }: Answer): void {
  const spec = routes.find((one) => one.method === method && one.path === path)!;
  expect({ status, body }).toMatchObject({ status: spec.status ?? 200 });
  const known = spec.answer!.safeParse(body);
  expect(known.error?.issues).toBeUndefined();
  expect(known.data).toEqual(body);
}

beforeAll(async () => {
  hub = await startTestHub();
  const options = {
    version: '0',
    codeRequired: false,
    isSecure: false,
    sessionsChanged: () => undefined,
    doors: () => null,
    flowGaps: () => Promise.resolve([]),
  };
  routes = createRoutes({ hub: hub.hub, ...options });
}, 120_000);
afterAll(() => hub.stop());

test('every list of a new install keeps to the contract', async () => {
  const plain = routes.filter(
    ({ method, path, answer }) => method === 'get' && answer !== undefined && !path.includes(':'),
  );
  expect(plain.length).toBeGreaterThan(14);
  for (const { path } of plain) {
    expectContract('get', path, await hub.admin('GET', `/v1${path}${QUERIES[`get ${path}`] ?? ''}`));
  }
});

test('every plugin folder loads, with words in both languages', async () => {
  expect((await hub.admin('GET', '/v1/status')).body.pluginFailures).toEqual([]);
  const { items } = (await hub.admin('GET', '/v1/plugins?kind=cameraProtocol')).body;
  expect(items.map((item: { id: string }) => item.id)).toEqual(expect.arrayContaining(['demo', 'folder', 'snapshot']));
  for (const { words } of items) expect([words.en.name, words.th.name]).not.toContain('');
});

test('health says what works', async () => {
  const { status, body } = await hub.client()('GET', '/health');
  const parts = { database: { ok: true }, pictures: { ok: true }, recognition: { ok: true }, flows: { ok: true } };
  expect([status, body]).toMatchObject([200, { ok: true, parts }]);
});

test('the page to try the API needs no other host', async () => {
  const page = await hub.client()('GET', '/api/docs');
  expect(page.body).not.toMatch(/https?:\/\//);
  for (const [, file = ''] of (page.body as string).matchAll(/(?:src|href)="(\/api\/docs\/[^"]+)"/g)) {
    expect((await hub.client()('GET', file)).status).toBe(200);
  }
});

test('what is named by an id that nothing has is not found, wherever it is asked for', async () => {
  const nothing = '00000000-0000-7000-8000-000000000000';
  const named = routes.filter(({ path }) => path.includes(':'));
  const answers = await Promise.all(
    named.map(async ({ method, path }) => {
      const address = `/v1${path.replace(':imageId', IMAGE).replace(/:\w+/g, nothing)}`;
      return [method, path, ...codeOf(await hub.admin(method.toUpperCase(), address, BODIES[`${method} ${path}`]))];
    }),
  );
  expect(answers).toEqual(named.map(({ method, path }) => [method, path, 404, 'not_found']));
});

describe('a device that posts frames', () => {
  let cameraId: string;
  let keyId: string;
  let bearer: { authorization: string };
  beforeAll(async () => {
    const place = { checkpointId: null, latitude: null, longitude: null, heading: null };
    const input = { name: 'Edge', protocol: 'push', config: {}, enabled: true, ...place };
    const camera = await hub.admin('POST', '/v1/cameras', input);
    expectContract('post', '/cameras', camera);
    ({ cameraId } = camera.body);
    const key = await hub.admin('POST', `/v1/cameras/${cameraId}/keys`, { label: 'box' });
    expectContract('post', '/cameras/:cameraId/keys', key);
    bearer = { authorization: `Bearer ${key.body.key}` };
    ({ keyId } = key.body);
  });
  const form = (file: Uint8Array, fields: Record<string, string> = {}): FormData => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, value);
    data.append('image', new Blob([Uint8Array.from(file)]), 'รถ.png');
    return data;
  };
  const post = (body: unknown): Promise<Answer> => hub.client()('POST', '/v1/frames', body, bearer);

  test('is told "stored" for multipart and for JSON, and the same event twice is one frame', async () => {
    const fields = { eventKey: 'p1', capturedAt: '2026-11-20T10:00:00+07:00' };
    const first = await post(form(await picture(1), fields));
    expectContract('post', '/frames', first);
    expect(first.body).toMatchObject({ duplicate: false, width: 64, height: 48 });
    const second = await post({ image: (await picture(2)).toString('base64'), eventKey: 'p1' });
    expect(second).toMatchObject({ status: 201, body: { frameId: first.body.frameId, duplicate: true } });
    const status = await hub.admin('GET', `/v1/frames/${first.body.frameId}`);
    expectContract('get', '/frames/:frameId', status);
    expect(status.body).toMatchObject({ cameraId, label: 'รถ.png', capturedAt: '2026-11-20T03:00:00.000Z' });
  });

  test.each<[string, number, string, () => Promise<Uint8Array>]>([
    ['nothing', 400, 'image_empty', () => Promise.resolve(new Uint8Array())],
    ['a text', 415, 'image_not_a_picture', () => Promise.resolve(new TextEncoder().encode('I am a text'))],
    ['half a picture', 422, 'image_truncated', async () => (await picture(3, 800, 600)).subarray(0, 900)],
    ['21 MB', 413, 'image_too_large', () => Promise.resolve(new Uint8Array(21 * 1024 * 1024))],
  ])('%s instead of a picture is refused with %i %s, in a form and in JSON', async (_what, status, code, bytes) => {
    expect(codeOf(await post(form(await bytes())))).toEqual([status, code]);
    const image = Buffer.from(await bytes()).toString('base64');
    const inJson = codeOf(await post({ image }));
    expect(inJson).toEqual(image === '' ? [400, 'image_missing'] : [status, code]);
  });

  test('gets its pictures back as they were sent, and smaller on demand', async () => {
    const bytes = await picture(5, 900, 600);
    const { imageId } = (await post(form(bytes))).body;
    const original = await fetch(`${hub.url}/api/v1/images/${imageId}?size=original`, {
      headers: { cookie: hub.admin.cookie() },
    });
    expect(original.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await original.arrayBuffer()).equals(bytes)).toBe(true);
    const small = await hub.admin('GET', `/v1/images/${imageId}?size=thumbnail`);
    expect(small.headers.get('content-type')).toBe('image/webp');
    expect((await hub.client()('GET', `/v1/images/${imageId}`)).status).toBe(401);
  });

  test('is turned away without its key, with a revoked one, and when its camera is off', async () => {
    const body = { image: (await picture(6)).toString('base64') };
    const frames = async (headers: Record<string, string>): Promise<unknown[]> =>
      codeOf(await hub.client()('POST', '/v1/frames', body, headers));
    expect(await frames({})).toEqual([401, 'ingest_key_wrong']);
    expect(await frames({ authorization: 'Bearer lpr_nothing' })).toEqual([401, 'ingest_key_wrong']);
    // The console's session is no ingest key.
    expect(await frames({ cookie: hub.admin.cookie() })).toEqual([401, 'ingest_key_wrong']);
    await hub.admin('PATCH', `/v1/cameras/${cameraId}`, { enabled: false });
    expect(await frames(bearer)).toEqual([409, 'camera_disabled']);
    await hub.admin('PATCH', `/v1/cameras/${cameraId}`, { enabled: true });
    expect(await frames(bearer)).toEqual([201, undefined]);
    expect((await hub.admin('DELETE', `/v1/cameras/${cameraId}/keys/${keyId}`)).status).toBe(204);
    expect(await frames(bearer)).toEqual([401, 'ingest_key_wrong']);
  });
});

test('a scene that is uploaded becomes a detection, a hit and an alert, told live, corrected, all by the contract', async () => {
  const viewer = await signedIn('watcher', 'viewer');
  const operator = await signedIn('worker', 'operator');
  const socket = io(`${hub.url}/live`, { transports: ['websocket'], extraHeaders: { cookie: viewer.cookie() } });
  await once(socket as never, 'connect');
  const raised = once(socket as never, 'alert.raised');
  const created = once(socket as never, 'detection.created');

  const list = await hub.admin('POST', '/v1/blacklists', { name: 'Stolen', category: 'stolen', priority: 90 });
  expectContract('post', '/blacklists', list);
  const entries = `/v1/blacklists/${list.body.blacklistId}/entries`;
  const input = { plateNumber: '1กก 1234', validFrom: '2026-01-01T00:00:00+07:00' };
  const entry = await hub.admin('POST', entries, input);
  expectContract('post', '/blacklists/:blacklistId/entries', entry);
  expectContract('get', '/blacklists/:blacklistId/entries', await operator('GET', entries));

  const plate = { plateNumber: '1กก1234', series: '1กก', serial: '1234', issuingEntity: 'TH-10', plateType: 'RY1' };
  const scene = await renderScene({ seed: 4, plate: { ...plate, countryCode: 'TH' }, weather: false });
  const form = new FormData();
  form.append('image', new Blob([Uint8Array.from(scene.bytes)]), 'scene.jpg');
  const upload = await operator('POST', '/v1/uploads', form);
  expectContract('post', '/uploads', upload);

  const [detection] = (await created) as [{ detectionId: string }];
  const path = `/v1/detections/${detection.detectionId}`;
  const [alert] = (await raised) as [{ alertId: string }];
  socket.close();
  expectContract('get', '/detections/:detectionId', await viewer('GET', path));
  const page = await viewer('GET', `/v1/detections?plate=${encodeURIComponent('กก12')}`);
  expectContract('get', '/detections', page);
  expect(page.body.items).toMatchObject([{ ...detection, hits: [{ category: 'stolen' }] }]);
  for (let i = 0; i < 200; i++) {
    const frame = await viewer('GET', `/v1/frames/${upload.body.frameId}`);
    expectContract('get', '/frames/:frameId', frame);
    if (frame.body.state === 'settled') break;
    await sleep(25);
  }
  expect((await viewer('GET', `/v1/frames/${upload.body.frameId}`)).body).toMatchObject({
    state: 'settled',
    detectionIds: [detection.detectionId],
  });

  expectContract('get', '/alerts', await viewer('GET', '/v1/alerts?state=open'));
  const known = await operator('POST', `/v1/alerts/${alert.alertId}/acknowledge`, {});
  expectContract('post', '/alerts/:alertId/acknowledge', known);
  expect(known.body.acknowledgedBy).toBe('worker');
  expect((await viewer('GET', '/v1/alerts?state=open')).body.items).toEqual([]);

  const correction = { kind: 'text', plateNumber: '1กก 1235', issuingEntity: 'TH-50', countryCode: 'TH' };
  expect(codeOf(await viewer('POST', `${path}/corrections`, correction))).toEqual([403, 'forbidden']);
  const corrected = await operator('POST', `${path}/corrections`, correction);
  expectContract('post', '/detections/:detectionId/corrections', corrected);
  expect(corrected.body).toMatchObject({ status: 'corrected', plateNumber: '1กก1235', issuingEntity: 'TH-50' });
  expect(corrected.body.corrections).toMatchObject([{ correctedBy: 'worker', before: { plateNumber: '1กก1234' } }]);
  expect((await viewer('GET', '/v1/status')).body).toMatchObject({ detectionsToday: 1, openAlerts: 0, framesDead: 0 });
}, 60_000);

describe('people', () => {
  test('set-up is over once an administrator exists, and the last one stays', async () => {
    const again = await hub.client()('POST', '/v1/setup', { name: 'second', password: PASSWORD });
    expect(codeOf(again)).toEqual([409, 'setup_already_done']);
    const { user } = (await hub.admin('GET', '/v1/session')).body;
    expect(codeOf(await hub.admin('PATCH', `/v1/users/${user.userId}`, { role: 'viewer' }))).toEqual([409, 'conflict']);
    expect(codeOf(await hub.admin('PATCH', `/v1/users/${user.userId}`, { disabled: true }))).toEqual([409, 'conflict']);
  });

  test('whoever is disabled is out at once; a name is one person’s', async () => {
    const client = await signedIn('Leaving', 'supervisor');
    const { userId } = (await client('GET', '/v1/session')).body.user;
    const twice = await hub.admin('POST', '/v1/users', { name: 'leaving', password: PASSWORD, role: 'viewer' });
    expect(codeOf(twice)).toEqual([409, 'name_taken']);
    expectContract('patch', '/users/:userId', await hub.admin('PATCH', `/v1/users/${userId}`, { disabled: true }));
    expect(codeOf(await client('GET', '/v1/session'))).toEqual([401, 'unauthenticated']);
    const back = await hub.client()('POST', '/v1/session', { name: 'Leaving', password: PASSWORD });
    expect(codeOf(back)).toEqual([401, 'wrong_credentials']);
  });

  test('a new password ends the sessions of the old one', async () => {
    const client = await signedIn('careful', 'viewer');
    const other = hub.client();
    await other('POST', '/v1/session', { name: 'careful', password: PASSWORD });
    const wrong = await client('POST', '/v1/session/password', { current: 'guess', next: 'a newer long secret' });
    expect(codeOf(wrong)).toEqual([401, 'wrong_credentials']);
    const change = { current: PASSWORD, next: 'a newer long secret' };
    expect((await client('POST', '/v1/session/password', change)).status).toBe(204);
    for (const one of [client, other]) expect((await one('GET', '/v1/session')).status).toBe(401);
    const next = { name: 'careful', password: change.next };
    expect((await other('POST', '/v1/session', next)).status).toBe(201);
  });

  test('what they did is written down, without what must stay secret', async () => {
    const { items } = (await hub.admin('GET', '/v1/audit?limit=200')).body;
    const actions = items.map((item: { action: string }) => item.action);
    expect(actions).toEqual(
      expect.arrayContaining([
        ...['setup.done', 'session.started', 'session.failed', 'user.created', 'user.changed', 'password.changed'],
        ...['camera.created', 'camera.changed', 'ingest_key.created', 'ingest_key.revoked'],
        ...['blacklist.created', 'blacklist_entry.created', 'blacklist.viewed'],
        ...['alert.acknowledged', 'detection.corrected'],
      ]),
    );
    const text = JSON.stringify(items);
    // A plate stands there only where it is what was done: put on a list, searched for.
    const ofPlates = /^(blacklist_entry\.created|detection\.searched)$/;
    const others = items.filter(({ action }: { action: string }) => !ofPlates.test(action));
    expect(JSON.stringify(others)).not.toMatch(/1กก123/);
    for (const secret of [PASSWORD, 'lpr_']) {
      expect(text.replaceAll(/"prefix":"lpr_[\w-]{6}"/g, '')).not.toContain(secret);
    }
    const older = (await hub.admin('GET', `/v1/audit?limit=2&before=${items[1].auditId}`)).body.items;
    expect(older).toEqual(items.slice(2, 4));
  });
});

test('who searches by plate leaves a trace, and says why where the site asks for it', async () => {
  const search = async (query: string): Promise<number> =>
    (await hub.admin('GET', `/v1/detections?plate=${query}`)).status;
  const searches = async (): Promise<unknown[]> =>
    (
      (await hub.admin('GET', '/v1/audit?action=detection.searched')).body as { items: { details: unknown }[] }
    ).items.map(({ details }) => details);
  // Asked again by a page that looks for what is new: one row.
  expect([await search('12'), await search('12')]).toEqual([200, 200]);
  const before = await searches();
  expect(before[0]).toEqual({ plate: '12' });
  expect(before.filter((one) => JSON.stringify(one) === '{"plate":"12"}')).toHaveLength(1);
  await hub.admin('PATCH', '/v1/site', { searchReason: 'case' });
  const refused = await hub.admin('GET', '/v1/detections?plate=12&reason=stolen');
  expect(refused).toMatchObject({
    status: 403,
    body: { error: { code: 'reason_required', problems: [{ field: 'caseNumber' }] } },
  });
  expect((await hub.admin('GET', '/v1/detections')).status).toBe(200);
  expect(await search('12&reason=stolen&caseNumber=7%2F69')).toBe(200);
  expect((await searches())[0]).toEqual({ plate: '12', reason: 'stolen', caseNumber: '7/69' });
  await hub.admin('PATCH', '/v1/site', { searchReason: 'none' });
});
