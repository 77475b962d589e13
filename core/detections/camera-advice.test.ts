import { expect, test } from '@jest/globals';
import { adviceFor, LEAST_DETECTIONS, type CameraSight } from './camera-advice.ts';

const good: CameraSight = {
  detections: 50,
  plateHeight: 40,
  sharpness: 0.7,
  contrast: 0.6,
  glare: 0.01,
  angle: 4,
  unsure: 0.05,
};
const codes = (change: Partial<CameraSight>): string[] => adviceFor({ ...good, ...change }).map(({ code }) => code);

test('a camera that stands well gets no advice, nor does one that has hardly seen a plate', () => {
  expect(codes({})).toEqual([]);
  expect(codes({ plateHeight: 11, detections: LEAST_DETECTIONS - 1 })).toEqual([]);
  expect(adviceFor(null)).toEqual([]);
});

test.each([
  [{ plateHeight: 11 }, 'plates_small'],
  [{ sharpness: 0.1 }, 'plates_blurred'],
  [{ contrast: 0.1 }, 'plates_faint'],
  [{ glare: 0.4 }, 'plates_glaring'],
  [{ angle: 33 }, 'plates_tilted'],
  [{ unsure: 0.7 }, 'reads_unsure'],
])('%j → %s', (change, code) => {
  expect(codes(change)).toEqual([code]);
});

test('unsure reads are explained by their cause where one is known', () => {
  expect(codes({ unsure: 0.7, plateHeight: 11 })).toEqual(['plates_small']);
});
