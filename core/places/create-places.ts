import { setImmediate as breathe } from 'node:timers/promises';
import { metresBetween } from './distance.ts';
import { districtAt, knownPlaces } from './districts.ts';
import type { Site } from './fence-book.ts';
import type { SiteCamera } from './fence-index.ts';
import type { Position } from './geofences.ts';
import type { CameraPlace, Place, Places, TravelSample, TravelStore, TravelTime } from './places.ts';

/** Trips that take longer had a stop on the way. */
const WITHIN_SECONDS = 4 * 3600;
/** 252 km/h as the crow flies: two vehicles with one plate, or a wrong clock. */
const TOO_FAST = 70;
const HOUR_MS = 3_600_000;
/** Votes, corrections and most late data are in by then. */
const SETTLED_MS = 15 * 60_000;
const FIRST_MS = 24 * HOUR_MS;

export interface PlacesDependencies {
  readonly store: TravelStore;
  /** The same object as long as nothing changed. */
  readonly site: () => Site;
  readonly geofencesOf: (cameraId: string) => readonly string[];
  readonly now?: () => Date;
}

interface Entry extends Omit<Place, 'childCount' | 'cameraCount'> {
  readonly words: readonly string[];
}

/** What people leave out or write otherwise: spaces, hyphens, and the word for what it is. */
const searchable = (text: string): string =>
  text
    .normalize('NFC')
    // Sara am in two parts, as texts copied from a PDF have it, a tone mark perhaps in between.
    .replace(/\u0E4D([\u0E48-\u0E4B]?)\u0E32/g, '$1\u0E33')
    .toLowerCase()
    .replace(/^(จังหวัด|อำเภอ|เขต|จ\.|อ\.)/, '')
    .replace(/[\s\-'.()]/g, '');

interface Tree {
  readonly places: ReadonlyMap<string, Place>;
  readonly children: ReadonlyMap<string | null, readonly Place[]>;
  readonly words: ReadonlyMap<string, readonly string[]>;
  readonly cameras: ReadonlyMap<string, { readonly districtId: string | null; readonly camera: SiteCamera }>;
}

function plantTree(site: Site): Tree {
  const entries: Entry[] = knownPlaces.map(({ aliases, ...place }) => ({
    ...{ ...place, cameraId: null },
    words: [place.nameTh, place.nameEn, ...aliases].map(searchable),
  }));
  const cameras = new Map(
    site.cameras.map((camera) => [
      camera.cameraId,
      { camera, districtId: camera.position === null ? null : districtAt(camera.position) },
    ]),
  );
  for (const { checkpointId, name, position: own } of site.checkpoints) {
    // Without a place of its own it is where its cameras are.
    const position =
      own ?? site.cameras.find((one) => one.checkpointId === checkpointId && one.position !== null)?.position;
    const [longitude, latitude] = position ?? [null, null];
    const parentId = position === undefined || position === null ? null : districtAt(position);
    entries.push({
      ...{ placeId: checkpointId, level: 'checkpoint', parentId, nameTh: name, nameEn: name, latitude, longitude },
      ...{ cameraId: null, words: [searchable(name)] },
    });
  }
  for (const { cameraId, name, lanes, checkpointId, position } of site.cameras) {
    const [longitude, latitude] = position ?? [null, null];
    for (const { number, name: lane } of lanes) {
      const called = `${name} · ${lane === '' ? number : lane}`;
      entries.push({
        ...{ placeId: `${cameraId}:${number}`, level: 'lane', nameTh: called, nameEn: called, latitude, longitude },
        ...{
          parentId: checkpointId ?? cameras.get(cameraId)?.districtId ?? null,
          cameraId,
          words: [searchable(called)],
        },
      });
    }
  }

  const parents = new Map(entries.map(({ placeId, parentId }) => [placeId, parentId]));
  const childCounts = new Map<string | null, number>();
  for (const { parentId } of entries) childCounts.set(parentId, (childCounts.get(parentId) ?? 0) + 1);
  const cameraCounts = new Map<string, number>();
  for (const { camera, districtId } of cameras.values()) {
    const { checkpointId } = camera;
    const above = new Set<string>();
    for (const start of [checkpointId, districtId]) {
      for (let id = start ?? null; id !== null; id = parents.get(id) ?? null) above.add(id);
    }
    for (const id of above) cameraCounts.set(id, (cameraCounts.get(id) ?? 0) + 1);
  }
  const places = new Map<string, Place>();
  const children = new Map<string | null, Place[]>();
  for (const entry of entries) {
    const { placeId, level, parentId, nameTh, nameEn, latitude, longitude, cameraId } = entry;
    const place: Place = {
      ...{ placeId, level, parentId, nameTh, nameEn, latitude, longitude, cameraId },
      childCount: childCounts.get(placeId) ?? 0,
      cameraCount: level === 'lane' ? 1 : (cameraCounts.get(placeId) ?? 0),
    };
    places.set(placeId, place);
    const siblings = children.get(entry.parentId);
    if (siblings === undefined) children.set(entry.parentId, [place]);
    else siblings.push(place);
  }
  for (const siblings of children.values()) siblings.sort((a, b) => a.nameTh.localeCompare(b.nameTh, 'th'));
  return { places, children, cameras, words: new Map(entries.map(({ placeId, words }) => [placeId, words])) };
}

export function createPlaces({ store, site, geofencesOf, now = () => new Date() }: PlacesDependencies): Places {
  let planted: { readonly site: Site; readonly tree: Tree } | null = null;
  const tree = (): Tree => {
    const here = site();
    if (planted?.site !== here) planted = { site: here, tree: plantTree(here) };
    return planted.tree;
  };
  const positionOf = (cameraId: string): Position | null => tree().cameras.get(cameraId)?.camera.position ?? null;
  const metres = (from: string, to: string): number | null => {
    const [a, b] = [positionOf(from), positionOf(to)];
    return a === null || b === null ? null : Math.round(metresBetween(a, b));
  };
  const isPossible = ({ fromCameraId, toCameraId, seconds }: TravelSample): boolean =>
    (metres(fromCameraId, toCameraId) ?? 0) <= seconds * TOO_FAST;

  return {
    get: (placeId) => tree().places.get(placeId) ?? null,
    children: (parentId) => tree().children.get(parentId) ?? [],
    search(name, level, limit) {
      const wanted = searchable(name);
      if (wanted === '') return [];
      const { places, words } = tree();
      const found: { readonly place: Place; readonly rank: number }[] = [];
      for (const place of places.values()) {
        if (level !== null && place.level !== level) continue;
        const ranks = (words.get(place.placeId) ?? []).map((word) =>
          word === wanted ? 0 : word.startsWith(wanted) ? 1 : word.includes(wanted) ? 2 : 3,
        );
        const rank = Math.min(...ranks);
        if (rank < 3) found.push({ place, rank });
      }
      // Of the same likeness the larger place; the sort keeps their order.
      return found
        .sort((a, b) => a.rank - b.rank)
        .slice(0, limit)
        .map(({ place }) => place);
    },
    at(position) {
      const { places } = tree();
      const path: Place[] = [];
      for (let id = districtAt(position); id !== null;) {
        const place: Place | undefined = places.get(id);
        if (place === undefined) break;
        path.unshift(place);
        id = place.parentId;
      }
      return path;
    },
    cameras: () =>
      [...tree().cameras.values()].map(({ camera: { cameraId, position, checkpointId }, districtId }): CameraPlace => ({
        ...{ cameraId, checkpointId, districtId, provinceId: districtId?.slice(0, 5) ?? null },
        ...{ longitude: position?.[0] ?? null, latitude: position?.[1] ?? null, geofenceIds: geofencesOf(cameraId) },
      })),
    async travelTimes({ from, to }) {
      const learned = (await store.learned(from, to)).map((row): TravelTime => ({
        ...row,
        metres: metres(row.fromCameraId, row.toCameraId),
      }));
      const here = from ?? to;
      if (here === null || positionOf(here) === null) return learned;
      const known = new Set(learned.map((row) => `${row.fromCameraId} ${row.toCameraId}`));
      const others = from !== null && to !== null ? [to] : [...tree().cameras.keys()].filter((id) => id !== here);
      const unlearned = others.flatMap((other): TravelTime[] => {
        const [fromCameraId, toCameraId] = from === null ? [other, here] : [here, other];
        if (positionOf(other) === null || known.has(`${fromCameraId} ${toCameraId}`)) return [];
        const nothing = { count: 0, floorSeconds: null, medianSeconds: null, updatedAt: null };
        return [{ fromCameraId, toCameraId, metres: metres(fromCameraId, toCameraId), ...nothing }];
      });
      return [...learned, ...unlearned].sort((a, b) => (a.metres ?? Infinity) - (b.metres ?? Infinity));
    },
    async learn(signal) {
      const end = now().getTime() - SETTLED_MS;
      let before = await store.learnedTo();
      let begin = before?.getTime() ?? end - FIRST_MS;
      while (begin < end && !signal.aborted) {
        const until = Math.min(begin + HOUR_MS, end);
        const samples = await store.samples(new Date(begin), new Date(until), WITHIN_SECONDS);
        const learnedTo = new Date(until);
        await store.save(samples.filter(isPossible), before, learnedTo);
        [before, begin] = [learnedTo, until];
        await breathe();
      }
    },
  };
}
