/** Lists of plates to watch for: what they hold, which detections they match and how surely, what people decided about it. */
import type { CandidateRead } from './plate-question.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import type { DetectionStatus, HitDifference, HitPart, ImageHandle, LprMessage, MatchedBy } from '../message.ts';
import type { MatchPolicy } from './match-policy.ts';

export type { MatchPolicy } from './match-policy.ts';
export type { CandidateRead } from './plate-question.ts';

export const CATEGORIES = ['stolen', 'wanted', 'vip', 'expired', 'own'] as const;
export type BlacklistCategory = (typeof CATEGORIES)[number];
export type BlacklistSound = 'none' | 'chime' | 'bell' | 'alarm' | 'siren';
/** `wrong_list`: read rightly, but the plate should not be on this list. `dismissed` says nothing about the list. */
export type HitOutcome = 'correct' | 'misread' | 'wrong_list' | 'recovered' | 'dismissed';

export interface BlacklistInput {
  readonly name: string;
  readonly category: BlacklistCategory;
  /** 0..100, 100 first. */
  readonly priority: number;
  /** `#rrggbb`; null: that of the category. */
  readonly colour: string | null;
  /** Null: that of the category. */
  readonly sound: BlacklistSound | null;
  /** Hits are only for eyes with `blacklists.view`, and make no sound in the console. */
  readonly isCovert: boolean;
  readonly policy: MatchPolicy;
  /** Of entries for which nobody says how long; null: until they are taken off. */
  readonly defaultValidityDays: number | null;
  /** How long before its end an entry is shown as ending. */
  readonly warnDays: number;
  /** What one must give to see or search the entries. */
  readonly needsReason: 'none' | 'reason' | 'case';
}

export interface Blacklist extends BlacklistInput {
  readonly blacklistId: string;
  readonly entryCount: number;
  /** Of its entries: those that end within `warnDays`, and those past their review date. */
  readonly endingCount: number;
  readonly toReviewCount: number;
  /** Right of right and wrong; null as long as nothing is decided. */
  readonly accuracyShare: number | null;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** When it was last known to be right: a change by hand, or a source that was asked. */
  readonly listedAt: Date;
  /** `exact_only`: so many entries that nearly every plate is like one of them. */
  readonly advice: readonly 'exact_only'[];
}

export interface Accuracy {
  /** Those that were taken back not counted. */
  readonly hits: number;
  readonly decided: number;
  /** Decided as correct or recovered. */
  readonly right: number;
  /** Decided as misread or wrong list. */
  readonly wrong: number;
  /** Null as long as nothing is decided. */
  readonly share: number | null;
}

export interface BlacklistDetail extends Blacklist {
  readonly accuracy: Accuracy;
  /** Most hits first, at most 100. */
  readonly cameras: readonly (Accuracy & { readonly cameraId: string; readonly cameraName: string })[];
}

/** What somebody says of a plate. */
export interface BlacklistEntryInput {
  /** Normalised on the way in; `?` one character, `*` any. */
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  /** Class id, e.g. `RY1`. */
  readonly plateType: string | null;
  readonly reason: string | null;
  readonly validFrom: Date | null;
  /** Absent: as long as the list says. Null: until it is taken off. */
  readonly validTo?: Date | null;
  readonly reviewAt: Date | null;
  /** How sure the entry itself is, 0..1. */
  readonly confidence: number;
  readonly agency: string | null;
  readonly reference: string | null;
  /** Plain text: markup in it is text. */
  readonly notes: string | null;
}

export interface BlacklistAttachment {
  readonly attachmentId: string;
  readonly name: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly addedBy: string;
  readonly addedAt: Date;
}

export interface BlacklistEntry extends BlacklistEntryInput {
  readonly entryId: string;
  readonly blacklistId: string;
  readonly validTo: Date | null;
  readonly isWildcard: boolean;
  /** Its validity has begun and has not ended. */
  readonly isActive: boolean;
  readonly attachments: readonly BlacklistAttachment[];
  /** Name of the user; null: an import that runs by itself. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly changedBy: string | null;
  readonly changedAt: Date | null;
}

export interface EntryQuery {
  /** Part of a plate; `*` any run and `?` one character. */
  readonly plate: string | null;
  readonly state: 'all' | 'active' | 'upcoming' | 'ended';
  /** From the page before; @throws cursor_invalid */
  readonly cursor: string | null;
  /** 1..200 */
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface Expiring {
  /** Those that end soonest first, at most 200. */
  readonly ending: readonly BlacklistEntry[];
  readonly endingCount: number;
  /** Past their review date, at most 200. */
  readonly toReview: readonly BlacklistEntry[];
  readonly toReviewCount: number;
}

/** A hit with what one needs to decide about it. */
export interface HitItem extends HitPart {
  readonly detectionId: string;
  readonly status: DetectionStatus;
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly capturedAt: Date;
  readonly createdAt: Date;
  readonly isLate: boolean;
  readonly frame: ImageHandle | null;
  readonly patch: ImageHandle | null;
  /** Priority / 100 × sureness × accuracy of the list. */
  readonly value: number;
  /** Of the list, learned from decisions: (right + 1) / (right + wrong + 2). */
  readonly accuracy: number;
  readonly retractedAt: Date | null;
  readonly outcome: HitOutcome | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly decisionNote: string | null;
}

export interface HitQuery {
  readonly blacklistId: string | null;
  readonly category: BlacklistCategory | null;
  readonly cameraId: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
  /** `open`: neither decided nor taken back. */
  readonly state: 'open' | 'decided' | 'retracted' | 'all';
  readonly status: DetectionStatus | null;
  readonly order: 'value' | 'newest';
  /** From the page before; @throws cursor_invalid */
  readonly cursor: string | null;
  /** 1..200 */
  readonly limit: number;
}

/** A hit that no alert step has looked at. */
export interface PendingHit {
  readonly hit: HitPart;
  readonly detectionId: string;
  readonly cameraId: string;
  readonly capturedAt: Date;
  readonly isLate: boolean;
}

export interface PolicyFigures {
  readonly policy: MatchPolicy;
  readonly hitsPerDay: number;
  readonly byMatch: Readonly<Record<MatchedBy, number>>;
}

export interface PolicyPreview {
  readonly misreads: readonly {
    readonly listed: string;
    readonly accepted: readonly string[];
    readonly acceptedCount: number;
  }[];
  /** How far back the reads go, at most 7. */
  readonly days: number;
  /** How many were looked at, and how many there were: where they are fewer the figures are estimated. */
  readonly detections: number;
  readonly ofDetections: number;
  readonly entries: number;
  readonly proposed: PolicyFigures;
  /** Null for a list that is not made yet. */
  readonly present: PolicyFigures | null;
  readonly examples: readonly {
    readonly detectionId: string;
    readonly plateNumber: string;
    readonly issuingEntity: string | null;
    readonly listed: string;
    readonly matchedBy: MatchedBy;
    readonly confidence: number;
    readonly capturedAt: Date;
    readonly cameraName: string;
  }[];
}

/** An entry that a plate is on now. */
export interface ListedPlate
  extends
    Pick<Blacklist, 'blacklistId' | 'category' | 'priority' | 'colour' | 'isCovert' | 'listedAt'>,
    Pick<
      BlacklistEntry,
      | 'entryId'
      | 'plateNumber'
      | 'issuingEntity'
      | 'countryCode'
      | 'plateType'
      | 'reason'
      | 'validFrom'
      | 'validTo'
      | 'confidence'
    > {
  readonly blacklistName: string;
  /** Never by `candidate`: a plate that somebody names has none. */
  readonly matchedBy: MatchedBy;
  readonly differences: readonly HitDifference[];
}

export interface PlateLookup {
  /** In canonical form. */
  readonly plateNumber: string;
  /** As listed first, then by wildcard, then what the list's policy takes for it; highest priority first; at most 200. */
  readonly items: readonly ListedPlate[];
  /** How many there are. */
  readonly count: number;
  /** Lists that were not looked at, whether they have the plate or not. */
  readonly withheld: readonly (Pick<Blacklist, 'blacklistId' | 'name'> & Pick<BlacklistInput, 'needsReason'>)[];
}

/** What matching needs of a detection that was recorded before. */
export type RematchedDetection = Pick<
  DetectionSummary,
  | 'detectionId'
  | 'status'
  | 'plateNumber'
  | 'issuingEntity'
  | 'countryCode'
  | 'plateType'
  | 'confidence'
  | 'cameraId'
  | 'capturedAt'
>;

export interface Blacklists {
  list(): Promise<readonly Blacklist[]>;
  /** What is set of a list, without counting anything. */
  settings(blacklistId: string): Promise<BlacklistInput | null>;
  get(blacklistId: string): Promise<BlacklistDetail | null>;
  /** @throws name_taken */
  create(input: BlacklistInput): Promise<Blacklist>;
  /** @throws not_found, name_taken */
  update(blacklistId: string, change: Partial<BlacklistInput>): Promise<Blacklist>;
  /** @throws not_found */
  remove(blacklistId: string): Promise<void>;

  /** Newest first. @throws not_found, cursor_invalid, invalid_input (nothing to search for) */
  entries(blacklistId: string, query: EntryQuery): Promise<Page<BlacklistEntry>>;
  entry(blacklistId: string, entryId: string): Promise<BlacklistEntry | null>;
  /** @throws not_found, invalid_input, entry_listed (with the id of the entry that is there) */
  addEntry(blacklistId: string, input: BlacklistEntryInput, userId: string): Promise<BlacklistEntry>;
  /** @throws not_found, invalid_input, entry_listed */
  updateEntry(
    blacklistId: string,
    entryId: string,
    change: Partial<BlacklistEntryInput>,
    userId: string,
  ): Promise<BlacklistEntry>;
  /** @throws not_found */
  removeEntry(blacklistId: string, entryId: string): Promise<void>;
  /** All or none; gives how many. @throws not_found naming those that the list does not have */
  removeEntries(blacklistId: string, entryIds: readonly string[]): Promise<number>;
  /** @param days how far ahead; null: as long before as the list warns */
  expiring(blacklistId: string, days: number | null): Promise<Expiring>;

  /** JPEG, PNG or PDF, at most 3 MB, told by its content. @throws not_found, invalid_input */
  attach(
    blacklistId: string,
    entryId: string,
    file: { readonly name: string; readonly bytes: Buffer },
    userId: string,
  ): Promise<BlacklistAttachment>;
  attachment(
    blacklistId: string,
    entryId: string,
    attachmentId: string,
  ): Promise<{ readonly name: string; readonly mediaType: string; readonly bytes: Buffer } | null>;
  /** @throws not_found */
  removeAttachment(blacklistId: string, entryId: string, attachmentId: string): Promise<void>;

  /**
   * Matches a recorded detection against all lists (or the named one) and stores each hit once per detection and entry. Highest
   * priority first, then the surest. Repeatable: for the same detection it gives the standing hits again, with `isNew` false.
   */
  match(message: LprMessage<'detection'>, blacklistId: string): Promise<readonly HitPart[]>;
  /**
   * For a detection that says something else now: takes back its hits that no longer match (one whose entry was taken off its list
   * since then is held against what the entry said), and stores those that were missed
   * when `adds` is set. Gives those that no alert step has looked at, and the ids of those taken back. `read`: what else the winning
   * read could be.
   */
  rematch(
    detection: RematchedDetection,
    options: { readonly adds: boolean; readonly read?: CandidateRead | null },
  ): Promise<{ readonly added: readonly HitPart[]; readonly retracted: readonly string[] }>;

  /** Takes back all hits of a detection that is gone; gives their ids. */
  withdraw(detectionId: string): Promise<readonly string[]>;

  hits(query: HitQuery): Promise<Page<HitItem>>;
  hit(hitId: string): Promise<HitItem | null>;
  /** Hits that wait for a decision, by the category of their list. */
  openHits(): Promise<Readonly<Record<BlacklistCategory, number>>>;
  /**
   * What people found: counts for the accuracy of list and camera. The last word stands; unknown hits are left out.
   * @param outcome null: undecided again
   * @param userId null: somebody who confirmed by a link, without signing in
   */
  decide(
    hitIds: readonly string[],
    outcome: HitOutcome | null,
    userId: string | null,
    note: string | null,
  ): Promise<void>;
  /** An alert step has looked at these: they are not resumed. */
  considered(hitIds: readonly string[]): Promise<void>;
  /** Standing hits made after `since` that no alert step has looked at, oldest first: the process ended in between. */
  pendingHits(since: Date): Promise<readonly PendingHit[]>;

  /** What a policy would accept and would have done; null as id for a list that is not made yet. @throws not_found */
  previewPolicy(
    blacklistId: string | null,
    policy: MatchPolicy,
    entries: readonly { readonly plateNumber: string; readonly issuingEntity: string | null }[],
  ): Promise<PolicyPreview>;
  /**
   * Entries that count now for a plate that somebody names: as listed whatever the policy says, and those that a read of it would hit.
   * @param issuingEntity null: whatever province an entry has
   * @param mayLook whether the entries of a list that needs this reason may be shown
   * @throws invalid_input: no plate, or one with wildcards
   */
  lookUp(
    plate: string,
    issuingEntity: string | null,
    mayLook: (needsReason: BlacklistInput['needsReason']) => boolean,
  ): Promise<PlateLookup>;
  /** What the index in memory takes. */
  indexFigures(): { readonly entries: number; readonly bytes: number };
  /** Resolves when what was told of so far is in the index. */
  idle(): Promise<void>;
  /** Loads the index and listens to what changes. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
