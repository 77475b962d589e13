/** Debian's Mosquitto on a loopback port, its files in a temporary folder; ended by its process id. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Debian puts it where ordinary users' PATH does not look. */
export const mosquittoPath =
  ['/usr/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/sbin/mosquitto'].find(existsSync) ?? null;

export interface Mosquitto {
  readonly url: string;
  /** What it holds survives when it is persistent. */
  restart(): Promise<void>;
  end(): Promise<void>;
  begin(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });

/**
 * @param lines who may connect; by default everybody
 * @param files by name; they lie beside its configuration, where `DIR/` in a line points
 */
export async function startMosquitto(
  lines: readonly string[] = ['allow_anonymous true'],
  files: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'lpr-mosquitto-'));
  // Started as root it becomes a user of its own.
  await chmod(folder, 0o777);
  const port = await freePort();
  const config = join(folder, 'mosquitto.conf');
  const own = [`listener ${port} 127.0.0.1`, 'persistence true', `persistence_location ${folder}/`, 'log_dest none'];
  await writeFile(config, [...own, ...lines, ''].join('\n').replaceAll('DIR/', `${folder}/`));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  let child: ChildProcess | null = null;
  const begin = async (): Promise<void> => {
    child = spawn(mosquittoPath ?? 'mosquitto', ['-c', config], { stdio: 'ignore' });
    for (let i = 0; i < 100; i++) {
      if (await answers(port)) return;
      await sleep(50);
    }
    throw new Error('Mosquitto did not start');
  };
  const end = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running?.exitCode !== null) return;
    const ended = new Promise((done) => running.once('exit', done));
    running.kill('SIGTERM');
    await ended;
  };
  await begin();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    begin,
    end,
    async restart() {
      await end();
      await begin();
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
