/** The command against small stand-ins for a hub: they answer as a hub answers devices, and keep what came. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Aedes } from 'aedes';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { Server as SocketIoServer } from 'socket.io';
import { WebSocketServer } from 'ws';

const SCRIPT = fileURLToPath(new URL('./simulate.ts', import.meta.url));
const FEW = ['--cameras', '2', '--vehicles', '600', '--minutes', '6', '--seed', '4', '--speed', 'max'];

let folder: string;
const endings: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-simulate-'));
});
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  await rm(folder, { recursive: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
const run = (...words: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [SCRIPT, ...words],
      { env: { ...process.env, INIT_CWD: folder }, maxBuffer: 2 ** 26 },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
      },
    );
  });
const lines = async (file: string): Promise<any[]> =>
  (await readFile(join(folder, file), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function listening(server: HttpServer | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => new Promise((resolve) => void server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

interface Arrived {
  readonly path: string;
  readonly token: string | undefined;
  readonly type: string | undefined;
  readonly body: Buffer;
}

/** A stand-in for the HTTP door. */
async function httpHub(
  answer: (arrived: Arrived, count: number) => readonly [number, string],
): Promise<[string, Arrived[]]> {
  const arrived: Arrived[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization: token, 'content-type': type } = request.headers;
      const one = { path: request.url ?? '', token, type, body: Buffer.concat(chunks) };
      arrived.push(one);
      const [status, body] = answer(one, arrived.length);
      response.writeHead(status, { connection: 'close' }).end(body);
    });
  });
  return [`http://127.0.0.1:${await listening(server)}`, arrived];
}

describe('over HTTP', () => {
  test('sends everything with its token, tries again what was not answered, and keeps a ledger', async () => {
    const [url, arrived] = await httpHub((_, count) => (count % 10 === 3 ? [503, 'busy'] : [200, '{"ok":true}']));
    const ran = await run(...FEW, '--url', url, '--key', 'secret', '--ledger', 'ledger', '--truth', 'truth');
    expect(ran).toMatchObject({ code: 0 });
    const entries = await lines('ledger');
    expect(entries.length).toBeGreaterThan(20);
    expect(entries.every(({ state, answer }) => state === 'acknowledged' && answer === '200 {"ok":true}')).toBe(true);
    expect(entries.reduce((sum: number, { attempts }) => sum + Number(attempts), 0)).toBe(arrived.length);
    expect(arrived.every(({ path, token }) => path === '/ingest/generic' && token === 'Bearer secret')).toBe(true);
    const told = new Set(arrived.map(({ body }) => JSON.parse(body.toString()).eventId));
    expect(told).toEqual(new Set(entries.map(({ eventId }) => eventId)));
    const passings = new Set((await lines('truth')).map(({ passingId }) => passingId));
    expect(entries.every(({ passingId }) => passings.has(passingId))).toBe(true);
    expect(ran.out).toContain(`acknowledged ${entries.length}, refused 0, unanswered 0`);
  }, 60_000);

  test('says what was refused, and ends with 1', async () => {
    const [url] = await httpHub(() => [401, 'ingest_key_wrong']);
    const ran = await run(...FEW, '--url', url);
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/acknowledged 0, refused \d+, unanswered 0\n {2}\d+ x 401 ingest_key_wrong/);
  }, 60_000);

  test('a Dahua camera goes to its own path, without a token, and only believes its own answer', async () => {
    const [url, arrived] = await httpHub(({ path }, count) =>
      path.endsWith('KeepAlive') || count % 2 === 0 ? [200, '{"result":"true"}'] : [200, 'OK'],
    );
    const ran = await run(...FEW, '--url', url, '--format', 'dahua', '--key', 'secret');
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/acknowledged [1-9]\d*, refused [1-9]/);
    expect(new Set(arrived.map(({ path }) => path))).toEqual(
      new Set(['/NotificationInfo/TollgateInfo', '/NotificationInfo/KeepAlive']),
    );
    expect(arrived.every(({ token }) => token === undefined)).toBe(true);
  }, 60_000);

  test('a Hikvision camera sends a form with pictures in which the plate is where it says', async () => {
    const [url, arrived] = await httpHub(() => [200, '']);
    const ran = await run(
      '--cameras',
      '1',
      '--vehicles',
      '600',
      '--minutes',
      '3',
      '--speed',
      'max',
      '--pictures',
      '--url',
      url,
      '--format',
      'hikvision',
    );
    expect(ran.code).toBe(0);
    const [first] = arrived;
    const form = await new Response(new Uint8Array(first!.body), {
      headers: { 'content-type': first!.type! },
    }).formData();
    const scene = form.get('detectionPicture.jpg') as File;
    expect(await sharp(await scene.arrayBuffer()).metadata()).toMatchObject({
      format: 'jpeg',
      width: 1280,
      height: 720,
    });
    expect(form.has('licensePlatePicture.jpg')).toBe(true);
  }, 60_000);

  test('a hub that is not there is said to be so', async () => {
    const gone = createHttpServer();
    const port = await listening(gone);
    await endings.pop()?.();
    const ran = await run(...FEW, '--url', `http://127.0.0.1:${port}`, '--retries', '0');
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/unanswered [1-9][^]*ECONNREFUSED/);
  }, 60_000);
});

test('over MQTT each camera has its own account, and QoS 1 is acknowledged', async () => {
  const broker = await Aedes.createBroker();
  const accounts = new Set<string>();
  const topics: string[] = [];
  broker.authenticate = (client, user, password, done) => {
    accounts.add(`${client.id} ${user ?? ''} ${String(password)}`);
    done(null, true);
  };
  broker.on('publish', ({ topic }, client) => {
    if (client !== null) topics.push(topic);
  });
  const server = createTcpServer(broker.handle);
  endings.push(() => new Promise((resolve) => broker.close(() => resolve(null))));
  const mqtt = `mqtt://127.0.0.1:${await listening(server)}`;
  const words = ['--url', 'http://127.0.0.1:9', '--mqtt', mqtt, '--key', 'secret', '--ledger', 'ledger'];
  const ran = await run(...FEW, ...words, '--format', 'predecessor');
  expect(ran).toMatchObject({ code: 0 });
  expect(accounts).toEqual(new Set(['SIM-001 SIM-001 secret', 'SIM-002 SIM-002 secret']));
  const entries = await lines('ledger');
  expect(entries.every(({ state, answer }) => state === 'acknowledged' && answer === 'PUBACK')).toBe(true);
  const detections = topics.filter((topic) => topic === 'lprserver/cameras/SIM-001/detection').length;
  expect(detections).toBeGreaterThanOrEqual(entries.filter(({ cameraId }) => cameraId === 'SIM-001').length);
  expect(topics).toContain('lprserver/cameras/SIM-001/health');
  const frigate = await run(...FEW, ...words, '--format', 'frigate');
  expect(frigate.code).toBe(0);
  expect(frigate.out).toContain('at QoS 0, which nobody acknowledges');
}, 60_000);

test.each(['predecessor/g2', 'predecessor/g0'])(
  '%s over Socket.IO waits for lpr_response',
  async (format) => {
    const server = createHttpServer();
    const io = new SocketIoServer(server);
    let count = 0;
    io.on('connection', (socket) => {
      for (const event of ['lpr_data', 'lpr_detection']) {
        socket.on(event, () => {
          count += 1;
          socket.emit(
            'lpr_response',
            event === 'lpr_data' ? { success: true, detection_id: count } : { status: 'success' },
          );
        });
      }
    });
    endings.push(() => io.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ran = await run(...FEW, '--url', url, '--format', format);
    expect(ran).toMatchObject({ code: 0 });
    expect(count).toBeGreaterThan(10);
  },
  60_000,
);

test('the first generation opens a WebSocket for each event', async () => {
  const server = createHttpServer();
  // Its hourly status goes over Socket.IO beside it.
  const io = new SocketIoServer(server);
  const statuses: unknown[] = [];
  io.on('connection', (socket) => socket.on('edge_status', (status) => statuses.push(status)));
  const sockets = new WebSocketServer({ noServer: true });
  let count = 0;
  sockets.on('connection', (socket) => {
    count += 1;
    socket.on('message', () => {
      socket.send(JSON.stringify(count % 7 === 0 ? { status: 'error', message: 'full' } : { status: 'success' }));
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/') sockets.handleUpgrade(request, socket, head, (one) => sockets.emit('connection', one));
  });
  endings.push(() => io.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ran = await run(...FEW, '--url', url, '--format', 'predecessor/g1');
  expect(ran.out).toMatch(/acknowledged [1-9]\d*, refused [1-9]/);
  expect(ran.out).toContain('"message":"full"');
  expect(statuses.length).toBeGreaterThan(0);
}, 60_000);

test('--out writes the events and their messages instead of sending them', async () => {
  const ran = await run(...FEW, '--out', 'events', '--format', 'rekor', '--from', '2026-11-20T08:00:00+07:00');
  expect(ran).toMatchObject({ code: 0 });
  const written = await lines('events');
  expect(ran.out).toContain(`${written.length} events written`);
  expect(JSON.parse(written[0].message.body)).toMatchObject({ data_type: 'alpr_group', best_uuid: written[0].eventId });
  expect(written[0].sendAt.slice(0, 13)).toBe('2026-11-20T01');
  const again = await run(...FEW, '--out', 'again', '--format', 'rekor', '--from', '2026-11-20T08:00:00+07:00');
  expect(again.code).toBe(0);
  expect(await lines('again')).toEqual(written);
}, 60_000);

test.each([
  [[], 'Say where the events go'],
  [['--url', 'localhost:3000'], '--url localhost:3000'],
  [['--url', 'http://localhost', '--format', 'fax'], 'there is no such format'],
  [['--url', 'http://localhost', '--cameras', '0'], '--cameras 0'],
  [['--url', 'http://localhost', '--speed', 'quick'], '--speed quick'],
  [['--out', 'no-folder/events'], 'cannot be written'],
  [['--fly'], "Unknown option '--fly'"],
])('%j is refused with words', async (words, hint) => {
  const ran = await run(...words);
  expect([ran.code, ran.out]).toEqual([2, '']);
  expect(ran.err).toContain(hint);
});

test('--help lists every format', async () => {
  const ran = await run('--help');
  expect(ran.code).toBe(0);
  for (const name of ['generic', 'predecessor/g1', 'hikvision', 'codeproject']) expect(ran.out).toContain(name);
});
