/** What lies below the points: the bundled outline, and what the site chose beside it. */
import type BaseLayer from 'ol/layer/Base.js';
import TileLayer from 'ol/layer/Tile.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorTileLayer from 'ol/layer/VectorTile.js';
import TileWMS from 'ol/source/TileWMS.js';
import VectorSource from 'ol/source/Vector.js';
import XYZ from 'ol/source/XYZ.js';
import { Fill, Stroke, Style, Text } from 'ol/style.js';
import type { SiteMap } from '../api/contract.ts';
import { i18n } from '../i18n.ts';
import { colour, faded } from './colours.ts';
import { loadOutline, OUTLINE_CREDIT } from './outline.ts';

/** Metres a pixel from which on names of provinces would crowd. */
const NAMES_BELOW = 1_800;

function outlineLayer(isAlone: boolean): VectorLayer {
  const source = new VectorSource({ attributions: OUTLINE_CREDIT });
  void loadOutline().then(
    ({ provinces }) => {
      source.addFeatures(provinces.map((one) => one.clone()));
    },
    () => {
      // Without the outline the points still stand where they are; the attribution says what is missing.
      source.setAttributions('The outline of Thailand could not be loaded.');
    },
  );
  const label = new Text({ font: '600 13px Sarabun', overflow: false });
  const shape = new Style({ text: label });
  return new VectorLayer({
    source,
    declutter: true,
    updateWhileInteracting: true,
    style: (one, resolution) => {
      const isThai = i18n.global.locale.value === 'th';
      shape.setFill(new Fill({ color: isAlone ? colour('surface') : 'transparent' }));
      shape.setStroke(new Stroke({ color: isAlone ? colour('line') : faded(colour('quiet'), 0.5), width: 1 }));
      label.setText(isAlone && resolution < NAMES_BELOW ? (one.get(isThai ? 'nameTh' : 'nameEn') as string) : '');
      label.setFill(new Fill({ color: colour('quiet') }));
      label.setStroke(new Stroke({ color: colour('surface'), width: 3 }));
      return shape;
    },
  });
}

/** Roads, water and names of the layers that Protomaps and OpenMapTiles both have; what is unknown is drawn thin. */
function vectorTileStyle(layer: string, geometry: string): Style | undefined {
  const line = (name: string, width: number, opacity = 1): Style =>
    new Style({ stroke: new Stroke({ color: faded(colour(name), opacity), width }) });
  switch (layer) {
    case 'water':
      return geometry.includes('Polygon')
        ? new Style({ fill: new Fill({ color: faded(colour('primary'), 0.16) }) })
        : undefined;
    case 'waterway':
      return line('primary', 1, 0.3);
    case 'earth':
    case 'land':
      return new Style({ fill: new Fill({ color: colour('surface') }) });
    case 'roads':
    case 'transportation':
      return line('quiet', 1.2, 0.55);
    case 'boundaries':
    case 'boundary':
      return line('quiet', 1, 0.6);
    case 'buildings':
    case 'building':
      return new Style({ fill: new Fill({ color: faded(colour('quiet'), 0.18) }) });
    default:
      return undefined;
  }
}

async function pmtilesLayer(url: string, attribution: string): Promise<BaseLayer> {
  const { PMTilesVectorSource } = await import('ol-pmtiles');
  return new VectorTileLayer({
    declutter: true,
    source: new PMTilesVectorSource({ url: new URL(url, location.href).href, attributions: [attribution] }),
    style: (one) => vectorTileStyle(String(one.get('layer')), one.getGeometry()?.getType() ?? ''),
  });
}

/** From the lowest up. */
export async function baseLayers(map: SiteMap): Promise<readonly BaseLayer[]> {
  switch (map.kind) {
    case 'outline':
      return [outlineLayer(true)];
    case 'tiles':
      return [new TileLayer({ source: new XYZ({ url: map.url, attributions: map.attribution }) }), outlineLayer(false)];
    case 'wms':
      return [
        new TileLayer({
          source: new TileWMS({ url: map.url, params: { LAYERS: map.layers }, attributions: map.attribution }),
        }),
        outlineLayer(false),
      ];
    case 'pmtiles':
      return [outlineLayer(true), await pmtilesLayer(map.url, map.attribution)];
  }
}
