import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import type { CalendarUse } from '../calendars/calendars.ts';
import { LprError, errorMessage, type FieldProblem } from '../errors.ts';
import type { Events } from '../events.ts';
import type { GeofencePart, LprMessage } from '../message.ts';
import type { News } from '../news.ts';
import type { Log } from '../plugins/define.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import { createFenceBook, followNews, type Site } from './fence-book.ts';
import { createFenceIndex } from './fence-index.ts';
import { createVehicleFollower, instantOf, seenAgain, vehicleOf } from './follow-vehicles.ts';
import type { GeofenceStore, StoredGeofence } from './geofence-store.ts';
import type {
  CameraRelation,
  CheckedShape,
  Geofence,
  GeofenceEvent,
  GeofenceImport,
  GeofenceInput,
  Geofences,
  GeofenceShape,
  ImportedFeature,
} from './geofences.ts';
import { partOf } from './geofence-part.ts';
import { readFeatures, toGeojson } from './import-geofences.ts';
import { checkShape, pointsOf, refuse } from './shape-check.ts';
import { areaOf, boundsOf, overlaps } from './shape-geometry.ts';

export const MOST_GEOFENCES = 20_000;
const MOST_VISITS = 1_000;
/** How often it is looked whether something is due by the clock, and how long is waited for what is still on its way. */
const DUE_MS = 1_000;
const GRACE_MS = 3_000;
const AT_ONCE = 200;
const SITE_MS = 300;

const DAY_MS = 86_400_000;
/** Late and corrected detections are put in their place this far back. */
const SIGHTING_DAYS = 35;
const EVENT_DAYS = 400;

export interface GeofenceDependencies {
  readonly store: GeofenceStore;
  readonly site: () => Promise<Site>;
  readonly calendars: {
    /** @throws not_found */
    includes(calendarId: string, at: Date): boolean;
  };
  readonly detection: (detectionId: string) => Promise<DetectionSummary | null>;
  readonly news: Pick<News, 'on' | 'tell'>;
  readonly events: Events;
  readonly log: Log;
  readonly now?: () => Date;
}

/** What the composition starts and the jobs call, beside what everybody sees. */
export interface GeofenceRoom extends Geofences {
  /** Removes sightings and events that are old enough. */
  prune(): Promise<void>;
  /** Where cameras, zones and checkpoints are now. */
  site(): Site;
  /** Geofences that hang on a calendar. */
  usesOf(calendarId: string): readonly CalendarUse[];
  /** What is due by the clock now; resolves when it is done and told. */
  passTime(): Promise<void>;
}

const noProblems = (what: string, problems: readonly FieldProblem[]): void => {
  if (problems.length > 0) refuse(what, problems);
};

export function createGeofences({
  store,
  site,
  calendars,
  detection,
  news,
  events,
  log,
  now = () => new Date(),
}: GeofenceDependencies): GeofenceRoom {
  const book = createFenceBook(store, site);
  const follower = createVehicleFollower({ store, book, calendars, now });
  const stopping = new AbortController();
  const stops: (() => void)[] = [];
  let passing: Promise<void> | null = null;

  const calendarProblems = (calendarId: string | null, field: string): readonly FieldProblem[] => {
    if (calendarId === null) return [];
    try {
      calendars.includes(calendarId, now());
      return [];
    } catch {
      return [{ field, problem: 'names no calendar' }];
    }
  };
  const unknownIds = (shape: GeofenceShape, known: Site, field: string): readonly FieldProblem[] => {
    if (shape.kind !== 'cameras') return [];
    const missing = (ids: readonly string[], there: readonly string[], key: string, what: string): FieldProblem[] =>
      ids.some((id) => !there.includes(id))
        ? [{ field: `${field}.${key}`, problem: `names a ${what} that is none` }]
        : [];
    return [
      ...missing(
        shape.cameraIds,
        known.cameras.map(({ cameraId }) => cameraId),
        'cameraIds',
        'camera',
      ),
      ...missing(
        shape.zoneIds,
        known.zones.map(({ zoneId }) => zoneId),
        'zoneIds',
        'zone',
      ),
      ...missing(
        shape.checkpointIds,
        known.checkpoints.map(({ checkpointId }) => checkpointId),
        'checkpointIds',
        'checkpoint',
      ),
    ];
  };

  /** @throws invalid_input */
  const checked = (input: GeofenceInput, where: Site): GeofenceInput => {
    const { problems, shape } = checkShape(input.shape, book.home());
    const all = [
      ...problems,
      ...(shape === null ? [] : unknownIds(shape, where, 'shape')),
      ...calendarProblems(input.rules.calendarId, 'rules.calendarId'),
    ];
    noProblems('The geofence', all);
    return { ...input, shape: shape ?? input.shape };
  };
  const room = (more: number): void => {
    if (book.all().length + more <= MOST_GEOFENCES) return;
    throw new LprError(
      'conflict',
      `There can be at most ${MOST_GEOFENCES.toLocaleString('en')} geofences: remove some first.`,
    );
  };
  const existing = (geofenceId: string): Geofence => {
    const fence = book.get(geofenceId);
    if (fence === null) throw new LprError('not_found', 'There is no such geofence.');
    return fence;
  };
  const newFence = (input: GeofenceInput): StoredGeofence => {
    const at = now();
    return { ...input, geofenceId: randomUUID(), createdAt: at, updatedAt: at };
  };

  const check = (given: GeofenceShape, marginMetres: number): CheckedShape => {
    const { problems, shape } = checkShape(given, book.home());
    const points = pointsOf(given);
    if (shape === null) return { problems, shape, points, bounds: null, area: null, cameras: [] };
    const { cameras, zones } = book.site();
    const index = createFenceIndex([{ geofenceId: '', shape, marginMetres }], cameras, zones);
    const near = cameras.flatMap(({ cameraId }): { cameraId: string; relation: CameraRelation }[] => {
      const relation = index.relationsOf(cameraId).get('');
      return relation === undefined ? [] : [{ cameraId, relation }];
    });
    const size =
      shape.kind === 'cameras' ? { bounds: null, area: null } : { bounds: boundsOf(shape), area: areaOf(shape) };
    return { problems, shape, points, ...size, cameras: near };
  };

  const looked = (
    file: GeofenceImport,
  ): {
    readonly format: 'geojson' | 'kml' | 'wkt';
    readonly features: readonly { readonly feature: ImportedFeature; readonly input: GeofenceInput | null }[];
  } => {
    const { format, features } = readFeatures(file);
    const taken = new Set(book.all().map(({ name }) => name.toLowerCase()));
    return {
      format,
      features: features.map(({ number, name, colour, notes, shape: given, problems: before }) => {
        const field = `features.${number}`;
        const { problems: faults, shape } =
          given === null ? { problems: [], shape: null } : checkShape(given, book.home(), field);
        const problems = [
          ...before,
          ...faults,
          ...(shape === null ? [] : unknownIds(shape, book.site(), field)),
          ...(taken.has(name.toLowerCase())
            ? [{ field: `${field}.name`, problem: 'is taken by another geofence' }]
            : []),
        ];
        const { cameras } = shape === null ? { cameras: [] } : check(shape, 0);
        const feature: ImportedFeature = {
          ...{ number, name, problems, shape },
          area: shape === null || shape.kind === 'cameras' ? null : areaOf(shape),
          points: given === null ? 0 : pointsOf(given),
          cameraIds: cameras.map(({ cameraId }) => cameraId),
        };
        const rest = { name, colour: colour ?? file.colour, notes, enabled: true, rules: file.rules };
        return { feature, input: shape === null ? null : { ...rest, shape } };
      }),
    };
  };

  // ---- what flows are told from outside

  const messageOf = async (event: GeofenceEvent): Promise<LprMessage<'detection' | 'geofence'> | null> => {
    const summary = await detection(event.detectionId);
    if (summary === null) return null;
    const { frameId, cameraId, capturedAt, capturedAtSource, receivedAt, frame } = summary;
    return {
      lpr: {
        ...{ frameId, cameraId, capturedAtSource, isLate: false, token: event.geofenceEventId },
        ...{ capturedAt: capturedAt.toISOString(), receivedAt: receivedAt.toISOString() },
        ...(frame === null ? {} : { frame }),
        detection: {
          ...{ detectionId: summary.detectionId, isNew: false, isBest: true, status: summary.status },
          ...{
            plateNumber: summary.plateNumber,
            issuingEntity: summary.issuingEntity,
            countryCode: summary.countryCode,
          },
          ...{ plateType: summary.plateType, confidence: summary.confidence, readCount: summary.readCount },
        },
        geofence: { ...partOf(event), isNew: true },
      },
    };
  };
  const tellUntold = async (): Promise<void> => {
    for (;;) {
      const untold = await store.takeUntold(AT_ONCE);
      for (const event of untold) events.emit('geofence.event', { event, message: await messageOf(event) });
      if (untold.length > 0) await store.told(untold.map(({ geofenceEventId }) => geofenceEventId));
      if (untold.length < AT_ONCE || stopping.signal.aborted) return;
    }
  };
  const passTime = (): Promise<void> => {
    passing ??= (async () => {
      try {
        while (!stopping.signal.aborted) {
          const done = await follower.passTime(new Date(now().getTime() - GRACE_MS), AT_ONCE);
          if (done < AT_ONCE) break;
        }
      } finally {
        await tellUntold();
      }
    })().finally(() => {
      passing = null;
    });
    return passing;
  };

  const reload = (geofenceIds: readonly string[] | null): Promise<void> => book.reload(geofenceIds);

  return {
    list({ search, within, cursor, limit }) {
      const wanted = search?.toLowerCase() ?? '';
      const matching = book.all().filter(({ name, bounds }) => {
        if (!name.toLowerCase().includes(wanted)) return false;
        return within === null || (bounds !== null && overlaps(bounds, within));
      });
      const from = cursor === null ? 0 : matching.findIndex(({ geofenceId }) => geofenceId === cursor) + 1;
      if (cursor !== null && from === 0) {
        throw new LprError('cursor_invalid', 'This page is gone: begin again.');
      }
      const items = matching.slice(from, from + limit);
      const nextCursor = from + limit < matching.length ? (items.at(-1)?.geofenceId ?? null) : null;
      return Promise.resolve({ items, nextCursor });
    },
    get: (geofenceId) => Promise.resolve(book.get(geofenceId)),
    async create(input) {
      room(1);
      const fence = newFence(checked(input, book.site()));
      await store.add([fence]);
      await reload([fence.geofenceId]);
      return existing(fence.geofenceId);
    },
    async update(geofenceId, change) {
      const { createdAt, ...before } = existing(geofenceId);
      const { name, colour, notes, enabled, shape, rules } = { ...before, ...change };
      const input = checked({ name, colour, notes, enabled, shape, rules }, book.site());
      if (!(await store.change({ ...input, geofenceId, createdAt, updatedAt: now() }))) existing('');
      await reload([geofenceId]);
      return existing(geofenceId);
    },
    async remove(geofenceId) {
      existing(geofenceId);
      await store.remove(geofenceId);
      await reload([geofenceId]);
      await book.reloadPresence();
    },
    check,
    preview(file) {
      const { format, features } = looked(file);
      const ok = features.every(({ feature }) => feature.problems.length === 0);
      return { format, ok, features: features.map(({ feature }) => feature) };
    },
    async import(file) {
      const { features } = looked(file);
      noProblems('The file', [
        ...features.flatMap(({ feature }) => feature.problems),
        ...calendarProblems(file.rules.calendarId, 'rules.calendarId'),
      ]);
      room(features.length);
      const fences = features.flatMap(({ input }) => (input === null ? [] : [newFence(input)]));
      await store.add(fences);
      await reload(fences.map(({ geofenceId }) => geofenceId));
      return fences.map(({ geofenceId }) => existing(geofenceId));
    },
    export: () => toGeojson(book.all()),
    at: (position) => book.index().at(position),
    ofCamera: (cameraId) =>
      [...book.index().relationsOf(cameraId)].flatMap(([geofenceId, relation]) =>
        relation === 'near' ? [] : [geofenceId],
      ),
    async observe(message, geofenceId) {
      const { lpr } = message;
      const { detectionId, status, confidence } = lpr.detection;
      if (status === 'rejected') return [];
      const matters = await follower.see({
        ...{ vehicle: vehicleOf(lpr.detection), detectionId, cameraId: lpr.cameraId, confidence, frameId: lpr.frameId },
        ...{
          at: instantOf(message, now()),
          motion: lpr.read?.device?.motion ?? null,
          cause: lpr.isLate ? 'late' : 'live',
        },
      });
      if (!matters) return [];
      const parts = (await store.eventsOf(detectionId)).filter(
        (event) => sameVehicle(event, lpr.detection) && (geofenceId === '' || event.geofenceId === geofenceId),
      );
      const own = parts.filter(({ frameId }) => frameId === lpr.frameId);
      for (const event of own) events.emit('geofence.event', { event, message: null });
      return parts.map((event): GeofencePart => ({ ...partOf(event), isNew: event.frameId === lpr.frameId }));
    },
    async reconsider(detectionId, summary, { adds }) {
      const isPlate = summary !== null && summary.status !== 'rejected';
      await follower.forget(detectionId, isPlate ? vehicleOf(summary) : null);
      if (isPlate && adds) await follower.see(seenAgain(summary));
      const gone = await store.retractedFor(detectionId);
      for (const event of gone) events.emit('geofence.retracted', event);
      const standing = await store.eventsOf(detectionId);
      const added = adds ? standing.filter(({ cause }) => cause === 'correction') : [];
      return { added, retracted: gone.map(({ geofenceEventId }) => geofenceEventId) };
    },
    async events(query) {
      const [at = '', id = ''] = query.cursor?.split('_') ?? [];
      if (query.cursor !== null && (Number.isNaN(Date.parse(at)) || !isUuid(id))) {
        throw new LprError('cursor_invalid', 'The cursor is not one that a page gave: begin with the first page.');
      }
      const items = await store.events({ ...query, limit: query.limit + 1 });
      const page = items.slice(0, query.limit);
      const last = page.at(-1);
      const nextCursor =
        items.length > query.limit && last !== undefined ? `${last.at.toISOString()}_${last.geofenceEventId}` : null;
      return { items: page, nextCursor };
    },
    async visits(geofenceId) {
      existing(geofenceId);
      return store.visits(geofenceId, MOST_VISITS);
    },
    site: () => book.site(),
    usesOf: (calendarId) =>
      book
        .all()
        .flatMap(({ name, rules }): CalendarUse[] =>
          rules.calendarId === calendarId ? [{ what: 'geofence', name }] : [],
        ),
    async prune() {
      const before = (days: number): Date => new Date(now().getTime() - days * DAY_MS);
      await store.prune({ sightings: before(SIGHTING_DAYS), events: before(EVENT_DAYS) });
      await book.reloadPresence();
      await news.tell('presence');
    },
    passTime,
    async start() {
      const onError = (error: unknown): void => {
        log.error({ err: errorMessage(error) }, 'the geofences could not be loaded anew');
      };
      // Cameras tell each change of their health, too: many at once are one.
      let telling: NodeJS.Timeout | undefined;
      const siteChanged = (): void => {
        telling ??= setTimeout(() => {
          telling = undefined;
          void news.tell('geofences', 'site').catch(onError);
        }, SITE_MS);
      };
      stops.push(followNews(book, news, onError), () => {
        clearTimeout(telling);
      });
      await reload(null);
      await book.reloadPresence();
      // Cameras of this process; the others hear it by news.
      stops.push(events.on('camera.changed', siteChanged), events.on('places.changed', siteChanged));
      const timer = setInterval(() => {
        passTime().catch((error: unknown) => {
          log.error({ err: errorMessage(error) }, 'what is due at geofences could not be done; trying again');
        });
      }, DUE_MS);
      timer.unref();
      stops.push(() => {
        clearInterval(timer);
      });
    },
    async stop() {
      stopping.abort();
      for (const stop of stops) stop();
      await passing?.catch(() => undefined);
    },
  };
}

const sameVehicle = (
  event: GeofenceEvent,
  vehicle: { plateNumber: string; issuingEntity: string | null; countryCode: string | null },
): boolean =>
  event.plateNumber === vehicle.plateNumber &&
  event.issuingEntity === vehicle.issuingEntity &&
  event.countryCode === vehicle.countryCode;
