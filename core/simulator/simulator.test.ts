import sharp from 'sharp';
import { describe, expect, test } from '@jest/globals';
import { parsePlate, provinceByCode } from '../plates/plates.ts';
import { letter } from './lettering.ts';
import { renderPlate, renderScene } from './simulator.ts';
import { apply, invert, squareTo } from './warp.ts';

const PLATE = {
  plateNumber: '1กก1234',
  series: '1กก',
  serial: '1234',
  issuingEntity: 'TH-10',
  countryCode: 'TH',
  plateType: 'RY1',
};

/** Pixels of a scene inside a quadrilateral, laid flat. */
async function flatten(
  bytes: Buffer,
  corners: Parameters<typeof squareTo>[0],
  width: number,
  height: number,
): Promise<number[]> {
  const { data, info } = await sharp(bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
  const map = squareTo(corners);
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = apply(map, [((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height]);
    return data[Math.round(y) * info.width + Math.round(x)] ?? 0;
  });
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const [da, db] = [value - ma, (b[i] ?? 0) - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}

describe('a scene', () => {
  test('is the same for the same seed, byte for byte, and another for another', async () => {
    const [a, b, c] = await Promise.all([
      renderScene({ seed: 10 }),
      renderScene({ seed: 10 }),
      renderScene({ seed: 12 }),
    ]);
    expect(a.bytes.equals(b.bytes)).toBe(true);
    expect(a.bytes.equals(c.bytes)).toBe(false);
  });

  test('a vehicle of the fleet has its plate in every scene', async () => {
    const [one, again, other] = await Promise.all([
      renderScene({ seed: 10, vehicle: 7 }),
      renderScene({ seed: 200, vehicle: 7 }),
      renderScene({ seed: 10, vehicle: 8 }),
    ]);
    expect(again.plates[0]?.plateNumber).toBe(one.plates[0]?.plateNumber);
    expect(again.bytes.equals(one.bytes)).toBe(false);
    expect(other.plates[0]?.plateNumber).not.toBe(one.plates[0]?.plateNumber);
  });

  test('two following seeds show one vehicle, the second time nearer', async () => {
    const [far, near] = await Promise.all([renderScene({ seed: 40 }), renderScene({ seed: 41 })]);
    expect(near.plates[0]?.plateNumber).toBe(far.plates[0]?.plateNumber);
    expect(near.plates[0]!.box[2]).toBeGreaterThan(far.plates[0]!.box[2]);
  });

  test('holds the plate exactly where its truth says', async () => {
    for (const seed of [0, 6, 22, 58]) {
      const scene = await renderScene({ seed, plate: PLATE, weather: false });
      const [truth] = scene.plates;
      const flat = await sharp(await renderPlate(PLATE, { width: 136, seed }))
        .greyscale()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { width, height } = flat.info;
      const seen = await flatten(scene.bytes, truth!.corners, width, height);
      const [x0, y0] = truth!.corners[0];
      const moved = truth!.corners.map(([x, y]) => [x + 25, y + 10]) as unknown as Parameters<typeof squareTo>[0];
      expect(x0).toBeGreaterThan(0);
      expect(y0).toBeGreaterThan(0);
      const there = correlation(seen, [...flat.data]);
      expect(there).toBeGreaterThan(0.6);
      expect(there).toBeGreaterThan(
        correlation(await flatten(scene.bytes, moved, width, height), [...flat.data]) + 0.2,
      );
    }
  });

  test('invents plates that the formats know, with a province where Thai', async () => {
    for (let seed = 0; seed < 40; seed += 2) {
      const [plate] = (await renderScene({ seed, width: 320, height: 180 })).plates;
      const fits = parsePlate(plate!.plateNumber).map((parsed) => parsed.countryCode);
      expect(fits).toContain(plate!.countryCode);
      if (plate!.countryCode === 'TH') expect(provinceByCode(plate!.issuingEntity)).not.toBeNull();
    }
  });
});

test('a homography and its inverse cancel', () => {
  const map = squareTo([
    [10, 20],
    [210, 30],
    [200, 120],
    [5, 100],
  ]);
  const [x, y] = apply(invert(map), apply(map, [0.3, 0.7]));
  expect(x).toBeCloseTo(0.3);
  expect(y).toBeCloseTo(0.7);
});

test('Thai marks take no room of their own', () => {
  expect(letter('sarabun', 'กี่', 100, '#000').width).toBeCloseTo(letter('sarabun', 'ก', 100, '#000').width, 0);
});
