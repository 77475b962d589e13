import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { picture } from '../../test/pictures.ts';
import { ADMIN, startTestHub, type Client, type TestHub } from '../../test/hub.ts';
import { ROLES, type Role } from '../access/access.ts';
import { createRoutes } from './routes.ts';
import type { RouteSpec } from './route.ts';

let hub: TestHub;
let routes: readonly RouteSpec[];
const clients = new Map<Role, Client>();
const PASSWORD = 'another long secret';

beforeAll(async () => {
  hub = await startTestHub();
  routes = createRoutes({
    hub: hub.hub,
    version: '0',
    codeRequired: false,
    isSecure: false,
    sessionsChanged: () => undefined,
  });
  for (const role of ROLES) {
    const name = `a ${role}`;
    await hub.admin('POST', '/v1/users', { name, password: PASSWORD, role });
    const client = hub.client();
    expect((await client('POST', '/v1/session', { name, password: PASSWORD })).status).toBe(201);
    clients.set(role, client);
  }
}, 120_000);
afterAll(() => hub.stop());

const NOWHERE = '00000000-0000-7000-8000-000000000000';
const address = (spec: RouteSpec): string => `/v1${spec.path.replace(/:\w+/g, NOWHERE)}`;

describe('who may do what', () => {
  test('each route asks for a sign-in, and each role gets exactly what its permissions say', async () => {
    const wrong: string[] = [];
    for (const spec of routes) {
      if (spec.needs === 'public' || spec.needs === 'key' || spec.path.startsWith('/session')) continue;
      const method = spec.method.toUpperCase();
      const anonymous = await hub.client()(method, address(spec), method === 'GET' ? undefined : {});
      if (anonymous.status !== 401) wrong.push(`${method} ${spec.path} for nobody: ${anonymous.status}`);
      for (const [role, client] of clients) {
        const permissions: readonly string[] = hub.hub.access.permissionsOf(role);
        const isAllowed = spec.needs === 'session' || permissions.includes(spec.needs);
        // What the site or a channel would really change is tried only by those who may not.
        if (isAllowed && (spec.path === '/site' || method === 'DELETE') && method !== 'GET') continue;
        const { status } = await client(method, address(spec), method === 'GET' ? undefined : {});
        if ((status === 403) === isAllowed) wrong.push(`${method} ${spec.path} for ${role}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(routes.length).toBeGreaterThan(40);
  }, 120_000);

  test('another site cannot act with a browser that is signed in', async () => {
    const body = { name: 'Evil', category: 'own', priority: 1 };
    const other = await hub.admin('POST', '/v1/blacklists', body, { origin: 'https://evil.example' });
    expect([other.status, other.body.error.code]).toEqual([403, 'origin_refused']);
    expect((await hub.admin('POST', '/v1/blacklists', { ...body, name: 'Own' }, { origin: hub.url })).status).toBe(201);
  });

  test('the cookie is for the hub alone, and gone after signing out', async () => {
    const client = hub.client();
    const { headers } = await client('POST', '/v1/session', ADMIN);
    expect(headers.get('set-cookie')).toMatch(/^lpr_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=/);
    const cookie = client.cookie();
    expect((await client('DELETE', '/v1/session')).status).toBe(204);
    expect((await hub.client()('GET', '/v1/session', undefined, { cookie })).status).toBe(401);
  });

  test('set-up is over once an administrator exists', async () => {
    expect((await hub.client()('GET', '/v1/setup')).body).toEqual({ needed: false, codeRequired: false });
    const again = await hub.client()('POST', '/v1/setup', { ...ADMIN, name: 'second' });
    expect(again.body.error.code).toBe('setup_already_done');
  });
});

describe('answers', () => {
  test.each([
    '/v1/session',
    '/v1/site',
    '/v1/users',
    '/v1/cameras',
    '/v1/engines',
    '/v1/reference',
    '/v1/status',
    '/v1/detections',
    '/v1/blacklists',
    '/v1/alerts',
    '/v1/alert-channels',
    '/v1/checkpoints',
    '/v1/audit',
    '/v1/plugins?kind=cameraProtocol',
    '/v1/plugins?kind=ocrEngine',
    '/v1/plugins?kind=alertChannel',
  ])('%s keeps to the contract', async (path) => {
    const { status, body } = await hub.admin('GET', path);
    expect(status).toBe(200);
    const spec = routes.find((one) => one.method === 'get' && `/v1${one.path}` === path.split('?')[0]);
    expect(spec?.answer?.safeParse(body).error?.issues).toBeUndefined();
  });

  test('every plugin folder loads, with words in both languages', async () => {
    expect((await hub.admin('GET', '/v1/status')).body.pluginFailures).toEqual([]);
    const { items } = (await hub.admin('GET', '/v1/plugins?kind=cameraProtocol')).body;
    expect(items.map((item: { id: string }) => item.id).sort()).toEqual(['demo', 'folder', 'snapshot']);
  });

  test('the OpenAPI document has every route, and the page to try it needs no other host', async () => {
    const { body } = await hub.client()('GET', '/v1/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    for (const spec of routes) {
      expect(body.paths[spec.path.replace(/:(\w+)/g, '{$1}')]?.[spec.method]?.summary).toBe(spec.summary);
    }
    const page = await hub.client()('GET', '/api/docs');
    expect(page.body).not.toMatch(/https?:\/\//);
    expect((await hub.client()('GET', '/api/docs/swagger-ui-bundle.js')).status).toBe(200);
  });

  test('health says what works', async () => {
    const { status, body } = await hub.client()('GET', '/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ok: true,
      parts: { database: { ok: true }, flows: { ok: true }, recognition: { ok: true } },
    });
  });
});

describe('bad input', () => {
  test.each<[string, number, string, () => Promise<{ status: number; body: any }>]>([
    [
      'broken JSON',
      400,
      'invalid_json',
      () => hub.admin('POST', '/v1/cameras', '{"name":', { 'content-type': 'application/json' }),
    ],
    [
      'a body over 5 MB',
      413,
      'body_too_large',
      () =>
        hub.admin('POST', '/v1/cameras', JSON.stringify({ name: 'x'.repeat(6_000_000) }), {
          'content-type': 'application/json',
        }),
    ],
    ['an address that is none', 404, 'not_found', () => hub.admin('GET', '/v1/nothing')],
    ['a detection that is none', 404, 'not_found', () => hub.admin('GET', '/v1/detections/abc')],
    ['a picture that is none', 404, 'not_found', () => hub.admin('GET', '/v1/images/..%2f..%2fetc%2fpasswd')],
    ['a limit out of range', 400, 'invalid_input', () => hub.admin('GET', '/v1/detections?limit=100000')],
    [
      'an ingest key that is none',
      401,
      'ingest_key_wrong',
      () => hub.client()('POST', '/v1/frames', { image: 'AAAA' }, { authorization: 'Bearer lpr_nothing' }),
    ],
    ['a malformed address', 404, 'not_found', () => hub.admin('GET', '/v1/detections/%E0%A4%A')],
  ])('%s answers %i %s', async (_what, status, code, ask) => {
    const answer = await ask();
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
  });

  test('every fault is named by its field', async () => {
    const { body } = await hub.admin('POST', '/v1/cameras', { name: '', protocol: 'push', config: {}, enabled: 'yes' });
    expect(body.error.problems.map((problem: { field: string }) => problem.field)).toEqual(
      expect.arrayContaining(['name', 'enabled', 'checkpointId', 'latitude']),
    );
  });
});

describe('a device that posts frames', () => {
  let cameraId: string;
  let bearer: { authorization: string };
  beforeAll(async () => {
    const place = { checkpointId: null, latitude: null, longitude: null, heading: null };
    const camera = await hub.admin('POST', '/v1/cameras', {
      name: 'Edge',
      protocol: 'push',
      config: {},
      enabled: true,
      ...place,
    });
    cameraId = camera.body.cameraId;
    const key = await hub.admin('POST', `/v1/cameras/${cameraId}/keys`, { label: 'box' });
    bearer = { authorization: `Bearer ${key.body.key}` };
  });
  const form = (file?: Uint8Array<ArrayBuffer>, fields: Record<string, string> = {}): FormData => {
    const data = new FormData();
    for (const [key, value] of Object.entries(fields)) data.append(key, value);
    if (file) data.append('image', new Blob([file]), 'รถ.png');
    return data;
  };

  test('is told "stored" for multipart and for JSON, and the same event twice is one frame', async () => {
    const bytes = new Uint8Array(await picture(1));
    const first = await hub.client()(
      'POST',
      '/v1/frames',
      form(bytes, { eventKey: 'p1', capturedAt: '2026-11-20T10:00:00+07:00' }),
      bearer,
    );
    expect(first).toMatchObject({ status: 201, body: { duplicate: false, width: 64, height: 48 } });
    const image = Buffer.from(await picture(2)).toString('base64');
    const second = await hub.client()('POST', '/v1/frames', { image, eventKey: 'p1' }, bearer);
    expect(second).toMatchObject({ status: 201, body: { duplicate: true, frameId: first.body.frameId } });
    const status = await hub.admin('GET', `/v1/frames/${first.body.frameId}`);
    expect(status.body).toMatchObject({ cameraId, label: 'รถ.png', capturedAt: '2026-11-20T03:00:00.000Z' });
  });

  test.each<[string, number, string, () => Promise<unknown>]>([
    ['no picture', 400, 'image_missing', () => Promise.resolve(form())],
    ['no picture in JSON', 400, 'image_missing', () => Promise.resolve({})],
    ['an empty picture', 400, 'image_empty', () => Promise.resolve(form(new Uint8Array()))],
    ['a text', 415, 'image_not_a_picture', () => Promise.resolve(form(new TextEncoder().encode('I am a text')))],
    [
      'half a picture',
      422,
      'image_truncated',
      async () => form(new Uint8Array((await picture(3, 800, 600)).subarray(0, 900))),
    ],
    ['21 MB', 413, 'image_too_large', () => Promise.resolve(form(new Uint8Array(21 * 1024 * 1024)))],
    ['what is no base64', 400, 'invalid_input', () => Promise.resolve({ image: '§§§' })],
    [
      'an instant that is none',
      400,
      'invalid_input',
      async () => form(new Uint8Array(await picture(4)), { capturedAt: 'yesterday' }),
    ],
  ])('%s is refused with %i %s', async (_what, status, code, body) => {
    const answer = await hub.client()('POST', '/v1/frames', await body(), bearer);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
  });

  test('pictures come back as they were sent, and smaller on demand', async () => {
    const bytes = await picture(5, 900, 600);
    const { body } = await hub.client()('POST', '/v1/frames', form(new Uint8Array(bytes)), bearer);
    const original = await hub.admin('GET', `/v1/images/${body.imageId}?size=original`);
    expect(original.headers.get('content-type')).toBe('image/png');
    expect(Number(original.headers.get('content-length'))).toBe(bytes.length);
    expect(original.headers.get('cache-control')).toContain('immutable');
    expect(original.headers.get('x-content-type-options')).toBe('nosniff');
    const small = await hub.admin('GET', `/v1/images/${body.imageId}?size=thumbnail`);
    expect(small.headers.get('content-type')).toBe('image/webp');
    expect((await hub.client()('GET', `/v1/images/${body.imageId}`)).status).toBe(401);
  });
});

test('what happens is told live to those who may see it, and to nobody else', async () => {
  const stranger = io(`${hub.url}/live`, { transports: ['websocket'], reconnection: false });
  const refused = await new Promise<string>((resolve) =>
    stranger.on('connect_error', (error) => resolve(error.message)),
  );
  expect(refused).toMatch(/sign in/i);
  const socket = io(`${hub.url}/live`, {
    transports: ['websocket'],
    extraHeaders: { cookie: clients.get('viewer')!.cookie() },
  });
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
  const told: string[] = [];
  socket.on('camera.changed', ({ cameraId }: { cameraId: string }) => told.push(cameraId));
  const place = { checkpointId: null, latitude: null, longitude: null, heading: null };
  const { body } = await hub.admin('POST', '/v1/cameras', {
    name: 'Live',
    protocol: 'push',
    config: {},
    enabled: true,
    ...place,
  });
  for (let i = 0; i < 200 && told.length === 0; i++) await sleep(20);
  socket.close();
  expect(told).toContain(body.cameraId);
});

test('what people did is written down', async () => {
  const { items } = (await hub.admin('GET', '/v1/audit?limit=200')).body;
  const actions = items.map((item: { action: string }) => item.action);
  expect(actions).toEqual(
    expect.arrayContaining(['setup.done', 'session.started', 'user.created', 'camera.created', 'ingest_key.created']),
  );
  expect(JSON.stringify(items)).not.toContain(PASSWORD);
});
