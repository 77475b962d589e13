/** What connectors need of a database. */
import type { DetectionSummary } from '../detections/detections.ts';
import type { ConnectorCamera } from '../plugins/define.ts';
import type { PlateRead } from '../message.ts';
import type { Connector, ConnectorInput, DeadDelivery } from './connectors.ts';

/** As it lies there: `config` with sealed secrets. */
export type StoredConnector = Connector;

/** One detection as it is now, for sending. */
export interface OutgoingDetection {
  readonly summary: DetectionSummary;
  /** The winning read. */
  readonly read: PlateRead;
  readonly camera: ConnectorCamera;
  /** A provisional one counts as settled from then on. */
  readonly settlesAt: Date;
}

export interface Delivery {
  readonly detectionId: string;
  /** This one included. */
  readonly attempts: number;
  readonly changes: number;
  readonly timesSent: number;
  readonly createdAt: Date;
  /** Null when there is no such detection: not yet, or no more. */
  readonly outgoing: OutgoingDetection | null;
}

type Key = readonly [connectorId: string, detectionId: string];

export interface ConnectorStore {
  list(): Promise<readonly StoredConnector[]>;
  find(connectorId: string): Promise<StoredConnector | null>;
  /** @throws name_taken */
  add(connectorId: string, input: ConnectorInput): Promise<StoredConnector>;
  /** Null when there is none. @throws name_taken */
  change(connectorId: string, input: ConnectorInput): Promise<StoredConnector | null>;
  remove(connectorId: string): Promise<boolean>;
  /** Puts a detection into the outbox, unless it is there. */
  queue(connectorId: string, detectionId: string): Promise<void>;
  /** Takes what is due and keeps others from taking it for `leaseSeconds`. */
  take(connectorId: string, limit: number, leaseSeconds: number): Promise<readonly Delivery[]>;
  /** These may be settled before their time: they are looked at now. */
  hasten(connectorIds: readonly string[], detectionIds: readonly string[] | 'all'): Promise<void>;
  /** Not an attempt: it is due then. */
  postpone(key: Key, until: Date): Promise<void>;
  /** `againAt`: a provisional one, which is told again; a change that came meanwhile makes it due at once where `updates`. */
  sent(key: Key, changes: number, options: { readonly againAt: Date | null; readonly updates: boolean }): Promise<void>;
  leftOut(key: Key): Promise<void>;
  drop(key: Key): Promise<void>;
  /** `nextAttemptAt` null: given up. */
  failed(
    key: Key,
    error: { readonly code: string; readonly message: string },
    nextAttemptAt: Date | null,
  ): Promise<void>;
  /** Adds to what is shown of a connector. */
  note(
    connectorId: string,
    happened: {
      readonly sent: number;
      readonly lastSuccessAt: Date | null;
      readonly error: { readonly code: string; readonly message: string; readonly at: Date } | null;
    },
  ): Promise<void>;
  dead(connectorId: string, limit: number): Promise<readonly DeadDelivery[]>;
  replay(connectorId: string, detectionIds: readonly string[] | 'all'): Promise<number>;
  discard(connectorId: string, detectionIds: readonly string[] | 'all'): Promise<number>;
  /** Forgets what was done with before then. */
  prune(before: Date): Promise<void>;
}
