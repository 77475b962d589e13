/** What geofences need of a database. */
import type {
  Geofence,
  GeofenceEvent,
  GeofenceEventCause,
  GeofenceEventQuery,
  GeofenceInput,
  GeofenceVisit,
} from './geofences.ts';
import type { Sighting, VisitEvent, VisitState } from './visits.ts';

export type StoredGeofence = GeofenceInput & Pick<Geofence, 'geofenceId' | 'createdAt' | 'updatedAt'>;

/** A plate with all that belongs to it; null for what was not read, which is no identity and counts as a vehicle of its own. */
export interface Vehicle {
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
}

/** A detection of the vehicle. */
export interface LaterSight extends Pick<Sighting, 'detectionId' | 'cameraId' | 'at' | 'lastAt'> {
  readonly confidence: number;
}

export interface StoredState {
  readonly geofenceId: string;
  readonly state: VisitState;
  readonly dueAt: Date | null;
  /** Somebody came in or went out: other processes are told. */
  readonly isTold: boolean;
}

export interface StoredEvent extends VisitEvent {
  readonly geofenceEventId: string;
  readonly geofenceId: string;
  readonly geofenceName: string;
  readonly cause: GeofenceEventCause;
  /** Whose message showed it; null: flows have to be told from outside. */
  readonly frameId: string | null;
  /** They are, from now on. */
  readonly isToTell: boolean;
}

/** One vehicle's rows, which nobody else writes meanwhile. */
export interface VehicleWork {
  states(geofenceIds: readonly string[]): Promise<ReadonlyMap<string, VisitState>>;
  /** What this detection said so far, by geofence. */
  own(detectionId: string): Promise<ReadonlyMap<string, Sighting>>;
  /** Oldest first. */
  history(geofenceId: string): Promise<readonly Sighting[]>;
  /** Those that stand and could be known from then on. */
  eventIdsSince(geofenceId: string, decidedAt: number): Promise<readonly string[]>;
  /** Adds them, or moves the end of those that are there. */
  saveSightings(rows: readonly (Sighting & { readonly geofenceId: string })[]): Promise<void>;
  removeSightings(detectionId: string): Promise<void>;
  saveStates(rows: readonly StoredState[]): Promise<void>;
  /** Gives the ids of those that did not stand before. */
  saveEvents(rows: readonly StoredEvent[]): Promise<readonly string[]>;
  /**
   * @param detectionId what showed that they never happened
   * @param isFollowed somebody follows it up already; else this is noted as a change of the detection, for those who were told
   */
  retract(eventIds: readonly string[], detectionId: string, isFollowed: boolean): Promise<void>;
}

export interface GeofenceStore {
  /** All, or those with these ids. */
  fences(geofenceIds: readonly string[] | null): Promise<readonly StoredGeofence[]>;
  /** All or none. @throws name_taken */
  add(fences: readonly StoredGeofence[]): Promise<void>;
  /** False when there is none. @throws name_taken */
  change(fence: StoredGeofence): Promise<boolean>;
  remove(geofenceId: string): Promise<boolean>;
  /** Who is inside of what. */
  presence(): Promise<readonly (Vehicle & { readonly geofenceId: string })[]>;
  /** Geofences that the vehicle ever was in. */
  fencesOf(vehicle: Vehicle): Promise<readonly string[]>;
  /** Where detections on record saw it after that, oldest first. */
  seenSince(vehicle: Vehicle, after: Date, limit: number): Promise<readonly LaterSight[]>;
  /** In one transaction; at most one runs for a vehicle. */
  work<T>(vehicle: Vehicle, run: (work: VehicleWork) => Promise<T>): Promise<T>;
  /** For whom a detection was counted. */
  vehiclesOf(
    detectionId: string,
  ): Promise<readonly { readonly vehicle: Vehicle; readonly geofenceIds: readonly string[] }[]>;
  due(
    until: Date,
    limit: number,
  ): Promise<readonly { readonly vehicle: Vehicle; readonly geofenceIds: readonly string[] }[]>;
  /** Events that flows have to be told of; nobody else gets them for a minute. */
  takeUntold(limit: number): Promise<readonly GeofenceEvent[]>;
  told(eventIds: readonly string[]): Promise<void>;
  /** Those that stand, with the frame that showed each. */
  eventsOf(detectionId: string): Promise<readonly (GeofenceEvent & { readonly frameId: string | null })[]>;
  /** Those taken back for this detection's sake. */
  retractedFor(detectionId: string): Promise<readonly GeofenceEvent[]>;
  events(query: GeofenceEventQuery): Promise<readonly GeofenceEvent[]>;
  visits(geofenceId: string, limit: number): Promise<readonly GeofenceVisit[]>;
  /** Removes what is older; gives how many rows. */
  prune(before: { readonly sightings: Date; readonly events: Date }): Promise<number>;
}
