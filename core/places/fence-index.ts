/** Which geofences a position lies in, and how each camera lies to each: worked out once, for cameras stand still. */
import Flatbush from 'flatbush';
import type { CameraRelation, Geofence, GeofenceShape, Position } from './geofences.ts';
import { grown, piecesOf, type Piece } from './shape-geometry.ts';

export interface SiteCamera {
  readonly cameraId: string;
  readonly name: string;
  /** Its own, else its checkpoint's; null when nobody said. */
  readonly position: Position | null;
  readonly checkpointId: string | null;
  readonly lanes: readonly {
    readonly number: number;
    readonly name: string;
    readonly direction: 'toward' | 'away' | 'both';
  }[];
  /** Degrees from north, clockwise. */
  readonly heading: number | null;
  /** One of the demo, the folder or the uploads that a new install has. */
  readonly isBuiltIn: boolean;
}

export interface SiteZone {
  readonly zoneId: string;
  readonly cameras: readonly { readonly cameraId: string; readonly role: 'in' | 'out' | 'inside' }[];
}

export type FencedShape = Pick<Geofence, 'geofenceId' | 'shape'> & { readonly marginMetres: number };

/** Not in it, but of its surroundings; `outside` is what is not named here. */
type NamedRelation = Extract<CameraRelation, 'inside' | 'out' | 'near'>;

export interface FenceIndex {
  /** Geofences that cover the position; groups of cameras have no place. */
  at(position: Position): readonly string[];
  relation(camera: SiteCamera, geofenceId: string): CameraRelation;
  /** All but those that it is outside of. */
  relationsOf(cameraId: string): ReadonlyMap<string, NamedRelation>;
  camera(cameraId: string): SiteCamera | null;
}

/** How a camera lies to a group of cameras. Of several roles the plainest word wins: it goes out. */
export function relationToGroup(
  { cameraId, checkpointId }: Pick<SiteCamera, 'cameraId' | 'checkpointId'>,
  group: Extract<GeofenceShape, { readonly kind: 'cameras' }>,
  zones: ReadonlyMap<string, SiteZone>,
): 'inside' | 'out' | 'outside' {
  const roles = group.zoneIds.flatMap(
    (zoneId) => zones.get(zoneId)?.cameras.flatMap((one) => (one.cameraId === cameraId ? [one.role] : [])) ?? [],
  );
  if (roles.includes('out')) return 'out';
  const isNamed = group.cameraIds.includes(cameraId);
  return isNamed || roles.length > 0 || (checkpointId !== null && group.checkpointIds.includes(checkpointId))
    ? 'inside'
    : 'outside';
}

export function createFenceIndex(
  fences: readonly FencedShape[],
  cameras: readonly SiteCamera[],
  zones: readonly SiteZone[],
): FenceIndex {
  const pieces: { readonly geofenceId: string; readonly piece: Piece; readonly marginMetres: number }[] = [];
  const groups: {
    readonly geofenceId: string;
    readonly shape: Extract<GeofenceShape, { readonly kind: 'cameras' }>;
  }[] = [];
  for (const { geofenceId, shape, marginMetres } of fences) {
    if (shape.kind === 'cameras') groups.push({ geofenceId, shape });
    else for (const piece of piecesOf(shape)) pieces.push({ geofenceId, piece, marginMetres });
  }
  let tree: Flatbush | null = null;
  if (pieces.length > 0) {
    tree = new Flatbush(pieces.length);
    for (const { piece, marginMetres } of pieces) tree.add(...grown(piece.bounds, marginMetres));
    tree.finish();
  }
  const near = ([longitude, latitude]: Position): typeof pieces =>
    (tree?.search(longitude, latitude, longitude, latitude) ?? []).flatMap((place) => pieces[place] ?? []);

  const at = (position: Position): readonly string[] => {
    const found = new Set<string>();
    for (const { geofenceId, piece } of near(position)) {
      if (!found.has(geofenceId) && piece.covers(position)) found.add(geofenceId);
    }
    return [...found];
  };

  const zonesById = new Map(zones.map((zone) => [zone.zoneId, zone]));
  const groupIds = new Set(groups.map(({ geofenceId }) => geofenceId));
  const relationsOf = (camera: SiteCamera): ReadonlyMap<string, NamedRelation> => {
    const relations = new Map<string, NamedRelation>();
    const { position } = camera;
    if (position !== null) {
      for (const geofenceId of at(position)) relations.set(geofenceId, 'inside');
      for (const { geofenceId, piece, marginMetres } of near(position)) {
        if (relations.has(geofenceId) || marginMetres === 0) continue;
        if (piece.metresTo(position) <= marginMetres) relations.set(geofenceId, 'near');
      }
    }
    for (const { geofenceId, shape } of groups) {
      const relation = relationToGroup(camera, shape, zonesById);
      if (relation !== 'outside') relations.set(geofenceId, relation);
    }
    return relations;
  };
  const byId = new Map(cameras.map((camera) => [camera.cameraId, camera]));
  const relations = new Map(cameras.map((camera) => [camera.cameraId, relationsOf(camera)]));
  const nothing: ReadonlyMap<string, NamedRelation> = new Map();

  return {
    at,
    camera: (cameraId) => byId.get(cameraId) ?? null,
    relationsOf: (cameraId) => relations.get(cameraId) ?? nothing,
    relation(camera, geofenceId) {
      const named = relations.get(camera.cameraId)?.get(geofenceId);
      if (named !== undefined) return named;
      return camera.position === null && !groupIds.has(geofenceId) ? 'unknown' : 'outside';
    },
  };
}
