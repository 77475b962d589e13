/** What detections need of a database. */
import type { CameraSight } from './camera-advice.ts';
import type { Box, ClockSource, Corners, DetectionStatus, ImageHandle, PlateRead } from '../message.ts';
import type {
  CorrectedRead,
  Correction,
  Detection,
  DetectionBefore,
  DetectionQuery,
  DetectionSummary,
} from './detections.ts';

/** One read with everything that shows it. */
export interface ReadRecord extends PlateRead {
  readonly frameId: string;
  readonly frame: ImageHandle | null;
  readonly patch: ImageHandle | null;
  readonly box: Box | null;
  readonly corners: Corners | null;
  readonly capturedAt: Date;
}

/** What a detection says of itself, voted from its reads. */
export interface DetectionText {
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly confidence: number;
}

export interface DetectionRecord extends DetectionText {
  readonly detectionId: string;
  /** Of the first read. */
  readonly capturedAt: Date;
  readonly lastSeenAt: Date;
  readonly capturedAtSource: ClockSource;
  readonly receivedAt: Date;
  readonly cameraId: string;
  readonly status: DetectionStatus;
  /** A provisional one counts as confirmed from then on. */
  readonly settlesAt: Date;
  /** It stood before the camera for a minute or more. */
  readonly isParked: boolean;
  /** Those that are not kept included. */
  readonly readCount: number;
  /** Why it says what it says, e.g. `voted:3/4`. */
  readonly reasons: readonly string[];
  readonly best: ReadRecord;
}

/** A read that is counted and no longer kept. */
export type DroppedRead = Pick<ReadRecord, 'readId' | 'capturedAt'>;

export interface RecordedRead {
  readonly detection: DetectionRecord;
  readonly read: ReadRecord;
  readonly drops: readonly DroppedRead[];
}

export interface StoredPass {
  readonly detection: DetectionRecord;
  /** At least one, oldest first. */
  readonly reads: readonly [ReadRecord, ...ReadRecord[]];
}

/** Which others of the camera a correction shows to be the same pass. */
export interface Neighbours {
  /** Between the end of the one and the beginning of the other. */
  readonly withinMs: number;
  readonly isSame: (text: DetectionBefore) => boolean;
}

export interface WrittenDetection {
  readonly summary: DetectionSummary;
  readonly isNew: boolean;
  /** What it said before, where that was something else. */
  readonly before: DetectionBefore | null;
}

export interface DetectionStore {
  /**
   * Writes detections, each with the read that brought it here, in one transaction. A readId that is known is not written
   * again, and when another detection has it, that one is given; what a person corrected is not overwritten.
   */
  write(records: readonly RecordedRead[]): Promise<readonly WrittenDetection[]>;
  /**
   * Passes of a camera that began in this span or a minute before, and parked ones that were seen since `parkedSince`; oldest
   * first.
   */
  near(cameraId: string, from: Date, to: Date, parkedSince: Date): Promise<readonly StoredPass[]>;
  passesOf(detectionIds: readonly string[]): Promise<readonly StoredPass[]>;
  /** The detection that has each read, or null. */
  ofReads(readIds: readonly string[]): Promise<readonly (string | null)[]>;
  /** As they are now. */
  summaries(detectionIds: readonly string[]): Promise<readonly DetectionSummary[]>;
  get(detectionId: string): Promise<Detection | null>;
  search(
    query: Omit<DetectionQuery, 'cursor' | 'plate'> & {
      /** For `like` on the normalised text. */
      readonly pattern: string | null;
      readonly after: { readonly capturedAt: Date; readonly detectionId: string } | null;
    },
  ): Promise<readonly DetectionSummary[]>;
  /**
   * In one transaction: appends the correction and shows it on the detection, joins neighbours that are the same vehicle by it,
   * counts the plates anew and notes what has to be followed up. Null when there is no such detection.
   */
  correct(
    detectionId: string,
    correction: Omit<Correction, 'before' | 'correctedBy' | 'correctedAt'> & { readonly userId: string },
    text: DetectionText,
    neighbours: Neighbours,
  ): Promise<{
    readonly summary: DetectionSummary | null;
    /** Detections that memory must load anew: those that were joined. */
    readonly touched: readonly string[];
  } | null>;
  /** Takes a join apart again. The detections that it was of, or null when there is none to take apart. */
  split(mergeId: string, userId: string): Promise<readonly string[] | null>;
  countSince(since: Date): Promise<number>;
  /** Those of the last day that were recorded within so long before the last one; newest capture first. */
  lastRecorded(withinMs: number, limit: number): Promise<readonly DetectionSummary[]>;
  /** Oldest first; null when `after` is unknown. */
  correctedReads(after: string | null, limit: number): Promise<readonly CorrectedRead[] | null>;
  /** Medians over the newest `limit` detections of a camera since then; null without any. */
  sightOf(cameraId: string, since: Date, limit: number): Promise<CameraSight | null>;
  /** Makes the partitions of the months ahead. */
  prepareMonths(): Promise<void>;
}
