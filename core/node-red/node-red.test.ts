import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import { buildNodes } from '../../nodes/kit/build-nodes.ts';
import { loadSpecs } from '../../nodes/kit/load-specs.ts';
import { aFrame, aPatch, aRead } from '../../nodes/kit/try-node.ts';
import { quietLog } from '../../test/quiet-log.ts';
import type { LprError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import type { FrameConsumer } from '../ingest/ingest.ts';
import { createSecretBox } from '../secrets.ts';
import type { FlowNode } from './flow-check.ts';
import { startNodeRed, type EmbeddedNodeRed } from './node-red.ts';

const ROOT = join(import.meta.dirname, '../..');
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  admin: ['flows.view', 'flows.edit'],
  supervisor: ['flows.view'],
  operator: ['detections.view'],
};

/** A hub of cardboard: it remembers what the flow did to it. */
function cardboardHub() {
  const consumers = new Set<FrameConsumer>();
  const settled: string[] = [];
  const audit: { action: string; userId: string | null }[] = [];
  const sessions = new Set(Object.keys(PEOPLE));
  const hub = {
    log: quietLog,
    access: {
      session: (token: string) =>
        Promise.resolve(
          sessions.has(token) ? { user: { userId: `u-${token}`, name: token }, permissions: PEOPLE[token] } : null,
        ),
      signOut: (token: string) => Promise.resolve(void sessions.delete(token)),
      audit: (entry: { action: string; userId: string | null }) => Promise.resolve(void audit.push(entry)),
    },
    cameras: {
      list: () => Promise.resolve([{ cameraId: 'c1', name: 'Gate' }]),
      readingOf: () => Promise.resolve({ engine: '', countries: [], minPlateHeight: null, minConfidence: null }),
    },
    blacklists: { list: () => Promise.resolve([]), match: () => Promise.resolve([]) },
    geofences: { list: () => Promise.resolve({ items: [], nextCursor: null }) },
    alerts: { channels: { list: () => Promise.resolve([]) } },
    escalations: { list: () => Promise.resolve([]) },
    connectors: { list: () => Promise.resolve([]) },
    recognition: {
      engines: () => Promise.resolve([{ id: 'test', locates: true, reads: true }]),
      locate: () => Promise.resolve([aPatch.patch]),
      read: () => Promise.resolve(aRead.read),
    },
    detections: {
      merge: () => Promise.resolve({ detectionId: 'd1' }),
      record: () => Promise.resolve({ detectionId: 'd1' }),
    },
    ingest: {
      consume: (consumer: FrameConsumer) => {
        consumers.add(consumer);
        return () => consumers.delete(consumer);
      },
      split: () => undefined,
      settle: (token: string, outcome: string, id?: string) => void settled.push([token, outcome, id].join(' ')),
      fail: (token: string, error: Error) => void settled.push(`${token} failed ${error.message}`),
    },
  };
  return { hub: hub as unknown as Hub, consumers, settled, audit, sessions };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: any;
}

describe('Node-RED in the hub', () => {
  let folder = '';
  let server: Server;
  let url = '';
  let flows: EmbeddedNodeRed;
  const cardboard = cardboardHub();

  async function start(): Promise<void> {
    const app = express();
    server = createServer(app);
    flows = await startNodeRed({
      ...{ server, hub: cardboard.hub, publicUrl: null },
      secrets: createSecretBox(join(folder, 'secrets')),
      folder: join(folder, 'node-red'),
      nodesFolder: join(folder, 'nodes'),
      firstFlows: join(ROOT, 'flows/default.json'),
      facts: new Map([...(await loadSpecs()).values()].map((spec) => [spec.type, spec])),
      tokenOf: (cookies) => /who=(\w+)/.exec(cookies ?? '')?.[1] ?? null,
    });
    app.use('/editor', flows.editor);
    app.use('/flow', flows.flow);
    app.get('/after', (req, res) => {
      res.json({ query: req.query });
    });
    // Express knows an error handler by its four parameters.
    const answerErrors: ErrorRequestHandler = ({ status, code, message, details }: LprError, _req, res, next) => {
      if (res.headersSent) next();
      else res.status(status).json({ error: { code, message, ...details } });
    };
    app.use(answerErrors);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  async function stop(): Promise<void> {
    await flows.stop();
    await new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  }

  async function call(who: string | null, method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(who === null ? {} : { cookie: `who=${who}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, text, json: isJson ? JSON.parse(text) : null };
  }
  const deployed = async (): Promise<FlowNode[]> =>
    (await call('admin', 'GET', '/editor/flows', undefined, { 'Node-RED-API-Version': 'v2' })).json.flows;
  const eventually = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 250 && !(await holds()); i++) await new Promise((done) => setTimeout(done, 20));
    expect(await holds()).toBe(true);
  };
  /** Opens the editor's live connection; resolves with what the server says first. */
  const upgrade = (headers: Record<string, string>): Promise<{ status: number | null; closed: Promise<void> }> =>
    new Promise((done) => {
      const asked = request(`${url}/editor/comms`, {
        headers: {
          ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
          ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers },
        },
      });
      asked.on('upgrade', (response: IncomingMessage, socket) => {
        socket.resume();
        done({ status: response.statusCode ?? null, closed: new Promise((gone) => socket.once('close', gone)) });
      });
      asked.on('error', () => {
        done({ status: null, closed: Promise.resolve() });
      });
      asked.end();
    });

  beforeAll(async () => {
    // For each live connection Node-RED looks 5 s later whether anybody answered it; the test need not wait for that.
    const setTimer = globalThis.setTimeout;
    globalThis.setTimeout = ((run: () => void, ms?: number) => {
      const timer = setTimer(run, ms);
      return ms === 5_000 ? timer.unref() : timer;
    }) as typeof setTimeout;
    folder = await mkdtemp(join(tmpdir(), 'lpr-node-red-'));
    await buildNodes(join(folder, 'nodes'));
    await start();
  });
  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  test('starts with the default flow, which takes a frame to its detection', async () => {
    expect(flows.health()).toEqual({ ok: true, problem: null });
    const types = (await deployed()).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['lpr-camera-in', 'lpr-record']));
    expect(cardboard.consumers.size).toBe(1);
    for (const consumer of cardboard.consumers) consumer.deliver({ lpr: { ...aFrame, frame: aFrame.frame! } });
    await eventually(() => cardboard.settled.length > 0);
    expect(cardboard.settled.slice(0, 1)).toEqual(['f1#0 recorded d1']);
  });

  test.each([
    ['nobody', null, 401, 401],
    ['somebody without a right to flows', 'operator', 401, 401],
    ['who may only look', 'supervisor', 200, 401],
    ['who may edit', 'admin', 200, 200],
  ])('%s', async (_name, who, look, deploy) => {
    const flows = await deployed();
    expect((await call(who, 'GET', '/editor/flows')).status).toBe(look);
    const answer = await call(who, 'POST', '/editor/flows', { flows }, { 'Node-RED-API-Version': 'v2' });
    expect(answer.status).toBe(deploy);
  });

  test('a deploy is written to the audit trail, and the version before is kept', async () => {
    cardboard.audit.length = 0;
    const before = await deployed();
    const flows = before.map((node) => (node.type === 'tab' ? { ...node, label: 'Renamed' } : node));
    expect((await call('admin', 'POST', '/editor/flows', flows)).status).toBe(204);
    expect(cardboard.audit).toMatchObject([{ action: 'flows.deployed', userId: 'u-admin' }]);
    const read = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(join(folder, 'node-red', name), 'utf8'));
    expect([await read('flows.json'), await read('flows.json.before')]).toEqual([flows, before]);
    await eventually(() => cardboard.consumers.size === 1);
  });

  describe('a flow that cannot work', () => {
    const broken = async (): Promise<FlowNode[]> =>
      (await deployed()).map((node) =>
        node.type === 'lpr-camera-in' ? { ...node, name: 'North gate', camera: 'c9', wires: [[]] } : node,
      );

    test('is refused by name of the node, and the one that runs stays as it is', async () => {
      const before = await deployed();
      const answer = await call(
        'admin',
        'POST',
        '/editor/flows',
        { flows: await broken() },
        { 'Node-RED-API-Version': 'v2' },
      );
      expect(answer.status).toBe(422);
      expect(answer.json.error.code).toBe('flow_invalid');
      expect(answer.json.error.message).toContain('“North gate” (lpr-camera-in, default-camera) on “Renamed”');
      expect(answer.json.error.problems).toHaveLength(2);
      expect(await deployed()).toEqual(before);
      expect(cardboard.consumers.size).toBe(1);
    });

    test('is explained to the editor in its language', async () => {
      const headers = { 'X-Requested-With': 'XMLHttpRequest', 'Accept-Language': 'th' };
      const answer = await call('admin', 'POST', '/editor/flows', await broken(), headers);
      expect([answer.status, answer.json]).toEqual([422, null]);
      expect(answer.text).toContain('data-lpr-node="default-camera"');
      expect(answer.text).toContain('เลือกกล้องที่ไม่มีในระบบแล้ว (c9)');
    });

    test('is refused as well when it comes as a single tab', async () => {
      const tab = { label: 'Bad', nodes: [{ id: 'x', type: 'lpr-camera-in', camera: '', wires: [[]] }], configs: [] };
      const answer = await call('admin', 'POST', '/editor/flow', tab);
      expect([answer.status >= 400, answer.json.message]).toEqual([true, expect.stringContaining('lpr-camera-in')]);
      expect((await deployed()).some(({ label }) => label === 'Bad')).toBe(false);
    });

    test.each([
      ['no list', { flows: 'x' }],
      ['nodes without a type', [{ id: 'a' }]],
    ])('so is a body that is no flow: %s', async (_name, body) => {
      const answer = await call('admin', 'POST', '/editor/flows', body);
      expect([answer.status, answer.json.error.code]).toEqual([400, 'invalid_input']);
    });
  });

  test('flows may have HTTP nodes, and what comes after them still sees its query', async () => {
    const flows = await deployed();
    const http = [
      { id: 'h1', type: 'http in', z: 'default-main', url: '/hello', method: 'get', wires: [['h2']] },
      {
        id: 'h2',
        type: 'function',
        z: 'default-main',
        func: 'msg.payload = { hello: msg.req.query.name }; return msg;',
        wires: [['h3']],
      },
      { id: 'h3', type: 'http response', z: 'default-main', wires: [] },
    ];
    expect((await call('admin', 'POST', '/editor/flows', [...flows, ...http])).status).toBe(204);
    await eventually(async () => (await call(null, 'GET', '/flow/hello?name=a')).status === 200);
    expect((await call(null, 'GET', '/flow/hello?name=ก')).json).toEqual({ hello: 'ก' });
    expect((await call(null, 'GET', '/flow/nothing')).status).toBe(404);
    expect((await call(null, 'GET', '/after?a=1')).json).toEqual({ query: { a: '1' } });
    expect((await call('admin', 'POST', '/editor/flows', flows)).status).toBe(204);
  });

  describe('the live connection', () => {
    test('is refused to pages of other sites and to the unknown', async () => {
      expect((await upgrade({ cookie: 'who=admin', origin: 'http://elsewhere.example' })).status).toBeNull();
      expect((await upgrade({ cookie: 'who=stranger' })).status).toBeNull();
      expect((await upgrade({ cookie: 'who=admin', origin: url })).status).toBe(101);
    });
  });

  test('signing out of the editor ends the session of the hub', async () => {
    const answer = await call('supervisor', 'POST', '/editor/auth/revoke', { token: '' });
    expect(answer.json).toEqual({ redirect: '/sign-in' });
    expect((await call('supervisor', 'GET', '/editor/flows')).status).toBe(401);
    cardboard.sessions.add('supervisor');
  });

  test('an editor whose session has ended is led to the console, with no password form of its own', async () => {
    const { json } = await call(null, 'GET', '/editor/auth/login');
    expect(json.prompts).toEqual([expect.objectContaining({ type: 'button', url: '/sign-in?next=/editor/' })]);
    const body = { client_id: 'node-red-editor', grant_type: 'password', scope: '*', username: 'admin', password: 'x' };
    expect((await call(null, 'POST', '/editor/auth/token', body)).status).toBe(400);
  });

  test('nothing can be installed through the editor', async () => {
    expect((await call('admin', 'POST', '/editor/nodes', { module: 'node-red-node-random' })).status).toBe(404);
  });

  test('stops cleanly and starts again with what was deployed', async () => {
    const live = await upgrade({ cookie: 'who=admin', origin: url });
    const before = await deployed();
    await stop();
    await live.closed;
    expect(cardboard.consumers.size).toBe(0);
    cardboard.settled.length = 0;
    await start();
    expect(await deployed()).toEqual(before);
    expect(cardboard.consumers.size).toBe(1);
    for (const consumer of cardboard.consumers) consumer.deliver({ lpr: { ...aFrame, frame: aFrame.frame! } });
    await eventually(() => cardboard.settled.length > 0);
  });

  test('flows that cannot be read stop the start with the remedy instead of being overwritten', async () => {
    await stop();
    const file = join(folder, 'node-red/flows.json');
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.slice(0, 100));
    await expect(start()).rejects.toThrow(/flows\.json cannot be read .* Put .*flows\.json\.before in its place/);
    await writeFile(file, whole);
    await start();
  });

  test('flows with nodes that are not installed are told in health, and the editor still opens', async () => {
    await stop();
    const file = join(folder, 'node-red/flows.json');
    const whole = await readFile(file, 'utf8');
    const strange = [...JSON.parse(whole), { id: 'q', type: 'strange', z: 'default-main', wires: [] }];
    await writeFile(file, JSON.stringify(strange));
    await start();
    expect(flows.health()).toEqual({ ok: false, problem: expect.stringContaining('strange') });
    expect((await call('admin', 'POST', '/editor/flows', JSON.parse(whole))).status).toBe(204);
    await eventually(() => flows.health().ok);
  });
});
