/** What blacklists need of a database. */
import type { HitPart } from '../message.ts';
import type { Blacklist, BlacklistEntry, BlacklistEntryInput, BlacklistInput } from './blacklists.ts';

/** An entry as matching needs it. */
export interface IndexedEntry extends Omit<BlacklistEntry, 'createdBy' | 'createdAt'> {
  readonly list: Pick<Blacklist, 'name' | 'category' | 'priority'>;
}

export interface BlacklistStore {
  lists(): Promise<readonly Blacklist[]>;
  /** @throws name_taken */
  addList(list: BlacklistInput & { blacklistId: string }): Promise<Blacklist>;
  /** @throws not_found */
  removeList(blacklistId: string): Promise<void>;
  entries(blacklistId: string): Promise<readonly BlacklistEntry[]>;
  /** @throws not_found */
  addEntry(
    entry: BlacklistEntryInput & { entryId: string; blacklistId: string; userId: string },
  ): Promise<BlacklistEntry>;
  /** @throws not_found */
  removeEntry(blacklistId: string, entryId: string): Promise<void>;
  allEntries(): Promise<readonly IndexedEntry[]>;
  /**
   * Stores those that this detection does not have yet, unless it says another text by now; gives only the new ones. One that was
   * taken back stands again, under its old id.
   */
  addHits(detectionId: string, plateNumber: string, hits: readonly HitPart[]): Promise<readonly HitPart[]>;
  /** Takes back the hits of a detection but for those with these entries; gives their ids. */
  retractHits(detectionId: string, butEntries: readonly string[]): Promise<readonly string[]>;
}
