/** How far a read may be from an entry and still count, as the people of a list decide. */

export interface MatchPolicy {
  /**
   * `none`: as listed. `confusable`: characters that readers mix up may be exchanged. `any`: besides, by itself, one character may be
   * any other, missing or too many: two of that kind would make strangers of half the plates alike.
   */
  readonly edits: 'none' | 'confusable' | 'any';
  /** Characters that a plate must have for one edit, and for two; never more than two. */
  readonly oneEditFrom: number;
  readonly twoEditsFrom: number;
  /** Other texts that the engine held possible count, as they stand. */
  readonly candidates: boolean;
  /** A read or an entry without province counts, as no identity. */
  readonly withoutProvince: boolean;
  /** Hits that are less sure are not made, 0..1. */
  readonly minConfidence: number;
}

export const EXACT_POLICY: MatchPolicy = {
  ...{ edits: 'none', oneEditFrom: 5, twoEditsFrom: 8, candidates: false, withoutProvince: true, minConfidence: 0 },
};

/** Whatever any list may take. */
export const WIDEST_POLICY: MatchPolicy = {
  ...{ edits: 'any', oneEditFrom: 4, twoEditsFrom: 6, candidates: true, withoutProvince: true, minConfidence: 0 },
};

/** With more entries than this nearly every read is like one of them. */
export const EXACT_ONLY_ABOVE = 100_000;

export function editsAllowed(policy: MatchPolicy, characters: number): 0 | 1 | 2 {
  if (policy.edits === 'none' || characters < policy.oneEditFrom) return 0;
  return characters < policy.twoEditsFrom ? 1 : 2;
}
