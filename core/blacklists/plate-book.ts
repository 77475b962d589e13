/** All entries in memory, and which of them a read may mean. */
import { plateCharacters } from '../plates/plates.ts';
import type { MatchedBy } from '../message.ts';
import type { EntryColumns } from './blacklist-store.ts';
import { isWildcard } from './entry-check.ts';
import { editsAllowed, type MatchPolicy } from './match-policy.ts';
import { comparePlates, type Comparison } from './plate-differences.ts';
import { PlateIndex, type EntryKind, type IndexedEntry } from './plate-index.ts';
import { eachNeighbour } from './plate-neighbours.ts';
import type { PlateQuestion } from './plate-question.ts';
import { hitSureness, textSureness } from './sureness.ts';
import { Wildcards } from './wildcards.ts';

export interface PlateMatch extends EntryKind {
  readonly entryNo: number;
  /** As listed. */
  readonly plateNumber: string;
  readonly matchedBy: MatchedBy;
  readonly differences: Comparison['differences'];
  /** 0..1 but for the confidence of the entry itself. */
  readonly sureness: number;
}

/** Null: the list does not count now. */
export type PolicyOf = (list: number) => MatchPolicy | null;

const NO_DIFFERENCES: Comparison = { differences: [], odd: 0, readPlaces: [] };

const isOther = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b;

/** What any of the lists allows, so that no read is asked about more neighbours than somebody wants. */
export interface Reach {
  readonly policies: readonly MatchPolicy[];
  readonly candidates: boolean;
}

export function reachOf(policies: Iterable<MatchPolicy>): Reach {
  const distinct = new Map<string, MatchPolicy>();
  let candidates = false;
  for (const policy of policies) {
    candidates ||= policy.candidates;
    if (policy.edits === 'none') continue;
    distinct.set(`${policy.edits} ${policy.oneEditFrom} ${policy.twoEditsFrom}`, policy);
  }
  return { policies: [...distinct.values()], candidates };
}

function editsOf({ policies }: Reach, kind: MatchPolicy['edits'], characters: number): 0 | 1 | 2 {
  let most: 0 | 1 | 2 = 0;
  for (const policy of policies) {
    if (policy.edits !== kind) continue;
    const edits = editsAllowed(policy, characters);
    if (edits > most) most = edits;
  }
  return most;
}

export class PlateBook {
  readonly index = new PlateIndex();
  readonly wildcards = new Wildcards();

  get size(): number {
    return this.index.size + this.wildcards.size;
  }

  put(entry: IndexedEntry): void {
    if (isWildcard(entry.plateNumber)) {
      this.index.remove(entry.entryNo);
      this.wildcards.put(entry);
    } else {
      this.wildcards.remove(entry.entryNo);
      this.index.put(entry);
    }
  }

  putColumns(list: number, columns: EntryColumns): void {
    for (let i = 0; i < columns.entryNo.length; i++) {
      this.put({
        ...{ list, entryNo: columns.entryNo[i] ?? 0, plateNumber: columns.plateNumber[i] ?? '' },
        ...{ issuingEntity: columns.issuingEntity[i] ?? null, countryCode: columns.countryCode[i] ?? null },
        ...{ plateType: columns.plateType[i] ?? null },
        ...{ validFrom: columns.validFrom[i] ?? null, validTo: columns.validTo[i] ?? null },
      });
    }
  }

  remove(entryNo: number): void {
    this.index.remove(entryNo);
    this.wildcards.remove(entryNo);
  }

  /** The surest match of each entry, in no order. */
  find(question: PlateQuestion, at: Date, reach: Reach, policyOf: PolicyOf): readonly PlateMatch[] {
    const { status, plateNumber } = question;
    // What a person said is no plate is on no list.
    if (status === 'rejected' || plateNumber === '') return [];
    const matches = new Map<number, PlateMatch>();
    const keep = (match: PlateMatch | null): void => {
      if (match === null) return;
      if ((matches.get(match.entryNo)?.sureness ?? -1) < match.sureness) matches.set(match.entryNo, match);
    };
    const minute = Math.floor(at.getTime() / 60_000);
    const seen = new Set<number>();
    const look = (slot: number): void => {
      if (seen.has(slot) || !this.index.isValid(slot, minute)) return;
      seen.add(slot);
      keep(this.#judged(slot, question, policyOf));
    };
    // A text that a person typed is what it is.
    const isTyped = status === 'corrected';
    const characters = isTyped || reach.policies.length === 0 ? 0 : plateCharacters(plateNumber).length;
    const any = editsOf(reach, 'any', characters);
    const confusable = editsOf(reach, 'confusable', characters);
    if (any > 0) eachNeighbour(this.index, plateNumber, { edits: any, kind: 'any' }, look);
    if (any === 0 || confusable > any) {
      eachNeighbour(this.index, plateNumber, { edits: confusable, kind: 'confusable' }, look);
    }
    if (reach.candidates && !isTyped) {
      for (const candidate of question.read?.candidates ?? []) {
        if (candidate.plateNumber === plateNumber) continue;
        eachNeighbour(this.index, candidate.plateNumber, { edits: 0, kind: 'confusable' }, (slot) => {
          if (this.index.isValid(slot, minute)) keep(this.#judgedCandidate(slot, question, candidate, policyOf));
        });
      }
    }
    this.wildcards.each(plateNumber, minute, (entry) => {
      keep(this.#kept(entry, entry.plateNumber, entry.entryNo, question, policyOf, 'wildcard', question.confidence));
    });
    return [...matches.values()];
  }

  #judged(slot: number, question: PlateQuestion, policyOf: PolicyOf): PlateMatch | null {
    const kind = this.index.kindOf(slot);
    const policy = policyOf(kind.list);
    if (policy === null) return null;
    const listed = this.index.plateOf(slot);
    const entryNo = this.index.entryNoOf(slot);
    const { plateNumber, confidence, read } = question;
    if (listed === plateNumber) return this.#kept(kind, listed, entryNo, question, policyOf, 'exact', confidence);
    const comparison = comparePlates(plateNumber, listed);
    const shorter = Math.min(plateCharacters(plateNumber).length, plateCharacters(listed).length);
    if (comparison.differences.length > editsAllowed(policy, shorter)) return null;
    if (comparison.odd > 0 && (policy.edits !== 'any' || comparison.differences.length > 1)) return null;
    const text = textSureness(plateNumber, confidence, read?.characters ?? null, comparison);
    return this.#kept(kind, listed, entryNo, question, policyOf, 'confusable', text, comparison);
  }

  #judgedCandidate(
    slot: number,
    question: PlateQuestion,
    candidate: { readonly plateNumber: string; readonly issuingEntity: string | null; readonly confidence: number },
    policyOf: PolicyOf,
  ): PlateMatch | null {
    const kind = this.index.kindOf(slot);
    if (policyOf(kind.list)?.candidates !== true) return null;
    const listed = this.index.plateOf(slot);
    const asked = { ...question, issuingEntity: candidate.issuingEntity ?? question.issuingEntity };
    const comparison = comparePlates(question.plateNumber, listed);
    const sure = Math.min(candidate.confidence, question.confidence);
    return this.#kept(kind, listed, this.index.entryNoOf(slot), asked, policyOf, 'candidate', sure, comparison);
  }

  /** Province, country and class: what both name must be the same. */
  #kept(
    { list, issuingEntity, countryCode, plateType }: EntryKind,
    plateNumber: string,
    entryNo: number,
    question: PlateQuestion,
    policyOf: PolicyOf,
    how: MatchedBy,
    text: number,
    { differences }: Comparison = NO_DIFFERENCES,
  ): PlateMatch | null {
    const policy = policyOf(list);
    if (policy === null) return null;
    if (isOther(issuingEntity, question.issuingEntity) || isOther(countryCode, question.countryCode)) return null;
    if (isOther(plateType, question.plateType)) return null;
    const isProvinceKnown = issuingEntity !== null && question.issuingEntity !== null;
    if (!isProvinceKnown && !policy.withoutProvince) return null;
    return {
      ...{ list, issuingEntity, countryCode, plateType, plateNumber, entryNo, differences },
      matchedBy: how === 'exact' && !isProvinceKnown ? 'without_province' : how,
      sureness: hitSureness(text, isProvinceKnown, 1),
    };
  }
}
