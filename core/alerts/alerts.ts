/** What people are told. Simple for now: an alert per hit, shown in the console, handed to channels with retry. */
import type { LprMessage } from '../message.ts';

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
   * Raises at most one alert per hit; delivery to the channel starts afterwards and never delays the flow. Null: the read was
   * told late (`isLate`), so nobody is called to a place that the vehicle has left; the hit stands on the detection.
   */
  raise(message: LprMessage<'hit'>, options: { readonly channelId: string }): Promise<Alert | null>;
  list(options: { readonly open: boolean | null; readonly limit: number }): Promise<readonly Alert[]>;
  /** @throws not_found */
  acknowledge(alertId: string, userId: string): Promise<Alert>;
  channels(): Promise<readonly AlertChannel[]>;
  createChannel(input: Omit<AlertChannel, 'channelId'>): Promise<AlertChannel>;
  removeChannel(channelId: string): Promise<void>;
  /** Sends a marked test notice. @throws channel_unknown, channel_refused */
  testChannel(channelId: string): Promise<void>;
  countOpen(): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
