/**
 * Geofences: areas with rules. A camera that reads a plate stands still, so "inside" means last seen inside: a vehicle is in a
 * geofence from the first sighting by a camera that lies in it until something shows that it left.
 */
import type { DetectionSummary } from '../detections/detections.ts';
import type { GeofencePart, LprMessage } from '../message.ts';

/** `[longitude, latitude]`, degrees, WGS 84, as GeoJSON has it. */
export type Position = readonly [longitude: number, latitude: number];
/** Closed: its last position is its first. */
export type Ring = readonly Position[];

export type GeofenceShape =
  /** Each polygon is its outer ring, then its holes. */
  | { readonly kind: 'polygon'; readonly polygons: readonly (readonly Ring[])[] }
  /** Radius in metres. */
  | { readonly kind: 'circle'; readonly centre: Position; readonly radius: number }
  /** All within half of `width` (metres) of the line. */
  | { readonly kind: 'corridor'; readonly line: readonly Position[]; readonly width: number }
  /** Of zones the roles count: seen by an `out` camera, a vehicle leaves. */
  | {
      readonly kind: 'cameras';
      readonly cameraIds: readonly string[];
      readonly zoneIds: readonly string[];
      readonly checkpointIds: readonly string[];
    };
export type GeofenceKind = GeofenceShape['kind'];

export const GEOFENCE_EVENTS = ['enter', 'leave', 'dwell'] as const;
export type GeofenceEventKind = (typeof GEOFENCE_EVENTS)[number];

/** Only vehicles that move so are told of. One whose movement nobody knows is not. */
export type GeofenceDirection =
  /** As the camera sees it; of the device, else of the lane. */
  | { readonly by: 'camera'; readonly motion: 'toward' | 'away' }
  /** Degrees from north, clockwise, from `from` through to `to`; over north when `from` is greater. */
  | { readonly by: 'heading'; readonly from: number; readonly to: number };

export interface GeofenceRules {
  /** Of which events people and flows are told; the others are followed without a word. */
  readonly events: readonly GeofenceEventKind[];
  /** A vehicle that is inside so long dwells, once a visit. */
  readonly dwellSeconds: number;
  /** Only at the times of this calendar; null: always. */
  readonly calendarId: string | null;
  readonly direction: GeofenceDirection | null;
  /** A camera outside, but nearer than so many metres, says nothing. */
  readonly marginMetres: number;
  /** A vehicle that was seen outside has left when it is not seen inside again for so long. */
  readonly leaveDelaySeconds: number;
  /** A vehicle that nobody saw for so long has left; null: silence says nothing. */
  readonly silenceSeconds: number | null;
  /** For so long the same vehicle does not raise the same event again. */
  readonly rearmSeconds: number;
  /** 0..1; detections that are less sure are overlooked. */
  readonly minConfidence: number;
}

export const DEFAULT_RULES: GeofenceRules = {
  events: ['enter', 'leave'],
  dwellSeconds: 1_800,
  calendarId: null,
  direction: null,
  marginMetres: 0,
  leaveDelaySeconds: 0,
  silenceSeconds: null,
  rearmSeconds: 300,
  minConfidence: 0,
};

export interface GeofenceInput {
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string;
  readonly notes: string;
  readonly enabled: boolean;
  readonly shape: GeofenceShape;
  readonly rules: GeofenceRules;
}

export type Bounds = readonly [west: number, south: number, east: number, north: number];

export interface Geofence extends GeofenceInput {
  readonly geofenceId: string;
  /** Of cameras those that have a place; null when none has. */
  readonly bounds: Bounds | null;
  /** Square metres; null for a group of cameras. */
  readonly area: number | null;
  /** Cameras that lie in it. */
  readonly cameraIds: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How a camera lies to a geofence. `near`: within the margin; `unknown`: nobody said where it stands. */
export type CameraRelation = 'inside' | 'out' | 'near' | 'outside' | 'unknown';

export interface CheckedShape {
  /** Empty: it can be saved. */
  readonly problems: readonly { readonly field: string; readonly problem: string }[];
  /** As it would be saved: rings closed. Null when it cannot be. */
  readonly shape: GeofenceShape | null;
  readonly bounds: Bounds | null;
  readonly area: number | null;
  readonly points: number;
  /** Those inside, going out, or near. */
  readonly cameras: readonly { readonly cameraId: string; readonly relation: CameraRelation }[];
}

/** `live`: as it happened; `late`: told long after; `correction`: a correction showed it. The last two call nobody. */
export type GeofenceEventCause = 'live' | 'late' | 'correction';

export interface GeofenceEvent {
  readonly geofenceEventId: string;
  readonly geofenceId: string;
  readonly geofenceName: string;
  readonly event: GeofenceEventKind;
  readonly at: Date;
  /** Seconds inside so far (dwell), or from enter to leave; null on enter. */
  readonly seconds: number | null;
  /** Nobody saw it leave: it was not seen for the set time. */
  readonly bySilence: boolean;
  readonly cause: GeofenceEventCause;
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  /** The detection that shows it; of a dwell the last one inside. */
  readonly detectionId: string;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly createdAt: Date;
  /** A detection turned out to say something else, so it never happened. */
  readonly retractedAt: Date | null;
}

/** A vehicle that was last seen inside. */
export interface GeofenceVisit {
  readonly geofenceId: string;
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly enteredAt: Date;
  readonly lastSeenAt: Date;
  readonly lastCameraId: string;
  readonly lastCameraName: string;
  readonly lastDetectionId: string;
  /** Seen outside, and not yet for long enough to have left. */
  readonly isLeaving: boolean;
  readonly dwells: boolean;
}

export interface GeofenceQuery {
  /** Part of a name. */
  readonly search: string | null;
  readonly within: Bounds | null;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface GeofenceEventQuery {
  readonly geofenceId: string | null;
  readonly event: GeofenceEventKind | null;
  readonly plateNumber: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly retracted: boolean;
  readonly cursor: string | null;
  readonly limit: number;
}

export const IMPORT_FORMATS = ['geojson', 'kml', 'wkt'] as const;
export type GeofenceFormat = (typeof IMPORT_FORMATS)[number];

export interface GeofenceImport {
  /** Null: told from the content. */
  readonly format: GeofenceFormat | null;
  readonly content: string;
  /** For features without a name, with their number behind it. */
  readonly name: string;
  readonly colour: string;
  readonly rules: GeofenceRules;
  /** Metres: what a point and a line become is a circle and a corridor of this size. */
  readonly radius: number;
  readonly width: number;
}

export interface ImportedFeature {
  /** Its place in the file, from 1. */
  readonly number: number;
  readonly name: string;
  readonly shape: GeofenceShape | null;
  readonly area: number | null;
  readonly points: number;
  readonly cameraIds: readonly string[];
  readonly problems: readonly { readonly field: string; readonly problem: string }[];
}

export interface ImportPreview {
  readonly format: GeofenceFormat;
  readonly features: readonly ImportedFeature[];
  /** False: nothing of it can be imported until it is mended. */
  readonly ok: boolean;
}

export interface Geofences {
  list(query: GeofenceQuery): Promise<{ readonly items: readonly Geofence[]; readonly nextCursor: string | null }>;
  get(geofenceId: string): Promise<Geofence | null>;
  /** @throws invalid_input naming every fault, name_taken, conflict when there are too many */
  create(input: GeofenceInput): Promise<Geofence>;
  /** Vehicles inside stay so; new rules hold from now. @throws not_found, invalid_input, name_taken */
  update(geofenceId: string, change: Partial<GeofenceInput>): Promise<Geofence>;
  /** Its events stay. @throws not_found */
  remove(geofenceId: string): Promise<void>;
  /** For the map while something is drawn: never throws for a bad shape. */
  check(shape: GeofenceShape, marginMetres: number): CheckedShape;
  /** What would be made of a file. @throws invalid_input when it is none of the formats */
  preview(file: GeofenceImport): ImportPreview;
  /** All of it or nothing. @throws invalid_input naming each feature, name_taken */
  import(file: GeofenceImport): Promise<readonly Geofence[]>;
  /** GeoJSON; a circle is a point with `radius`, a corridor a line with `width`. */
  export(): object;
  /** Those in which a place lies, or a camera. In memory, quick. */
  at(position: Position): readonly string[];
  ofCamera(cameraId: string): readonly string[];
  /**
   * What the vehicle of a recorded detection did at all geofences, or the named one. Repeatable: the same detection gives the same
   * events with the same ids, `isNew` only the first time. Without a question to the database where the camera lies in no
   * geofence and the vehicle was last seen in none.
   */
  observe(message: LprMessage<'detection'>, geofenceId: string): Promise<readonly GeofencePart[]>;
  /**
   * For a detection that says something else now, or is gone (null): events that never happened are taken back; missed ones stored
   * when `adds` is set. Repeatable: gives the same again.
   */
  reconsider(
    detectionId: string,
    detection: DetectionSummary | null,
    options: { readonly adds: boolean },
  ): Promise<{ readonly added: readonly GeofenceEvent[]; readonly retracted: readonly string[] }>;
  /** Newest first. */
  events(
    query: GeofenceEventQuery,
  ): Promise<{ readonly items: readonly GeofenceEvent[]; readonly nextCursor: string | null }>;
  /** Who is inside now; the newest first, at most 1,000. @throws not_found */
  visits(geofenceId: string): Promise<readonly GeofenceVisit[]>;
  /** Loads the fences and who is inside, and begins with what is due by the clock. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
