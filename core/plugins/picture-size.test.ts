import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { pictureSize } from './picture-size.ts';

const drawn = sharp({ create: { width: 321, height: 123, channels: 3, background: 'navy' } });

test.each([
  ['JPEG', () => drawn.clone().jpeg().toBuffer()],
  ['progressive JPEG', () => drawn.clone().jpeg({ progressive: true }).toBuffer()],
  ['JPEG with EXIF and a profile', () => drawn.clone().withMetadata({ density: 300 }).jpeg().toBuffer()],
  ['PNG', () => drawn.clone().png().toBuffer()],
])('the size of a %s', async (_name, draw) => {
  expect(pictureSize(await draw())).toEqual({ width: 321, height: 123 });
});

test('a part of a larger buffer is read in its own bounds', async () => {
  const jpeg = await drawn.clone().jpeg().toBuffer();
  const whole = Buffer.concat([Buffer.from('before'), jpeg, Buffer.from('after')]);
  expect(pictureSize(whole.subarray(6, 6 + jpeg.length))).toEqual({ width: 321, height: 123 });
});

test('what is cut off or no picture has none', async () => {
  const jpeg = await drawn.clone().jpeg().toBuffer();
  for (let length = 0; length < 40; length++) expect(pictureSize(jpeg.subarray(0, length))).toBeNull();
  expect(pictureSize(Buffer.from('<script>alert(1)</script>'))).toBeNull();
  expect(pictureSize(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'))).toBeNull();
  expect(pictureSize(Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(100, 0xff)]))).toBeNull();
});
