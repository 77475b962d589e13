/** GeoJSON, KML and WKT → shapes, with every fault by its feature. */
import { DOMParser } from '@xmldom/xmldom';
import { wktToGeoJSON } from '@terraformer/wkt';
import { kml } from '@tmcw/togeojson';
import { errorMessage, LprError, type FieldProblem } from '../errors.ts';
import type { Geofence, GeofenceFormat, GeofenceImport, GeofenceShape, Position } from './geofences.ts';
import { MOST_POINTS, pointsOf } from './shape-check.ts';

const MOST_FEATURES = 2_000;
/** Checking borders takes the square of each one's points. */
const MOST_POINTS_IN_ALL = 50_000;
/** An XML tree takes about 10 µs an element, however it is nested. */
const MOST_ELEMENTS = 100_000;
/** The WKT parser's time grows with the square of a geometry's length. */
const MOST_WKT_BYTES = 1_000_000;
const NAME_LENGTH = 100;

export interface RawFeature {
  readonly number: number;
  readonly name: string;
  readonly colour: string | null;
  readonly notes: string;
  readonly shape: GeofenceShape | null;
  readonly problems: readonly FieldProblem[];
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const words = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

function unusable(problem: string): never {
  const problems = [{ field: 'content', problem }];
  throw new LprError('invalid_input', `The file cannot be used: it ${problem}.`, { problems });
}

/** What a text most likely is, by how it begins. */
function formatOf(content: string): GeofenceFormat {
  const start = content.trimStart().slice(0, 200);
  if (start.startsWith('{') || start.startsWith('[')) return 'geojson';
  if (start.startsWith('<')) return 'kml';
  if (/^(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\b/i.test(start)) return 'wkt';
  return unusable('is neither GeoJSON nor KML nor WKT');
}

// ---- to GeoJSON features

/** Another system of coordinates is named. RFC 7946 knows WGS 84 alone; older files say so by name. */
function otherSystem(document: Json): string | null {
  const { crs } = document;
  if (!isObject(crs)) return null;
  const name = isObject(crs.properties) ? words(crs.properties.name) : '';
  return /(CRS84|EPSG:+4326)$/i.test(name) ? null : name || 'of its own';
}

function geojsonFeatures(content: string): readonly Json[] {
  let document: unknown;
  try {
    document = JSON.parse(content);
  } catch (error) {
    return unusable(`is no JSON: ${errorMessage(error)}`);
  }
  if (!isObject(document)) return unusable('is no GeoJSON object');
  const system = otherSystem(document);
  if (system !== null) return unusable(`has coordinates of the system ${system}: export it in WGS 84 (EPSG:4326)`);
  if (document.type === 'FeatureCollection') {
    if (!Array.isArray(document.features)) return unusable('is a FeatureCollection without a list of features');
    return document.features.map((feature) => (isObject(feature) ? feature : {}));
  }
  if (document.type === 'Feature') return [document];
  return [{ type: 'Feature', geometry: document, properties: {} }];
}

function kmlFeatures(content: string): readonly Json[] {
  // Without a document type there are no entities: none from elsewhere, and none that grow.
  if (/<!DOCTYPE/i.test(content)) return unusable('has a DOCTYPE: leave it out');
  let elements = 0;
  for (let at = content.indexOf('<'); at >= 0; at = content.indexOf('<', at + 1)) elements++;
  if (elements > 2 * MOST_ELEMENTS) return unusable(`has more than ${MOST_ELEMENTS.toLocaleString('en')} elements`);
  let features;
  try {
    const parser = new DOMParser({
      onError: (level, message) => {
        if (level !== 'warning') throw new Error(message);
      },
    });
    features = kml(parser.parseFromString(content, 'text/xml')).features;
  } catch (error) {
    return unusable(`is no KML: ${errorMessage(error).split('\n', 1)[0] ?? ''}`);
  }
  const placed = (features as unknown as readonly Json[]).filter(
    ({ properties }) => !(isObject(properties) && properties['@geometry-type'] === 'networklink'),
  );
  return placed.length > 0 ? placed : unusable('has no placemark: of a network link only the target has them');
}

function wktFeature(text: string): Json {
  const [, system, geometry = ''] = /^(?:SRID=(\d+);)?\s*([\s\S]*)$/i.exec(text.trim()) ?? [];
  if (system !== undefined && system !== '4326') {
    return { problem: `has coordinates of the system EPSG:${system}: export it in WGS 84 (EPSG:4326)` };
  }
  const commas = geometry.split(',').length;
  if (commas > 2 * MOST_POINTS)
    return { problem: `has more than ${MOST_POINTS.toLocaleString('en')} points: simplify it` };
  try {
    return {
      type: 'Feature',
      geometry: wktToGeoJSON(geometry.replace(/^[a-z ]+/i, (kind) => kind.toUpperCase())),
      properties: {},
    };
  } catch (error) {
    return { problem: `is no WKT: ${errorMessage(error).replace(/\s+/g, ' ').slice(0, 200)}` };
  }
}

/** One geometry, over as many lines as it likes, or several, each beginning on a line of its own. */
function wktFeatures(content: string): readonly Json[] {
  if (content.length > MOST_WKT_BYTES)
    return unusable(`is longer than ${MOST_WKT_BYTES.toLocaleString('en')} characters of WKT`);
  return content
    .trim()
    .split(/\r?\n(?=\s*(?:SRID=\d+;)?\s*[A-Za-z])/)
    .map((one) => one.trim().replace(/;$/, ''))
    .filter((one) => one !== '')
    .map(wktFeature);
}

// ---- to shapes

const isPosition = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length >= 2 && typeof value[0] === 'number' && typeof value[1] === 'number';
/** A height is left out: a geofence has none. */
const positionOf = (value: readonly number[]): Position => [value[0] ?? NaN, value[1] ?? NaN];

function positions(value: unknown): readonly Position[] | null {
  if (!Array.isArray(value)) return null;
  return value.every(isPosition) ? value.map(positionOf) : null;
}
function listsOf<T>(value: unknown, read: (one: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null;
  const all = value.map(read);
  return all.some((one) => one === null) ? null : (all as T[]);
}
const rings = (value: unknown): readonly (readonly Position[])[] | null => listsOf(value, positions);

const size = (properties: Json, key: string, otherwise: number): number =>
  typeof properties[key] === 'number' ? properties[key] : otherwise;

function groupOf(properties: Json): GeofenceShape | null {
  const ids = (value: unknown): readonly string[] =>
    Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
  if (properties.kind !== 'cameras') return null;
  const { cameraIds, zoneIds, checkpointIds } = properties;
  return { kind: 'cameras', cameraIds: ids(cameraIds), zoneIds: ids(zoneIds), checkpointIds: ids(checkpointIds) };
}

const BROKEN = 'has coordinates that are no places';

function shapeOf(geometry: unknown, properties: Json, file: GeofenceImport): GeofenceShape | string {
  if (!isObject(geometry)) return groupOf(properties) ?? 'has no geometry';
  const { type, coordinates } = geometry;
  switch (type) {
    case 'Polygon': {
      const polygon = rings(coordinates);
      return polygon === null ? BROKEN : { kind: 'polygon', polygons: polygon.length === 0 ? [] : [polygon] };
    }
    case 'MultiPolygon': {
      const polygons = listsOf(coordinates, rings);
      return polygons === null ? BROKEN : { kind: 'polygon', polygons };
    }
    case 'Point': {
      const radius = size(properties, 'radius', file.radius);
      return isPosition(coordinates) ? { kind: 'circle', centre: positionOf(coordinates), radius } : BROKEN;
    }
    case 'LineString': {
      const line = positions(coordinates);
      return line === null ? BROKEN : { kind: 'corridor', line, width: size(properties, 'width', file.width) };
    }
    case 'GeometryCollection': {
      const parts: readonly unknown[] = Array.isArray(geometry.geometries) ? geometry.geometries : [];
      // RFC 7946 advises against it, and a file may nest a hundred thousand of them.
      if (parts.some((part) => isObject(part) && part.type === 'GeometryCollection')) {
        return 'gathers shapes that gather shapes: make each a feature of its own';
      }
      const shapes = parts.map((part) => shapeOf(part, properties, file));
      const polygons = shapes.flatMap((shape) =>
        typeof shape === 'object' && shape.kind === 'polygon' ? shape.polygons : [],
      );
      const [only] = shapes;
      if (shapes.length === 1 && only !== undefined) return only;
      const isAllPolygons = shapes.every((shape) => typeof shape === 'object' && shape.kind === 'polygon');
      return isAllPolygons && polygons.length > 0
        ? { kind: 'polygon', polygons }
        : 'gathers shapes of several kinds: make each a feature of its own';
    }
    default:
      return `is a ${words(type) || 'geometry without a type'}, which no geofence can be made of`;
  }
}

function colourOf({ colour, color, fill, stroke }: Json): string | null {
  const found = [colour, color, fill, stroke].map(words).find((one) => /^#[0-9a-f]{6}$/i.test(one));
  return found?.toLowerCase() ?? null;
}

/**
 * Every feature of a file as it stands there; whether its shape can be a geofence is not yet looked at.
 * @throws invalid_input when it is none of the formats, or too much
 */
export function readFeatures(file: GeofenceImport): {
  readonly format: GeofenceFormat;
  readonly features: readonly RawFeature[];
} {
  const content = file.content.replace(/^\uFEFF/, '');
  const format = file.format ?? formatOf(content);
  const read = { geojson: geojsonFeatures, kml: kmlFeatures, wkt: wktFeatures }[format];
  const found = read(content);
  if (found.length === 0) unusable('has no features');
  if (found.length > MOST_FEATURES) {
    unusable(
      `has ${found.length.toLocaleString('en')} features, more than ${MOST_FEATURES.toLocaleString('en')}: split it`,
    );
  }
  const taken = new Set<string>();
  const features = found.map((feature, index): RawFeature => {
    const number = index + 1;
    const properties = isObject(feature.properties) ? feature.properties : {};
    const { name, Name, NAME, title, notes, description } = properties;
    const own = [name, Name, NAME, title]
      .map(words)
      .find((one) => one !== '')
      ?.slice(0, NAME_LENGTH);
    let called = own ?? `${file.name} ${number}`;
    // Many tools call all their features the same.
    for (let n = 2; taken.has(called.toLowerCase()); n++)
      called = `${(own ?? file.name).slice(0, NAME_LENGTH - 8)} (${n})`;
    taken.add(called.toLowerCase());
    const shape = 'problem' in feature ? words(feature.problem) : shapeOf(feature.geometry, properties, file);
    const isShape = typeof shape === 'object';
    return {
      ...{ number, name: called, colour: colourOf(properties), shape: isShape ? shape : null },
      notes: (words(notes) || words(description)).slice(0, 2000),
      problems: isShape ? [] : [{ field: `features.${number}`, problem: shape }],
    };
  });
  const points = features.reduce((sum, { shape }) => sum + (shape === null ? 0 : pointsOf(shape)), 0);
  if (points > MOST_POINTS_IN_ALL) {
    unusable(
      `has ${points.toLocaleString('en')} points, more than ${MOST_POINTS_IN_ALL.toLocaleString('en')}: split or simplify it`,
    );
  }
  return { format, features };
}

// ---- and back

function geometryOf(shape: GeofenceShape): object | null {
  switch (shape.kind) {
    case 'polygon': {
      const [only] = shape.polygons;
      return shape.polygons.length === 1 && only !== undefined
        ? { type: 'Polygon', coordinates: only }
        : { type: 'MultiPolygon', coordinates: shape.polygons };
    }
    case 'circle':
      return { type: 'Point', coordinates: shape.centre };
    case 'corridor':
      return { type: 'LineString', coordinates: shape.line };
    case 'cameras':
      return null;
  }
}

/** What `readFeatures` takes back. */
export const toGeojson = (fences: readonly Geofence[]): object => ({
  type: 'FeatureCollection',
  features: fences.map(({ geofenceId, name, colour, notes, enabled, shape, rules }) => {
    const extra =
      shape.kind === 'circle'
        ? { radius: shape.radius }
        : shape.kind === 'corridor'
          ? { width: shape.width }
          : shape.kind === 'cameras'
            ? { cameraIds: shape.cameraIds, zoneIds: shape.zoneIds, checkpointIds: shape.checkpointIds }
            : {};
    const properties = { name, colour, notes, enabled, kind: shape.kind, ...extra, rules };
    return { type: 'Feature', id: geofenceId, geometry: geometryOf(shape), properties };
  }),
});
