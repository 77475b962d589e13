/** Detections that say something else than before, until everything that follows from it is done. */
import type { PlateRead } from '../message.ts';
import type { DetectionSummary } from './detections.ts';

/** More reads voted, a person corrected it, or its reads were joined with those of another or taken apart again. */
export type ChangeCause = 'vote' | 'correction';

export interface DetectionChange {
  readonly changeId: number;
  readonly detectionId: string;
  readonly cause: ChangeCause;
  /** As it is now; null when it is gone. */
  readonly summary: DetectionSummary | null;
  /** What else the winning read could be; null where the detection says what no read of it said. */
  readonly read: Pick<PlateRead, 'characters' | 'candidates'> | null;
}

export interface DetectionChanges {
  /** Oldest first, those after this one. */
  pending(limit: number, after: number): Promise<readonly DetectionChange[]>;
  done(changeIds: readonly number[]): Promise<void>;
}
