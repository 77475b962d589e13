/** What blacklists need of a database. */

import type { CharacterRead, DetectionStatus, HitPart, PlateCandidate } from '../message.ts';
import type {
  Accuracy,
  Blacklist,
  BlacklistAttachment,
  BlacklistCategory,
  BlacklistEntry,
  BlacklistEntryInput,
  BlacklistInput,
  EntryQuery,
  Expiring,
  HitItem,
  HitOutcome,
  HitQuery,
  PendingHit,
} from './blacklists.ts';

/** A list as matching needs it. */
export type ListFacts = Pick<
  Blacklist,
  | 'blacklistId'
  | 'name'
  | 'category'
  | 'colour'
  | 'sound'
  | 'priority'
  | 'isCovert'
  | 'policy'
  | 'listedAt'
  | 'needsReason'
>;

/** Entries a column each, in the order of their numbers: a million of them is read without a million objects. */
export interface EntryColumns {
  readonly entryNo: readonly number[];
  readonly plateNumber: readonly string[];
  readonly issuingEntity: readonly (string | null)[];
  readonly countryCode: readonly (string | null)[];
  readonly plateType: readonly (string | null)[];
  /** Minutes since 1970, rounded so that none is missed. */
  readonly validFrom: readonly (number | null)[];
  readonly validTo: readonly (number | null)[];
}

/** What a hit says of its entry. */
export interface EntryFacts extends Pick<
  BlacklistEntry,
  | 'entryId'
  | 'blacklistId'
  | 'plateNumber'
  | 'issuingEntity'
  | 'countryCode'
  | 'plateType'
  | 'reason'
  | 'validFrom'
  | 'validTo'
  | 'confidence'
> {
  readonly entryNo: number;
}

export interface ListStore {
  settings(blacklistId: string): Promise<BlacklistInput | null>;
  lists(): Promise<readonly Omit<Blacklist, 'advice'>[]>;
  list(blacklistId: string): Promise<Omit<Blacklist, 'advice'> | null>;
  /** @throws name_taken */
  addList(list: BlacklistInput & { readonly blacklistId: string }): Promise<Omit<Blacklist, 'advice'>>;
  /** @throws not_found, name_taken */
  changeList(blacklistId: string, change: Partial<BlacklistInput>): Promise<Omit<Blacklist, 'advice'>>;
  /** @throws not_found */
  removeList(blacklistId: string): Promise<void>;
}

export interface NumberedEntry {
  readonly entryNo: number;
  readonly entry: BlacklistEntry;
}

export interface EntryStore {
  /** Newest first; `after` is the number of the last one of the page before. */
  entries(
    blacklistId: string,
    query: Omit<EntryQuery, 'cursor' | 'plate'> & { readonly pattern: string | null; readonly after: number | null },
  ): Promise<readonly NumberedEntry[]>;
  entry(blacklistId: string, entryId: string): Promise<BlacklistEntry | null>;
  /** @throws not_found, entry_listed */
  addEntry(
    entry: BlacklistEntryInput & { readonly entryId: string; readonly blacklistId: string; readonly userId: string },
  ): Promise<NumberedEntry>;
  /** @throws not_found, entry_listed */
  changeEntry(
    blacklistId: string,
    entryId: string,
    change: Partial<BlacklistEntryInput>,
    userId: string,
  ): Promise<NumberedEntry>;
  /** All or none; gives their numbers. @throws not_found naming those that the list does not have */
  removeEntries(blacklistId: string, entryIds: readonly string[]): Promise<readonly number[]>;
  wildcardCount(blacklistId: string): Promise<number>;
  expiring(blacklistId: string, now: Date, until: Date): Promise<Expiring>;
  /** @throws not_found */
  attach(
    blacklistId: string,
    entryId: string,
    file: Pick<BlacklistAttachment, 'attachmentId' | 'name' | 'mediaType'> & { readonly bytes: Buffer },
    userId: string,
  ): Promise<BlacklistAttachment>;
  attachment(
    blacklistId: string,
    entryId: string,
    attachmentId: string,
  ): Promise<{ readonly name: string; readonly mediaType: string; readonly bytes: Buffer } | null>;
  removeAttachment(blacklistId: string, entryId: string, attachmentId: string): Promise<boolean>;
}

export interface IndexFeed {
  /** All, or the one with this id. */
  listFacts(blacklistId: string | null): Promise<readonly ListFacts[]>;
  entryCount(): Promise<number>;
  /** In the order of their numbers. */
  columnsAfter(blacklistId: string, afterNo: number, limit: number): Promise<EntryColumns>;
  columnsOf(blacklistId: string, entryNos: readonly number[]): Promise<EntryColumns>;
  entryFacts(entryNos: readonly number[]): Promise<readonly EntryFacts[]>;
}

/** Where a hit was seen. */
export interface HitSight {
  readonly detectionId: string;
  readonly plateNumber: string;
  readonly cameraId: string;
  readonly capturedAt: Date;
  readonly isLate: boolean;
}

/** Where a page of hits ends. */
export interface HitsEnd {
  /** The value, or the instant to the microsecond, that it is sorted by. */
  readonly sortedBy: string;
  readonly hitId: string;
  /** When the first page was made: what is hit or decided later does not change the order of the pages that follow it. */
  readonly asOf: string;
}

export interface HitStore {
  /**
   * Stores those that this detection does not have yet, unless it says another text by now; gives all that stand, `isNew` where they
   * did not before. One that was taken back stands again, under its old id.
   */
  addHits(sight: HitSight, hits: readonly HitPart[]): Promise<readonly HitPart[]>;
  /** Of these, those that no alert step has looked at. */
  pendingOf(hitIds: readonly string[]): Promise<readonly string[]>;
  /** Standing hits of a detection whose entries are on no list any more: what they said. */
  hitsOfGone(detectionId: string): Promise<readonly Pick<EntryFacts, 'entryId' | 'plateNumber' | 'issuingEntity'>[]>;
  /** Takes back the hits of a detection but for those with these entries; gives their ids. */
  retractHits(detectionId: string, butEntries: readonly string[]): Promise<readonly string[]>;
  hits(
    query: Omit<HitQuery, 'cursor'> & {
      /** Where the page before ended. */
      readonly after: HitsEnd | null;
    },
  ): Promise<readonly { readonly item: HitItem; readonly end: HitsEnd }[]>;
  hit(hitId: string): Promise<HitItem | null>;
  openHits(): Promise<readonly { readonly category: BlacklistCategory; readonly count: number }[]>;
  decide(
    hitIds: readonly string[],
    outcome: HitOutcome | null,
    userId: string | null,
    note: string | null,
  ): Promise<void>;
  considered(hitIds: readonly string[]): Promise<void>;
  pendingHits(since: Date): Promise<readonly PendingHit[]>;
  accuracy(blacklistId: string): Promise<{
    readonly all: Accuracy;
    readonly cameras: readonly (Accuracy & { readonly cameraId: string; readonly cameraName: string })[];
  }>;
}

/** A detection of the last days, as a policy is tried on it. */
export interface SeenPlate {
  readonly detectionId: string;
  readonly status: DetectionStatus;
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly confidence: number;
  readonly characters: readonly CharacterRead[];
  readonly candidates: readonly PlateCandidate[];
  readonly capturedAt: Date;
  readonly cameraName: string;
}

export interface SeenStore {
  /** Captured at or after `from` and before `to`, oldest first, after this one. */
  seen(
    from: Date,
    to: Date,
    after: { readonly capturedAt: Date; readonly detectionId: string } | null,
    limit: number,
  ): Promise<readonly SeenPlate[]>;
  /** When the oldest since then was captured. */
  oldestSeen(since: Date): Promise<Date | null>;
  /** Some plates of a list without wildcards, spread over it. */
  samplePlates(blacklistId: string, limit: number): Promise<readonly string[]>;
}

export interface BlacklistStore extends ListStore, EntryStore, IndexFeed, HitStore, SeenStore {}
