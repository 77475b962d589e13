/** Rules: which matters become alerts, and what happens then. Data, made in the console. */
import type { DetectionStatus, GeofencePart, HitPart } from '../message.ts';

/** What `GET /detections` filters by; null: any. A search can become a rule as it stands. */
export interface DetectionFilter {
  /** Part of a plate, Thai or Latin; `*` any run and `?` one character. */
  readonly plate: string | null;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly cameraId: string | null;
  readonly status: DetectionStatus | null;
  readonly minConfidence: number | null;
  readonly isParked: boolean | null;
}

/** What the hub notices about a camera by itself. */
export type CameraTrouble = 'offline' | 'failing' | 'flapping' | 'clock' | 'fewer_reads';

/** In each, an empty list stands for any. */
export type RuleCondition =
  | {
      readonly kind: 'hit';
      readonly blacklistIds: readonly string[];
      readonly categories: readonly string[];
      readonly matchedBy: readonly HitPart['matchedBy'][];
      /** How sure the match is at least, 0..1. */
      readonly minConfidence: number | null;
      readonly minPriority: number | null;
    }
  | {
      readonly kind: 'geofence';
      readonly geofenceIds: readonly string[];
      readonly events: readonly GeofencePart['event'][];
    }
  | { readonly kind: 'detection'; readonly filter: DetectionFilter }
  /** Any of these places. */
  | {
      readonly kind: 'place';
      readonly cameraIds: readonly string[];
      readonly zoneIds: readonly string[];
      readonly checkpointIds: readonly string[];
    }
  /** When it was captured, within or without the times of a calendar. */
  | { readonly kind: 'time'; readonly calendarId: string; readonly isInside: boolean }
  | { readonly kind: 'camera'; readonly troubles: readonly CameraTrouble[] };

export interface ConditionGroup {
  readonly match: 'all' | 'any';
  readonly conditions: readonly RuleCondition[];
}

export interface RuleInput {
  readonly name: string;
  readonly enabled: boolean;
  /** All or any of the groups have to hold; in each, all or any of its conditions. */
  readonly match: 'all' | 'any';
  readonly groups: readonly ConditionGroup[];
  /** A template as those of notices, e.g. `{list}: {plate}`; empty: the list's, geofence's or rule's name. */
  readonly title: string;
  /** 0..100; null: that of the list, else 50. */
  readonly priority: number | null;
  /** The console always shows the alert. */
  readonly channelIds: readonly string[];
  readonly escalationId: string | null;
  /**
   * Of a detection that may still change: `at_once` tells it as it is; `provisional` tells it marked so, and again when it is
   * confirmed; `wait` tells it when it is confirmed.
   */
  readonly confirmation: 'at_once' | 'provisional' | 'wait';
  /** Within it the same vehicle on the same list (or geofence) is counted on the first alert and not told again. 0: off. */
  readonly rearmSeconds: number;
  /** Gathers for so long and sends one notice; null: each at once. */
  readonly digestMinutes: number | null;
  /** In the times of this calendar only what is urgent is sent; the rest waits for their end. */
  readonly quietCalendarId: string | null;
  /** From this priority on neither quiet hours nor a digest hold it back; null: nothing is urgent. */
  readonly urgentFrom: number | null;
  /** So many are told a day of the site; one notice says that it is used up, the rest is listed. Null: no limit. */
  readonly budgetPerDay: number | null;
}

export interface Rule extends RuleInput {
  readonly ruleId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface RuleState {
  /** Told within the last 24 hours, repeats not counted. */
  readonly raisedToday: number;
  readonly lastRaisedAt: Date | null;
}

/** What a rule would have done. */
export interface RulePreview {
  readonly from: Date;
  readonly to: Date;
  /** Detections that were looked at; fewer than there were when `isCut`. */
  readonly looked: number;
  readonly isCut: boolean;
  /** Alerts that it would have raised. */
  readonly alerts: number;
  /** Further matters that would have been counted on those. */
  readonly repeats: number;
  /** Newest first. */
  readonly examples: readonly {
    readonly detectionId: string;
    readonly plateNumber: string;
    readonly issuingEntity: string | null;
    readonly cameraName: string;
    readonly capturedAt: Date;
    readonly title: string;
    readonly listName: string | null;
  }[];
}

export interface AlertRules {
  list(): Promise<readonly (Rule & RuleState)[]>;
  /** @throws name_taken, invalid_input naming what a condition points to and does not exist */
  create(input: RuleInput): Promise<Rule & RuleState>;
  /** @throws not_found, name_taken, invalid_input */
  update(ruleId: string, change: Partial<RuleInput>): Promise<Rule & RuleState>;
  /** Alerts that it raised stay. @throws not_found */
  remove(ruleId: string): Promise<void>;
  /** On the last 7 days. What only a crossing of a geofence or a camera's trouble would show is not in it. */
  preview(input: Pick<RuleInput, 'match' | 'groups' | 'title' | 'rearmSeconds'>): Promise<RulePreview>;
}
