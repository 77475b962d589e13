import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderOf, readManifest, sampled } from '../../bench/plates-data.ts';
import { decodePixels } from '../../core/images/decode.ts';
import { provinceByCode } from '../../core/plates/plates.ts';
import { loadPlugins } from '../../core/plugins/plugins.ts';
import {
  createComputePool,
  createRecogniser,
  type Recogniser,
  type Recognised,
} from '../../core/recognition/recognition.ts';
import { renderPlate, renderScene } from '../../core/simulator/simulator.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { platesFolder, testOnPhotographs } from '../../test/required.ts';
import plugin from './plugin.ts';

type Rectangle = readonly [number, number, number, number];

const compute = createComputePool({ size: 2, log: quietLog });
let recogniser: Recogniser;
beforeAll(async () => {
  const plugins = await loadPlugins(fileURLToPath(new URL('..', import.meta.url)));
  recogniser = createRecogniser({ plugins, compute, log: quietLog });
});
afterAll(async () => {
  await recogniser.close();
  await compute.close();
});

const forEver = new AbortController().signal;
const recognise = (bytes: Uint8Array, crop = false, countries: string[] = []): Promise<readonly Recognised[]> =>
  recogniser.recognise(bytes, { engine: 'classical', crop, countries, minPlateHeight: 12, maxPlates: 16 }, forEver);

function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.max(0, Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]));
  return (width * height) / (a[2] * a[3] + b[2] * b[3] - width * height);
}

test('plates of rendered scenes are found, most are read right, few ghosts', async () => {
  let plates = 0;
  let found = 0;
  let right = 0;
  let ghosts = 0;
  for (const seed of [0, 4, 8, 10, 12, 14, 20, 22]) {
    const scene = await renderScene({ seed });
    const reads = await recognise(scene.bytes);
    for (const plate of scene.plates) {
      plates += 1;
      const match = reads.find(({ located }) => overlap(located.box, plate.box) >= 0.5);
      found += match ? 1 : 0;
      right += match?.read.plateNumber === plate.plateNumber ? 1 : 0;
    }
    ghosts += reads.filter(({ located }) => scene.plates.every(({ box }) => overlap(located.box, box) < 0.3)).length;
  }
  expect(found).toBeGreaterThanOrEqual(plates - 1);
  expect(right).toBeGreaterThanOrEqual(plates / 2);
  expect(ghosts).toBeLessThanOrEqual(2);
});

describe('a plate that fills the picture', () => {
  const bangkok = {
    series: '1กก',
    serial: '1234',
    plateNumber: '1กก1234',
    issuingEntity: 'TH-10',
    countryCode: 'TH',
    plateType: 'RY1',
  };

  test('is read with its province, and each character has a confidence', async () => {
    const [only, ...more] = await recognise(await renderPlate(bangkok, { width: 340, seed: 1 }), true);
    expect(more).toEqual([]);
    expect(only?.read).toMatchObject({ plateNumber: '1กก1234', issuingEntity: 'TH-10', countryCode: 'TH' });
    expect(only?.read.characters.map(({ char }) => char).join('')).toBe('1กก1234');
    for (const { confidence } of only?.read.characters ?? []) {
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
  });

  test('light ink on a dark sheet is read too', async () => {
    const green = { ...bangkok, plateType: 'RY9' };
    const [only] = await recognise(await renderPlate(green, { width: 340, seed: 1 }), true);
    expect(only?.read.plateNumber).toBe('1กก1234');
  });
});

test('a smooth sheet without print: nothing is found, nothing is read', async () => {
  const engine = await plugin.setup({ config: {}, log: quietLog, signal: forEver, compute });
  const pixels = { data: new Uint8Array(640 * 360 * 3).fill(140), width: 640, height: 360 };
  expect(await engine.locate?.(pixels, { minPlateHeight: 12, maxPlates: 8 }, forEver)).toEqual([]);
  expect(await engine.read?.(pixels, { countries: [] }, forEver)).toMatchObject({
    text: '',
    province: null,
    characters: [],
  });
});

test('the smallest plates asked for and the number of plates are kept', async () => {
  const engine = await plugin.setup({ config: {}, log: quietLog, signal: forEver, compute });
  const { bytes } = await renderScene({ seed: 4 });
  const pixels = await decodePixels(bytes);
  const all = (await engine.locate?.(pixels, { minPlateHeight: 12, maxPlates: 8 }, forEver)) ?? [];
  expect(all.length).toBeGreaterThan(0);
  expect(await engine.locate?.(pixels, { minPlateHeight: 600, maxPlates: 8 }, forEver)).toEqual([]);
  expect(await engine.locate?.(pixels, { minPlateHeight: 12, maxPlates: 1 }, forEver)).toHaveLength(1);
});

test('memory does not grow from picture to picture', async () => {
  const { bytes } = await renderScene({ seed: 4 });
  const engine = await plugin.setup({ config: {}, log: quietLog, signal: forEver, compute });
  const pixels = await decodePixels(bytes);
  const run = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await engine.locate?.(pixels, { minPlateHeight: 12, maxPlates: 8 }, forEver);
    }
  };
  await run(20);
  const before = process.memoryUsage().rss;
  await run(90);
  // The smallest Mat of a frame has 0.9 MB: leaking it 90 times would show.
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
}, 120_000);

testOnPhotographs('at least half of the plates in Thai road photographs are found', async () => {
  const folder = platesFolder ?? '';
  const pictures = (await readManifest(folder)).filter((picture) => folderOf(picture) === 'th_scenes');
  expect(pictures.length).toBeGreaterThan(0);
  let found = 0;
  for (const picture of pictures) {
    const reads = await recognise(await readFile(join(folder, picture.file)));
    found += picture.plates.some(({ box }) => box && reads.some(({ located }) => overlap(located.box, box) >= 0.5))
      ? 1
      : 0;
  }
  expect(found / pictures.length).toBeGreaterThanOrEqual(0.5);
});

testOnPhotographs('most of a sample of Thai plates are read exactly, with their province', async () => {
  const folder = platesFolder ?? '';
  const all = (await readManifest(folder)).filter((picture) => folderOf(picture) === 'th_crops');
  const pictures = sampled(all, 60);
  let text = 0;
  let province = 0;
  for (const picture of pictures) {
    const [plate] = picture.plates;
    const [only] = await recognise(await readFile(join(folder, picture.file)), true);
    text += only?.read.plateNumber === plate?.text ? 1 : 0;
    province += provinceByCode(only?.read.issuingEntity ?? null)?.nameTh === plate?.province ? 1 : 0;
  }
  expect(text / pictures.length).toBeGreaterThan(0.6);
  expect(province / pictures.length).toBeGreaterThan(0.75);
});
