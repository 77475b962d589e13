/** What matching asks about: a text with what is known of how it came about. */
import type { CharacterRead, DetectionPart, PlateCandidate } from '../message.ts';

/** Of the winning read: how sure each character is and what else it could be. */
export interface CandidateRead {
  readonly characters: readonly CharacterRead[];
  readonly candidates: readonly PlateCandidate[];
}

export interface PlateQuestion extends Pick<
  DetectionPart,
  'status' | 'plateNumber' | 'issuingEntity' | 'countryCode' | 'plateType' | 'confidence'
> {
  /** Null where nobody knows: a text that a person typed, or a read that is not the winning one. */
  readonly read: CandidateRead | null;
}
