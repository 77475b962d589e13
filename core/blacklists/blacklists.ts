/** Lists of plates to watch for, and matching. Simple for now: exact text, province as evidence. */
import type { DetectionSummary } from '../detections/detections.ts';
import type { HitPart, LprMessage } from '../message.ts';

export type BlacklistCategory = 'stolen' | 'wanted' | 'vip' | 'expired' | 'own';

export interface Blacklist {
  readonly blacklistId: string;
  readonly name: string;
  readonly category: BlacklistCategory;
  /** 0..100, 100 first. */
  readonly priority: number;
  readonly entryCount: number;
  readonly createdAt: Date;
}

export interface BlacklistEntry {
  readonly entryId: string;
  readonly blacklistId: string;
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly reason: string | null;
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export type BlacklistInput = Pick<Blacklist, 'name' | 'category' | 'priority'>;
export type BlacklistEntryInput = Pick<
  BlacklistEntry,
  'plateNumber' | 'issuingEntity' | 'countryCode' | 'reason' | 'validFrom' | 'validTo'
>;

export interface Blacklists {
  list(): Promise<readonly Blacklist[]>;
  create(input: BlacklistInput): Promise<Blacklist>;
  remove(blacklistId: string): Promise<void>;
  entries(blacklistId: string): Promise<readonly BlacklistEntry[]>;
  addEntry(blacklistId: string, input: BlacklistEntryInput, userId: string): Promise<BlacklistEntry>;
  removeEntry(blacklistId: string, entryId: string): Promise<void>;
  /**
   * Matches a recorded detection against all lists (or the named one) and stores each new hit once per detection and entry.
   * Highest priority first.
   */
  match(message: LprMessage<'detection'>, blacklistId: string): Promise<readonly HitPart[]>;
  /**
   * For a detection that says something else now: takes back its hits that no longer match, and stores those that were missed
   * when `adds` is set. Gives the hits that are new and the ids of those taken back.
   */
  rematch(
    detection: DetectionSummary,
    options: { readonly adds: boolean },
  ): Promise<{ readonly added: readonly HitPart[]; readonly retracted: readonly string[] }>;
  /** Loads the index. */
  start(): Promise<void>;
}
