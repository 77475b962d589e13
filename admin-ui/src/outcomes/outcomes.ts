/** What became of a hit or an alert, in the order in which the keys 1 to 5 stand for them. */
import {
  mdiCarKey,
  mdiCheckCircleOutline,
  mdiCloseCircleOutline,
  mdiFormatTextVariantOutline,
  mdiPlaylistRemove,
} from '@mdi/js';
import type { Outcome } from '../api/contract.ts';

export interface OutcomeChoice {
  readonly outcome: Outcome;
  readonly key: string;
  readonly icon: string;
  /** A colour of the theme: whether it speaks for the list, against it, or neither. */
  readonly tone: 'success' | 'error' | 'quiet';
}

export const OUTCOMES: readonly OutcomeChoice[] = [
  { outcome: 'correct', key: '1', icon: mdiCheckCircleOutline, tone: 'success' },
  { outcome: 'misread', key: '2', icon: mdiFormatTextVariantOutline, tone: 'error' },
  { outcome: 'wrong_list', key: '3', icon: mdiPlaylistRemove, tone: 'error' },
  { outcome: 'recovered', key: '4', icon: mdiCarKey, tone: 'success' },
  { outcome: 'dismissed', key: '5', icon: mdiCloseCircleOutline, tone: 'quiet' },
];

export const outcomeChoice = (outcome: Outcome): OutcomeChoice =>
  OUTCOMES.find((one) => one.outcome === outcome) ?? (OUTCOMES[0] as OutcomeChoice);
