import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { openFakeApi, type FakeApi } from '../../test/fake-api.ts';
import { createFakeHub, sampleAlert, sampleCamera, sampleDetection, sampleFrame } from '../../test/fake-hub.ts';
import type { Client } from '../../test/http-client.ts';
import { BODIES, ID, IMAGE, QUERIES } from '../../test/route-bodies.ts';
import { ROLES, type Role } from '../access/access.ts';
import * as contract from './contract.ts';
import type { RouteSpec } from './route.ts';
import { createRoutes } from './routes.ts';

let api: FakeApi;
let client: Client;
beforeAll(async () => {
  api = await openFakeApi();
  client = api.client();
});
afterAll(() => api.close());
const { access } = createFakeHub();
const routes = createRoutes({
  ...{
    hub: createFakeHub(),
    version: '0',
    codeRequired: false,
    isSecure: false,
    sessionsChanged: () => undefined,
    doors: () => null,
    flowGaps: () => Promise.resolve([]),
  },
});

const nameOf = ({ method, path }: RouteSpec): string => `${method} ${path}`;
const ask = (spec: RouteSpec, headers: Record<string, string>): ReturnType<Client> =>
  client(
    spec.method.toUpperCase(),
    `/v1${spec.path.replace(':imageId', IMAGE).replace(/:\w+/g, ID)}${QUERIES[nameOf(spec)] ?? ''}`,
    BODIES[nameOf(spec)],
    headers,
  );
const guarded = routes.filter(({ needs }) => needs !== 'public' && needs !== 'key');

describe('who may do what', () => {
  test('there is a body for each route that wants one', () => {
    const wanting = routes.filter(
      ({ body, takesPicture, takesFile }) => body !== undefined || takesPicture === true || takesFile === true,
    );
    expect(wanting.map(nameOf).sort()).toEqual(Object.keys(BODIES).sort());
  });

  test.each(guarded.map((spec) => [nameOf(spec), spec] as const))('%s wants a sign-in', async (_name, spec) => {
    for (const headers of [{}, { cookie: `lpr_session=${'z'.repeat(43)}` }]) {
      const { status, body } = await ask(spec, headers as Record<string, string>);
      expect([status, body.error.code]).toEqual([401, 'unauthenticated']);
    }
  });

  test.each(ROLES)('a %s gets exactly what the role permits', async (role: Role) => {
    const permissions: readonly string[] = access.permissionsOf(role);
    const seen = new Map<string, string>();
    const expected = new Map<string, string>();
    for (const spec of guarded) {
      // Signing out ends the session that the next request needs.
      const { status, body } = await ask(spec, { cookie: api.hub.signIn(role) });
      seen.set(nameOf(spec), status === 403 ? String(body.error.code) : 'allowed');
      const isAllowed = spec.needs === 'session' || permissions.includes(spec.needs);
      expected.set(nameOf(spec), isAllowed ? 'allowed' : 'forbidden');
    }
    expect(seen).toEqual(expected);
  });

  test('a viewer changes nothing but the own session, an auditor neither', () => {
    for (const role of ['viewer', 'auditor'] as const) {
      const permissions: readonly string[] = access.permissionsOf(role);
      const changing = guarded.filter(({ method, needs }) => method !== 'get' && permissions.includes(needs));
      expect(changing.map(nameOf)).toEqual([]);
    }
  });
});

describe('answers', () => {
  const answering = routes.filter(({ answer, path }) => answer !== undefined && path !== '/setup');

  test.each(answering.map((spec) => [nameOf(spec), spec] as const))(
    '%s is what the contract says, and nothing more',
    async (_name, spec) => {
      const authorization = 'Bearer lpr_right';
      const { status, body } = await ask(spec, { cookie: api.hub.signIn('administrator'), authorization });
      expect({ status, body }).toMatchObject({ status: spec.status ?? 200 });
      const known = spec.answer?.safeParse(body);
      expect(known?.error?.issues).toBeUndefined();
      // What the schema does not name would be missing here.
      expect(known?.data).toEqual(body);
    },
  );

  test('plugins of each kind are listed', async () => {
    const headers = { cookie: api.hub.signIn('administrator') };
    for (const kind of contract.PluginInfo.shape.kind.options) {
      expect([kind, (await client('GET', `/v1/plugins?kind=${kind}`, undefined, headers)).status]).toEqual([kind, 200]);
    }
  });

  test('routes without an answer say so', async () => {
    const silent = routes.filter(({ answer, media }) => answer === undefined && media === undefined);
    expect(silent.length).toBeGreaterThan(5);
    for (const spec of silent) expect((await ask(spec, { cookie: api.hub.signIn('administrator') })).status).toBe(204);
  });

  test('instants are in UTC, and the rest is as the rooms said', async () => {
    const headers = { cookie: api.hub.signIn('administrator') };
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    expect((await client('GET', `/v1/detections/${ID}`, undefined, headers)).body).toEqual(plain(sampleDetection));
    expect((await client('GET', `/v1/cameras/${ID}`, undefined, headers)).body).toEqual(plain(sampleCamera));
    expect((await client('GET', `/v1/frames/${ID}`, undefined, headers)).body).toEqual(plain(sampleFrame));
    expect((await client('GET', '/v1/alerts', undefined, headers)).body.items).toEqual(plain([sampleAlert]));
  });

  test('no answer of the API is kept by a browser', async () => {
    const { headers } = await client('GET', '/v1/detections', undefined, { cookie: api.hub.signIn('viewer') });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('OpenAPI', () => {
  test('names every route, its permission and its answer, each by one name', async () => {
    const { body } = await client('GET', '/v1/openapi.json');
    const ids = new Set<string>();
    for (const spec of routes) {
      const operation = body.paths[spec.path.replace(/:(\w+)/g, '{$1}')]?.[spec.method];
      expect(operation).toMatchObject({ summary: spec.summary });
      if (spec.needs.includes('.')) expect(operation.description).toContain(spec.needs);
      expect(Object.keys(operation.responses)).toHaveLength(2);
      ids.add(operation.operationId);
    }
    expect(ids.size).toBe(routes.length);
    expect(body.paths['/frames'].post.security).toEqual([{ ingestKey: [] }]);
    expect(body.paths['/session'].post.security).toEqual([]);
  });

  test('every reference in it leads somewhere', async () => {
    const { body } = await client('GET', '/v1/openapi.json');
    const references = JSON.stringify(body).match(/#\/components\/schemas\/\w+/g) ?? [];
    expect(references.length).toBeGreaterThan(50);
    const known = new Set(Object.keys(body.components.schemas).map((name) => `#/components/schemas/${name}`));
    expect(references.filter((reference) => !known.has(reference))).toEqual([]);
  });
});

test('every schema of a body refuses what it does not know', () => {
  for (const { body } of routes) {
    if (body !== undefined) expect(body).toBeInstanceOf(z.ZodObject);
  }
});

test('what a change leaves out stays: no default is filled in', () => {
  const changes = routes.filter(({ method }) => method === 'patch');
  expect(changes.length).toBeGreaterThan(4);
  for (const { path, body } of changes) expect([path, body?.safeParse({}).data ?? {}]).toEqual([path, {}]);
});
