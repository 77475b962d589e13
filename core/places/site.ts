/** Where the cameras, zones and checkpoints of the registry stand. */
import type { Cameras } from '../cameras/cameras.ts';
import type { Site } from './fence-book.ts';
import type { Position } from './geofences.ts';

const positionOf = (
  place: { readonly latitude: number | null; readonly longitude: number | null } | undefined,
): Position | null =>
  place === undefined || place.latitude === null || place.longitude === null ? null : [place.longitude, place.latitude];

export async function siteOf(registry: Pick<Cameras, 'list' | 'zones' | 'checkpoints'>): Promise<Site> {
  const [cameras, zones, checkpoints] = await Promise.all([registry.list(), registry.zones(), registry.checkpoints()]);
  const places = new Map(checkpoints.map((checkpoint) => [checkpoint.checkpointId, checkpoint]));
  return {
    zones,
    checkpoints: checkpoints.map((checkpoint) => ({
      ...{ checkpointId: checkpoint.checkpointId, name: checkpoint.name, position: positionOf(checkpoint) },
    })),
    cameras: cameras.map((camera) => ({
      ...{ cameraId: camera.cameraId, name: camera.name, checkpointId: camera.checkpointId, lanes: camera.lanes },
      position: positionOf(camera) ?? positionOf(places.get(camera.checkpointId ?? '')),
      ...{ heading: camera.heading, isBuiltIn: camera.builtIn !== null },
    })),
  };
}
