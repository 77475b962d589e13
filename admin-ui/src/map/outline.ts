/** Thailand's provinces, bundled: OCHA and the Royal Thai Survey Department, CC BY 3.0 IGO. */
import GeoJSON from 'ol/format/GeoJSON.js';
import type Feature from 'ol/Feature.js';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';

export const OUTLINE_CREDIT = 'OCHA, Royal Thai Survey Department (CC BY 3.0 IGO)';

export interface Outline {
  readonly provinces: readonly Feature[];
}

let loading: Promise<Outline> | null = null;

async function load(): Promise<Outline> {
  const answer = await fetch('/map/thailand-provinces.json');
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const topology = (await answer.json()) as Topology;
  const [shapes] = Object.values(topology.objects);
  if (shapes === undefined) throw new Error('The outline holds no shapes.');
  const format = new GeoJSON({ featureProjection: 'EPSG:3857' });
  return { provinces: format.readFeatures(feature(topology, shapes)) };
}

/** Read once; after a failure again. */
export function loadOutline(): Promise<Outline> {
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}
