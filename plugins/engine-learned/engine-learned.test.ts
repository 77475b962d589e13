import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { folderOf, isUnseen, readManifest, sampled } from '../../bench/plates-data.ts';
import { provinceByCode, provinces, reference } from '../../core/plates/plates.ts';
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
import { loadModel, MODELS } from './models.ts';
import { draw } from './shrink.ts';

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
const recognise = (bytes: Uint8Array, crop = false): Promise<readonly Recognised[]> =>
  recogniser.recognise(bytes, { engine: 'learned', crop, countries: [], minPlateHeight: 12, maxPlates: 16 }, forEver);

const PLATE = {
  plateNumber: 'กย899',
  series: 'กย',
  serial: '899',
  issuingEntity: 'TH-70',
  countryCode: 'TH',
  plateType: 'RY1',
};
const plateImage = (): Promise<Buffer> => renderPlate(PLATE, { width: 340, seed: 1 });

test('is what the hub takes when nobody chose an engine', async () => {
  expect(await recogniser.engineId('')).toBe('learned');
});

describe('the shipped files', () => {
  test.each(['locator', 'reader'] as const)('%s is whole, small, and has a card', async (name) => {
    const { bytes } = await loadModel(name);
    expect(bytes.length).toBeLessThan(10_000_000);
    const card = await readFile(join(MODELS, name, 'CARD.md'), 'utf8');
    for (const heading of ['Data', 'Licence', 'Recipe', 'Figures', 'Limits']) expect(card).toContain(`## ${heading}`);
  });

  test('name the provinces and countries as the facts do', async () => {
    const { facts } = await loadModel('reader');
    expect(facts.provinces).toEqual([...provinces.map(({ code }) => code), null]);
    expect(facts.countries).toEqual(
      reference()
        .countries.map(({ code }) => code)
        .sort(),
    );
  });

  test.each([
    ['missing', (path: string) => unlink(path)],
    ['damaged', (path: string) => truncate(path, 1000)],
  ])('a model file that is %s is named, with the remedy', async (word, harm) => {
    const folder = await mkdtemp(join(tmpdir(), 'lpr-models-'));
    try {
      await cp(MODELS, folder, { recursive: true });
      const path = join(folder, 'reader', 'model.onnx');
      await harm(path);
      const error: unknown = await loadModel('reader', folder).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'engine_unavailable', details: { file: path } });
      expect((error as Error).message).toMatch(new RegExp(`${word}.*Restore it.*another engine`));
      expect((await loadModel('locator', folder)).bytes.length).toBe(
        (await stat(join(folder, 'locator', 'model.onnx'))).size,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('shrinking keeps what is there: halves are means, edges repeat', () => {
  const source = { data: Uint8Array.from([0, 0, 0, 100, 100, 100, 200, 200, 200, 40, 40, 40]), width: 2, height: 2 };
  const half = new Uint8Array(3);
  draw(source, [0, 0, 2, 2], half, 1, 1);
  expect([...half]).toEqual([85, 85, 85]);
  const same = new Uint8Array(12);
  draw(source, [0, 0, 2, 2], same, 2, 2);
  expect([...same]).toEqual([...source.data]);
  const outside = new Uint8Array(3);
  draw(source, [-4, -4, 2, 2], outside, 1, 1);
  expect([...outside]).toEqual([0, 0, 0]);
});

test.each([0, 4, 8, 16])('ending %i ms into a search ends cleanly', async (ms) => {
  const script = fileURLToPath(new URL('../../test/end-while-searching.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script, String(ms)]);
});

test('plates of drawn roads are found with their corners, most are read right', async () => {
  let [plates, found, right] = [0, 0, 0];
  for (const seed of [0, 4, 8, 10, 12, 14, 20, 22]) {
    const scene = await renderScene({ seed });
    const reads = await recognise(scene.bytes);
    for (const plate of scene.plates) {
      plates += 1;
      const reach = Math.hypot(plate.box[2], plate.box[3]) * 0.15;
      const match = reads.find(({ located }) =>
        located.corners.every(([x, y], k) => Math.hypot(x - plate.corners[k]![0], y - plate.corners[k]![1]) < reach),
      );
      found += match ? 1 : 0;
      right += match?.read.plateNumber === plate.plateNumber ? 1 : 0;
    }
  }
  expect(found).toBeGreaterThanOrEqual(plates - 1);
  expect(right).toBeGreaterThanOrEqual(plates * 0.75);
});

test('a clear plate: text, province, country and class, each character with its certainty', async () => {
  const [{ read } = { read: null }] = await recognise(await plateImage(), true);
  expect(read).toMatchObject({
    engine: 'learned',
    plateNumber: 'กย899',
    series: 'กย',
    issuingEntity: 'TH-70',
    countryCode: 'TH',
    plateType: 'RY1',
  });
  expect(read!.characters.map(({ char }) => char).join('')).toBe('กย899');
  for (const { confidence } of read!.characters) expect(confidence).toBeGreaterThan(0.5);
});

describe('pictures of other kinds are answered, never a crash', () => {
  const bounded = (reads: readonly Recognised[]): void => {
    for (const { located, read } of reads) {
      for (const value of [...located.box, ...located.corners.flat(), located.confidence, read.confidence]) {
        expect(Number.isFinite(value)).toBe(true);
      }
      expect(read.confidence).toBeLessThanOrEqual(1);
    }
  };
  const noise = (width: number, height: number): Promise<Buffer> =>
    sharp({
      create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 60 } },
    })
      .jpeg()
      .toBuffer();
  const scene = async (): Promise<Buffer> => Buffer.from((await renderScene({ seed: 8 })).bytes);
  test.each<readonly [string, () => Promise<Buffer>]>([
    [
      'upside down',
      async () =>
        sharp(await scene())
          .rotate(180)
          .jpeg()
          .toBuffer(),
    ],
    [
      'mirrored',
      async () =>
        sharp(await scene())
          .flop()
          .jpeg()
          .toBuffer(),
    ],
    ['one pixel', () => noise(1, 1)],
    ['a strip', () => noise(2000, 3)],
    ['huge and without a plate', () => noise(4200, 3000)],
    [
      'grey',
      async () =>
        sharp(await scene())
          .greyscale()
          .jpeg()
          .toBuffer(),
    ],
    [
      'infrared',
      async () =>
        sharp(await scene())
          .greyscale()
          .linear(1.4, -60)
          .tint('#a0a8a0')
          .jpeg()
          .toBuffer(),
    ],
    [
      'half a plate',
      async () =>
        sharp(await plateImage())
          .extract({ left: 0, top: 0, width: 150, height: 140 })
          .jpeg()
          .toBuffer(),
    ],
    [
      'white',
      () =>
        sharp({ create: { width: 800, height: 600, channels: 3, background: '#fff' } })
          .png()
          .toBuffer(),
    ],
  ])('%s', async (_name, picture) => {
    const bytes = await picture();
    bounded(await recognise(bytes));
    bounded(await recognise(bytes, true));
  });

  test('four plates are four', async () => {
    const plate = await sharp(await plateImage())
      .resize({ width: 220 })
      .toBuffer();
    const places = [
      [80, 80],
      [560, 90],
      [90, 420],
      [570, 430],
    ] as const;
    const bytes = await sharp({ create: { width: 900, height: 640, channels: 3, background: '#55606a' } })
      .composite(places.map(([left, top]) => ({ input: plate, left, top })))
      .jpeg()
      .toBuffer();
    const reads = await recognise(bytes);
    bounded(reads);
    expect(reads.filter(({ read }) => read.plateNumber === 'กย899').length).toBeGreaterThanOrEqual(3);
    expect(reads.length).toBeLessThanOrEqual(4);
  });
});

testOnPhotographs('Thai crops that were never trained on are read right, text and province', async () => {
  const all = (await readManifest(platesFolder!)).filter((one) => folderOf(one) === 'th_crops' && isUnseen(one));
  const crops = sampled(all, 60);
  let [texts, both] = [0, 0];
  for (const { file, plates } of crops) {
    const [one] = await recognise(await readFile(join(platesFolder!, file)), true);
    const isText = one?.read.plateNumber === plates[0]?.text;
    texts += isText ? 1 : 0;
    both += isText && provinceByCode(one?.read.issuingEntity ?? null)?.nameTh === plates[0]?.province ? 1 : 0;
  }
  expect(texts / crops.length).toBeGreaterThan(0.93);
  expect(both / crops.length).toBeGreaterThan(0.9);
});
