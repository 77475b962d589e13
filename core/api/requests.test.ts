import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openFakeApi, type FakeApi } from '../../test/fake-api.ts';
import { createFakeHub } from '../../test/fake-hub.ts';
import type { Answer } from '../../test/http-client.ts';
import type { Log } from '../plugins/define.ts';

let folder: string;
let api: FakeApi;
const logged: { fields: Record<string, unknown>; message: string }[] = [];
const said = (fields: Record<string, unknown>, message: string): void => void logged.push({ fields, message });
const log: Log = { debug: said, info: said, warn: said, error: said };
const { images } = createFakeHub();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-api-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(folder, 'assets/app-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'picture.webp'), 'a picture');
  const file = (imageId: string): Promise<{ path: string; mediaType: string }> =>
    Promise.resolve({ path: join(folder, imageId === HASH ? 'picture.webp' : 'gone.webp'), mediaType: 'image/webp' });
  api = await openFakeApi({ log, images: { ...images, file } }, { consoleFolder: folder });
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const HASH = 'a'.repeat(64);
const MB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const codeOf = ({ status, body }: Answer): unknown[] => [status, body.error?.code];
const asAdmin = (): Record<string, string> => ({ cookie: api.hub.signIn('administrator') });

describe('requests of other sites', () => {
  const list = { name: 'Mine', category: 'own', priority: 1 };
  const post = async (origin: string | undefined): Promise<unknown[]> => {
    const headers = { ...asAdmin(), ...(origin === undefined ? {} : { origin }) };
    return codeOf(await api.client()('POST', '/v1/blacklists', list, headers));
  };
  test.each(['https://evil.example', 'null', 'not an address', 'http://127.0.0.1:1'])(
    '%s is refused',
    async (origin) => {
      expect(await post(origin)).toEqual([403, 'origin_refused']);
    },
  );
  test('our own page and programs are not', async () => {
    expect(await post(api.url)).toEqual([201, undefined]);
    expect(await post(undefined)).toEqual([201, undefined]);
  });
  test('signing in is guarded too, reading is not', async () => {
    const origin = { origin: 'https://evil.example' };
    const sign = { name: 'admin', password: 'correct horse battery' };
    expect(codeOf(await api.client()('POST', '/v1/session', sign, origin))).toEqual([403, 'origin_refused']);
    const read = await api.client()('GET', '/v1/blacklists', undefined, { ...asAdmin(), ...origin });
    expect(read.status).toBe(200);
    expect(read.headers.get('access-control-allow-origin')).toBeNull();
  });
  test('behind a proxy the public address is our own', async () => {
    const proxied = await openFakeApi({}, { publicUrl: 'https://lpr.example', isSecure: true });
    const cookie = proxied.hub.signIn('administrator');
    const send = async (origin: string): Promise<unknown[]> =>
      codeOf(await proxied.client()('POST', '/v1/blacklists', list, { cookie, origin }));
    expect(await send('https://lpr.example')).toEqual([201, undefined]);
    expect(await send('https://lpr.example.evil')).toEqual([403, 'origin_refused']);
    await proxied.close();
  });
});

describe('the session cookie', () => {
  const sign = { name: 'admin', password: 'correct horse battery' };
  test('is out of reach of scripts and other sites, and taken back at the end', async () => {
    const client = api.client();
    const { headers } = await client('POST', '/v1/session', sign);
    expect(headers.get('set-cookie')).toMatch(
      /^lpr_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=[^;]+$/,
    );
    const out = await client('DELETE', '/v1/session');
    expect(out.headers.get('set-cookie')).toContain(
      'lpr_session=; Path=/; HttpOnly; SameSite=Strict; Expires=Thu, 01 Jan 1970',
    );
    expect(api.hub.audited).toEqual(expect.arrayContaining(['session.started', 'session.ended']));
  });
  test('travels over TLS alone where there is TLS', async () => {
    const secure = await openFakeApi({}, { isSecure: true });
    const { headers } = await secure.client()('POST', '/v1/session', sign);
    expect(headers.get('set-cookie')).toMatch(/; Secure$/);
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    await secure.close();
  });
  test('a wrong password is written down, and never the password itself', async () => {
    const wrong = await api.client()('POST', '/v1/session', { name: 'admin', password: 'guess' });
    expect(codeOf(wrong)).toEqual([401, 'wrong_credentials']);
    expect(api.hub.audited.at(-1)).toBe('session.failed');
  });
});

describe('limits', () => {
  const device = { authorization: 'Bearer lpr_right' };
  const form = (...files: [name: string, size: number][]): FormData => {
    const data = new FormData();
    for (const [name, size] of files) data.append(name, new Blob([new Uint8Array(size)]), 'car.jpg');
    return data;
  };
  const post = (body: unknown, headers: Record<string, string> = device): Promise<Answer> =>
    api.client()('POST', '/v1/frames', body, headers);

  test('a picture of exactly 20 MB passes both ways, one byte more does not', async () => {
    expect((await post(form(['image', 20 * MB]))).status).toBe(201);
    const image = Buffer.alloc(20 * MB).toString('base64');
    expect((await post({ image: `data:image/jpeg;base64,${image}` })).status).toBe(201);
    expect(api.hub.accepted.slice(-2).map((bytes) => bytes.length)).toEqual([20 * MB, 20 * MB]);
    expect(codeOf(await post(form(['image', 20 * MB + 1])))).toEqual([413, 'image_too_large']);
    expect(codeOf(await post({ image: Buffer.alloc(20 * MB + 1).toString('base64') }))).toEqual([
      413,
      'image_too_large',
    ]);
    expect(codeOf(await post({ image: 'A'.repeat(30 * MB) }))).toEqual([413, 'image_too_large']);
  }, 30_000);

  test('fields of a form that were left empty count as left out', async () => {
    const data = form(['image', 9]);
    for (const name of ['capturedAt', 'eventKey', 'label', 'serial']) data.append(name, '');
    expect((await post(data)).status).toBe(201);
  });

  test('other bodies end at 5 MB', async () => {
    const name = 'x'.repeat(5 * MB);
    expect(codeOf(await api.client()('POST', '/v1/checkpoints', { name }, asAdmin()))).toEqual([413, 'body_too_large']);
  });

  test.each<[string, () => unknown, Record<string, string>, number, string]>([
    ['a file part of another name', () => form(['photo', 9]), {}, 400, 'invalid_input'],
    ['two pictures at once', () => form(['image', 9], ['image', 9]), {}, 400, 'invalid_input'],
    ['a form without a picture', () => form(), {}, 400, 'image_missing'],
    [
      'a form that breaks off',
      () => '--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nabc',
      { 'content-type': 'multipart/form-data; boundary=b' },
      400,
      'invalid_input',
    ],
    ['a form without a boundary', () => 'abc', { 'content-type': 'multipart/form-data' }, 400, 'invalid_input'],
    ['another kind of body', () => 'abc', { 'content-type': 'text/plain' }, 400, 'invalid_input'],
    ['no body', () => undefined, {}, 400, 'invalid_input'],
    ['broken JSON', () => '{"image"', JSON_TYPE, 400, 'invalid_json'],
    ['a list', () => '[]', JSON_TYPE, 400, 'invalid_input'],
    [
      'a body in no known alphabet',
      () => '{}',
      { 'content-type': 'application/json; charset=klingon' },
      400,
      'invalid_input',
    ],
    ['a picture that is a number', () => ({ image: 7 }), {}, 400, 'invalid_input'],
    ['a NUL in a text', () => ({ image: 'AAAA', eventKey: 'a\0b' }), {}, 400, 'invalid_input'],
  ])('%s is told', async (_what, body, headers, status, code) => {
    expect(codeOf(await post(body(), { ...device, ...headers }))).toEqual([status, code]);
  });

  test('a stranger’s picture is not even read', async () => {
    const before = api.hub.accepted.length;
    const sent = await new Promise<number>((resolve, reject) => {
      const req = request(`${api.url}/api/v1/uploads`, { method: 'POST', headers: { 'content-length': 25 * MB } });
      req.on('error', reject);
      req.on('response', (res) => {
        resolve(res.statusCode ?? 0);
        req.destroy();
      });
      // The answer comes although the picture never does.
      req.write('--');
    });
    expect(sent).toBe(401);
    expect(api.hub.accepted.length).toBe(before);
  });
});

describe('input', () => {
  test.each<[string, string, string]>([
    ['a misspelt filter', '/v1/detections?plates=1', 'plates'],
    ['a limit out of range', '/v1/detections?limit=0', 'limit'],
    ['an instant that is none', '/v1/detections?from=yesterday', 'from'],
    ['a camera that cannot be', '/v1/detections?cameraId=1', 'cameraId'],
    ['a filter given twice', '/v1/detections?plate=1&plate=2', 'plate'],
    ['a NUL in a filter', '/v1/detections?plate=%00', 'plate'],
    ['a state that there is none of', '/v1/alerts?state=maybe', 'state'],
    ['a place in the trail that is none', '/v1/audit?before=-1', 'before'],
  ])('%s is told by its name', async (_what, path, field) => {
    const answer = await api.client()('GET', path, undefined, asAdmin());
    expect(codeOf(answer)).toEqual([400, 'invalid_input']);
    expect(answer.body.error.problems[0].field).toBe(field);
    expect(answer.body.error.message).toContain(field);
  });

  test('all faults of a body come together, what is missing and what is too much', async () => {
    const { body } = await api.client()('POST', '/v1/cameras', { name: '', enabled: 'yes', colour: 'red' }, asAdmin());
    const problems = new Map(
      body.error.problems.map((one: { field: string; problem: string }) => [one.field, one.problem]),
    );
    expect(problems.get('protocol')).toBe('is missing');
    expect(problems.get('colour')).toContain('not known');
    expect([...problems.keys()]).toEqual(expect.arrayContaining(['name', 'enabled', 'config', 'checkpointId']));
  });

  test('a checkpoint that is none is told before the database sees it', async () => {
    const camera = {
      name: 'A',
      protocol: 'push',
      config: {},
      enabled: true,
      latitude: null,
      longitude: null,
      heading: null,
    };
    const answer = await api.client()('POST', '/v1/cameras', { ...camera, checkpointId: 'north' }, asAdmin());
    expect([answer.status, answer.body.error.problems[0].field]).toEqual([400, 'checkpointId']);
  });

  test.each([
    '/v1/detections/abc',
    '/v1/cameras/%00',
    '/v1/images/abc',
    '/v1/frames/%E0%A4%A',
    '/v1/nothing',
    '/api/v2',
    '/api',
  ])('%s is not found', async (path) => {
    expect(codeOf(await api.client()('GET', path, undefined, asAdmin()))).toEqual([404, 'not_found']);
  });
});

describe('what goes wrong inside', () => {
  test('is told with nothing but an id that the log has, without what was asked for', async () => {
    const { detections } = createFakeHub();
    const search = (): Promise<never> => Promise.reject(new Error('relation "secret" does not exist'));
    const broken = await openFakeApi({ log, detections: { ...detections, search } });
    const cookie = broken.hub.signIn('viewer');
    const answer = await broken.client()('GET', '/v1/detections?plate=1กก1234', undefined, { cookie });
    expect(codeOf(answer)).toEqual([500, 'internal']);
    const text = JSON.stringify(answer.body);
    expect(text).not.toMatch(/secret|relation|\.ts/);
    const { fields } = logged.find(({ message }) => message === 'a request failed unexpectedly')!;
    expect(text).toContain(fields['requestId']);
    expect(fields).toMatchObject({
      method: 'GET',
      path: '/api/v1/detections',
      err: 'relation "secret" does not exist',
    });
    expect(JSON.stringify(logged)).not.toContain('1234');
    await broken.close();
  });

  test('a hub that is not well says so', async () => {
    const parts = { database: { ok: false, problem: 'PostgreSQL does not answer' } };
    const ill = await openFakeApi({ health: () => Promise.resolve({ ok: false, parts }) });
    const { status, body } = await ill.client()('GET', '/health');
    expect([status, body]).toEqual([503, { ok: false, parts, version: '1.2.3' }]);
    await ill.close();
  });
});

describe('pictures', () => {
  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    api.client()('GET', path, undefined, { ...asAdmin(), ...headers });
  test('stay with the browser, which need not ask twice', async () => {
    const first = await get(`/v1/images/${HASH}?size=thumbnail`);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'private, max-age=86400',
      'content-disposition': `inline; filename="${HASH.slice(0, 12)}.webp"`,
      'x-content-type-options': 'nosniff',
      etag: `"${HASH}-thumbnail"`,
    });
    // Without the second header fetch would ask for a fresh copy.
    const again = { 'if-none-match': `"${HASH}-thumbnail"`, 'cache-control': 'max-age=0' };
    expect((await get(`/v1/images/${HASH}?size=thumbnail`, again)).status).toBe(304);
  });
  test('that are gone are not kept as such', async () => {
    const gone = await get(`/v1/images/${'b'.repeat(64)}`);
    expect(codeOf(gone)).toEqual([404, 'not_found']);
    expect(gone.headers.get('cache-control')).toBe('no-store');
    expect(gone.headers.get('etag')).toBeNull();
  });
});

describe('the console', () => {
  const page = { accept: 'text/html,*/*' };
  const get = (path: string, headers: Record<string, string> = page): Promise<Answer> =>
    api.client()('GET', path, undefined, headers);
  test('has one page for all its addresses, asked for anew each time', async () => {
    for (const path of ['/', '/detections/1', '/sign-in?next=/editor/']) {
      const { status, body, headers } = await get(path);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache']);
      expect(body).toContain('<title>console</title>');
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    }
    expect((await get('/', { accept: '*/*' })).status).toBe(200);
  });
  test('has files that never change, and says when one is missing', async () => {
    const file = await get('/assets/app-1a2b.js');
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(codeOf(await get('/assets/gone.js', { accept: '*/*' }))).toEqual([404, 'not_found']);
    expect(codeOf(await get('/gone.js', { accept: '*/*' }))).toEqual([404, 'not_found']);
  });
  test('that is not built says how to build it', async () => {
    const bare = await openFakeApi();
    const { status, body } = await bare.client()('GET', '/', undefined, page);
    expect([status, body]).toEqual([503, expect.stringContaining('npm run build:console')]);
    await bare.close();
  });
  test('leads to the flow editor those who may see it', async () => {
    const open = async (cookie: string): Promise<unknown> =>
      (await get('/editor/', { ...page, cookie })).headers.get('location');
    expect(await open('')).toBe('/sign-in?next=/editor/');
    expect(await open(api.hub.signIn('viewer'))).toBe('/');
    expect(codeOf(await get('/editor/', asAdmin()))).toEqual([503, 'stopping']);
    expect(codeOf(await get('/flow/hook'))).toEqual([503, 'stopping']);
  });
});

test('guessing passwords is slowed down, and devices go on', async () => {
  const guarded = await openFakeApi();
  const client = guarded.client();
  const seen = new Map<number, number>();
  let last: Answer | undefined;
  for (let i = 0; i < 70; i++) {
    last = await client('POST', '/v1/session', { name: 'admin', password: `guess ${i}` });
    seen.set(last.status, (seen.get(last.status) ?? 0) + 1);
  }
  expect(Object.fromEntries(seen)).toEqual({ 401: 60, 429: 10 });
  expect(last?.body.error.code).toBe('too_many_attempts');
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
  const frame = await client('POST', '/v1/frames', { image: 'AAAA' }, { authorization: 'Bearer lpr_right' });
  expect(frame.status).toBe(201);
  await guarded.close();
});

describe('maps of the own', () => {
  test('come in ranges, to people who are signed in', async () => {
    await mkdir(join(folder, 'maps'), { recursive: true });
    await writeFile(join(folder, 'maps/th.pmtiles'), 'PMTiles-and-tiles');
    const one = await openFakeApi({}, { dataDir: folder });
    const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${one.url}/maps/${path}`, { headers });
    expect((await ask('th.pmtiles')).status).toBe(401);
    const cookie = one.hub.signIn('viewer');
    const part = await ask('th.pmtiles', { cookie, range: 'bytes=0-6' });
    expect([part.status, await part.text()]).toEqual([206, 'PMTiles']);
    for (const path of ['gone.pmtiles', '..%2Findex.html', 'th.txt']) {
      expect((await ask(path, { cookie })).status).toBe(404);
    }
    await one.close();
  });

  test('and of another host: the policy of pages names it, and no other', async () => {
    const { access } = createFakeHub();
    const map = { kind: 'tiles' as const, url: 'https://tile.example/{z}/{x}/{y}.png', attribution: '' };
    const policyOf = async (own: Awaited<ReturnType<typeof openFakeApi>>): Promise<string> =>
      (await fetch(own.url, { headers: { accept: 'text/html' } })).headers.get('content-security-policy') ?? '';
    const site = async (): ReturnType<typeof access.site> => ({ ...(await access.site()), map });
    const far = await openFakeApi({ access: { ...access, site } }, { consoleFolder: folder });
    const near = await openFakeApi({}, { consoleFolder: folder });
    expect(await policyOf(far)).toContain("img-src 'self' data: blob: https://tile.example;");
    expect(await policyOf(near)).not.toContain('https:');
    await far.close();
    await near.close();
  });
});
