import { describe, expect, test } from '@jest/globals';
import type { Box } from '../message.ts';
import { createCameraMotion } from './place.ts';

/** As a camera above the road sees a plate: in this lane, so many metres away. */
const seen = (lane: number, metres: number): Box => {
  const width = 1000 / metres;
  return [960 + lane * 6 * width - width / 2, 1000 - 15_000 * (1 / 10 - 1 / metres), width, 0.44 * width];
};

describe('before a camera that looks along the road', () => {
  const motion = createCameraMotion();
  for (let vehicle = 0; vehicle < 20; vehicle++) motion.learn(seen((vehicle % 3) - 1, 26), seen((vehicle % 3) - 1, 15));

  test('a vehicle stays in its lane, however far it comes', () => {
    for (const lane of [-1, 0, 1]) expect(motion.fits(seen(lane, 27), seen(lane, 10.5))).toBeGreaterThan(0.7);
  });
  test('another lane is another vehicle', () => {
    expect(motion.fits(seen(-1, 26), seen(0, 14))).toBeLessThan(0.3);
    expect(motion.fits(seen(1, 26), seen(-1, 14))).toBeLessThan(0.3);
  });
  test('who is further away than before has come after', () => {
    expect(motion.fits(seen(0, 12), seen(0, 26))).toBeLessThan(0.3);
  });
});

test('before a camera beside the road vehicles keep their height in the picture', () => {
  const motion = createCameraMotion();
  for (let vehicle = 0; vehicle < 20; vehicle++) motion.learn([100, 500, 90, 40], [600 + vehicle * 5, 505, 90, 40]);
  expect(motion.fits([100, 500, 90, 40], [500, 503, 90, 40])).toBeGreaterThan(0.5);
  expect(motion.fits([100, 500, 90, 40], [500, 700, 90, 40])).toBeLessThan(0.3);
  expect(motion.fits([500, 500, 90, 40], [100, 500, 90, 40])).toBeLessThan(0.3);
});

test('before anything is known, near is near', () => {
  const motion = createCameraMotion();
  expect(motion.fits([100, 500, 90, 40], [130, 510, 92, 41])).toBeGreaterThan(0.7);
  expect(motion.fits([100, 500, 90, 40], [700, 900, 90, 40])).toBe(0);
});
