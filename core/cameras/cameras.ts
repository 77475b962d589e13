/** The camera registry: what sees, how it is connected, its ingest keys, its health. */
import type { ImageHandle } from '../message.ts';
import type { Author, CameraDifference, CameraVersion } from './camera-versions.ts';
import type { CameraState, StateReason } from './health-state.ts';
import type { CameraHour, StateChange } from './health-store.ts';
import type { CameraMetrics } from './camera-metrics.ts';
import type { DeviceStates } from './device-state.ts';
import type { Maintenance } from './maintenance.ts';
import type { ProbeResult } from './probe.ts';
import type { Zones } from './zones.ts';

export type { Author, CameraDifference, CameraVersion } from './camera-versions.ts';
export type { CameraState, StateReason } from './health-state.ts';
export type { CameraHour, StateChange } from './health-store.ts';
export type { CameraMetrics } from './camera-metrics.ts';
export type { DeviceStates, Drift } from './device-state.ts';
export type { MaintenanceInput, MaintenanceWindow } from './maintenance.ts';
export type { Checkpoint, Zone, ZoneCamera, ZoneInput } from './zones.ts';
export type { EntryStep, ProbeResult, ReadyCamera, ReadyDevice } from './probe.ts';

/** How this camera's pictures are read; what is empty or null is left to the flow. */
export interface CameraReading {
  /** Engine id. */
  readonly engine: string;
  /** Expected countries, ISO 3166-1 alpha-2, likeliest first. */
  readonly countries: readonly string[];
  /** Pixels; smaller plates are not looked for. */
  readonly minPlateHeight: number | null;
  /** 0..1; less sure reads count as unreadable. */
  readonly minConfidence: number | null;
}
export const READ_AS_THE_FLOW_SAYS: CameraReading = {
  engine: '',
  countries: [],
  minPlateHeight: null,
  minConfidence: null,
};

/** What a camera sees of the road, from its left to its right. */
export interface Lane {
  /** As the device counts them. */
  readonly number: number;
  readonly name: string;
  /** How vehicles of this lane move as the camera sees them. */
  readonly direction: 'toward' | 'away' | 'both';
  /** Where the lane leads, in words; empty when nobody said. */
  readonly destination: string;
}

/** A device's settings by name: those it should have, or those it says it has. */
export type DeviceState = Readonly<Record<string, unknown>>;

export interface Camera {
  readonly cameraId: string;
  readonly name: string;
  /** A camera protocol plugin's id, or `push` for one that posts frames with its ingest key. */
  readonly protocol: string;
  /** As stored; secrets are replaced by `true` when set. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  /** Set for the demo camera, the watched folder and console uploads that a new install starts with. */
  readonly builtIn: 'demo' | 'folder' | 'upload' | null;
  readonly checkpointId: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Degrees from north, clockwise. */
  readonly heading: number | null;
  readonly reading: CameraReading;
  readonly lanes: readonly Lane[];
  /** Settings that the device should have; doors tell it. */
  readonly desired: DeviceState;
  readonly createdAt: Date;
  readonly health: CameraHealth;
}

/** Something about a camera that works and yet needs a look. */
export interface HealthWarning {
  readonly code: 'clock_zone' | 'clock_off' | 'frames_fell' | 'reads_fell';
  /** `clock_…`: seconds that the device's clock is behind the hub's. `…_fell`: how many came in the last whole hour. */
  readonly value: number;
  /** `…_fell`: how many come in this hour of the week. */
  readonly expected: number | null;
}

/** What became of a live camera's pictures before the inbox, today and since the hub started. */
export interface CameraPassing {
  /** Nothing moved: neither stored nor read. */
  readonly framesSkipped: number;
  /** The workers were behind: newer ones took their place. */
  readonly framesDropped: number;
}

export interface CameraHealth extends CameraPassing {
  readonly state: CameraState;
  readonly since: Date;
  readonly reason: StateReason;
  readonly lastFrameAt: Date | null;
  readonly lastFrame: ImageHandle | null;
  readonly framesToday: number;
  readonly error: { readonly code: string; readonly message: string; readonly since: Date } | null;
  /** How long it is usually silent at most, at this time of day; null: not known yet. */
  readonly expectedSeconds: number | null;
  /** How far its clock is behind the hub's; null: not known. */
  readonly clockOffsetSeconds: number | null;
  /** Muted while the camera is off, in maintenance or gives nothing anyway. */
  readonly warnings: readonly HealthWarning[];
  /** The window that is open now. */
  readonly maintenance: { readonly windowId: string; readonly to: Date; readonly reason: string } | null;
}

/** What became of a camera over time. */
export interface CameraHistory {
  /** Newest first. */
  readonly states: readonly StateChange[];
  /** Oldest first; hours without anything may be missing. */
  readonly hours: readonly CameraHour[];
}

export interface CameraInput {
  readonly name: string;
  readonly protocol: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  readonly checkpointId: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly heading: number | null;
  readonly reading: CameraReading;
  readonly lanes?: readonly Lane[];
  readonly desired?: DeviceState;
}

export interface IngestKey {
  readonly keyId: string;
  readonly cameraId: string;
  readonly label: string;
  /** First characters, to tell keys apart. */
  readonly prefix: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface Cameras extends Zones, Maintenance {
  list(): Promise<readonly Camera[]>;
  get(cameraId: string): Promise<Camera | null>;
  /** @throws invalid_input, name_taken, protocol_unknown */
  create(input: CameraInput, by?: Author): Promise<Camera>;
  /** Secrets left out keep their value. @throws not_found, invalid_input, name_taken */
  update(cameraId: string, input: Partial<CameraInput>, by?: Author): Promise<Camera>;
  /** Its detections stay. Built-in cameras can only be switched off. @throws not_found, conflict */
  remove(cameraId: string, by?: Author): Promise<void>;
  /** Newest first, at most 500. @throws not_found */
  versions(cameraId: string): Promise<readonly CameraVersion[]>;
  /** From the second to the first. @throws not_found */
  compareVersions(cameraId: string, versionId: string, before: string): Promise<readonly CameraDifference[]>;
  /** Makes the camera what it was then, secrets included, as a new version. @throws not_found, name_taken, invalid_input */
  restore(cameraId: string, versionId: string, by?: Author): Promise<Camera>;
  /** Tries a configuration without saving it; `cameraId` lends its stored secrets. @throws camera_… with what to mend */
  test(input: {
    readonly protocol: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly cameraId: string | null;
  }): Promise<{
    /** A JPEG, at most 640 px wide; null when the protocol works but has no picture now (an empty folder). */
    readonly preview: Buffer | null;
    readonly width: number;
    readonly height: number;
  }>;
  /**
   * Finds out what stands behind an address and what to enter where; at most 8 s.
   * @param input.seenUrl where whoever asks reaches the hub @throws invalid_input
   */
  probe(input: {
    readonly address: string;
    readonly username: string;
    readonly password: string;
    readonly seenUrl: string;
  }): Promise<ProbeResult>;
  keys(cameraId: string): Promise<readonly IngestKey[]>;
  /** The key is shown once and stored as a hash. */
  createKey(cameraId: string, label: string): Promise<IngestKey & { readonly key: string }>;
  revokeKey(cameraId: string, keyId: string): Promise<void>;
  /** Which camera a key belongs to. @throws ingest_key_wrong, camera_disabled */
  authenticate(key: string): Promise<{ readonly cameraId: string }>;
  /** For nodes; of a camera that is gone: as the flow says. */
  readingOf(cameraId: string): Promise<CameraReading>;
  /**
   * Told by ingest. @param frame null: a read that came without a picture
   * @param capturedAt by the device's own clock, of a frame that was not held back; null when it has none
   */
  frameArrived(cameraId: string, frame: ImageHandle | null, at: Date, capturedAt?: Date | null): void;
  /** Told by doors: a sign of life that is no frame. */
  alive(cameraId: string): void;
  /** Told by doors: connected, or gone as its last will says; null when nobody can say any more. */
  deviceLink(cameraId: string, link: 'up' | 'down' | null): void;
  /** Of the last days. @throws not_found */
  metrics(cameraId: string, days: number): Promise<CameraMetrics>;
  /** Told by doors: the settings that a device says it has; fields that it does not speak of stand. */
  reported(cameraId: string, state: DeviceState): Promise<void>;
  /** @throws not_found */
  deviceStates(cameraId: string): Promise<DeviceStates>;
  /** @throws not_found */
  healthHistory(cameraId: string, since: Date): Promise<CameraHistory>;
  /** Starts the enabled cameras' protocols; creates the built-in cameras on a new install. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
