/** The saved geofences; the chosen one stands out. */
import Feature from 'ol/Feature.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import type { Geofence } from '../api/contract.ts';
import { fenceStyle, geometryOf } from './shapes.ts';

export interface FenceLayer {
  readonly layer: VectorLayer;
  set(fences: readonly Geofence[], chosenId: string | null): void;
  idOf(feature: Feature): string | null;
}

export function createFenceLayer(): FenceLayer {
  const source = new VectorSource();
  return {
    layer: new VectorLayer({ source, zIndex: 10, declutter: true }),
    set(fences, chosenId) {
      source.clear();
      // The larger lie below: a small one inside a large one can still be pointed at.
      const sorted = [...fences].sort((a, b) => (b.area ?? 0) - (a.area ?? 0));
      for (const fence of sorted) {
        const geometry = geometryOf(fence.shape);
        if (geometry === null) continue;
        const feature = new Feature(geometry);
        feature.set('geofenceId', fence.geofenceId);
        const style = fenceStyle(fence, fence.geofenceId === chosenId);
        feature.setStyle((one, resolution) => style(one as Feature, resolution));
        source.addFeature(feature);
      }
    },
    idOf: (feature) => (feature.get('geofenceId') as string | undefined) ?? null,
  };
}
