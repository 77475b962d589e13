#!/usr/bin/env node
/**
 * Makes a checkout runnable: dependencies (Node 24 comes with them), flow nodes, console. Without dependencies of its own, on
 * whatever Node 20 or newer the machine has; does nothing when all is there. Everything it says goes to standard error.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const depsOnly = process.argv.includes('--deps-only');
const say = (line) => process.stderr.write(`[set-up] ${line}\n`);

function npm(args, env = {}) {
  // The npm that called us, on the Node that npm itself runs on: `npm ci` deletes the Node 24 under node_modules.
  const cli = process.env.npm_execpath;
  const [command, first] =
    cli && /\.c?js$/.test(cli) ? [process.env.npm_node_execpath ?? process.execPath, [cli]] : ['npm', []];
  const { status, error } = spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
    env: { ...process.env, ...env },
  });
  if (status === 0) return;
  say(`npm ${args.join(' ')} failed${error ? `: ${error.message}` : ` with code ${status}`}.`);
  say(
    'See the lines above: usual causes are no way to the npm registry, a full disk, or npm older than 10. Mend it and start again.',
  );
  process.exit(status || 1);
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const hash = (parts) => {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
};
const filesUnder = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .sort()
    : [];

/** Runs `make` unless the stamp says that it ran on the same input. The stamp goes first: a broken run is made again. */
function once(stamp, input, make) {
  if (read(stamp) === input) return;
  rmSync(stamp, { force: true });
  make();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, input);
}

// Two set-ups in one folder would destroy each other's node_modules.
const lock = join(root, '.setup.lock');
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
for (let waited = false; ;) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    break;
  } catch (error) {
    if (error.code !== 'EEXIST') {
      say(`cannot write into ${root}: ${error.message}`);
      process.exit(1);
    }
  }
  const pid = Number(read(lock));
  if (!pid || !isAlive(pid)) {
    rmSync(lock, { force: true });
    continue;
  }
  if (!waited) say(`waiting for another set-up (process ${pid})`);
  waited = true;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
}
process.on('exit', () => rmSync(lock, { force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

const started = Date.now();
const lockfile = read(join(root, 'package-lock.json'));

const manifest = JSON.parse(read(join(root, 'package.json')));
const wanted = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides', 'allowScripts'];
const dependencies = hash([
  JSON.stringify(wanted.map((key) => manifest[key])),
  lockfile,
  process.platform,
  process.arch,
]);
once(join(root, 'node_modules/.lpr-stamp'), dependencies, () => {
  say('installing dependencies, once (about a minute; 1 GB of disk)');
  // onnxruntime's own download is for graphics cards only. npm 11 is told so by package.json, npm 10 by this.
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional'], {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  });
});

// npm 10 takes the shared link away again when it discards the other platforms' Node packages.
const platform = process.platform === 'win32' ? 'win' : process.platform;
const link = join(root, 'node_modules/.bin/node');
if (
  platform !== 'win' &&
  existsSync(join(root, `node_modules/node-${platform}-${process.arch}/bin/node`)) &&
  !existsSync(link)
) {
  symlinkSync(`../node-${platform}-${process.arch}/bin/node`, link);
}

if (!depsOnly) {
  const nodes = filesUnder(join(root, 'nodes')).filter((file) => !file.includes('.built'));
  once(
    join(root, 'nodes/.built/.stamp'),
    hash([...nodes.map(read), read(join(root, 'core/fields.ts')), dependencies]),
    () => {
      say('building the flow nodes');
      npm(['run', '-s', 'build:nodes']);
    },
  );

  const console_ = [
    ...filesUnder(join(root, 'admin-ui')).filter((file) => !file.startsWith(join(root, 'admin-ui/dist'))),
    join(root, 'core/api/contract.ts'),
  ];
  once(join(root, 'admin-ui/dist/.stamp'), hash([...console_.map(read), dependencies]), () => {
    say('building the console');
    npm(['run', '-s', 'build:console']);
  });
}
if (Date.now() - started > 1000) say(`ready after ${((Date.now() - started) / 1000).toFixed(0)} s`);
