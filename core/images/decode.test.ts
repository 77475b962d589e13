import { describe, expect, test } from '@jest/globals';
import { deflateSync, crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { errorCode } from '../errors.ts';
import { decodePixels, inspectImage } from './decode.ts';

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => errorCode(error),
  );

/** Left half red, right half blue. */
const halves = (width = 80, height = 40): Sharp =>
  sharp({ create: { width, height, channels: 3, background: '#0000ff' } }).composite([
    { input: { create: { width: width / 2, height, channels: 3, background: '#ff0000' } }, left: 0, top: 0 },
  ]);

const at = (image: { data: Uint8Array; width: number }, x: number, y: number): number[] => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

/** Noise does not compress, so that cutting the file off cuts pixels off. */
const noise = (width: number, height: number): Sharp => {
  let state = 7;
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    data[i] = state >>> 16;
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
};

/** A PNG whose header promises any size. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, body: Buffer): Buffer => {
    const head = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const frame = Buffer.alloc(head.length + 8);
    frame.writeUInt32BE(body.length, 0);
    head.copy(frame, 4);
    frame.writeUInt32BE(crc32(head), head.length + 4);
    return frame;
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('what is no usable picture is refused with its own code', () => {
  const cases: readonly [name: string, code: string, make: () => Promise<Uint8Array> | Uint8Array][] = [
    ['0 bytes', 'image_empty', () => new Uint8Array(0)],
    ['a text file named .jpg', 'image_not_a_picture', () => Buffer.from('registration list\n1กก 1234\n')],
    [
      'an SVG drawing',
      'image_not_a_picture',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ],
    ['200 megapixels', 'image_too_many_pixels', () => hugePng(20_000, 10_000)],
    ['50 MB', 'image_too_large', () => new Uint8Array(50 * 1024 * 1024)],
    [
      'a JPEG that breaks off',
      'image_truncated',
      async () => (await noise(200, 200).jpeg().toBuffer()).subarray(0, 12_000),
    ],
    ['a JPEG cut in its header', 'image_truncated', async () => (await halves().jpeg().toBuffer()).subarray(0, 100)],
    [
      'a PNG that breaks off',
      'image_truncated',
      async () => (await noise(200, 200).png().toBuffer()).subarray(0, 60_000),
    ],
    [
      'a WebP that breaks off',
      'image_truncated',
      async () => (await noise(200, 200).webp().toBuffer()).subarray(0, 9000),
    ],
  ];
  test.each(cases)('%s → %s', async (_name, code, make) => {
    const bytes = await make();
    expect(await codeOf(inspectImage(bytes))).toBe(code);
    expect(await codeOf(decodePixels(bytes))).toBe(code);
  });
});

describe('every kind of picture comes out as 8-bit sRGB RGB', () => {
  const red = [255, 0, 0];
  const blue = [0, 0, 255];
  const near = (a: number[], b: number[], by: number): boolean => a.every((v, i) => Math.abs(v - (b[i] ?? NaN)) <= by);

  const colour: readonly [name: string, mediaType: string, tolerance: number, make: () => Promise<Buffer>][] = [
    ['JPEG', 'image/jpeg', 3, () => halves().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()],
    ['PNG with a palette', 'image/png', 0, () => halves().png({ palette: true }).toBuffer()],
    ['16-bit PNG', 'image/png', 1, () => halves().toColourspace('rgb16').png().toBuffer()],
    ['WebP', 'image/webp', 1, () => halves().webp({ lossless: true }).toBuffer()],
    ['TIFF', 'image/tiff', 0, () => halves().tiff({ compression: 'lzw' }).toBuffer()],
    [
      'CMYK JPEG (pure red and blue lie outside its inks)',
      'image/jpeg',
      130,
      () => halves().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    ],
    ['AVIF', 'image/avif', 12, () => halves().avif({ quality: 90 }).toBuffer()],
  ];
  test.each(colour)('%s', async (_name, mediaType, tolerance, make) => {
    const bytes = await make();
    expect(await inspectImage(bytes)).toEqual({ width: 80, height: 40, mediaType });
    const image = await decodePixels(bytes);
    expect(image.data.length).toBe(80 * 40 * 3);
    expect(near(at(image, 10, 20), red, tolerance)).toBe(true);
    expect(near(at(image, 70, 20), blue, tolerance)).toBe(true);
  });

  test('grey, and 16-bit grey', async () => {
    for (const space of ['b-w', 'grey16']) {
      const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } })
        .toColourspace(space)
        .png()
        .toBuffer();
      expect(near(at(await decodePixels(bytes), 4, 4), [128, 128, 128], 1)).toBe(true);
    }
  });

  test('transparency lies on white', async () => {
    const bytes = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(at(await decodePixels(bytes), 4, 4)).toEqual([255, 255, 255]);
  });

  test('of an animation the first frame', async () => {
    const frames = Buffer.concat([Buffer.alloc(16 * 16 * 3, 0), Buffer.alloc(16 * 16 * 3, 255)]);
    const bytes = await sharp(frames, { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } })
      .gif()
      .toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(await inspectImage(bytes)).toMatchObject({ width: 16, height: 16 });
    const image = await decodePixels(bytes);
    expect([image.width, image.height, ...at(image, 8, 8)]).toEqual([16, 16, 0, 0, 0]);
  });

  test('EXIF-rotated pictures stand upright, and crop and maxSide count in upright pixels', async () => {
    // Orientation 6: the stored picture is turned 90 degrees clockwise for showing, so its left half comes to the top.
    const bytes = await halves()
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
    expect(await inspectImage(bytes)).toMatchObject({ width: 40, height: 80 });
    const whole = await decodePixels(bytes);
    expect([whole.width, whole.height]).toEqual([40, 80]);
    expect(near(at(whole, 20, 10), red, 4) && near(at(whole, 20, 70), blue, 4)).toBe(true);
    const below = await decodePixels(bytes, { crop: [4, 50, 30, 20], maxSide: 15 });
    expect([below.width, below.height, below.fullWidth, below.fullHeight]).toEqual([15, 10, 40, 80]);
    expect(near(at(below, 7, 5), blue, 6)).toBe(true);
  });
});

test('a crop outside the picture is refused', async () => {
  const bytes = await halves().png().toBuffer();
  expect(await codeOf(decodePixels(bytes, { crop: [70, 0, 20, 10] }))).toBe('invalid_input');
});

test('maxSide never enlarges', async () => {
  const image = await decodePixels(await halves().png().toBuffer(), { maxSide: 500 });
  expect([image.width, image.height]).toEqual([80, 40]);
});
