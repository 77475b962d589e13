/** The process around the hub: settings in, signals out. */
import { relative } from 'node:path';
import { readSettings } from '../settings.ts';
import { errorCode, errorMessage } from './errors.ts';
import type { RunningHub } from './start.ts';

/** sysexits: the configuration cannot be used. */
const EXIT_CONFIG = 78;
const NEEDED_NODE = 24;

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
    say(
      `LPR Hub needs Node ${NEEDED_NODE} or newer; this is ${process.versions.node}. Start it with "npm start": that brings its own.`,
    );
    return EXIT_CONFIG;
  }
  const settings = readSettings(process.env);
  // Loaded only now: an old Node or a wrong setting is told at once.
  const [{ createLog }, { startHub }] = await Promise.all([import('./log.ts'), import('./start.ts')]);
  const log = createLog(settings.logLevel);

  const ending = Promise.withResolvers<number>();
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      signals++;
      if (signals > 1) process.exit(130);
      say('\n  Stopping; once more to stop at once.');
      ending.resolve(0);
    });
  }
  process.on('uncaughtException', (error) => {
    log.error({ err: error.message, stack: error.stack }, 'an error that nothing caught; stopping');
    ending.resolve(1);
  });

  const running = await startHub(settings, {
    log,
    onStep: (step) => {
      say(`  ${step}…`);
    },
  });
  welcome(running, ((performance.now() - started) / 1000).toFixed(1));
  const code = await ending.promise;
  await running.stop();
  return code;
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`\n${errorMessage(error)}\n`);
  if (errorCode(error) === 'internal' && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(errorCode(error) === 'settings_invalid' ? EXIT_CONFIG : 1);
}
