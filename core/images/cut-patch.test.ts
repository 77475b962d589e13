import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createImageRecords } from '../db/stores/image-store.ts';
import { renderScene } from '../simulator/simulator.ts';
import { createImageStore } from './create-image-store.ts';
import { cropOf } from './cut-patch.ts';
import type { ImageStore } from './images.ts';

let database: TestDatabase;
let dir: string;
let images: ImageStore;

beforeAll(async () => {
  database = await openTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'lpr-cut-'));
  images = createImageStore({ dir, records: createImageRecords(database) });
}, 60_000);

afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true, force: true });
});

test('the box gets a margin and ends at the edge of the picture', () => {
  const picture = { width: 1000, height: 500 };
  expect(cropOf([100, 100, 200, 50], picture)).toEqual([94, 94, 212, 62]);
  expect(cropOf([-20, 480, 100, 60], picture)).toEqual([0, 472, 88, 28]);
  expect(cropOf([999.5, 499.5, 30, 30], picture)).toEqual([995, 495, 5, 5]);
});

test('a patch shows what the frame shows at the box, and the frame stays as it came', async () => {
  const scene = await renderScene({ seed: 3, width: 960, height: 540 });
  const frame = await images.put(scene.bytes, 'frame');
  const [plate] = scene.plates;
  if (plate === undefined) throw new Error('the scene has no plate');
  const patch = await images.cut(frame.imageId, plate.box);
  const [left, top, width, height] = cropOf(plate.box, frame);
  expect([patch.width, patch.height, patch.mediaType]).toEqual([width, height, 'image/jpeg']);
  const wanted = await sharp(scene.bytes).extract({ left, top, width, height }).raw().toBuffer();
  const { data } = await images.pixels(await images.read(patch.imageId));
  const off = wanted.reduce((sum, value, i) => sum + Math.abs(value - (data[i] ?? 0)), 0) / wanted.length;
  expect(off).toBeLessThan(3);
  expect(await images.cut(frame.imageId, plate.box)).toEqual(patch);
  expect(Buffer.compare(await images.read(frame.imageId), Buffer.from(scene.bytes))).toBe(0);
});

test('boxes count in the upright picture', async () => {
  // Orientation 6: the left half of the stored pixels is the upper half of what a person sees.
  const bytes = await sharp({ create: { width: 80, height: 40, channels: 3, background: '#0000ff' } })
    .composite([{ input: { create: { width: 40, height: 40, channels: 3, background: '#ff0000' } }, left: 0, top: 0 }])
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const frame = await images.put(bytes, 'frame');
  const patch = await images.cut(frame.imageId, [10, 50, 20, 20]);
  const { data } = await images.pixels(await images.read(patch.imageId));
  expect([data[0], data[2]].map((value) => (value ?? 0) > 128)).toEqual([false, true]);
});

test('what cannot be cut is refused with its reason', async () => {
  const frame = await images.put(
    await sharp({ create: { width: 80, height: 40, channels: 3, background: '#888' } })
      .png()
      .toBuffer(),
    'frame',
  );
  const code = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'no error',
      (error: unknown) => (error as { code?: unknown }).code,
    );
  expect(await code(images.cut('0'.repeat(64), [0, 0, 10, 10]))).toBe('not_found');
  for (const box of [
    [80, 0, 10, 10],
    [0, -10, 10, 10],
    [5, 5, 0, 10],
    [5, 5, NaN, 10],
  ] as const) {
    expect(await code(images.cut(frame.imageId, box))).toBe('invalid_input');
  }
});
