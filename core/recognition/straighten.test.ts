import { describe, expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import type { Corners, Point } from '../message.ts';
import type { Pixels } from '../plugins/define.ts';
import { measureQuality } from './quality.ts';
import { boxAround, cutOut, homographyOnto, patchSize, plateSize, project, straighten } from './straighten.ts';

/** Strokes like those of a plate's number line on a light sheet; drawn as shapes, so that no font is needed. */
const strokes = (ink = '#101010', sheet = '#e6e6e6'): string =>
  `<rect width="340" height="150" fill="${sheet}"/>` +
  [30, 80, 130, 190, 240, 290]
    .map(
      (x, i) =>
        `<path d="M${x} 25 v70 M${x} ${25 + 14 * i} h24 M${x + 24} 95 v-40" stroke="${ink}" stroke-width="9" fill="none"/>`,
    )
    .join('') +
  `<path d="M70 125 h200" stroke="${ink}" stroke-width="6"/>`;
const svg = (inner: string, width: number, height: number): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 340 150" preserveAspectRatio="none">${inner}</svg>`,
  );
async function pixels(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
const plate = (height = 150, ink?: string, sheet?: string): Sharp =>
  sharp(svg(strokes(ink, sheet), Math.round((height * 340) / 150), height));

const meanDifference = (a: Pixels, b: Pixels): number =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - (b.data[i] ?? 0)), 0) / a.data.length;

describe('the homography', () => {
  const quads: Corners[] = Array.from({ length: 50 }, (_, k) => {
    const wobble = (n: number): number => ((Math.sin(k * 12.9898 + n * 78.233) * 43758.5453) % 1) * 25;
    return [
      [100 + wobble(1), 80 + wobble(2)],
      [300 + wobble(3), 90 + wobble(4)],
      [310 + wobble(5), 180 + wobble(6)],
      [95 + wobble(7), 170 + wobble(8)],
    ];
  });

  test.each(quads.map((q, i) => [i, q] as const))('maps corners and the crossing of the diagonals (%i)', (_i, quad) => {
    const map = homographyOnto(quad, 340, 150);
    const ends: Point[] = [
      [0, 0],
      [340, 0],
      [340, 150],
      [0, 150],
    ];
    ends.forEach((end, k) => {
      const [x, y] = project(map!, end);
      expect(Math.hypot(x - quad[k]![0], y - quad[k]![1])).toBeLessThan(1e-6);
    });
    const [cx, cy] = project(map!, [170, 75]);
    for (const [a, b] of [
      [quad[0], quad[2]],
      [quad[1], quad[3]],
    ] as const) {
      const offLine = (b[0] - a[0]) * (cy - a[1]) - (b[1] - a[1]) * (cx - a[0]);
      expect(Math.abs(offLine) / Math.hypot(b[0] - a[0], b[1] - a[1])).toBeLessThan(1e-6);
    }
  });

  test('is refused for corners in one line', () => {
    expect(
      homographyOnto(
        [
          [0, 0],
          [5, 5],
          [9, 9],
          [3, 3],
        ],
        10,
        10,
      ),
    ).toBeNull();
  });
});

describe('straightening', () => {
  test('gives back a plate that was drawn turned and sheared', async () => {
    const original = await pixels(plate());
    const scene = await pixels(
      sharp({ create: { width: 640, height: 400, channels: 3, background: '#335577' } }).composite([
        {
          input: Buffer.from(
            `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="400"><g transform="matrix(0.97 0.2 -0.15 0.9 120 90)">${strokes()}</g></svg>`,
          ),
        },
      ]),
    );
    const onScene = ([x, y]: Point): Point => [0.97 * x - 0.15 * y + 120, 0.2 * x + 0.9 * y + 90];
    const corners: Corners = [onScene([0, 0]), onScene([340, 0]), onScene([340, 150]), onScene([0, 150])];
    const patch = straighten(scene, corners, 340, 150);
    expect(meanDifference(patch, original)).toBeLessThan(4);
    expect(plateSize(corners).angle).toBeCloseTo(11.65, 1);
    expect(boxAround(corners)).toEqual([97, 90, 353, 203]);
  });

  test('the whole picture with its own corners is the picture', async () => {
    const original = await pixels(plate());
    const all: Corners = [
      [0, 0],
      [340, 0],
      [340, 150],
      [0, 150],
    ];
    expect(meanDifference(straighten(original, all, 340, 150), original)).toBe(0);
  });

  test('shrinking averages instead of dropping lines', () => {
    // One bright row in four: dropping rows would give black or white stripes.
    const data = new Uint8Array(400 * 400 * 3).map((_, i) => (Math.floor(i / 1200) % 4 === 0 ? 255 : 0));
    const all: Corners = [
      [0, 0],
      [400, 0],
      [400, 400],
      [0, 400],
    ];
    const small = straighten({ data, width: 400, height: 400 }, all, 100, 100);
    const inner = [...small.data.subarray(30 * 300, 70 * 300)];
    expect(Math.max(...inner) - Math.min(...inner)).toBeLessThan(80);
  });

  test('corners outside the frame repeat its border', async () => {
    const patch = straighten(
      await pixels(plate()),
      [
        [-40, -20],
        [380, -20],
        [380, 170],
        [-40, 170],
      ],
      300,
      140,
    );
    expect(patch.data[0]).toBe(0xe6);
  });

  test('small plates are enlarged, tall ones shrunk, proportions kept', () => {
    const sized = (w: number, h: number): { width: number; height: number } =>
      patchSize([
        [0, 0],
        [w, 0],
        [w, h],
        [0, h],
      ]);
    expect(sized(68, 30)).toEqual({ width: 218, height: 96 });
    expect(sized(34, 15)).toEqual({ width: 136, height: 60 });
    expect(sized(1360, 600)).toEqual({ width: 580, height: 256 });
  });

  test('a cut-out is clipped to the picture', async () => {
    const cut = cutOut(await pixels(plate()), [300, 100, 100, 100]);
    expect([cut.left, cut.top, cut.width, cut.height, cut.data.length]).toEqual([300, 100, 40, 50, 40 * 50 * 3]);
  });
});

describe('quality', () => {
  test('sharpness falls with every step of blur, whatever the contrast', async () => {
    for (const [ink, sheet] of [
      ['#101010', '#e6e6e6'],
      ['#606060', '#909090'],
    ] as const) {
      const measured: number[] = [];
      for (const sigma of [0, 1, 2, 4, 8, 14]) {
        const image =
          sigma === 0 ? plate(150, ink, sheet) : sharp(await plate(150, ink, sheet).png().toBuffer()).blur(sigma);
        measured.push(measureQuality(await pixels(image), 100, 0).sharpness);
      }
      expect(measured).toEqual([...measured].sort((a, b) => b - a));
      expect(measured[0]).toBeGreaterThan(0.8);
      expect(measured[5]).toBeLessThan(0.1);
    }
  });

  test('contrast is the difference of ink and sheet', async () => {
    expect(measureQuality(await pixels(plate(150, '#000000', '#ffffff')), 100, 0).contrast).toBeGreaterThan(0.9);
    expect(measureQuality(await pixels(plate(150, '#707070', '#8f8f8f')), 100, 0).contrast).toBeCloseTo(31 / 255, 1);
  });

  test('an even patch has no sharpness and no score, and nothing is NaN', () => {
    const even = measureQuality({ data: new Uint8Array(40 * 20 * 3).fill(90), width: 40, height: 20 }, 20, 0);
    expect(even).toMatchObject({ sharpness: 0, contrast: 0, glare: 0, score: 0 });
  });

  test('a white sheet that just clips is no glare, a lamp that eats strokes is', async () => {
    const clipped = await pixels(plate(150, '#000000', '#ffffff'));
    expect(measureQuality(clipped, 100, 0).glare).toBeLessThan(0.05);
    const lamp = svg(strokes('#000', '#fff') + '<ellipse cx="200" cy="75" rx="130" ry="75" fill="#fff"/>', 340, 150);
    expect(measureQuality(await pixels(sharp(lamp)), 100, 0).glare).toBeGreaterThan(0.3);
  });

  test('the score falls with height, blur and angle', async () => {
    const good = await pixels(plate());
    const at = (height: number, angle: number): number => measureQuality(good, height, angle).score;
    expect(at(60, 0)).toBeGreaterThan(0.95);
    expect(at(12, 0)).toBeLessThan(0.5 * at(60, 0));
    expect(at(60, 40)).toBeLessThan(0.7 * at(60, 0));
  });
});
