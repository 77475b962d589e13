import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { renderPlate, renderScene } from '../core/simulator/simulator.ts';

const SCRIPT = fileURLToPath(new URL('./read.ts', import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as npm does: in the project's folder, with the caller's folder in `INIT_CWD`. */
const run = (from: string, ...words: string[]): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [SCRIPT, ...words],
      { cwd: fileURLToPath(new URL('..', import.meta.url)), env: { ...process.env, INIT_CWD: from } },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
      },
    );
  });

interface Line {
  readonly file: string;
  readonly reads?: {
    text: string;
    province: string | null;
    country: string | null;
    box: number[];
    confidence: number;
  }[];
  readonly error?: string;
  readonly ms: number;
}
const linesOf = ({ out }: Ran): Line[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

let folder: string;
const SCENE_SEED = 4;
let sceneTruth: Awaited<ReturnType<typeof renderScene>>['plates'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lpr-read-'));
  await mkdir(join(folder, 'below'));
  const scene = await renderScene({ seed: SCENE_SEED });
  sceneTruth = scene.plates;
  await writeFile(join(folder, 'scene.jpg'), scene.bytes);
  const plate = {
    plateNumber: 'กย899',
    series: 'กย',
    serial: '899',
    issuingEntity: 'TH-70',
    countryCode: 'TH',
    plateType: 'RY1',
  };
  await writeFile(join(folder, 'below', 'plate.png'), await renderPlate(plate, { width: 340, seed: 1 }));
  await writeFile(join(folder, 'list.jpg'), 'not a picture at all');
  await writeFile(join(folder, 'empty.jpg'), '');
  const empty = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#88aacc' } })
    .jpeg()
    .toBuffer();
  await writeFile(join(folder, 'sky.jpg'), empty);
  await writeFile(join(folder, 'files.txt'), 'sky.jpg\r\n\nbelow/plate.png\n');
});
afterAll(() => rm(folder, { recursive: true }));

test('one JSON line per file in the given order, nothing else on standard output, bad files told and exit 1', async () => {
  const names = ['scene.jpg', 'list.jpg', 'gone.jpg', 'empty.jpg', 'sky.jpg', join(folder, 'scene.jpg')];
  const ran = await run(folder, '--json', ...names);
  expect(ran.code).toBe(1);
  const lines = linesOf(ran);
  expect(lines.map(({ file }) => file)).toEqual(names);
  const [scene, text, gone, empty, sky, again] = lines;
  expect(text?.error).toContain('image_not_a_picture');
  expect(empty?.error).toContain('image_empty');
  expect(gone?.error).toContain('gone.jpg');
  for (const bad of [text, gone, empty]) expect(bad?.reads).toBeUndefined();
  expect(sky?.reads).toEqual([]);
  expect(again?.reads).toEqual(scene?.reads);
  for (const { ms } of lines) expect(ms).toBeGreaterThanOrEqual(0);

  const [truth] = sceneTruth;
  const read = scene?.reads?.find(({ box: [x = 0, y = 0, width = 0, height = 0] }) => {
    const middle = [x + width / 2, y + height / 2];
    return (
      Math.abs(middle[0]! - truth!.box[0] - truth!.box[2] / 2) < 20 &&
      Math.abs(middle[1]! - truth!.box[1] - truth!.box[3] / 2) < 20
    );
  });
  expect(Object.keys(read ?? {}).sort()).toEqual(['box', 'confidence', 'country', 'province', 'text']);
  expect(read?.text).toMatch(/^[\p{L}\p{M}\p{Nd}]+$/u);
  expect(read?.text).toBe(read?.text.normalize('NFC').toUpperCase());
  expect(read?.confidence).toBeGreaterThan(0);
  expect(read?.confidence).toBeLessThanOrEqual(1);
});

test('crop and a list of files: names count from the caller, the box is the whole picture', async () => {
  const ran = await run(folder, '--crop', '--json', '--engine', 'classical', '--files', 'files.txt');
  expect(ran.code).toBe(0);
  const [sky, plate] = linesOf(ran);
  expect([sky?.file, plate?.file]).toEqual(['sky.jpg', 'below/plate.png']);
  expect(sky?.reads?.[0]).toMatchObject({ text: '', box: [0, 0, 640, 360], confidence: 0 });
  expect(plate?.reads).toHaveLength(1);
  expect(plate?.reads?.[0]).toMatchObject({
    text: 'กย899',
    province: 'ราชบุรี',
    country: 'TH',
    box: [0, 0, 340, 150],
  });
});

test('without --json a line for people', async () => {
  const ran = await run(join(folder, 'below'), '--crop', 'plate.png');
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/^plate\.png: .*899.*\n$/);
});

describe('a wrong command says how it is done and exits with 2', () => {
  test.each([
    [[], 'No file is named'],
    [['--engine', 'nobody', 'a.jpg'], 'classical'],
    [['--sharp', 'a.jpg'], '--sharp'],
    [['--files', 'nowhere.txt'], 'nowhere.txt'],
  ])('%j', async (words, hint) => {
    const ran = await run(folder, '--json', ...words);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('');
    expect(ran.err).toContain(hint);
  });
});
