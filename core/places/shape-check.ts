/** Whether a shape can be a geofence: every fault by its place and with its remedy. */
import { kinks } from '@turf/kinks';
import { LprError, type FieldProblem } from '../errors.ts';
import type { Bounds, GeofenceShape, Position, Ring } from './geofences.ts';
import { areaOf, boundsOf, contains, grown, type AreaShape } from './shape-geometry.ts';

/** Finding where a border crosses itself takes the square of its points: so many take about 0.2 s. */
export const MOST_POINTS = 5_000;
const MOST_POLYGONS = 200;
/** Half the way round the earth's smaller countries; more is a mistake in the unit. */
const MOST_RADIUS = 1_000_000;
const MOST_WIDTH = 100_000;
/** m²: less is no area that a camera could stand in. */
const LEAST_AREA = 1;
/** Thailand with the seas around it. */
const THAILAND: Bounds = [97, 5, 106, 21];

export interface ShapeCheck {
  readonly problems: readonly FieldProblem[];
  /** With closed rings and without doubled points; null when there is a problem. */
  readonly shape: GeofenceShape | null;
}

const isIn = ([west, south, east, north]: Bounds, [longitude, latitude]: Position): boolean =>
  longitude >= west && longitude <= east && latitude >= south && latitude <= north;
const swapped = ([longitude, latitude]: Position): Position => [latitude, longitude];
const isInRange = ([longitude, latitude]: Position): boolean => Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
const same = (a: Position | undefined, b: Position | undefined): boolean => a?.[0] === b?.[0] && a?.[1] === b?.[1];
const withoutDoubles = (line: readonly Position[]): readonly Position[] =>
  line.filter((position, index) => index === 0 || !same(position, line[index - 1]));

const SWAPPED = 'has a place where latitude and longitude look swapped: longitude comes first, as in [100.5, 13.7]';

/** The first fault of a place among these. @param home where the site's places are */
function placeProblem(positions: readonly Position[], home: Bounds | null): string | null {
  const bad = positions.find(([longitude, latitude]) => !Number.isFinite(longitude) || !Number.isFinite(latitude));
  if (bad !== undefined) return 'has a place that is no pair of numbers';
  const out = positions.find((position) => !isInRange(position));
  if (out !== undefined) {
    const [longitude, latitude] = out;
    return isInRange(swapped(out))
      ? SWAPPED
      : `has the place [${longitude}, ${latitude}]: longitude must be -180 to 180 and latitude -90 to 90`;
  }
  const known = [THAILAND, ...(home === null ? [] : [grown(home, 200_000)])];
  const isAway = (position: Position): boolean => known.every((box) => !isIn(box, position));
  const isHomeSwapped = (position: Position): boolean => known.some((box) => isIn(box, swapped(position)));
  if (positions.length > 0 && positions.every((position) => isAway(position) && isHomeSwapped(position)))
    return SWAPPED;
  return null;
}

/** A step of more than half the way round the earth is meant to go the other way. */
const crossesAntimeridian = (line: readonly Position[]): boolean =>
  line.some((position, index) => index > 0 && Math.abs(position[0] - (line[index - 1]?.[0] ?? position[0])) > 180);
const ANTIMERIDIAN = 'crosses the antimeridian (180° east): draw one on each side of it';

function closedRing(ring: Ring): Ring {
  const clean = withoutDoubles(ring);
  const [first] = clean;
  return first === undefined || (clean.length > 1 && same(first, clean.at(-1))) ? clean : [...clean, first];
}

function polygonFaults(polygons: readonly (readonly Ring[])[], field: string, home: Bounds | null): FieldProblem[] {
  if (polygons.length === 0) return [{ field, problem: 'has no polygon' }];
  if (polygons.length > MOST_POLYGONS) return [{ field, problem: `has more than ${MOST_POLYGONS} polygons` }];
  return polygons.flatMap((rings, index): FieldProblem[] => {
    const here = polygons.length === 1 ? field : `${field}.${index}`;
    const [outer, ...holes] = rings;
    if (outer === undefined) return [{ field: here, problem: 'has no outer ring' }];
    const place = placeProblem(rings.flat(), home);
    if (place !== null) return [{ field: here, problem: place }];
    const short = rings.findIndex((ring) => ring.length < 4);
    if (short >= 0) {
      const which = short === 0 ? 'its ring' : `hole ${short}`;
      return [{ field: here, problem: `has fewer than 3 different points in ${which}` }];
    }
    if (rings.some(crossesAntimeridian)) return [{ field: here, problem: ANTIMERIDIAN }];
    const [crossing] = kinks({ type: 'Polygon', coordinates: rings as unknown as [number, number][][] }).features;
    if (crossing !== undefined) {
      const [longitude = 0, latitude = 0] = crossing.geometry.coordinates;
      const where = `longitude ${longitude.toFixed(5)}, latitude ${latitude.toFixed(5)}`;
      return [{ field: here, problem: `crosses or touches its own border at ${where}: move a point` }];
    }
    const outside = holes.findIndex(
      (hole) => hole[0] !== undefined && !contains({ kind: 'polygon', polygons: [[outer]] }, hole[0]),
    );
    if (outside >= 0) return [{ field: here, problem: `has hole ${outside + 1} outside of its ring` }];
    if (areaOf({ kind: 'polygon', polygons: [rings] }) < LEAST_AREA) {
      return [{ field: here, problem: 'has no area: its points lie on one line' }];
    }
    return [];
  });
}

function sizeFault(field: string, value: number, most: number): FieldProblem[] {
  if (Number.isFinite(value) && value >= 1 && value <= most) return [];
  return [{ field, problem: `must be 1 to ${most.toLocaleString('en')} metres` }];
}

function reachFault(shape: AreaShape, field: string): FieldProblem[] {
  const bounds = boundsOf(shape);
  if (bounds === null || (bounds[0] >= -180 && bounds[2] <= 180)) return [];
  return [{ field, problem: ANTIMERIDIAN }];
}

/**
 * @param home the box around the site's cameras and checkpoints; null when none has a place
 * @param field what the shape is called in the problems
 */
export function checkShape(given: GeofenceShape, home: Bounds | null, field = 'shape'): ShapeCheck {
  const failed = (problems: readonly FieldProblem[]): ShapeCheck => ({ problems, shape: null });
  const points = pointsOf(given);
  if (points > MOST_POINTS) {
    const problem = `has ${points.toLocaleString('en')} points, more than ${MOST_POINTS.toLocaleString('en')}: simplify it`;
    return failed([{ field, problem }]);
  }
  switch (given.kind) {
    case 'polygon': {
      const polygons = given.polygons.map((rings) => rings.map(closedRing));
      const problems = polygonFaults(polygons, `${field}.polygons`, home);
      return problems.length > 0 ? failed(problems) : { problems, shape: { kind: 'polygon', polygons } };
    }
    case 'circle': {
      const place = placeProblem([given.centre], home);
      const problems = [
        ...(place === null ? [] : [{ field: `${field}.centre`, problem: place }]),
        ...sizeFault(`${field}.radius`, given.radius, MOST_RADIUS),
      ];
      if (problems.length > 0) return failed(problems);
      const reach = reachFault(given, `${field}.radius`);
      return reach.length > 0 ? failed(reach) : { problems: [], shape: given };
    }
    case 'corridor': {
      const line = withoutDoubles(given.line);
      const place = placeProblem(line, home);
      const shape: AreaShape = { ...given, line };
      const problems = [
        ...(place === null ? [] : [{ field: `${field}.line`, problem: place }]),
        ...(line.length < 2 ? [{ field: `${field}.line`, problem: 'needs at least 2 different points' }] : []),
        ...(crossesAntimeridian(line) ? [{ field: `${field}.line`, problem: ANTIMERIDIAN }] : []),
        ...sizeFault(`${field}.width`, given.width, MOST_WIDTH),
      ];
      if (problems.length > 0) return failed(problems);
      const reach = reachFault(shape, `${field}.line`);
      return reach.length > 0 ? failed(reach) : { problems: [], shape };
    }
    case 'cameras': {
      const { cameraIds, zoneIds, checkpointIds } = given;
      if (cameraIds.length + zoneIds.length + checkpointIds.length === 0) {
        return failed([{ field: `${field}.cameraIds`, problem: 'names no camera, zone or checkpoint' }]);
      }
      const once = (ids: readonly string[]): readonly string[] => [...new Set(ids)];
      const shape = {
        ...given,
        cameraIds: once(cameraIds),
        zoneIds: once(zoneIds),
        checkpointIds: once(checkpointIds),
      };
      return { problems: [], shape };
    }
  }
}

export function pointsOf(shape: GeofenceShape): number {
  if (shape.kind === 'polygon') return shape.polygons.flat().reduce((sum, ring) => sum + ring.length, 0);
  return shape.kind === 'corridor' ? shape.line.length : shape.kind === 'circle' ? 1 : 0;
}

/** @throws invalid_input naming every fault */
export function refuse(what: string, problems: readonly FieldProblem[]): never {
  const all = problems
    .slice(0, 20)
    .map(({ field, problem }) => `${field} ${problem}`)
    .join('; ');
  throw new LprError('invalid_input', `${what} cannot be used: ${all}.`, { problems });
}
