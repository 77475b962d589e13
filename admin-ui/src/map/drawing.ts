/**
 * Drawing and changing one shape on the map: corners are dragged, a circle by its middle and its rim, a group of cameras by
 * pointing at them. Says each change; what is shown is what it was last told.
 */
import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import LineString from 'ol/geom/LineString.js';
import MultiPolygon from 'ol/geom/MultiPolygon.js';
import Polygon, { circular } from 'ol/geom/Polygon.js';
import Collection from 'ol/Collection.js';
import Draw from 'ol/interaction/Draw.js';
import type Interaction from 'ol/interaction/Interaction.js';
import Modify from 'ol/interaction/Modify.js';
import Snap from 'ol/interaction/Snap.js';
import Translate from 'ol/interaction/Translate.js';
import VectorLayer from 'ol/layer/Vector.js';
import type OlMap from 'ol/Map.js';
import { fromLonLat, toLonLat } from 'ol/proj.js';
import VectorSource from 'ol/source/Vector.js';
import { getDistance, offset } from 'ol/sphere.js';
import { Circle, Fill, Stroke, Style } from 'ol/style.js';
import type { GeofenceShape } from '../api/contract.ts';
import { colour } from './colours.ts';
import { corridorShape, fenceStyle, geometryOf, polygonShape, toPosition } from './shapes.ts';

export type DrawnKind = 'polygon' | 'circle' | 'corridor';

export interface Drawing {
  /** Begins anew: the next clicks draw a shape of this kind. */
  begin(kind: DrawnKind, width: number): void;
  /** Shows this shape, to be changed; null: nothing. */
  show(shape: GeofenceShape | null, look: { readonly name: string; readonly colour: string }): void;
  /** Whether something that can be dragged lies under the pointer. */
  isHandleAt(pixel: number[]): boolean;
  stop(): void;
}

const EDGE = Math.PI / 2;

export function createDrawing(map: OlMap, changed: (shape: GeofenceShape) => void): Drawing {
  const source = new VectorSource();
  const handles = new VectorSource<Feature<Point>>();
  const handleStyle = (): Style =>
    new Style({
      image: new Circle({
        radius: 7,
        fill: new Fill({ color: colour('surface') }),
        stroke: new Stroke({ color: colour('primary'), width: 3 }),
      }),
    });
  const handleLayer = new VectorLayer({ source: handles, zIndex: 31, style: handleStyle });
  const layers = [new VectorLayer({ source, zIndex: 30 }), handleLayer];
  for (const layer of layers) map.addLayer(layer);
  let interactions: Interaction[] = [];
  const use = (...more: Interaction[]): void => {
    for (const one of more) map.addInteraction(one);
    interactions.push(...more);
  };
  const clear = (): void => {
    for (const one of interactions) map.removeInteraction(one);
    interactions = [];
    source.clear();
    handles.clear();
  };

  const changeCorners = (feature: Feature, width: number): void => {
    const modify = new Modify({ features: new Collection([feature]), style: handleStyle() });
    modify.on('modifyend', () => {
      const geometry = feature.getGeometry();
      if (geometry instanceof MultiPolygon) changed(polygonShape(geometry));
      if (geometry instanceof LineString) changed(corridorShape(geometry, width));
    });
    use(modify, new Snap({ source }));
  };

  const changeCircle = (feature: Feature, shape: Extract<GeofenceShape, { kind: 'circle' }>): void => {
    let { centre, radius } = shape;
    const middle = new Feature(new Point(fromLonLat(centre)));
    const rimAt = (): number[] => fromLonLat(offset(centre, radius, EDGE));
    const rim = new Feature(new Point(rimAt()));
    handles.addFeatures([middle, rim]);
    // One for each: an interaction moves all that it holds together.
    const dragged = (handle: Feature<Point>, moved: (at: number[]) => void): Translate => {
      const translate = new Translate({ features: new Collection([handle]), hitTolerance: 6 });
      translate.on('translating', ({ coordinate }) => {
        moved(coordinate);
        feature.setGeometry(circular(centre, radius, 96).transform('EPSG:4326', 'EPSG:3857'));
      });
      translate.on('translateend', () => {
        changed({ kind: 'circle', centre, radius });
      });
      return translate;
    };
    use(
      dragged(middle, (at) => {
        centre = toPosition(at);
        rim.getGeometry()?.setCoordinates(rimAt());
      }),
      dragged(rim, (at) => {
        radius = Math.max(1, Math.round(getDistance(centre, toLonLat(at))));
      }),
    );
  };

  return {
    begin(kind, width) {
      clear();
      const draw = new Draw({
        source,
        type: kind === 'corridor' ? 'LineString' : kind === 'circle' ? 'Circle' : 'Polygon',
        ...(kind === 'circle'
          ? {
              // As round on the ground as on the map, and with its middle and radius known.
              geometryFunction: (coordinates, geometry) => {
                const [from, to] = coordinates as number[][];
                const middle = toLonLat(from ?? [0, 0]);
                const radius = Math.max(1, Math.round(getDistance(middle, toLonLat(to ?? from ?? [0, 0]))));
                const ring = circular(middle, radius, 96).transform('EPSG:4326', 'EPSG:3857');
                const drawn = (geometry as Polygon | undefined) ?? new Polygon([]);
                drawn.setCoordinates(ring.getCoordinates());
                drawn.set('circle', { kind: 'circle', centre: toPosition(from ?? [0, 0]), radius });
                return drawn;
              },
            }
          : {}),
      });
      draw.on('drawend', ({ feature }) => {
        const geometry = feature.getGeometry();
        const circle = geometry?.get('circle') as GeofenceShape | undefined;
        // After this event the interaction still adds the feature: the shape comes back by `show`, alone.
        setTimeout(() => {
          if (circle !== undefined) changed(circle);
          else if (geometry instanceof Polygon) changed(polygonShape(geometry));
          else if (geometry instanceof LineString) changed(corridorShape(geometry, width));
        });
      });
      use(draw);
    },
    show(shape, look) {
      clear();
      const geometry = shape === null ? null : geometryOf(shape);
      if (shape === null || geometry === null) return;
      const feature = new Feature(geometry);
      const style = fenceStyle({ ...look, enabled: true, shape }, true);
      feature.setStyle((one, resolution) => style(one as Feature, resolution));
      source.addFeature(feature);
      if (shape.kind === 'circle') changeCircle(feature, shape);
      else changeCorners(feature, shape.kind === 'corridor' ? shape.width : 0);
    },
    isHandleAt: (pixel) =>
      map.hasFeatureAtPixel(pixel, { hitTolerance: 6, layerFilter: (layer) => layer === handleLayer }),
    stop() {
      clear();
      for (const layer of layers) map.removeLayer(layer);
    },
  };
}
