/** Against a real stream, served and read on this machine. */
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { createCameraHttp } from '../../core/cameras/camera-http.ts';
import { parseConfig } from '../../core/fields.ts';
import type { CameraContext, CapturedFrame } from '../../core/plugins/define.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { testWith } from '../../test/required.ts';
import { hasFfmpeg, startRtspServer, type RtspServer } from '../../test/rtsp-server.ts';
import { inputScript } from './ffmpeg.ts';
import plugin from './plugin.ts';

const testOnStream = testWith(hasFfmpeg, 'no ffmpeg: apt install ffmpeg');
const SECRET = "p@ss:w'rd/#1";

let server: RtspServer;
let locked: RtspServer;
const open: RtspServer[] = [];
let controller = new AbortController();
beforeAll(async () => {
  if (!hasFfmpeg) return;
  server = await startRtspServer();
  locked = await startRtspServer({ account: { username: 'admin', password: SECRET, scheme: 'digest' } });
  open.push(server, locked);
});
afterAll(async () => {
  for (const one of open) await one.close();
});
afterEach(() => {
  controller.abort();
  controller = new AbortController();
});

const contextOf = (config: Record<string, unknown>): CameraContext<typeof plugin.fields> => ({
  ...{ cameraId: 'c', dataDir: '/nowhere', log: quietLog, signal: controller.signal },
  config: parseConfig(plugin.fields, { fps: 10, ...config }),
  renderScene: () => Promise.reject(new Error('not drawn here')),
  instantOf: () => Promise.reject(new Error('not asked here')),
  decode: () => Promise.reject(new Error('not asked here')),
  ...createCameraHttp(controller.signal),
});
const take = async (count: number, config: Record<string, unknown>): Promise<readonly CapturedFrame[]> => {
  const frames: CapturedFrame[] = [];
  for await (const frame of plugin.frames(contextOf(config))) {
    frames.push(frame);
    if (frames.length === count) break;
  }
  return frames;
};
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 600 && !(await is()); i++) await sleep(50);
  expect(await is()).toBe(true);
};
/** Command lines of this machine that name the port. */
const processesOn = async (url: string): Promise<string[]> => {
  const port = new URL(url).port;
  const lines = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(port));
};

testOnStream('pictures come out of the stream, and the process goes with its reader', async () => {
  const frames = await take(5, { url: server.url });
  for (const { bytes } of frames)
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 180 });
  expect(new Set(frames.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size).toBe(5);
  await until(() => server.playing() === 0);
});

testOnStream('no more pictures than were asked for', async () => {
  const at: number[] = [];
  for await (const { bytes } of plugin.frames(contextOf({ url: server.url, fps: 2 }))) {
    if (bytes.length > 0) at.push(performance.now());
    if (at.length === 5) break;
  }
  // The first come together, out of what the stream had ready; then two a second.
  expect((at[4] ?? 0) - (at[1] ?? 0)).toBeGreaterThan(1_000);
});

testOnStream('signs in by digest with a password full of signs; nobody sees it', async () => {
  const frames = plugin
    .frames(contextOf({ url: locked.url, username: 'admin', password: SECRET }))
    [Symbol.asyncIterator]();
  expect((await frames.next()).done).toBe(false);
  const lines = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  expect(lines.some((line) => line.includes('image2pipe'))).toBe(true);
  expect(lines.join('\n')).not.toMatch(/p@ss|p%40ss/);
  await frames.return?.(undefined);
});

testOnStream('what hinders it is said without the account', async () => {
  const account = { username: 'admin', password: 'wrong-word' };
  const refused = await take(1, { url: locked.url, ...account }).catch((error: unknown) => error as Error);
  expect(refused).toMatchObject({ code: 'camera_bad_answer', message: expect.stringMatching(/refuses the user name/) });
  await expect(take(1, { url: locked.url })).rejects.toThrow(/asks for a user name and password/);
  await expect(take(1, { url: server.url.replace('/live', '/other') })).rejects.toThrow(/no such stream/);
  const closed = await take(1, { url: 'rtsp://127.0.0.1:9/live', ...account }).catch(
    (error: unknown) => error as Error,
  );
  expect(closed).toMatchObject({ code: 'camera_unreachable' });
  for (const error of [refused, closed]) expect((error as Error).message).not.toMatch(/wrong-word|admin/);
});

testOnStream('silence and an end are faults', async () => {
  const frames = plugin.frames(contextOf({ url: server.url, stallSeconds: 2 }))[Symbol.asyncIterator]();
  await frames.next();
  server.silence(true);
  const silent = await (async () => {
    for (;;) await frames.next();
  })().catch((error: unknown) => error);
  server.silence(false);
  expect(silent).toMatchObject({ code: expect.stringMatching(/^camera_/) });

  const more = plugin.frames(contextOf({ url: server.url }))[Symbol.asyncIterator]();
  await more.next();
  server.cut();
  await expect(
    (async () => {
      for (;;) if ((await more.next()).done === true) return;
    })(),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^camera_/) });
});

testOnStream('nothing is left when the hub stops or is killed', async () => {
  const frames = plugin.frames(contextOf({ url: server.url }))[Symbol.asyncIterator]();
  await frames.next();
  controller.abort();
  for (;;) if ((await frames.next()).done === true) break;
  await until(() => server.playing() === 0);

  const program = `
    import { pictures } from ${JSON.stringify(new URL('./ffmpeg.ts', import.meta.url).href)};
    const signal = new AbortController().signal;
    const options = { program: 'ffmpeg', url: ${JSON.stringify(server.url)}, username: '', password: '', fps: 10, stallSeconds: 15, signal };
    for await (const _ of pictures(options)) process.stdout.write('.');`;
  const hub = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => hub.stdout.once('data', resolve));
  expect(server.playing()).toBe(1);
  hub.kill('SIGKILL');
  await until(() => server.playing() === 0);
  expect(await processesOn(server.url)).toEqual([]);
});

test('a missing program names its remedy', async () => {
  await expect(take(1, { url: 'rtsp://127.0.0.1:9/live', ffmpeg: '/nowhere/ffmpeg' })).rejects.toMatchObject({
    code: 'program_missing',
    message: expect.stringMatching(/apt install ffmpeg/),
  });
});

test('an address cannot break out of the script, and holds no account', () => {
  const script = inputScript({
    ...{ program: '', url: "rtsp://h/a'b\\c", username: "o'x", password: SECRET, fps: 1, stallSeconds: 5 },
    signal: controller.signal,
  });
  expect(script.split('\n')[1]).toBe("file 'rtsp://o%27x:p%40ss%3Aw%27rd%2F%231@h/a%27b%5Cc'");
  expect(() => parseConfig(plugin.fields, { url: 'rtsp://a:b@h/' })).toThrow(/user name/);
  expect(() => parseConfig(plugin.fields, { url: 'file:///etc/passwd' })).toThrow(/rtsp:/);
});
