/** On streets drawn by the simulator, with the grain of a sensor, changing light, a running clock and JPEG in between. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { createRandom, type Random } from '../simulator/random.ts';
import { drawRoad, drawVehicle, LIGHTS, type Body, type Light } from '../simulator/scene-drawing.ts';
import { createMotionGate, type MotionGate } from './motion-gate.ts';

const WIDTH = 640;
const HEIGHT = 360;
const EVERY_MS = 200;

interface Street {
  readonly light: Light;
  /** The same road each time. */
  readonly seed: number;
}
interface Moment {
  readonly vehicle?: { readonly body: Body; readonly x: number; readonly ground: number; readonly width: number };
  /** Multiplies all pixels. */
  readonly exposure?: number;
  readonly clock?: string;
  readonly cloud?: number;
}

/** Grain of both signs in three sheets of noise, made once. */
let grain: Int8Array;
beforeAll(() => {
  const random = createRandom(99);
  grain = Int8Array.from({ length: 1 << 20 }, () =>
    Math.round((random.next() + random.next() + random.next() - 1.5) * 16),
  );
});

async function drawing({ light, seed }: Street, moment: Moment, paint: number): Promise<Buffer> {
  const size = { width: WIDTH, height: HEIGHT };
  const road = drawRoad(size, light, createRandom(seed), false);
  const vehicle =
    moment.vehicle === undefined
      ? ''
      : drawVehicle(moment.vehicle.body, moment.vehicle, light, createRandom(paint)).svg;
  const clock =
    moment.clock === undefined
      ? ''
      : `<text x="20" y="26" font-size="18" font-family="monospace" fill="#fff">${moment.clock}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${road}${vehicle}${clock}</svg>`;
  return sharp(Buffer.from(svg)).flatten().removeAlpha().raw().toBuffer();
}

async function photograph(pixels: Buffer, random: Random, exposure = 1): Promise<Buffer> {
  const data = new Uint8ClampedArray(pixels.length);
  const from = random.whole(0, grain.length - 1);
  const mask = grain.length - 1;
  for (let i = 0; i < data.length; i++) data[i] = (pixels[i] ?? 0) * exposure + (grain[(i + from) & mask] ?? 0);
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

describe.each(LIGHTS.map((light, i) => [`${light.name} ${i}`, light] as const))('%s', (_name, light) => {
  const street: Street = { light, seed: 5 };
  const random = createRandom(7);
  let empty: Buffer;
  let gate: MotionGate;
  let at = 0;
  const look = async (pixels: Buffer, exposure = 1): Promise<boolean> => {
    at += EVERY_MS;
    return gate.moves(await photograph(pixels, random, exposure), at);
  };
  beforeAll(async () => {
    empty = await drawing(street, {}, 0);
  });

  test('an empty street is still: grain, clouds that pass, a lamp that dims', async () => {
    gate = createMotionGate('high');
    const seen: boolean[] = [];
    for (let i = 0; i < 40; i++) seen.push(await look(empty, 1 + 0.18 * Math.sin(i / 9)));
    expect(seen[0]).toBe(true);
    expect(seen.slice(1).filter(Boolean)).toHaveLength(0);
  });

  test('every kind of vehicle is seen, near and far, on each of its pictures', async () => {
    gate = createMotionGate('high');
    const bodies: readonly Body[] = ['sedan', 'pickup', 'van', 'truck'];
    for (let paint = 0; paint < 8; paint++) {
      for (let i = 0; i < 4; i++) await look(empty);
      const body = bodies[paint % bodies.length] ?? 'sedan';
      for (const [width, ground] of [
        [0.07, 0.45],
        [0.14, 0.55],
        [0.3, 0.8],
      ] as const) {
        const vehicle = { body, x: WIDTH * 0.45, ground: HEIGHT * ground, width: WIDTH * width };
        expect([paint, width, await look(await drawing(street, { vehicle }, paint))]).toEqual([paint, width, true]);
      }
    }
  });
});

describe('over time', () => {
  const street: Street = { light: LIGHTS[0], seed: 11 };
  const random = createRandom(3);

  test('the running clock that a camera writes into the picture is learned', async () => {
    const gate = createMotionGate('high');
    let late = 0;
    for (let second = 0; second < 180; second++) {
      const clock = `2026-11-26 08:${String(10 + Math.floor(second / 60))}:${String(second % 60).padStart(2, '0')}`;
      const moved = await gate.moves(await photograph(await drawing(street, { clock }, 0), random), second * 1_000);
      if (moved && second >= 90) late++;
    }
    expect(late).toBe(0);
  });

  test('a vehicle that parks becomes part of the street, and its leaving is seen', async () => {
    const gate = createMotionGate('high');
    const vehicle = { body: 'sedan', x: 330, ground: 290, width: 200 } as const;
    const empty = await drawing(street, {}, 1);
    const parked = await drawing(street, { vehicle }, 1);
    let at = 0;
    const run = async (pixels: Buffer, seconds: number): Promise<boolean[]> => {
      const seen: boolean[] = [];
      for (let i = 0; i < seconds; i++) seen.push(await gate.moves(await photograph(pixels, random), (at += 1_000)));
      return seen;
    };
    await run(empty, 5);
    const standing = await run(parked, 120);
    expect(standing.slice(0, 10).every(Boolean)).toBe(true);
    expect(standing.slice(-40).some(Boolean)).toBe(false);
    expect((await run(empty, 3))[0]).toBe(true);
  });

  test('traffic without a gap does not make itself invisible', async () => {
    const gate = createMotionGate('high');
    let missed = 0;
    for (let i = 0; i < 150; i++) {
      const vehicle = { body: 'sedan', x: 220 + ((i * 65) % 200), ground: 290, width: 190 } as const;
      const pixels = await drawing(street, { vehicle }, Math.floor(i / 5));
      if (!(await gate.moves(await photograph(pixels, random), i * 400))) missed++;
    }
    expect(missed).toBeLessThanOrEqual(2);
  });

  test('low passes over what is small', async () => {
    const empty = await drawing(street, {}, 1);
    const small = await drawing(street, { vehicle: { body: 'sedan', x: 290, ground: 160, width: 30 } }, 1);
    const large = await drawing(street, { vehicle: { body: 'sedan', x: 290, ground: 290, width: 200 } }, 1);
    const seen: Record<string, boolean[]> = { high: [], low: [] };
    for (const sensitivity of ['high', 'low'] as const) {
      const gate = createMotionGate(sensitivity);
      let at = 0;
      for (const pixels of [empty, empty, small, empty, large])
        seen[sensitivity]?.push(await gate.moves(await photograph(pixels, random), (at += 500)));
    }
    expect(seen).toEqual({ high: [true, false, true, false, true], low: [true, false, false, false, true] });
  });

  test('what is no picture passes, so that ingest can say so', async () => {
    const gate = createMotionGate('high');
    expect(await gate.moves(Buffer.from('no picture'), 0)).toBe(true);
  });
});
