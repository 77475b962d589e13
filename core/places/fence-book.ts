/** The geofences and who is inside, in memory: what the hot path asks. Kept fresh by news. */
import type { News } from '../news.ts';
import { createFenceIndex, type FenceIndex, type SiteCamera, type SiteZone } from './fence-index.ts';
import type { GeofenceStore, StoredGeofence, Vehicle } from './geofence-store.ts';
import type { Bounds, CameraRelation, Geofence, Position } from './geofences.ts';
import { areaOf, boundsOf, union } from './shape-geometry.ts';

/** Where things stand on this site. */
export interface Site {
  readonly cameras: readonly SiteCamera[];
  readonly zones: readonly SiteZone[];
  readonly checkpoints: readonly SiteCheckpoint[];
}

export interface SiteCheckpoint {
  readonly checkpointId: string;
  readonly name: string;
  /** Null when nobody said. */
  readonly position: Position | null;
}

export interface FenceBook {
  /** By name. */
  all(): readonly Geofence[];
  get(geofenceId: string): Geofence | null;
  index(): FenceIndex;
  relation(cameraId: string, geofenceId: string): CameraRelation;
  site(): Site;
  /** The box around the site's cameras and checkpoints. */
  home(): Bounds | null;
  /** Geofences that the vehicle was last seen in. */
  presentIn(vehicle: Vehicle): ReadonlySet<string>;
  setPresence(vehicle: Vehicle, geofenceId: string, isInside: boolean): void;
  /** Those with these ids, or all; and where the cameras stand. */
  reload(geofenceIds: readonly string[] | null): Promise<void>;
  reloadPresence(): Promise<void>;
}

const NOWHERE: ReadonlySet<string> = new Set();
const keyOf = ({ plateNumber, issuingEntity, countryCode }: Vehicle): string =>
  `${plateNumber}|${issuingEntity ?? ''}|${countryCode ?? ''}`;

export function createFenceBook(
  store: Pick<GeofenceStore, 'fences' | 'presence'>,
  site: () => Promise<Site>,
): FenceBook {
  const stored = new Map<string, StoredGeofence>();
  let fences = new Map<string, Geofence>();
  let sorted: readonly Geofence[] = [];
  let index = createFenceIndex([], [], []);
  let home: Bounds | null = null;
  let here: Site = { cameras: [], zones: [], checkpoints: [] };
  let presence = new Map<string, Set<string>>();
  /** What came and went while who is inside was being read. */
  let meanwhile: (readonly [Vehicle, string, boolean])[] | null = null;
  let loading: Promise<void> = Promise.resolve();
  let counting: Promise<void> = Promise.resolve();

  let written = '';
  const build = (where: Site, isOther: boolean): void => {
    // Cameras tell each change of their health: mostly nothing stands elsewhere, and the index would be made for nothing.
    const same = JSON.stringify(where);
    if (same === written && !isOther) return;
    written = same;
    here = where;
    const { cameras, zones, checkpoints } = where;
    const shapes = [...stored.values()].map(({ geofenceId, shape, rules }) => ({
      ...{ geofenceId, shape, marginMetres: rules.marginMetres },
    }));
    index = createFenceIndex(shapes, cameras, zones);
    const camerasIn = new Map<string, string[]>();
    for (const { cameraId } of cameras) {
      for (const [geofenceId, relation] of index.relationsOf(cameraId)) {
        if (relation === 'near') continue;
        const those = camerasIn.get(geofenceId);
        if (those === undefined) camerasIn.set(geofenceId, [cameraId]);
        else those.push(cameraId);
      }
    }
    const placeOf = (cameraId: string): Bounds[] => {
      const position = index.camera(cameraId)?.position ?? null;
      return position === null ? [] : [[...position, ...position]];
    };
    fences = new Map(
      [...stored.values()].map((fence): [string, Geofence] => {
        const cameraIds = camerasIn.get(fence.geofenceId) ?? [];
        const { shape } = fence;
        const size =
          shape.kind === 'cameras'
            ? { bounds: union(cameraIds.flatMap(placeOf)), area: null }
            : { bounds: boundsOf(shape), area: areaOf(shape) };
        return [fence.geofenceId, { ...fence, ...size, cameraIds }];
      }),
    );
    sorted = [...fences.values()].sort(
      (a, b) => a.name.localeCompare(b.name, 'th') || a.geofenceId.localeCompare(b.geofenceId),
    );
    home = union([
      ...cameras.flatMap(({ cameraId }) => placeOf(cameraId)),
      ...checkpoints.flatMap(({ position }): Bounds[] => (position === null ? [] : [[...position, ...position]])),
    ]);
  };

  const setPresence = (vehicle: Vehicle, geofenceId: string, isInside: boolean): void => {
    meanwhile?.push([vehicle, geofenceId, isInside]);
    const key = keyOf(vehicle);
    const those = presence.get(key) ?? new Set();
    if (isInside) presence.set(key, those.add(geofenceId));
    else if (those.delete(geofenceId) && those.size === 0) presence.delete(key);
  };

  return {
    all: () => sorted,
    get: (geofenceId) => fences.get(geofenceId) ?? null,
    index: () => index,
    relation(cameraId, geofenceId) {
      const camera = index.camera(cameraId);
      return camera === null ? 'unknown' : index.relation(camera, geofenceId);
    },
    site: () => here,
    home: () => home,
    presentIn: (vehicle) => presence.get(keyOf(vehicle)) ?? NOWHERE,
    setPresence,
    reload(geofenceIds) {
      // One after the other: what was asked for later is not overwritten by what was read before.
      loading = loading
        .catch(() => undefined)
        .then(async () => {
          const [found, where] = await Promise.all([store.fences(geofenceIds), site()]);
          if (geofenceIds === null) stored.clear();
          else for (const geofenceId of geofenceIds) stored.delete(geofenceId);
          for (const fence of found) stored.set(fence.geofenceId, fence);
          build(where, geofenceIds?.length !== 0);
        });
      return loading;
    },
    reloadPresence() {
      // One after the other, too: each has its own list of what came and went meanwhile.
      counting = counting
        .catch(() => undefined)
        .then(async () => {
          const since: (readonly [Vehicle, string, boolean])[] = [];
          meanwhile = since;
          const rows = await store.presence().finally(() => {
            meanwhile = null;
          });
          presence = new Map();
          for (const row of rows) setPresence(row, row.geofenceId, true);
          for (const change of since) setPresence(...change);
        });
      return counting;
    },
  };
}

/** Keeps a book fresh by what other processes tell. Returns how to stop. */
export function followNews(book: FenceBook, news: Pick<News, 'on'>, onError: (error: unknown) => void): () => void {
  const stops = [
    news.on('geofences', (subject) => {
      const which = subject === null || subject === 'all' ? null : subject === 'site' ? [] : [subject];
      void book.reload(which).catch(onError);
    }),
    news.on('presence', (subject) => {
      if (subject === null || subject === '') {
        void book.reloadPresence().catch(onError);
        return;
      }
      const [geofenceId, isInside, plateNumber, issuingEntity, countryCode] = JSON.parse(subject) as [
        ...[string, boolean, string, string, string],
      ];
      const vehicle = { plateNumber, issuingEntity: issuingEntity || null, countryCode: countryCode || null };
      book.setPresence(vehicle, geofenceId, isInside);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
