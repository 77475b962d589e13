import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { lockFolder } from './folder-lock.ts';

const root = mkdtempSync(join(tmpdir(), 'lpr-lock-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});
let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root, String(count++));
});
const file = (): string => join(folder, 'hub.pid');

test('a folder is held by one, and free again when given back', () => {
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(
    expect.objectContaining({ code: 'conflict', message: expect.stringContaining(`process ${process.pid}`) }),
  );
  release();
  expect(readdirSync(folder)).toEqual([]);
  lockFolder(folder)();
});

test('the lock of a process that was killed counts no longer', async () => {
  lockFolder(folder)();
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((done) => child.once('exit', done));
  writeFileSync(file(), `${child.pid} x\n`);
  lockFolder(folder);
  expect(readFileSync(file(), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
});

test('a number that now belongs to another process counts no longer, be it our own', () => {
  lockFolder(folder)();
  for (const pid of [process.pid, process.ppid]) {
    writeFileSync(file(), `${pid} another-boot:1\n`);
    lockFolder(folder)();
  }
});

test('giving back leaves alone what another hub holds by now', () => {
  const release = lockFolder(folder);
  writeFileSync(file(), '1 somebody\n');
  release();
  expect(existsSync(file())).toBe(true);
});

test('a broken lock file is no obstacle', () => {
  lockFolder(folder)();
  writeFileSync(file(), '');
  lockFolder(folder)();
});

test('of many that start at once on what a killed one left, exactly one gets the folder', async () => {
  lockFolder(folder)();
  writeFileSync(file(), '999999999 x\n');
  const script = `import { lockFolder } from ${JSON.stringify(new URL('folder-lock.ts', import.meta.url).href)};
    try { lockFolder(${JSON.stringify(folder)}); process.stdout.write('held'); setTimeout(() => {}, 3000); }
    catch (error) { process.stdout.write(error.code); }`;
  const all = Array.from({ length: 6 }, () => spawn(process.execPath, ['--input-type=module', '-e', script]));
  const answers = await Promise.all(
    all.map(
      (child) => new Promise<string>((done) => child.stdout.once('data', (chunk: Buffer) => done(String(chunk)))),
    ),
  );
  expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
  expect(answers.filter((answer) => answer === 'conflict')).toHaveLength(5);
  for (const child of all) child.kill();
});

test('a folder that cannot be made is told by the name of its setting', () => {
  writeFileSync(folder, 'a file');
  expect(() => lockFolder(join(folder, 'data'))).toThrow(
    expect.objectContaining({ code: 'settings_invalid', message: expect.stringMatching(/^LPR_DATA_DIR is .*ENOTDIR/) }),
  );
});
