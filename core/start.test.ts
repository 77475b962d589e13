import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestDatabase } from '../test/database.ts';
import { createClient } from '../test/http-client.ts';

const MAIN = resolve(import.meta.dirname, 'main.ts');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-main-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Process {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<number | null>;
}

function run(env: Record<string, string>): Process {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH, LPR_DATA_DIR: folder, MQTT_PORT: '0', PORT: '0', ...env },
  });
  let output = '';
  const collect = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return { child, output: () => output, ended };
}

async function running(started: Process): Promise<string> {
  for (let i = 0; i < 1200; i++) {
    const url = /Console\s+(\S+)\//.exec(started.output())?.[1];
    if (url !== undefined) return url;
    if (started.child.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`the hub did not start:\n${started.output()}`);
}

test('the hub starts, says where everything is, and stops cleanly on SIGTERM', async () => {
  const hub = run({});
  const url = await running(hub);
  expect(hub.output()).toContain('make the first administrator');
  const client = createClient(url);
  expect((await client('GET', '/health')).status).toBe(200);
  expect((await client('GET', '/v1/setup')).body).toEqual({ needed: true, codeRequired: false });
  expect((await client('GET', '/editor/')).headers.get('location')).toBe('/sign-in?next=/editor/');
  hub.child.kill('SIGTERM');
  expect(await hub.ended).toBe(0);
});

test('a second hub on the same folder is refused; after a kill -9 the next one runs', async () => {
  const first = run({});
  const url = await running(first);
  const user = { name: 'admin', password: 'correct horse battery' };
  expect((await createClient(url)('POST', '/v1/setup', user)).status).toBe(201);
  const second = run({});
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(/Another hub \(process \d+\).*LPR_DATA_DIR/);
  first.child.kill('SIGKILL');
  await first.ended;
  const third = run({});
  const again = createClient(await running(third));
  expect((await again('POST', '/v1/session', user)).status).toBe(201);
  third.child.kill('SIGTERM');
  expect(await third.ended).toBe(0);
});

test('a hub that is open to the network asks for the printed code', async () => {
  const hub = run({ HOST: '0.0.0.0', LPR_DATA_DIR: join(folder, 'open') });
  const client = createClient(await running(hub));
  const code = /asks for this code: (\S+)/.exec(hub.output())?.[1] ?? '';
  expect(code).toHaveLength(14);
  const user = { name: 'admin', password: 'correct horse battery' };
  expect((await client('POST', '/v1/setup', { ...user, code: 'AAAA-BBBB-CCCC' })).body.error.code).toBe(
    'setup_code_wrong',
  );
  expect((await client('POST', '/v1/setup', { ...user, code })).status).toBe(201);
  hub.child.kill('SIGTERM');
  await hub.ended;
});

test('a port in use is told with the setting that changes it', async () => {
  const blocker = createServer();
  await new Promise<void>((done) => {
    blocker.listen(0, '127.0.0.1', done);
  });
  const { port } = blocker.address() as AddressInfo;
  const hub = run({ PORT: String(port), LPR_DATA_DIR: join(folder, 'port') });
  expect(await hub.ended).toBe(1);
  expect(hub.output()).toContain(`Port ${port} is in use on 127.0.0.1. Choose another with PORT.`);
  blocker.close();
});

test('settings that cannot be used are told together', async () => {
  const hub = run({ PORT: 'many', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://x' });
  expect(await hub.ended).toBe(78);
  for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL']) expect(hub.output()).toContain(name);
});

test('a stop while it is starting is heard, and the next start is none the worse', async () => {
  const env = { LPR_DATA_DIR: join(folder, 'hasty') };
  const hasty = run(env);
  while (!hasty.output().includes('embedded database')) await sleep(10);
  hasty.child.kill('SIGTERM');
  expect(await hasty.ended).toBe(0);
  expect(hasty.output()).not.toContain('is running');
  expect(await readdir(join(folder, 'hasty'))).not.toContain('hub.pid');
  expect(await readdir(join(folder, 'hasty/postgres/db'))).not.toContain('postmaster.pid');
  const next = run(env);
  expect((await createClient(await running(next))('GET', '/health')).status).toBe(200);
  next.child.kill('SIGINT');
  expect(await next.ended).toBe(0);
});

/** PostgreSQL of the tests listens on a socket in a folder; an address wants a port. */
async function portTo(socketFolder: string): Promise<Server> {
  const server = createServer((incoming) => {
    const outgoing = createConnection(join(socketFolder, '.s.PGSQL.5432'));
    incoming.pipe(outgoing).pipe(incoming);
    for (const one of [incoming, outgoing]) one.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

test('a PostgreSQL of one’s own is used instead of the embedded one', async () => {
  const database = await openTestDatabase();
  const { host, user, password, database: name } = database.connection;
  const server = await portTo(host);
  const { port } = server.address() as AddressInfo;
  const own = join(folder, 'own');
  const hub = run({ LPR_DATA_DIR: own, DATABASE_URL: `postgres://${user}:${password}@127.0.0.1:${port}/${name}` });
  const client = createClient(await running(hub));
  const admin = { name: 'admin', password: 'correct horse battery' };
  expect((await client('POST', '/v1/setup', admin)).status).toBe(201);
  expect((await database.pool.query('select name from users')).rows).toEqual([{ name: 'admin' }]);
  expect(await readdir(own)).not.toContain('postgres');
  hub.child.kill('SIGTERM');
  expect(await hub.ended).toBe(0);
  server.close();
  await database.close();
});

test('a database that does not answer is told, its password is not', async () => {
  const hub = run({ LPR_DATA_DIR: join(folder, 'none'), DATABASE_URL: 'postgres://lpr:hunter2@127.0.0.1:1/lpr' });
  expect(await hub.ended).toBe(1);
  expect(hub.output()).toContain('PostgreSQL does not answer: connect ECONNREFUSED 127.0.0.1:1');
  expect(hub.output()).not.toContain('hunter2');
  expect(hub.output()).not.toContain('    at ');
});

test('the data are for their owner alone', async () => {
  const hub = run({ LPR_DATA_DIR: join(folder, 'private') });
  await running(hub);
  hub.child.kill('SIGTERM');
  await hub.ended;
  expect((await stat(join(folder, 'private'))).mode & 0o077).toBe(0);
});
