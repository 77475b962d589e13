/** What a geofence's shape covers: bounds, area, whether a position lies in it and how far it is from it. */
import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import { pointToLineDistance } from '@turf/point-to-line-distance';
import { metresBetween, METRES_PER_DEGREE } from './distance.ts';
import type { Bounds, GeofenceShape, Position, Ring } from './geofences.ts';

export type AreaShape = Exclude<GeofenceShape, { readonly kind: 'cameras' }>;
type Pair = [number, number];

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const EARTH_RADIUS = METRES_PER_DEGREE * (180 / Math.PI);

const pair = ([longitude, latitude]: Position): Pair => [longitude, latitude];
/** GeoJSON's own libraries take arrays that may be written to. */
const coordinatesOf = (rings: readonly Ring[]): Pair[][] => rings as unknown as Pair[][];
const lineOf = (line: readonly Position[]): Pair[] => line as unknown as Pair[];

const around = (positions: readonly Position[]): Bounds => {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [longitude, latitude] of positions) {
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  return [west, south, east, north];
};

/** Grown by so many metres to each side; generously, as the box is only the first sieve. */
export function grown([west, south, east, north]: Bounds, metres: number): Bounds {
  if (metres <= 0) return [west, south, east, north];
  const up = (metres * 1.001) / METRES_PER_DEGREE;
  const furthest = Math.min(89.9, Math.max(Math.abs(south - up), Math.abs(north + up)));
  const aside = up / Math.cos(radians(furthest));
  return [west - aside, south - up, east + aside, north + up];
}

export const union = (boxes: readonly Bounds[]): Bounds | null =>
  boxes.length === 0
    ? null
    : around(
        boxes.flatMap(([w, s, e, n]): Position[] => [
          [w, s],
          [e, n],
        ]),
      );

export const overlaps = (a: Bounds, b: Bounds): boolean => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

/** One piece of a shape: what the index holds a box of. */
export interface Piece {
  readonly bounds: Bounds;
  /** Whether it covers the position; it lies in `bounds`. */
  covers(position: Position): boolean;
  /** Metres to its border from outside; 0 inside. */
  metresTo(position: Position): number;
}

const toLine = (position: Position, line: readonly Position[]): number =>
  pointToLineDistance(pair(position), { type: 'LineString', coordinates: lineOf(line) }, { units: 'meters' });

function polygonPiece(rings: readonly Ring[]): Piece {
  const bounds = around(rings[0] ?? []);
  const polygon = {
    type: 'Polygon' as const,
    coordinates: coordinatesOf(rings),
    bbox: [...bounds] as [number, number, number, number],
  };
  const covers = (position: Position): boolean => booleanPointInPolygon(pair(position), polygon);
  return {
    bounds,
    covers,
    metresTo: (position) => (covers(position) ? 0 : Math.min(...rings.map((ring) => toLine(position, ring)))),
  };
}

function circlePiece(centre: Position, radius: number): Piece {
  return {
    bounds: grown(around([centre]), radius),
    covers: (position) => metresBetween(centre, position) <= radius,
    metresTo: (position) => Math.max(0, metresBetween(centre, position) - radius),
  };
}

/** Up to so many metres a stretch of road may be taken for flat, to within a hundredth of any distance beside it. */
const FLAT = 20_000;
const UNSURE = 0.02;

/**
 * Metres from a position to a stretch, on the plane that touches the earth beside it: the exact distance costs thirty times as much,
 * and is needed only near the border.
 */
function flatDistance(from: Position, to: Position): ((position: Position) => number) | null {
  // Towards the poles meridians close in too quickly.
  if (metresBetween(from, to) > FLAT || Math.abs(from[1]) > 70) return null;
  const perLongitude = METRES_PER_DEGREE * Math.cos(radians((from[1] + to[1]) / 2));
  const [x, y] = [(to[0] - from[0]) * perLongitude, (to[1] - from[1]) * METRES_PER_DEGREE];
  const length = x * x + y * y;
  return ([longitude, latitude]) => {
    const [px, py] = [(longitude - from[0]) * perLongitude, (latitude - from[1]) * METRES_PER_DEGREE];
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * x + py * y) / length));
    return Math.hypot(px - along * x, py - along * y);
  };
}

/** Each stretch of a corridor by itself, so that of a long one only the near stretches are looked at. */
function stretchPiece(from: Position, to: Position, width: number): Piece {
  const line = [from, to];
  const flat = flatDistance(from, to);
  return {
    bounds: grown(around(line), width / 2),
    covers(position) {
      const about = width < FLAT ? flat?.(position) : undefined;
      if (about !== undefined && Math.abs(about - width / 2) > (width / 2) * UNSURE) return about < width / 2;
      return toLine(position, line) <= width / 2;
    },
    metresTo: (position) => Math.max(0, toLine(position, line) - width / 2),
  };
}

/** The shape lies wherever one of them does. */
export function piecesOf(shape: AreaShape): readonly Piece[] {
  switch (shape.kind) {
    case 'polygon':
      return shape.polygons.map(polygonPiece);
    case 'circle':
      return [circlePiece(shape.centre, shape.radius)];
    case 'corridor':
      return shape.line.slice(1).map((to, index) => stretchPiece(shape.line[index] ?? to, to, shape.width));
  }
}

export const boundsOf = (shape: AreaShape): Bounds | null => union(piecesOf(shape).map(({ bounds }) => bounds));

export const contains = (shape: AreaShape, position: Position): boolean =>
  piecesOf(shape).some((piece) => piece.covers(position));

/** Metres to the border from outside; 0 inside. */
export const metresTo = (shape: AreaShape, position: Position): number =>
  Math.min(...piecesOf(shape).map((piece) => piece.metresTo(position)));

/** Of a ring on a sphere, m². Chamberlain and Duquette, "Some algorithms for polygons on a sphere", JPL 07-03, 2007. */
function ringArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i < ring.length - 1; i++) {
    const [lon1 = 0, lat1 = 0] = ring[i] ?? [];
    const [lon2 = 0, lat2 = 0] = ring[i + 1] ?? [];
    sum += radians(lon2 - lon1) * (2 + Math.sin(radians(lat1)) + Math.sin(radians(lat2)));
  }
  return Math.abs((sum * EARTH_RADIUS * EARTH_RADIUS) / 2);
}

/** Square metres; of a corridor its line times its width, and the round ends. */
export function areaOf(shape: AreaShape): number {
  switch (shape.kind) {
    case 'polygon':
      return shape.polygons
        .flatMap((rings) => rings.map((ring, index) => (index === 0 ? ringArea(ring) : -ringArea(ring))))
        .reduce((a, b) => a + b, 0);
    case 'circle':
      return Math.PI * shape.radius ** 2;
    case 'corridor': {
      const metres = shape.line
        .slice(1)
        .reduce((sum, to, index) => sum + metresBetween(shape.line[index] ?? to, to), 0);
      return metres * shape.width + Math.PI * (shape.width / 2) ** 2;
    }
  }
}
