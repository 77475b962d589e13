import { afterAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { LprError, errorCode } from '../errors.ts';
import { inspectImage } from '../images/decode.ts';
import { defineOcrEngine, type EngineRead, type Located, type OcrEngine } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createComputePool, createRecognition, type Recognition, type RecognitionDeps } from './recognition.ts';

const compute = createComputePool({ size: 1, log: quietLog });
afterAll(() => compute.close());

/** Pictures in memory, by hash. */
function memoryImages(): RecognitionDeps['images'] & { readonly stored: Map<string, Uint8Array> } {
  const stored = new Map<string, Uint8Array>();
  return {
    stored,
    async put(bytes) {
      const imageId = createHash('sha256').update(bytes).digest('hex');
      stored.set(imageId, bytes);
      return { imageId, bytes: bytes.length, ...(await inspectImage(bytes)) };
    },
    read(imageId) {
      const bytes = stored.get(imageId);
      if (!bytes) return Promise.reject(new LprError('not_found', 'There is no such picture.'));
      return Promise.resolve(Buffer.from(bytes));
    },
  };
}

function pluginsOf(engines: Record<string, () => Promise<OcrEngine>>): Plugins {
  const plugins = Object.entries(engines).map(([id, setup]) => defineOcrEngine({ id, fields: {}, setup }));
  const words = { name: 'x', description: 'x' };
  return {
    list: () => plugins.map(({ id, kind, fields }) => ({ id, kind, fields, words: { en: words, th: words } })),
    all: () => [],
    find: ((_kind: string, id: string) => plugins.find((p) => p.id === id) ?? null) as Plugins['find'],
    failures: [],
  };
}

const made: Recognition[] = [];
afterAll(async () => {
  for (const one of made) await one.close();
});
const recognitionOf = (
  engines: Record<string, OcrEngine | (() => Promise<OcrEngine>)>,
  images = memoryImages(),
): { recognition: Recognition; images: ReturnType<typeof memoryImages> } => {
  const setups = Object.entries(engines).map(([id, engine]) => [
    id,
    typeof engine === 'function' ? engine : () => Promise.resolve(engine),
  ]);
  const plugins = pluginsOf(Object.fromEntries(setups));
  const recognition = createRecognition({ plugins, compute, images, log: quietLog });
  made.push(recognition);
  return { recognition, images };
};

/** A grey frame with one red rectangle where the plate is. */
const frame = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#777777' } })
    .composite([
      {
        input: { create: { width: width / 4, height: height / 8, channels: 3, background: '#ff0000' } },
        left: width / 2,
        top: height / 2,
      },
    ])
    .png({ compressionLevel: 1 })
    .toBuffer();

/** Finds the red rectangle by its pixels. */
const redFinder: OcrEngine = {
  locate({ data, width, height }) {
    let [left, top, right, bottom] = [width, height, 0, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if ((data[(y * width + x) * 3] ?? 0) < 200) continue;
        [left, top, right, bottom] = [
          Math.min(left, x),
          Math.min(top, y),
          Math.max(right, x + 1),
          Math.max(bottom, y + 1),
        ];
      }
    }
    const plate: Located = {
      box: [left, top, right - left, bottom - top],
      corners: [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
      ],
      confidence: 0.9,
    };
    return Promise.resolve([{ ...plate, confidence: 0.3 }, plate]);
  },
};
const reads = (text: string): OcrEngine => ({
  read: (): Promise<EngineRead> =>
    Promise.resolve({ text, confidence: 0.9, characters: [], province: null, alternatives: [] }),
});
const anyPlate = { minPlateHeight: 10, maxPlates: 8 };
const forEver = new AbortController().signal;
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => errorCode(error),
  );

test('a frame is located by one engine and read by another', async () => {
  const { recognition, images } = recognitionOf({ finder: redFinder, reader: reads('1กก 1234') });
  const picture = await images.put(await frame(400, 240), 'frame');
  const patches = await recognition.locate('f1', picture, { engine: 'finder', ...anyPlate }, forEver);
  expect(patches.map((p) => [p.plateIndex, p.confidence, p.locatedBy])).toEqual([
    [0, 0.9, 'finder'],
    [1, 0.3, 'finder'],
  ]);
  const [patch] = patches;
  expect(patch).toMatchObject({ box: [200, 120, 100, 30], image: { height: 96, width: 320 } });
  expect(images.stored.has(patch!.image.imageId)).toBe(true);

  const read = await recognition.read(patch!, { engine: 'reader', countries: [] }, forEver);
  expect(read).toMatchObject({ readId: patch!.readId, engine: 'reader', plateNumber: '1กก1234', countryCode: 'TH' });
  expect(read.quality?.plateHeight).toBe(30);
  expect(read.quality?.angle).toBe(0);
});

test('a frame larger than what is searched gives boxes in its own pixels', async () => {
  const { recognition, images } = recognitionOf({ finder: redFinder });
  const picture = await images.put(await frame(4800, 1600), 'frame');
  const [patch] = await recognition.locate('f1', picture, { engine: '', ...anyPlate }, forEver);
  [2400, 800, 1200, 200].forEach((wanted, i) => {
    expect(Math.abs(patch!.box![i]! - wanted)).toBeLessThanOrEqual(3);
  });
});

test('a frame without plates is an answer', async () => {
  const { recognition, images } = recognitionOf({ blind: { locate: () => Promise.resolve([]) } });
  const picture = await images.put(await frame(400, 240), 'frame');
  expect(await recognition.locate('f1', picture, { engine: '', ...anyPlate }, forEver)).toEqual([]);
});

test('the whole way for bytes, and with crop the picture is the plate', async () => {
  const both = { ...redFinder, ...reads('กข 99') };
  const { recognition } = recognitionOf({ both });
  const request = { engine: '', countries: [], ...anyPlate };
  const found = await recognition.recognise(await frame(400, 240), { ...request, crop: false }, forEver);
  expect(found.map((f) => [f.read.plateNumber, ...f.located.box])).toContainEqual(['กข99', 200, 120, 100, 30]);
  const crop = await recognition.recognise(await frame(400, 240), { ...request, crop: true }, forEver);
  expect(crop.map((f) => [f.read.plateNumber, ...f.located.box])).toEqual([['กข99', 0, 0, 400, 240]]);
});

describe('engines', () => {
  const unavailable = (): Promise<OcrEngine> =>
    Promise.reject(new LprError('engine_unavailable', 'The model file is missing: run the set-up again.'));

  test('are listed with what they can do and what is wrong', async () => {
    const { recognition } = recognitionOf({ finder: redFinder, reader: reads('x'), broken: unavailable });
    expect(await recognition.engines()).toEqual([
      { id: 'finder', isDefault: true, config: {}, locates: true, reads: false, problem: null },
      { id: 'reader', isDefault: false, config: {}, locates: false, reads: true, problem: null },
      {
        id: 'broken',
        isDefault: false,
        config: {},
        locates: false,
        reads: false,
        problem: { code: 'engine_unavailable', message: 'The model file is missing: run the set-up again.' },
      },
    ]);
  });

  test.each([
    ['nobody', 'engine_unknown'],
    ['reader', 'engine_cannot'],
    ['broken', 'engine_unavailable'],
    ['failing', 'engine_failed'],
  ])('%s → %s', async (engine, code) => {
    const failing: OcrEngine = { locate: () => Promise.reject(new TypeError('x is undefined')) };
    const { recognition, images } = recognitionOf({ reader: reads('x'), broken: unavailable, failing });
    const picture = await images.put(await frame(80, 80), 'frame');
    expect(await codeOf(recognition.locate('f', picture, { engine, ...anyPlate }, forEver))).toBe(code);
  });

  test('one that could not start is tried again', async () => {
    let tries = 0;
    const { recognition } = recognitionOf({
      slow: () => (++tries === 1 ? unavailable() : Promise.resolve(redFinder)),
    });
    expect((await recognition.engines())[0]?.problem).not.toBeNull();
    expect((await recognition.engines())[0]?.problem).toBeNull();
  });

  test('are closed once, and no work starts after that', async () => {
    let closed = 0;
    const { recognition, images } = recognitionOf({
      finder: {
        ...redFinder,
        close() {
          closed += 1;
          return Promise.resolve();
        },
      },
    });
    const picture = await images.put(await frame(80, 80), 'frame');
    await recognition.locate('f', picture, { engine: '', ...anyPlate }, forEver);
    await recognition.close();
    await recognition.close();
    expect(closed).toBe(1);
    expect(await codeOf(recognition.locate('f', picture, { engine: '', ...anyPlate }, forEver))).toBe('stopping');
  });

  test('learned is the default where it exists', async () => {
    const { recognition } = recognitionOf({ classical: reads('กข 1'), learned: reads('กข 2') });
    const request = { engine: '', countries: [], crop: true, ...anyPlate };
    const [only] = await recognition.recognise(await frame(80, 40), request, forEver);
    expect(only?.read).toMatchObject({ engine: 'learned', plateNumber: 'กข2' });
  });
});

test('an aborted signal ends with stopping; a missing picture with not_found; a bad one with its own code', async () => {
  const { recognition, images } = recognitionOf({ finder: redFinder });
  const picture = await images.put(await frame(80, 80), 'frame');
  const request = { engine: '', ...anyPlate };
  expect(await codeOf(recognition.locate('f', picture, request, AbortSignal.abort()))).toBe('stopping');
  expect(await codeOf(recognition.locate('f', { ...picture, imageId: 'gone' }, request, forEver))).toBe('not_found');
  const all = { ...request, countries: [], crop: false };
  expect(await codeOf(recognition.recognise(Buffer.from('no picture'), all, forEver))).toBe('image_not_a_picture');
});
