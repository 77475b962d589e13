import { describe, expect, test } from '@jest/globals';
import type { Corners } from '../../core/plugins/define.ts';
import { drawPlane, obliqueness, planeOf, type Placing } from './upright.ts';

const SQUARE: Corners = [
  [10, 20],
  [110, 20],
  [110, 60],
  [10, 60],
];
/** Its right side is further away. */
const TURNED: Corners = [
  [10, 10],
  [90, 30],
  [90, 70],
  [10, 90],
];

describe('the plane of a plate', () => {
  test.each([SQUARE, TURNED])('goes through its corners', (...corners: Corners) => {
    const plane = planeOf(corners) as Placing;
    const seen = [plane(0, 0), plane(1, 0), plane(1, 1), plane(0, 1)].flat();
    for (const [at, value] of corners.flat().entries()) expect(seen[at]).toBeCloseTo(value, 9);
  });

  test('foreshortens: the middle of a turned plate lies nearer to its far side', () => {
    const [x, y] = (planeOf(TURNED) as Placing)(0.5, 0.5);
    // Where the diagonals cross.
    expect(x).toBeCloseTo(10 + 80 * (2 / 3), 9);
    expect(y).toBeCloseTo(50, 9);
  });

  test('is none where the corners lie on a line', () => {
    const flat: Corners = [
      [0, 0],
      [10, 0],
      [20, 0],
      [30, 0],
    ];
    expect(planeOf(flat)).toBeNull();
  });
});

test('a plate seen from its front is not oblique, one from the side is', () => {
  expect(obliqueness(SQUARE)).toBeCloseTo(0, 9);
  expect(obliqueness(TURNED)).toBeGreaterThan(0.5);
});

test('draws a turned plate as from its front, and repeats the border of the picture', () => {
  const [width, height] = [100, 100];
  const data = new Uint8Array(width * height * 3);
  const plane = planeOf(TURNED) as Placing;
  // The left half of the plate is painted, whatever its shape in the picture.
  for (let v = 0; v < 1; v += 0.001) {
    for (let u = 0; u < 0.5; u += 0.001) {
      const [x, y] = plane(u, v);
      data[(Math.floor(y) * width + Math.floor(x)) * 3] = 255;
    }
  }
  const upright = new Uint8Array(40 * 10 * 3);
  drawPlane({ data, width, height }, (x, y) => plane(x / 40, y / 10), upright, 40, 10);
  const red = (column: number, row: number): number => upright[(row * 40 + column) * 3] as number;
  for (const row of [0, 5, 9]) {
    expect([red(2, row), red(18, row), red(22, row), red(37, row)]).toEqual([255, 255, 0, 0]);
  }
  drawPlane({ data: new Uint8Array(3).fill(9), width: 1, height: 1 }, (x, y) => [x - 5, y + 5], upright, 2, 2);
  expect([...upright.slice(0, 12)]).toEqual(Array.from({ length: 12 }, () => 9));
});
