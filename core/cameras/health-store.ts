/** What the watch over the cameras needs of a database. */
import type { MeasuredMetrics } from './camera-metrics.ts';
import type { DeviceState } from './cameras.ts';
import type { CameraState, StateReason } from './health-state.ts';
import type { HourCounts } from './hour-counts.ts';

export interface StateChange {
  readonly from: CameraState | null;
  readonly to: CameraState;
  readonly at: Date;
  readonly reason: StateReason;
  readonly errorCode: string | null;
}

export interface HourEvidence {
  readonly cameraId: string;
  /** Longest silences of the same hour of the last days, ms. */
  readonly sameHours: readonly number[];
  /** Of the last 24 hours. */
  readonly recentHours: readonly number[];
}

export interface HourRates {
  readonly cameraId: string;
  readonly frames: number;
  readonly detections: number;
  /** The same hour of the weeks before, without those in maintenance. */
  readonly framesBefore: readonly number[];
  readonly detectionsBefore: readonly number[];
}

export interface CameraHour {
  readonly hour: Date;
  readonly frames: number;
  readonly withoutPlate: number;
  readonly detections: number;
  readonly downSeconds: number;
  readonly maintenance: boolean;
}

export interface HealthStore {
  /** Newest state of each camera, and when it changed since `since`. */
  lastStates(
    since: Date,
  ): Promise<readonly (Omit<StateChange, 'from'> & { readonly cameraId: string; readonly changes: readonly Date[] })[]>;
  addStates(changes: readonly (StateChange & { readonly cameraId: string })[]): Promise<void>;
  /** Newest first. */
  states(cameraId: string, since: Date, limit: number): Promise<readonly StateChange[]>;
  /** Adds to what lies there. */
  addHours(rows: readonly HourCounts[]): Promise<void>;
  hours(cameraId: string, since: Date): Promise<readonly CameraHour[]>;
  metrics(cameraId: string, since: Date): Promise<MeasuredMetrics>;
  report(cameraId: string): Promise<{ readonly reported: DeviceState; readonly at: Date } | null>;
  /** Adds to what was reported before; gives all of it. */
  addReport(cameraId: string, state: DeviceState, at: Date): Promise<DeviceState>;
  evidence(hour: Date, days: number): Promise<readonly HourEvidence[]>;
  rates(hour: Date, weeks: number): Promise<readonly HourRates[]>;
}
