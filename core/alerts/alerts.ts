/**
 * What people are told. Rules judge each message of a flow; what they find becomes an alert, once a rule and subject, and its
 * notices go into an outbox with it, in one transaction: what is raised is told, whatever happens in between.
 */
import type { DetectionSummary } from '../detections/detections.ts';
import type { AlertPart, GeofencePart, HitPart, ImageHandle, LprMessage } from '../message.ts';
import type { How, Outcome } from './acknowledgements.ts';
import type { AlertFacts } from './alert-facts.ts';
import type { AlertChannels, AlertDelivery, DeliveryOrder } from './channels.ts';
import type { AlertRules, CameraTrouble } from './rules.ts';

/** What an alert is about; there is one alert for each rule and subject at most. */
export type SubjectKind = 'hit' | 'geofence' | 'detection' | 'camera';
export interface AlertSubject {
  readonly kind: SubjectKind;
  readonly id: string;
}

/** `late`: it happened long before it was told, and calls nobody; `correction`: a person's correction showed it. */
export type AlertCause = 'live' | 'late' | 'correction';

/** `escalated`: open, and told to more people. */
export type AlertState = 'open' | 'acknowledged' | 'escalated' | 'retracted' | 'late';

export interface Alert {
  readonly alertId: string;
  /** Null: a flow raised it without a rule. */
  readonly ruleId: string | null;
  readonly ruleName: string | null;
  readonly subject: AlertSubject;
  readonly hitId: string | null;
  readonly detectionId: string | null;
  readonly title: string;
  readonly category: string | null;
  readonly priority: number;
  readonly plateNumber: string | null;
  readonly issuingEntity: string | null;
  /** What a badge of the plate is drawn from, and the plate cut out, as the detection has them now. */
  readonly plate: {
    readonly series: string | null;
    readonly serial: string | null;
    readonly countryCode: string | null;
    readonly plateType: string | null;
  } | null;
  readonly patch: ImageHandle | null;
  /** The list of its hit; a covert one is not for everybody's eyes. */
  readonly list: {
    readonly blacklistId: string;
    readonly name: string;
    readonly colour: string | null;
    readonly sound: string | null;
    readonly isCovert: boolean;
  } | null;
  readonly cameraId: string | null;
  readonly cameraName: string;
  readonly raisedAt: Date;
  readonly capturedAt: Date | null;
  readonly cause: AlertCause;
  readonly state: AlertState;
  /** The detection may still change, and its rule tells again when it is confirmed. */
  readonly isProvisional: boolean;
  /** Listed only: the budget of the day was used up. */
  readonly isOverBudget: boolean;
  /** How often the same matter came again within the rule's re-arm. */
  readonly repeatCount: number;
  readonly lastRepeatAt: Date | null;
  readonly geofence: {
    readonly geofenceId: string;
    readonly name: string;
    readonly event: GeofencePart['event'];
    readonly seconds: number | null;
  } | null;
  readonly cameraTrouble: CameraTrouble | null;
  readonly escalationId: string | null;
  readonly escalatedAt: Date | null;
  /** The detection turned out to say something else. */
  readonly retractedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  /** Name of the user, or of the person who pressed the button behind a link. */
  readonly acknowledgedBy: string | null;
  readonly acknowledgedHow: How | null;
  /** What became of it; null: not known yet. */
  readonly outcome: Outcome | null;
}

export interface AlertRepeat {
  readonly subject: AlertSubject;
  readonly detectionId: string | null;
  readonly cameraId: string | null;
  readonly cameraName: string;
  readonly at: Date;
}

export interface AlertDetail extends Alert {
  readonly hit: HitPart | null;
  /** Oldest first. */
  readonly deliveries: readonly AlertDelivery[];
  /** Newest first, at most 200. */
  readonly repeats: readonly AlertRepeat[];
}

export interface AlertQuery {
  /** Those of covert lists too. */
  readonly withCovert: boolean;
  readonly state: AlertState | 'all';
  readonly category: string | null;
  readonly cameraId: string | null;
  readonly ruleId: string | null;
  readonly detectionId: string | null;
  readonly minPriority: number | null;
  /** When it was raised: from, and before. */
  readonly from: Date | null;
  readonly to: Date | null;
  /** Part of a plate; `*` any run and `?` one character. */
  readonly plate: string | null;
  readonly cursor: string | null;
  /** 1..200 */
  readonly limit: number;
}

export interface AlertCounts {
  /** Escalated ones included. */
  readonly open: number;
  readonly escalated: number;
  readonly acknowledged: number;
  readonly retracted: number;
  readonly late: number;
  /** Deliveries that were given up, and those held back by quiet hours or a digest. */
  readonly dead: number;
  readonly held: number;
}

export interface AlertSettings {
  /** Of all rules together; null: no limit. */
  readonly budgetPerDay: number | null;
}

export interface RaiseOptions {
  /** Empty: the console only. */
  readonly channelId?: string;
  /** A template as those of notices; empty: the list's or geofence's name, else the plate. */
  readonly title?: string;
  /** 0..100; default: the list's, else 50. */
  readonly priority?: number | null;
}

/** What other rooms lend; until then there is no acknowledging link and no escalation. */
export interface AlertHelpers {
  /** A page that acknowledges, for whoever gets this delivery. */
  readonly acknowledgeLink: (alertId: string, deliveryId: string) => Promise<string | null>;
  /** Starts an escalation; the same alert and escalation once. */
  readonly escalate: (alertId: string, escalationId: string) => Promise<void>;
}

export interface Alerts {
  lend(helpers: Partial<AlertHelpers>): void;
  readonly rules: AlertRules;
  readonly channels: AlertChannels;
  /**
   * Judges a message by all rules: its detection, and the hit and the geofence event when it has them. No database is asked when no
   * rule finds anything. Of a read that was told late the alert is listed as such and calls nobody: the vehicle has long left.
   */
  consider(message: LprMessage<'detection'>): Promise<readonly AlertPart[]>;
  /** For flows without rules: one alert for each hit (geofence event, detection) and title; a second call adds its channel. */
  raise(message: LprMessage<'detection'>, options: RaiseOptions): Promise<AlertPart>;
  /** One more notice of an alert by a channel; the same alert and channel once. @throws not_found, channel_unknown */
  deliver(alertId: string, channelId: string): Promise<void>;
  /** Any notices of an alert, e.g. of an escalation's step; each address, kind and key once. Told in its turn. */
  order(alertId: string, orders: readonly DeliveryOrder[]): Promise<void>;
  /** Tells more people by and by until somebody acknowledges; the same alert and escalation once. */
  escalate(alertId: string, escalationId: string): Promise<void>;
  /** For a detection that a correction changed: takes back what no longer holds and raises what was missed. */
  reconsider(
    detection: DetectionSummary,
    options: {
      readonly added: readonly HitPart[];
      /** Geofence events that it showed. */
      readonly events?: readonly GeofencePart[];
      readonly adds: boolean;
    },
  ): Promise<void>;
  /** Takes back the alerts of these hits and geofence events: what is not sent yet is not sent any more, and those who were told hear of it. */
  retract(hitIds: readonly string[], geofenceEventIds?: readonly string[]): Promise<void>;
  /** Newest first. @throws cursor_invalid */
  list(query: AlertQuery): Promise<{ readonly items: readonly Alert[]; readonly nextCursor: string | null }>;
  /** @throws not_found */
  get(alertId: string): Promise<AlertDetail>;
  /** All that may be told of it. @throws not_found */
  facts(alertId: string): Promise<AlertFacts>;
  /** Of this alert, else (null) of the newest one; null: there is none. */
  factsOf(alertId: string | null): Promise<AlertFacts | null>;
  /** @param withCovert those of covert lists too: not for whoever may not know of them */
  counts(withCovert?: boolean): Promise<AlertCounts>;
  /** Late ones do not count: nobody should run for them. */
  countOpen(withCovert?: boolean): Promise<number>;
  settings(): Promise<AlertSettings>;
  changeSettings(change: Partial<AlertSettings>): Promise<AlertSettings>;
  /** Tells, in every process, that somebody has taken it, or that this is undone. Of an alert that is gone nothing. */
  announce(event: 'alert.acknowledged' | 'alert.updated', alertId: string): Promise<void>;
  /** Notes that more people are told from now on, once. @throws not_found */
  markEscalated(alertId: string, escalationId: string): Promise<Alert>;
  /**
   * What a crash between two steps left behind, what waits for its time, and what is wrong with cameras; each minute, by one process.
   */
  sweep(): Promise<void>;
  /**
   * What was recorded just before the last end of the hub and may not have come to its alert.
   * @param options.hasGeofences whether the flow looks at geofences
   */
  recover(options: { readonly hasGeofences: boolean }): Promise<void>;
  /** Raises what waits for the confirmation of its detection, when it has come. */
  confirm(alertId: string): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
