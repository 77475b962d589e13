/** What retention needs of a database. */
import type { StoredImage } from './images.ts';
import type {
  DetectionHold,
  ImageRemoval,
  ImageUse,
  KeptAs,
  Purpose,
  RetentionFigures,
  RetentionPolicy,
} from './retention.ts';

/** A place in an order by time. */
export interface Place {
  /** As the database writes it: a Date would cut its microseconds off, and the same picture would come again for ever. */
  readonly at: string;
  readonly imageId: string;
}

/** A picture and everything that shows it; never without uses: one that nothing shows is `unused` since it last came. */
export interface UsedImage {
  readonly imageId: string;
  /** When its bytes last came. */
  readonly touchedAt: Date;
  readonly uses: readonly ImageUse[];
}

export type Verdict =
  | { readonly remove: 'age' | 'space'; readonly keptAs: KeptAs }
  | { readonly remove: null; readonly keptAs: KeptAs; readonly keptFrom: Date }
  /** Looked at again at the next sweep. */
  | null;

export type Gone = Pick<StoredImage, 'imageId' | 'mediaType' | 'bytes'>;

export interface RetentionStore {
  policy(): Promise<RetentionPolicy>;
  setPolicy(policy: RetentionPolicy, userId: string): Promise<void>;
  /** Pictures stored before `before` that were not looked at yet, oldest first. */
  unsorted(before: Date, after: Place | null, limit: number): Promise<readonly Place[]>;
  /** Pictures last found to be of this class and received before the cut-off of their purpose, oldest first. */
  candidates(
    keptAs: KeptAs,
    cutoffs: Readonly<Record<Purpose, Date | null>>,
    after: Place | null,
    limit: number,
  ): Promise<readonly Place[]>;
  /**
   * Looks up what shows these pictures and does what `judge` says, in one transaction: a record that goes is written into
   * the log of removals and into the leftovers. Holds set meanwhile wait for it, or are seen by it.
   */
  settle(imageIds: readonly string[], judge: (image: UsedImage) => Verdict): Promise<readonly Gone[]>;
  /** Pictures without a record whose bytes may still lie there. */
  leftovers(limit: number): Promise<readonly Omit<Gone, 'bytes'>[]>;
  clearLeftovers(imageIds: readonly string[]): Promise<void>;
  /** @param cutoffs what is older would go, by class and purpose */
  figures(
    cutoffs: readonly { readonly keptAs: KeptAs; readonly purpose: Purpose; readonly before: Date }[],
  ): Promise<readonly RetentionFigures[]>;
  removals(limit: number, before: string | null): Promise<readonly ImageRemoval[]>;
  /** Null when there is no such detection. */
  holds(detectionId: string): Promise<readonly DetectionHold[] | null>;
  /** False when it is so already. */
  hold(detectionId: string, kind: DetectionHold['kind'], reason: string, userId: string): Promise<boolean>;
}
