/** A places room on a real database, five cameras, and a clock that the test sets. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { quietLog } from './quiet-log.ts';
import { createNews } from '../core/db/news.ts';
import { createGeofenceStore } from '../core/db/stores/geofence-store.ts';
import type { DetectionSummary } from '../core/detections/detections.ts';
import { createEvents, type HubEvents } from '../core/events.ts';
import type { LprMessage, SeenMotion } from '../core/message.ts';
import type { News } from '../core/news.ts';
import { createGeofences, type GeofenceRoom } from '../core/places/create-geofences.ts';
import type { Site } from '../core/places/fence-book.ts';
import { DEFAULT_RULES, type GeofenceInput, type GeofenceRules, type Position } from '../core/places/geofences.ts';

const EIGHT = Date.parse('2026-11-23T08:00:00Z');
export const CENTRE: Position = [100.5, 13.7];
export const east = (metres: number): Position => [100.5 + metres / 108_140, 13.7];
export const cameraAt = (
  position: Position | null,
  more: Partial<Site['cameras'][number]> = {},
): Site['cameras'][number] => ({
  ...{ cameraId: randomUUID(), name: 'Gate', position, checkpointId: null, lanes: [], heading: null, isBuiltIn: false },
  ...more,
});
export const middle = cameraAt(CENTRE);
export const corner = cameraAt(east(150));
export const brink = cameraAt(east(250));
export const away = cameraAt(east(5_000));
export const lost = cameraAt(null);
export const site: Site = { cameras: [middle, corner, brink, away, lost], zones: [], checkpoints: [] };

export const port = (rules: Partial<GeofenceRules> = {}, more: Partial<GeofenceInput> = {}): GeofenceInput => ({
  ...{ name: 'Port', colour: '#0e6a6a', notes: '', enabled: true },
  shape: { kind: 'circle', centre: CENTRE, radius: 200 },
  rules: { ...DEFAULT_RULES, rearmSeconds: 0, ...rules },
  ...more,
});

export interface Sight {
  readonly plateNumber?: string;
  readonly issuingEntity?: string | null;
  readonly isLate?: boolean;
  readonly detectionId?: string;
  readonly confidence?: number;
  readonly motion?: SeenMotion;
}

/** A detection by a camera so many seconds after eight o'clock. */
function seenBy(
  summaries: Map<string, DetectionSummary>,
  camera: { readonly cameraId: string },
  seconds: number,
  sight: Sight = {},
): LprMessage<'detection'> {
  const { plateNumber = '1กก1234', issuingEntity = 'TH-10', isLate = false, confidence = 0.9, motion } = sight;
  const capturedAt = new Date(EIGHT + seconds * 1000);
  const detectionId = sight.detectionId ?? uuidv7();
  const frameId = uuidv7();
  const plate = { plateNumber, issuingEntity, countryCode: 'TH', plateType: null, confidence };
  summaries.set(detectionId, {
    ...plate,
    ...{
      detectionId,
      status: 'confirmed',
      series: null,
      serial: null,
      characters: [],
      capturedAt,
      lastSeenAt: capturedAt,
    },
    ...{
      isParked: false,
      capturedAtSource: 'device',
      receivedAt: capturedAt,
      cameraId: camera.cameraId,
      cameraName: '',
    },
    ...{ frameId, frame: null, patch: null, box: null, corners: null, readCount: 1, hits: [] },
  });
  const device = { text: plateNumber, confidence: null, trackId: null, vehicle: null, motion: motion ?? null };
  return {
    lpr: {
      ...{ frameId, cameraId: camera.cameraId, capturedAtSource: 'device', token: frameId, isLate },
      ...{ capturedAt: capturedAt.toISOString(), receivedAt: capturedAt.toISOString() },
      read: {
        ...{ readId: frameId, engine: 'device:test', series: null, serial: null, provinceConfidence: 0.9 },
        ...{ characters: [], candidates: [], reasons: [], quality: null, device, ...plate },
      },
      detection: { ...{ detectionId, isNew: true, isBest: true, status: 'provisional', readCount: 1 }, ...plate },
    },
  };
}

export interface GeofenceBed {
  readonly database: TestDatabase;
  geofences: GeofenceRoom;
  now: Date;
  /** What the calendar of every rule says. */
  isOpen: boolean;
  readonly told: HubEvents['geofence.event'][];
  /** How often the database was asked on the way of a detection. */
  questions: number;
  readonly summaries: Map<string, DetectionSummary>;
  /** One more process. */
  openRoom(where?: Site): Promise<GeofenceRoom>;
  /** A detection by a camera so many seconds after eight o'clock. */
  seen(camera: { readonly cameraId: string }, seconds: number, sight?: Sight): LprMessage<'detection'>;
  /** The events that it gives. */
  observe(camera: { readonly cameraId: string }, seconds: number, sight?: Sight): Promise<readonly string[]>;
  /** `enter 0`: all that stand, with their seconds after eight, oldest first. */
  standing(): Promise<readonly string[]>;
  /** The clock of the hub, so many seconds after eight; all that is due done. */
  passTo(seconds: number): Promise<void>;
}

/** Set up before each test of the file. */
export function useGeofenceBed(): GeofenceBed {
  let database: TestDatabase;
  let news: News;
  let rooms: GeofenceRoom[] = [];

  const bed: GeofenceBed = {
    get database() {
      return database;
    },
    geofences: undefined as unknown as GeofenceRoom,
    now: new Date(EIGHT),
    isOpen: true,
    told: [],
    questions: 0,
    summaries: new Map(),
    async openRoom(where = site) {
      const events = createEvents((error) => {
        throw error;
      });
      events.on('geofence.event', (event) => bed.told.push(event));
      const store = createGeofenceStore(database);
      const room = createGeofences({
        store: {
          ...store,
          work: (vehicle, run) => {
            bed.questions++;
            return store.work(vehicle, run);
          },
          eventsOf: (detectionId) => {
            bed.questions++;
            return store.eventsOf(detectionId);
          },
        },
        site: () => Promise.resolve(where),
        calendars: { includes: () => bed.isOpen },
        detection: (detectionId) => Promise.resolve(bed.summaries.get(detectionId) ?? null),
        ...{ news, events, log: quietLog, now: () => bed.now },
      });
      await room.start();
      rooms.push(room);
      return room;
    },
    seen: (camera, seconds, sight) => seenBy(bed.summaries, camera, seconds, sight),
    async observe(camera, seconds, sight) {
      const parts = await bed.geofences.observe(bed.seen(camera, seconds, sight), '');
      return parts.map(({ event }) => event);
    },
    async standing() {
      const { items } = await bed.geofences.events({
        ...{ geofenceId: null, event: null, plateNumber: null, from: null, to: null, cursor: null },
        ...{ retracted: false, limit: 100 },
      });
      return items.map(({ event, at }) => `${event} ${(at.getTime() - EIGHT) / 1000}`).reverse();
    },
    async passTo(seconds) {
      bed.now = new Date(EIGHT + seconds * 1000);
      await bed.geofences.passTime();
    },
  };

  beforeAll(async () => {
    database = await openTestDatabase();
    news = createNews(database, quietLog);
    await news.start();
  });
  afterAll(async () => {
    await news.stop();
    await database.close();
  });
  beforeEach(async () => {
    await database.pool.query(
      'truncate geofences, geofence_states, geofence_sightings, geofence_events, detection_changes, detections',
    );
    rooms = [];
    bed.told.length = 0;
    bed.summaries.clear();
    Object.assign(bed, { now: new Date(EIGHT), isOpen: true });
    bed.geofences = await bed.openRoom();
    bed.questions = 0;
  });
  afterEach(async () => {
    for (const room of rooms) await room.stop();
  });
  return bed;
}
