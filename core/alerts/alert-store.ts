/** What alerts need of a database. */
import type { GeofencePart, HitPart } from '../message.ts';
import type { ConnectorCamera, NoticeKind } from '../plugins/define.ts';
import type { Alert, AlertCause, AlertCounts, AlertDetail, AlertQuery, AlertSettings, AlertSubject } from './alerts.ts';
import type {
  AlertChannel,
  AlertDelivery,
  ChannelInput,
  DeadChoice,
  DeadLetter,
  DeliveryOrder,
  HeldBy,
  StoredChannel,
} from './channels.ts';
import type { CameraTrouble, Rule, RuleInput, RuleState } from './rules.ts';

/** An alert as it is to be written. */
export interface NewAlert {
  readonly alertId: string;
  readonly ruleId: string | null;
  readonly ruleName: string | null;
  /** The rule's id, or `flow:` with the title's template. */
  readonly ruleKey: string;
  readonly subject: AlertSubject;
  /** What counts as the same matter when it comes again. */
  readonly matter: string;
  readonly rearmSeconds: number;
  readonly title: string;
  readonly category: string | null;
  readonly priority: number;
  readonly cause: AlertCause;
  readonly cameraId: string;
  readonly detectionId: string | null;
  readonly plateNumber: string | null;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly confidence: number | null;
  readonly capturedAt: Date;
  readonly hit: HitPart | null;
  readonly geofence: GeofencePart | null;
  readonly cameraTrouble: CameraTrouble | null;
  readonly isProvisional: boolean;
  /** Waits for the confirmation of its detection and is shown nowhere until then. */
  readonly isPending: boolean;
  readonly escalationId: string | null;
}

export interface NewDelivery extends DeliveryOrder {
  readonly heldBy: HeldBy | null;
  /** Of a digest: gathers for so long, from the first one on. */
  readonly heldSeconds: number | null;
}

export interface Budget {
  /** Of the site, `YYYY-MM-DD`. */
  readonly day: string;
  readonly perRule: number | null;
  readonly perDay: number | null;
}

export interface Raised {
  readonly alert: Alert;
  /** `known`: this subject was raised before; `again`: it had been taken back and stands again; `repeat`: counted on another alert. */
  readonly outcome: 'new' | 'known' | 'again' | 'repeat';
  /** When its detection settles; null when it need not be confirmed. */
  readonly confirmAt: Date | null;
  /** Channels that have something to send now. */
  readonly channelIds: readonly string[];
}

/** An alert whose detection may have settled. */
export interface Unsettled {
  readonly alert: Alert;
  readonly ruleKey: string;
  readonly isPending: boolean;
  readonly round: number;
  /** As it is now; null: gone. */
  readonly status: 'provisional' | 'confirmed' | 'corrected' | 'rejected' | null;
  readonly settlesAt: Date | null;
}

/** An open alert of a detection, for judging it again. */
export interface Standing {
  readonly alert: Alert;
  readonly hit: HitPart | null;
  readonly geofencePart: GeofencePart | null;
}

/** A repeat whose first alert was taken back. */
export interface OpenSubject {
  readonly ruleKey: string;
  readonly subject: AlertSubject;
  readonly detectionId: string | null;
}

/** An alert with all that templates may name of it. */
export interface AlertRecord {
  readonly alert: Alert;
  readonly hit: HitPart | null;
  readonly geofence: GeofencePart | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly confidence: number | null;
  readonly camera: ConnectorCamera | null;
  readonly frame: { readonly imageId: string; readonly width: number; readonly height: number } | null;
  readonly patch: { readonly imageId: string; readonly width: number; readonly height: number } | null;
}

export interface AlertStore {
  /** In one transaction: the subject, its alert or the count on another one, the budget, and the outbox. */
  raise(alert: NewAlert, deliveries: readonly NewDelivery[], budget: Budget | null): Promise<Raised>;
  /** Takes them back; they are told by `takeRetractions`. */
  retract(gone: {
    readonly hitIds?: readonly string[];
    readonly geofenceEventIds?: readonly string[];
    readonly alertIds?: readonly string[];
  }): Promise<void>;
  /**
   * Of alerts that were taken back: drops what is not sent, orders a notice for everybody who was told, opens their repeats again.
   */
  takeRetractions(): Promise<{ readonly alerts: readonly Alert[]; readonly channelIds: readonly string[] }>;
  openSubjects(limit: number): Promise<readonly OpenSubject[]>;
  dropOpenSubject(subject: OpenSubject): Promise<void>;
  /** Null when it does not wait. */
  unsettled(alertId: string): Promise<Unsettled | null>;
  unsettledIds(before: Date): Promise<readonly string[]>;
  /** Shows it or clears its mark, with its notices. */
  settle(
    alertId: string,
    deliveries: readonly NewDelivery[],
    budget: Budget | null,
  ): Promise<{ readonly alert: Alert; readonly channelIds: readonly string[] } | null>;
  confirmAt(alertId: string, at: Date): Promise<void>;
  standing(detectionId: string): Promise<readonly Standing[]>;
  unbegun(): Promise<
    readonly {
      readonly alertId: string;
      readonly escalationId: string;
      readonly ruleId: string | null;
      readonly priority: number;
    }[]
  >;
  begun(alertId: string): Promise<void>;
  escalated(alertId: string, escalationId: string): Promise<Alert | null>;
  list(
    query: Omit<AlertQuery, 'cursor' | 'plate'> & {
      readonly pattern: string | null;
      readonly after: { readonly at: Date; readonly id: string } | null;
    },
  ): Promise<readonly Alert[]>;
  get(alertId: string): Promise<AlertDetail | null>;
  records(alertIds: readonly string[]): Promise<readonly AlertRecord[]>;
  counts(withCovert: boolean): Promise<AlertCounts>;
  countOpen(withCovert: boolean): Promise<number>;
  settings(): Promise<AlertSettings>;
  changeSettings(change: Partial<AlertSettings>): Promise<AlertSettings>;
}

export interface RuleStore {
  all(): Promise<readonly Rule[]>;
  states(): Promise<ReadonlyMap<string, RuleState>>;
  /** @throws name_taken */
  add(ruleId: string, input: RuleInput): Promise<Rule>;
  /** Null when there is none. @throws name_taken */
  change(ruleId: string, input: RuleInput): Promise<Rule | null>;
  remove(ruleId: string): Promise<boolean>;
  /** Which of these ids name nothing. */
  unknown(refs: RuleRefs): Promise<readonly { readonly what: keyof RuleRefs; readonly id: string }[]>;
}

export interface RuleRefs {
  readonly channels: readonly string[];
  readonly cameras: readonly string[];
  readonly zones: readonly string[];
  readonly checkpoints: readonly string[];
  readonly blacklists: readonly string[];
  readonly escalations: readonly string[];
}

export interface Delivery {
  readonly deliveryId: string;
  readonly alertId: string;
  readonly channelId: string;
  readonly kind: NoticeKind;
  readonly address: string;
  readonly language: 'th' | 'en' | null;
  /** Of a budget that is used up: its day and, unless it is that of all rules together, its rule. */
  readonly key: string;
  /** This one included. */
  readonly attempts: number;
  readonly firstAttemptAt: Date;
}

/** Notices of one rule, channel and address that wait together. */
export interface HeldGroup {
  readonly ruleId: string | null;
  readonly channelId: string;
  readonly address: string;
  readonly heldBy: HeldBy;
  /** Whether the time of a digest is over. */
  readonly isDue: boolean;
}

export interface DeliveryStore {
  channels(): Promise<readonly StoredChannel[]>;
  /** With their state. */
  channelStates(): Promise<readonly Omit<AlertChannel, 'missing'>[]>;
  /** @throws name_taken */
  addChannel(channelId: string, input: ChannelInput): Promise<StoredChannel>;
  /** Null when there is none. @throws name_taken */
  changeChannel(channelId: string, input: ChannelInput): Promise<StoredChannel | null>;
  removeChannel(channelId: string): Promise<boolean>;
  /** Rules and escalations that name it. */
  channelUses(channelId: string): Promise<readonly { readonly what: 'rule' | 'escalation'; readonly name: string }[]>;
  /** Orders notices of an alert; those that were ordered before are left as they are. False when there is no such alert. */
  order(alertId: string, deliveries: readonly NewDelivery[]): Promise<boolean>;
  /** Channels with something that is due. */
  due(): Promise<readonly string[]>;
  /** Takes what is due and keeps others from taking it for `leaseSeconds`. Of alerts that were taken back only their retraction. */
  take(channelId: string, limit: number, leaseSeconds: number): Promise<readonly Delivery[]>;
  /** Orders the retraction at once where the alert was taken back meanwhile. */
  delivered(deliveryId: string): Promise<void>;
  /** `nextAttemptAt` null: given up. */
  failed(
    deliveryId: string,
    error: { readonly code: string; readonly message: string },
    nextAttemptAt: Date | null,
  ): Promise<void>;
  /** Was cut off by a stop: due again at once, and no attempt counts. */
  putBack(deliveryId: string): Promise<void>;
  /** Adds to what is shown of a channel. */
  note(
    channelId: string,
    happened: {
      readonly sent: number;
      readonly lastSuccessAt: Date | null;
      readonly error: { readonly code: string; readonly message: string; readonly at: Date } | null;
    },
  ): Promise<void>;
  heldGroups(): Promise<readonly HeldGroup[]>;
  /** Lets one go as it is; of several makes one digest. Gives how many there were. */
  release(group: HeldGroup): Promise<number>;
  /** The alerts that a digest tells, oldest first; those taken back meanwhile left out. */
  digest(deliveryId: string, limit: number): Promise<{ readonly alertIds: readonly string[]; readonly count: number }>;
  of(alertId: string): Promise<readonly AlertDelivery[]>;
  dead(channelId: string | null, limit: number): Promise<readonly DeadLetter[]>;
  /** Gives the channels of what is tried again. */
  replay(choice: DeadChoice): Promise<readonly string[]>;
  discard(choice: DeadChoice): Promise<number>;
}
