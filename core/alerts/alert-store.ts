/** What alerts need of a database. */
import type { Alert, AlertChannel } from './alerts.ts';

export interface Delivery {
  readonly alert: Alert;
  /** Sealed configuration. */
  readonly channel: AlertChannel;
  /** This one included. */
  readonly attempts: number;
}

export interface AlertStore {
  /** One alert per hit, with its outbox rows in the same transaction. `isNew` is false when the hit had one that stood. */
  raise(
    alert: Pick<
      Alert,
      | 'alertId'
      | 'hitId'
      | 'detectionId'
      | 'cameraId'
      | 'title'
      | 'category'
      | 'priority'
      | 'plateNumber'
      | 'issuingEntity'
      | 'cause'
    >,
    channelId: string | null,
  ): Promise<{ readonly alert: Alert; readonly isNew: boolean }>;
  /** Those that were not taken back before. */
  retract(hitIds: readonly string[]): Promise<readonly Alert[]>;
  list(open: boolean | null, limit: number): Promise<readonly Alert[]>;
  countOpen(): Promise<number>;
  /** The first acknowledgement stands. Null when there is no such alert. */
  acknowledge(alertId: string, userId: string): Promise<Alert | null>;
  channels(): Promise<readonly AlertChannel[]>;
  /** @throws name_taken */
  addChannel(channel: AlertChannel): Promise<AlertChannel>;
  removeChannel(channelId: string): Promise<boolean>;
  /** Takes deliveries that are due and keeps others from taking them for `leaseSeconds`. */
  takeDeliveries(limit: number, leaseSeconds: number): Promise<readonly Delivery[]>;
  delivered(alertId: string, channelId: string): Promise<void>;
  /** `nextAttemptAt` null: given up. */
  failed(alertId: string, channelId: string, error: string, nextAttemptAt: Date | null): Promise<void>;
}
