/** The process around the hub: settings in, signals out. */
import { enableCompileCache } from 'node:module';
import { join, relative } from 'node:path';
import { readSettings } from '../settings.ts';
import { errorCode, errorMessage } from './errors.ts';
import { makeDataFolder } from './folder-lock.ts';
import type { RunningHub } from './start.ts';

/** sysexits: the configuration cannot be used. */
const EXIT_CONFIG = 78;
/** What a shell says of a program that was interrupted. */
const EXIT_INTERRUPTED = 130;
const NEEDED_NODE = 24;
/** A part that hangs must not keep the process: the next start mends what it leaves. */
const STOP_MS = 30_000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function welcome({ url, dataDir, setupNeeded, setupCode }: RunningHub, seconds: string): void {
  const drop = relative(process.cwd(), `${dataDir}/drop`);
  const rows = [
    ['Console', `${url}/`],
    ['Flow editor', `${url}/editor/`],
    ['API', `${url}/api/docs`],
    ['Drop pictures', drop.startsWith('..') ? `${dataDir}/drop` : drop],
  ];
  say('');
  say(`  LPR Hub is running (started in ${seconds} s)`);
  say('');
  for (const [what = '', where = ''] of rows) say(`  ${what.padEnd(14)} ${where}`);
  say('');
  if (setupNeeded) {
    say('  First start: open the console and make the first administrator.');
    if (setupCode !== null) say(`  The page asks for this code: ${setupCode}`);
  } else say('  Sign in with your name and password.');
  say('  Stop with Ctrl-C.');
  say('');
}

async function main(): Promise<number> {
  const started = performance.now();
  const major = Number(process.versions.node.split('.', 1)[0]);
  if (major < NEEDED_NODE) {
    process.stderr.write(
      `LPR Hub needs Node ${NEEDED_NODE} or newer; this is ${process.versions.node}. Start it with "npm start": that brings its own.\n`,
    );
    return EXIT_CONFIG;
  }
  const settings = readSettings(process.env);
  makeDataFolder(settings.dataDir);
  // Halves the time that loading takes from the second start on.
  enableCompileCache(join(settings.dataDir, 'cache/compiled'));
  // Loaded only now: an old Node or a wrong setting is told at once.
  const [{ createLog }, { startHub }] = await Promise.all([import('./log.ts'), import('./start.ts')]);
  const log = createLog(settings.logLevel);

  const stopping = new AbortController();
  const ended = Promise.withResolvers<number>();
  const end = (code: number): void => {
    ended.resolve(code);
    stopping.abort();
    setTimeout(() => {
      log.error({}, `the hub did not stop within ${STOP_MS / 1000} s; ending it`);
      process.exit(1);
    }, STOP_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
      say('\n  Stopping; once more to stop at once.');
      end(0);
    });
  }
  process.on('uncaughtException', (error) => {
    log.error({ err: errorMessage(error), stack: error.stack }, 'an error that nothing caught; stopping');
    if (!stopping.signal.aborted) end(1);
  });
  // Whoever read our output may be gone (`npm start | head`); the hub runs on without saying more.
  process.stdout.on('error', () => undefined);

  const onStep = (step: string): void => {
    say(`  ${step}…`);
  };
  try {
    const running = await startHub(settings, { log, onStep, signal: stopping.signal });
    if (!stopping.signal.aborted) welcome(running, ((performance.now() - started) / 1000).toFixed(1));
    const code = await ended.promise;
    await running.stop();
    return code;
  } catch (error) {
    if (stopping.signal.aborted && error === stopping.signal.reason) return await ended.promise;
    throw error;
  }
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`\n${errorMessage(error)}\n`);
  if (errorCode(error) === 'internal' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(errorCode(error) === 'settings_invalid' ? EXIT_CONFIG : 1);
}
