/** Cameras as wedges that show where they look and how they are; where they stand close, one circle with their number. */
import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import VectorLayer from 'ol/layer/Vector.js';
import { fromLonLat } from 'ol/proj.js';
import Cluster from 'ol/source/Cluster.js';
import VectorSource from 'ol/source/Vector.js';
import { Circle, Fill, Icon, Stroke, Style, Text } from 'ol/style.js';
import type { Camera } from '../api/contract.ts';
import { colour, faded } from './colours.ts';

export interface MapCamera {
  readonly cameraId: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Degrees from north, clockwise; null: nobody said. */
  readonly heading: number | null;
  readonly state: Camera['health']['state'];
}

export interface CameraLayer {
  readonly layer: VectorLayer;
  set(cameras: readonly MapCamera[]): void;
  /** Those drawn as chosen. */
  choose(cameraIds: ReadonlySet<string>): void;
  /** Of the feature under the pointer: one camera, or those of a cluster. */
  camerasOf(feature: Feature): readonly MapCamera[];
}

function stateColour(state: MapCamera['state']): string {
  switch (state) {
    case 'online':
      return colour('primary');
    case 'late':
    case 'flapping':
      return colour('warning');
    case 'offline':
    case 'failing':
      return colour('error');
    default:
      return colour('quiet');
  }
}

const wedges = new Map<string, Icon>();
/** The beam spans 50°; drawn looking north, then turned. */
function wedge(fill: string, edge: string): Icon {
  const key = `${fill} ${edge}`;
  let icon = wedges.get(key);
  if (icon === undefined) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64"><path d="M32 32 L18.5 3 A32 32 0 0 1 45.5 3 Z" fill="${fill}" fill-opacity="0.28"/><circle cx="32" cy="32" r="7" fill="${fill}" stroke="${edge}" stroke-width="2.5"/></svg>`;
    icon = new Icon({ src: `data:image/svg+xml,${encodeURIComponent(svg)}`, rotateWithView: true });
    wedges.set(key, icon);
  }
  return icon.clone();
}

export function createCameraLayer(): CameraLayer {
  const points = new VectorSource<Feature<Point>>();
  const source = new Cluster({ source: points, distance: 26, minDistance: 10 });
  let chosen: ReadonlySet<string> = new Set();
  const membersOf = (feature: Feature): readonly MapCamera[] =>
    ((feature.get('features') as Feature[] | undefined) ?? []).map((one) => one.get('camera') as MapCamera);

  const single = (camera: MapCamera, resolution: number): Style[] => {
    const fill = stateColour(camera.state);
    const edge = chosen.has(camera.cameraId) ? colour('on-surface') : colour('surface');
    const dot =
      camera.heading === null
        ? new Circle({ radius: 7, fill: new Fill({ color: fill }), stroke: new Stroke({ color: edge, width: 2.5 }) })
        : wedge(fill, edge);
    if (camera.heading !== null) dot.setRotation((camera.heading * Math.PI) / 180);
    const text = new Text({
      text: resolution < 25 || chosen.has(camera.cameraId) ? camera.name : '',
      font: '500 13px Sarabun',
      offsetY: 20,
      fill: new Fill({ color: colour('on-surface') }),
      stroke: new Stroke({ color: colour('surface'), width: 3 }),
    });
    const ring = new Style({
      image: new Circle({ radius: 14, stroke: new Stroke({ color: colour('primary'), width: 2 }) }),
    });
    return [new Style({ image: dot, text }), ...(chosen.has(camera.cameraId) ? [ring] : [])];
  };

  const layer = new VectorLayer({
    source,
    zIndex: 20,
    style: (feature, resolution) => {
      const members = membersOf(feature as Feature);
      const [first] = members;
      if (first === undefined) return [];
      if (members.length === 1) return single(first, resolution);
      const isChosen = members.some(({ cameraId }) => chosen.has(cameraId));
      return new Style({
        image: new Circle({
          radius: 15,
          fill: new Fill({ color: faded(colour('primary'), 0.92) }),
          stroke: new Stroke({ color: isChosen ? colour('on-surface') : colour('surface'), width: 2.5 }),
        }),
        text: new Text({
          text: String(members.length),
          font: '600 13px Sarabun',
          fill: new Fill({ color: vuetifyOnPrimary() }),
        }),
      });
    },
  });
  return {
    layer,
    set(cameras) {
      points.clear();
      points.addFeatures(
        cameras.map((camera) => {
          const feature = new Feature(new Point(fromLonLat([camera.longitude, camera.latitude])));
          feature.set('camera', camera);
          return feature;
        }),
      );
    },
    choose(cameraIds) {
      chosen = cameraIds;
      layer.changed();
    },
    camerasOf: membersOf,
  };
}

const vuetifyOnPrimary = (): string => colour('surface');
