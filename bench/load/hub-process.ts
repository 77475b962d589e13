/** A whole hub in a process of its own, which can be killed; ended by its process id. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Database } from '../../core/db/database.ts';
import { runningPostgres } from '../../core/db/embedded-postgres.ts';
import { LprError } from '../../core/errors.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const READY_MS = 180_000;
const ASK_MS = 50;
const SAID_BYTES = 20_000;
const ADMIN = { name: 'admin', password: 'correct horse battery' };

export interface HubProcess {
  readonly url: string;
  readonly mqttPort: number;
  readonly folder: string;
  readonly pid: () => number | null;
  /** What it printed last. */
  readonly said: () => string;
  start(): void;
  /** Resolves when it is healthy. @throws internal when it ends by itself or takes too long */
  untilReady(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGKILL to the server of its embedded database. @returns false when there was none just then */
  killDatabase(): Promise<boolean>;
  /** Signed in as the first administrator. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Its database, as long as it runs. */
  openDatabase(): Promise<Database>;
  /** As an operator does. @returns what it ended with */
  stop(): Promise<number | null>;
  /** Kills what still runs and removes its folder. */
  remove(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

export interface HubProcessOptions {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function prepareHub(options: HubProcessOptions = {}): Promise<HubProcess> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'lpr-promise-')));
  const [port, mqttPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...{
      PATH: process.env['PATH'] ?? '',
      LPR_DATA_DIR: folder,
      PORT: String(port),
      LPR_WORKERS: '1',
      LOG_LEVEL: 'warn',
    },
    ...(options.env?.['MQTT_URL'] === undefined ? { MQTT_PORT: String(mqttPort) } : {}),
    ...options.env,
  };
  let child: ChildProcess | null = null;
  let ended = Promise.resolve<number | null>(null);
  let said = '';
  let cookie = '';

  const postmaster = async (): Promise<number | null> => {
    const file = join(folder, 'postgres/db/postmaster.pid');
    const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n', 1)[0]);
    return pid > 0 ? pid : null;
  };
  const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...(cookie === '' ? {} : { cookie }), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const set = answer.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';', 1)[0] ?? '';
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };

  const hub: HubProcess = {
    ...{ url, mqttPort, folder },
    pid: () => child?.pid ?? null,
    said: () => said,
    start() {
      const started = spawn(process.execPath, [join(ROOT, 'core/main.ts')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      const hear = (chunk: Buffer): void => {
        said = (said + chunk.toString()).slice(-SAID_BYTES);
      };
      started.stdout.on('data', hear);
      started.stderr.on('data', hear);
      ended = new Promise((done) => {
        started.once('exit', (code) => {
          if (child === started) child = null;
          done(code);
        });
      });
    },
    async untilReady() {
      for (const end = Date.now() + READY_MS; Date.now() < end;) {
        if (child === null) throw new LprError('internal', `The hub ended by itself:\n${said}`);
        const answer = await call('GET', '/health').catch(() => null);
        if (answer?.status === 200) return;
        await sleep(ASK_MS);
      }
      throw new LprError('internal', `The hub was not healthy after ${READY_MS / 1000} s:\n${said}`);
    },
    async kill() {
      child?.kill('SIGKILL');
      await ended;
    },
    async killDatabase() {
      const pid = await postmaster();
      if (pid === null) return false;
      try {
        process.kill(pid, 'SIGKILL');
        return true;
      } catch {
        // It is just being started again: its old number still stands in the file.
        return false;
      }
    },
    async ask(method, path, body) {
      if (cookie === '') await call('POST', '/api/v1/setup', { ...ADMIN, code: null });
      const answer = await call(method, `/api/v1${path}`, body);
      if (answer.status < 300) return answer.body;
      throw new LprError('internal', `${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
    async openDatabase() {
      const connection = await runningPostgres(join(folder, 'postgres'));
      if (connection === null) throw new LprError('database_unavailable', 'The embedded PostgreSQL does not run.');
      return openDatabase(connection, () => undefined);
    },
    async stop() {
      child?.kill('SIGTERM');
      return ended;
    },
    async remove() {
      await hub.kill();
      const pid = await postmaster();
      if (pid !== null) {
        try {
          process.kill(pid, 'SIGQUIT');
        } catch {
          // It is gone already.
        }
        for (let i = 0; i < 200 && (await runningPostgres(join(folder, 'postgres'))) !== null; i++) await sleep(50);
      }
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return hub;
}
