/** A geofence's shape as OpenLayers draws it, and back. The map is in EPSG:3857, shapes in degrees. */
import type Feature from 'ol/Feature.js';
import { getCenter, createEmpty, extend, isEmpty, type Extent } from 'ol/extent.js';
import type Geometry from 'ol/geom/Geometry.js';
import LineString from 'ol/geom/LineString.js';
import Point from 'ol/geom/Point.js';
import MultiPolygon from 'ol/geom/MultiPolygon.js';
import Polygon, { circular } from 'ol/geom/Polygon.js';
import { fromLonLat, getPointResolution, toLonLat } from 'ol/proj.js';
import { Fill, Stroke, Style, Text } from 'ol/style.js';
import type { GeofenceShape } from '../api/contract.ts';
import { colour, faded } from './colours.ts';

export type Position = [number, number];
/** Seven places: a centimetre. */
const rounded = (coordinate: number[]): Position => {
  const [longitude = 0, latitude = 0] = toLonLat(coordinate);
  return [Number(longitude.toFixed(7)), Number(latitude.toFixed(7))];
};
export const toPosition = rounded;

/** Null for a group of cameras: it is drawn by its cameras. */
export function geometryOf(shape: GeofenceShape): Geometry | null {
  switch (shape.kind) {
    case 'polygon':
      return new MultiPolygon(shape.polygons.map((rings) => rings.map((ring) => ring.map((at) => fromLonLat(at)))));
    case 'circle':
      return circular(shape.centre, shape.radius, 96).transform('EPSG:4326', 'EPSG:3857');
    case 'corridor':
      return new LineString(shape.line.map((at) => fromLonLat(at)));
    case 'cameras':
      return null;
  }
}

export function polygonShape(geometry: Polygon | MultiPolygon): GeofenceShape {
  const polygons = geometry instanceof Polygon ? [geometry.getCoordinates()] : geometry.getCoordinates();
  return { kind: 'polygon', polygons: polygons.map((rings) => rings.map((ring) => ring.map(rounded))) };
}

export const corridorShape = (geometry: LineString, width: number): GeofenceShape => ({
  kind: 'corridor',
  line: geometry.getCoordinates().map(rounded),
  width,
});

export interface Drawn {
  readonly name: string;
  readonly colour: string;
  readonly enabled: boolean;
  readonly shape: GeofenceShape;
}

/** Metres as pixels at this place: Mercator stretches away from the equator. */
const pixels = (metres: number, resolution: number, at: number[]): number =>
  metres / getPointResolution('EPSG:3857', resolution, at, 'm');

export function fenceStyle(drawn: Drawn, isChosen: boolean) {
  return (feature: Feature, resolution: number): Style[] => {
    const geometry = feature.getGeometry();
    if (geometry === undefined) return [];
    const opacity = drawn.enabled ? 1 : 0.35;
    const edge = new Stroke({
      color: faded(drawn.colour, opacity),
      width: isChosen ? 3 : 2,
      ...(drawn.enabled ? {} : { lineDash: [6, 6] }),
    });
    const label = new Text({
      text: resolution < 400 || isChosen ? drawn.name : '',
      font: '600 13px Sarabun',
      overflow: true,
      fill: new Fill({ color: colour('on-surface') }),
      stroke: new Stroke({ color: colour('surface'), width: 3 }),
    });
    if (drawn.shape.kind === 'corridor') {
      const width = pixels(drawn.shape.width, resolution, getCenter(geometry.getExtent()));
      return [
        new Style({
          stroke: new Stroke({
            color: faded(drawn.colour, isChosen ? 0.32 : 0.2),
            width: Math.max(4, width),
            lineCap: 'round',
            lineJoin: 'round',
          }),
        }),
        new Style({ stroke: edge, text: label }),
      ];
    }
    // Above its shape: cameras and their names stand inside.
    const [west = 0, , east = 0, north = 0] = geometry.getExtent();
    label.setTextBaseline('bottom');
    label.setOffsetY(-6);
    return [
      new Style({ fill: new Fill({ color: faded(drawn.colour, isChosen ? 0.24 : 0.13) }), stroke: edge }),
      new Style({ geometry: new Point([(west + east) / 2, north]), text: label }),
    ];
  };
}

/** Around all of them; null when there is nothing. */
export function extentOf(geometries: readonly (Geometry | null)[]): Extent | null {
  const all = createEmpty();
  for (const geometry of geometries) if (geometry !== null) extend(all, geometry.getExtent());
  return isEmpty(all) ? null : all;
}
