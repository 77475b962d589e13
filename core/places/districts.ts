/** Thailand's provinces and districts: names, points, and in which one a position lies. Sources: `facts/SOURCES.md`. */
import { booleanPointInPolygon } from '@turf/boolean-point-in-polygon';
import Flatbush from 'flatbush';
import type { MultiPolygon, Polygon } from 'geojson';
import { readFileSync } from 'node:fs';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { provinceByCode } from '../plates/plates.ts';
import facts from './facts/thailand.json' with { type: 'json' };
import type { Position } from './geofences.ts';
import type { PlaceLevel } from './places.ts';

/** A place that stands in the facts. */
export interface KnownPlace {
  readonly placeId: string;
  readonly level: Extract<PlaceLevel, 'country' | 'province' | 'district'>;
  readonly parentId: string | null;
  readonly nameTh: string;
  readonly nameEn: string;
  readonly aliases: readonly string[];
  readonly latitude: number;
  readonly longitude: number;
}

const country: KnownPlace = {
  ...{ placeId: 'TH', level: 'country', parentId: null, nameTh: 'ประเทศไทย', nameEn: 'Thailand' },
  ...{ aliases: ['ไทย'], latitude: 13.1, longitude: 101.3 },
};
const provinces = (facts.provinces as [string, number, number, ...string[]][]).map(
  ([placeId, latitude, longitude, ...aliases]): KnownPlace => {
    const province = provinceByCode(placeId);
    if (province === null) throw new Error(`The plates know no province ${placeId}.`);
    const { nameTh, nameEn, abbreviationTh } = province;
    return {
      ...{ placeId, level: 'province', parentId: 'TH', nameTh, nameEn, latitude, longitude },
      aliases: [...aliases, abbreviationTh],
    };
  },
);
const districts = (facts.districts as [string, string, string, number, number][]).map(
  ([placeId, nameTh, nameEn, latitude, longitude]): KnownPlace => ({
    ...{ placeId, level: 'district', parentId: placeId.slice(0, 5), nameTh, nameEn, aliases: [], latitude, longitude },
  }),
);

export const knownPlaces: readonly KnownPlace[] = [country, ...provinces, ...districts];

type Locate = (position: Position) => string | null;
let locate: Locate | null = null;

function readShapes(): Locate {
  const file = new URL('./facts/thailand-districts.topojson', import.meta.url);
  const topology = JSON.parse(readFileSync(file, 'utf8')) as Topology<{ districts: GeometryCollection }>;
  const { features } = feature(topology, topology.objects.districts);
  const tree = new Flatbush(features.length);
  for (const { geometry } of features) {
    const rings = (geometry as Polygon | MultiPolygon).coordinates.flat(geometry.type === 'MultiPolygon' ? 2 : 1);
    const [longitudes, latitudes] = [0, 1].map((axis) => (rings as number[][]).map((at) => at[axis] ?? 0)) as [
      number[],
      number[],
    ];
    tree.add(Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes));
  }
  tree.finish();
  return ([longitude, latitude]) => {
    for (const place of tree.search(longitude, latitude, longitude, latitude)) {
      const found = features[place];
      if (
        found !== undefined &&
        booleanPointInPolygon([longitude, latitude], found.geometry as Polygon | MultiPolygon)
      ) {
        return String(found.id);
      }
    }
    return null;
  };
}

/** The district in which a position lies, `TH-1001`; null outside of Thailand. The first question reads the shapes, about 0.1 s. */
export function districtAt(position: Position): string | null {
  locate ??= readShapes();
  return locate(position);
}
