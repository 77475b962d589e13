import { mdiCctv, mdiCircleOutline, mdiRoadVariant, mdiVectorPolygon } from '@mdi/js';
import type { GeofenceShape } from '../../api/contract.ts';

export const KIND_ICONS: Readonly<Record<GeofenceShape['kind'], string>> = {
  polygon: mdiVectorPolygon,
  circle: mdiCircleOutline,
  corridor: mdiRoadVariant,
  cameras: mdiCctv,
};
export const KINDS = Object.keys(KIND_ICONS) as readonly GeofenceShape['kind'][];
