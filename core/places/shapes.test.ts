import { describe, expect, test } from '@jest/globals';
import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { pointToLineDistance } from '@turf/point-to-line-distance';
import { metresBetween } from './distance.ts';
import { createFenceIndex } from './fence-index.ts';
import type { GeofenceShape, Position, Ring } from './geofences.ts';
import { checkShape, MOST_POINTS } from './shape-check.ts';
import { areaOf, boundsOf, contains, metresTo } from './shape-geometry.ts';

const square = (west: number, south: number, size: number): Ring => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];
const polygon = (...polygons: (readonly Ring[])[]): Extract<GeofenceShape, { kind: 'polygon' }> => ({
  kind: 'polygon',
  polygons,
});
const problemsOf = (shape: GeofenceShape): readonly string[] =>
  checkShape(shape, null).problems.map(({ field, problem }) => `${field} ${problem}`);

describe('what a shape covers', () => {
  test('a polygon but for its holes, each part of a multipolygon', () => {
    const shape = polygon([square(100, 13, 1), square(100.4, 13.4, 0.2)], [square(103, 13, 0.5)]);
    const inside = (position: Position): boolean => contains(shape, position);
    expect(
      [
        [100.1, 13.1],
        [100.5, 13.5],
        [103.2, 13.2],
        [102, 13.2],
      ].map((at) => inside(at as [number, number])),
    ).toEqual([...[true, false, true, false]]);
  });

  test('a circle in metres, on a sphere', () => {
    const centre: Position = [100.5, 13.7];
    const shape = { kind: 'circle', centre, radius: 1_000 } as const;
    const near: Position = [100.5, 13.7 + 0.00898];
    expect(metresBetween(centre, near)).toBeGreaterThan(998);
    expect(metresBetween(centre, near)).toBeLessThan(1_000);
    expect([contains(shape, near), contains(shape, [100.5, 13.7 + 0.0091])]).toEqual([true, false]);
    expect(boundsOf(shape)?.[3]).toBeCloseTo(13.709, 3);
  });

  test('a corridor: all within half of its width of the line', () => {
    const shape: GeofenceShape = {
      kind: 'corridor',
      line: [
        [100, 13],
        [100, 14],
        [101, 14],
      ],
      width: 400,
    };
    const off = 150 / 108_460;
    const cases: [Position, boolean][] = [
      [[100 + off, 13.5], true],
      [[100 + 2 * off, 13.5], false],
      [[100.5, 14.001], true],
      [[100.5, 14.003], false],
      [[100, 12.999], true],
    ];
    for (const [position, is] of cases) expect([position, contains(shape, position)]).toEqual([position, is]);
    expect(metresTo(shape, [100 + 2 * off, 13.5])).toBeCloseTo(100, -1);
  });

  test('areas agree with plane geometry where the earth is flat enough', () => {
    const side = 0.01;
    const metres = metresBetween([100, 13], [100, 13 + side]) * metresBetween([100, 13.005], [100 + side, 13.005]);
    expect(areaOf(polygon([square(100, 13, side)])) / metres).toBeCloseTo(1, 3);
    expect(areaOf(polygon([square(100, 13, side), square(100.002, 13.002, side / 2)])) / metres).toBeCloseTo(0.75, 3);
  });

  test('distances are great circles: Bangkok to Chiang Mai', () => {
    expect(metresBetween([100.4942, 13.7525], [98.9853, 18.7883]) / 1000).toBeCloseTo(582, -1);
  });
});

describe('what can be a geofence', () => {
  test('an open ring is closed, doubled points go', () => {
    const open: Ring = [
      [100, 13],
      [101, 13],
      [101, 13],
      [101, 14],
    ];
    expect(checkShape(polygon([open]), null)).toEqual({
      problems: [],
      shape: polygon([
        [
          [100, 13],
          [101, 13],
          [101, 14],
          [100, 13],
        ],
      ]),
    });
  });

  const bow: Ring = [
    [100, 13],
    [101, 14],
    [101, 13],
    [100, 14],
    [100, 13],
  ];
  const many = Array.from({ length: MOST_POINTS + 1 }, (_, i): Position => [100 + i / 1e6, 13 + (i % 2)]);
  test.each<[string, GeofenceShape, RegExp]>([
    [
      'a border that crosses itself',
      polygon([bow]),
      /crosses or touches its own border at longitude 100.50000, latitude 13.50000/,
    ],
    [
      'a hole that crosses the border',
      polygon([square(100, 13, 1), square(100.5, 13.5, 1)]),
      /crosses or touches its own border/,
    ],
    ['a hole elsewhere', polygon([square(100, 13, 1), square(104, 13, 1)]), /hole 1 outside of its ring/],
    [
      'two points',
      polygon([
        [
          [100, 13],
          [101, 13],
        ],
      ]),
      /fewer than 3 different points in its ring/,
    ],
    [
      'the same point three times',
      polygon([
        [
          [100, 13],
          [100, 13],
          [100, 13],
        ],
      ]),
      /fewer than 3 different points/,
    ],
    ['no polygon', polygon(), /has no polygon/],
    ['no ring', polygon([]), /has no outer ring/],
    [
      'points on one line',
      polygon([
        [
          [100, 13],
          [100, 14],
          [100, 15],
          [100, 13],
        ],
      ]),
      /crosses or touches|no area/,
    ],
    ['too small', polygon([square(100, 13, 0.000_005)]), /has no area/],
    [
      'latitude first',
      polygon([square(13, 100, 1).map(([x, y]): Position => [x, y])]),
      /latitude and longitude look swapped/,
    ],
    [
      'latitude first, circle',
      { kind: 'circle', centre: [13.7, 100.5], radius: 10 },
      /shape.centre has a place where latitude and longitude look swapped/,
    ],
    ['off the earth', { kind: 'circle', centre: [200, 95], radius: 10 }, /longitude must be -180 to 180/],
    ['no number', { kind: 'circle', centre: [Number.NaN, 13], radius: 10 }, /no pair of numbers/],
    ['no radius', { kind: 'circle', centre: [100, 13], radius: 0 }, /shape.radius must be 1 to 1,000,000 metres/],
    ['a radius round the earth', { kind: 'circle', centre: [100, 13], radius: 2e7 }, /shape.radius must be/],
    [
      'over the antimeridian',
      polygon([
        [
          [179, 0],
          [-179, 0],
          [-179, 1],
          [179, 1],
        ],
      ]),
      /crosses the antimeridian/,
    ],
    [
      'a circle over the antimeridian',
      { kind: 'circle', centre: [179.99, 0], radius: 50_000 },
      /crosses the antimeridian/,
    ],
    [
      'a line of one point',
      {
        kind: 'corridor',
        line: [
          [100, 13],
          [100, 13],
        ],
        width: 20,
      },
      /at least 2 different points/,
    ],
    [
      'a corridor without width',
      {
        kind: 'corridor',
        line: [
          [100, 13],
          [100, 14],
        ],
        width: -1,
      },
      /shape.width must be/,
    ],
    ['too many points', polygon([many]), /has 5,001 points, more than 5,000: simplify it/],
    [
      'no camera',
      { kind: 'cameras', cameraIds: [], zoneIds: [], checkpointIds: [] },
      /names no camera, zone or checkpoint/,
    ],
  ])('%s is refused by name', (_what, shape, problem) => {
    const { problems, shape: usable } = checkShape(shape, null);
    expect(problems.map((one) => `${one.field} ${one.problem}`).join('; ')).toMatch(problem);
    expect(usable).toBeNull();
  });

  test('swapped is told by where the site is, too', () => {
    const centre: Position = [50.11, 8.68];
    const shape: GeofenceShape = { kind: 'circle', centre, radius: 100 };
    expect(problemsOf(shape)).toEqual([]);
    const frankfurt = checkShape(shape, [8.5, 50, 8.8, 50.2]);
    expect(frankfurt.problems).toMatchObject([{ problem: expect.stringContaining('look swapped') as unknown }]);
  });

  test('everything that is wrong is told at once', () => {
    expect(problemsOf({ kind: 'circle', centre: [13.7, 100.5], radius: 0 })).toHaveLength(2);
    expect(
      problemsOf(
        polygon(
          [bow],
          [
            [
              [100, 13],
              [101, 13],
            ],
          ],
        ),
      ),
    ).toHaveLength(2);
  });
});

/** By the libraries alone, without the index and its short cuts. */
function covers(shape: GeofenceShape, [longitude, latitude]: Position): boolean {
  const point: [number, number] = [longitude, latitude];
  if (shape.kind === 'polygon') {
    return booleanPointInPolygon(point, { type: 'MultiPolygon', coordinates: shape.polygons as never });
  }
  if (shape.kind === 'circle') return metresBetween(shape.centre, point) <= shape.radius;
  if (shape.kind === 'cameras') return false;
  const line = { type: 'LineString', coordinates: shape.line as never } as const;
  return pointToLineDistance(point, line, { units: 'meters' }) <= shape.width / 2;
}

test('10,000 geofences: the index finds what looking at each finds', () => {
  let seed = 42;
  const random = (): number => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return seed / 4_294_967_296;
  };
  const place = (): Position => [97.5 + random() * 8, 6 + random() * 14];
  const fences = Array.from({ length: 10_000 }, (_, index) => {
    const at = place();
    const [longitude, latitude] = at;
    const reach = 0.01 + random() * 0.2;
    const shapes: GeofenceShape[] = [
      { kind: 'circle', centre: at, radius: 200 + random() * 20_000 },
      {
        kind: 'corridor',
        line: [at, [longitude + reach, latitude + reach / 2], [longitude + reach, latitude - reach]],
        width: 2_000,
      },
      polygon([square(longitude, latitude, reach), square(longitude + reach / 4, latitude + reach / 4, reach / 2)]),
    ];
    return { geofenceId: String(index), shape: shapes[index % 3] as GeofenceShape, marginMetres: 0 };
  });
  const index = createFenceIndex(fences, [], []);
  let found = 0;
  for (let i = 0; i < 12; i++) {
    const position = place();
    const expected = fences.flatMap(({ geofenceId, shape }) => (covers(shape, position) ? [geofenceId] : []));
    expect([...index.at(position)].sort()).toEqual(expected.sort());
    found += expected.length;
  }
  expect(found).toBeGreaterThan(10);
});
