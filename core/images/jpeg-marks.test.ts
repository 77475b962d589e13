import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { jpegMarks } from './jpeg-marks.ts';

const jpeg = (options: { progressive?: boolean; orientation?: number } = {}): Promise<Buffer> => {
  const image = sharp({ create: { width: 321, height: 123, channels: 3, background: '#a63' } });
  const { progressive = false, orientation } = options;
  return (orientation === undefined ? image : image.withMetadata({ orientation })).jpeg({ progressive }).toBuffer();
};

test.each([[false], [true]])(
  'the size of a whole JPEG, progressive %s, padding behind it or not',
  async (progressive) => {
    const bytes = await jpeg({ progressive });
    expect(jpegMarks(bytes)).toEqual({ width: 321, height: 123 });
    expect(jpegMarks(Buffer.concat([bytes, Buffer.alloc(16)]))).toEqual({ width: 321, height: 123 });
  },
);

test('what is turned, broken off or no JPEG needs a closer look', async () => {
  const bytes = await jpeg();
  expect(jpegMarks(await jpeg({ orientation: 6 }))).toBeNull();
  for (const share of [0.1, 0.5, 0.9, 0.99]) expect(jpegMarks(bytes.subarray(0, bytes.length * share))).toBeNull();
  expect(jpegMarks(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBeNull();
  expect(jpegMarks(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toBeNull();
  expect(jpegMarks(Buffer.alloc(0))).toBeNull();
});

test('no change of a byte makes it fail', async () => {
  const bytes = await jpeg();
  for (let place = 0; place < Math.min(bytes.length, 700); place++) {
    for (const value of [0, 0xff, 0xda]) {
      const changed = Buffer.from(bytes);
      changed[place] = value;
      const marks = jpegMarks(changed);
      expect(marks === null || (marks.width > 0 && marks.height > 0)).toBe(true);
    }
  }
});
