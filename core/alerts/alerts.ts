/** What people are told. Simple for now: an alert per hit, shown in the console, handed to channels with retry. */
import type { DetectionSummary } from '../detections/detections.ts';
import type { HitPart, LprMessage } from '../message.ts';

/** What an alert is about; there is one alert for each rule and subject at most. */
export type SubjectKind = 'hit' | 'geofence' | 'detection' | 'camera';

export type AlertCause = 'live' | 'late' | 'correction';

export interface Alert {
  readonly alertId: string;
  readonly hitId: string;
  readonly detectionId: string;
  readonly title: string;
  readonly category: string;
  readonly priority: number;
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly raisedAt: Date;
  /** `late`: it happened long before it was told; `correction`: a person's correction showed it. Neither goes to channels. */
  readonly cause: AlertCause;
  /** The detection turned out to say something else. */
  readonly retractedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
}

export interface AlertChannel {
  readonly channelId: string;
  readonly name: string;
  /** An alert channel plugin's id. */
  readonly plugin: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
}

export interface Alerts {
  /**
   * Raises at most one alert per hit; delivery to the channel starts afterwards and never delays the flow. Of a read that was told
   * late the alert is listed as such and calls nobody: the vehicle has long left.
   */
  raise(message: LprMessage<'hit'>, options: { readonly channelId: string }): Promise<Alert>;
  /** For a hit that a correction showed: told in the console, sent to no channel. */
  raiseFor(hit: HitPart, detection: DetectionSummary): Promise<Alert>;
  /** Takes back the alerts of these hits; what is not sent yet is not sent any more. */
  retract(hitIds: readonly string[]): Promise<void>;
  /** `open`: neither acknowledged nor taken back, nor late. */
  list(options: { readonly open: boolean | null; readonly limit: number }): Promise<readonly Alert[]>;
  /** @throws not_found */
  acknowledge(alertId: string, userId: string): Promise<Alert>;
  channels(): Promise<readonly AlertChannel[]>;
  createChannel(input: Omit<AlertChannel, 'channelId'>): Promise<AlertChannel>;
  removeChannel(channelId: string): Promise<void>;
  /** Sends a marked test notice. @throws channel_unknown, channel_refused */
  testChannel(channelId: string): Promise<void>;
  /** Late ones do not count: nobody should run for them. */
  countOpen(): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
