/** One vehicle passing one camera is one detection: merge, record, correct, search. */
import type { CameraAdvice, CameraSight } from './camera-advice.ts';
import type {
  Box,
  CharacterRead,
  ClockSource,
  Corners,
  DetectionPart,
  DetectionStatus,
  HitPart,
  ImageHandle,
  LprMessage,
  PlateCandidate,
  PlateRead,
  Quality,
} from '../message.ts';

export interface DetectionSummary {
  readonly detectionId: string;
  readonly status: DetectionStatus;
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly plateType: string | null;
  readonly confidence: number;
  readonly characters: readonly CharacterRead[];
  readonly capturedAt: Date;
  /** Of the last read. */
  readonly lastSeenAt: Date;
  /** It stood before the camera for a minute or more. */
  readonly isParked: boolean;
  readonly capturedAtSource: ClockSource;
  readonly receivedAt: Date;
  readonly cameraId: string;
  readonly cameraName: string;
  readonly frameId: string;
  /** Null when the device told a read without a picture. */
  readonly frame: ImageHandle | null;
  /** The patch of the winning read, cut from `frame`, or as the device cut it. */
  readonly patch: ImageHandle | null;
  readonly box: Box | null;
  readonly corners: Corners | null;
  /** Those that were counted and not kept included. */
  readonly readCount: number;
  readonly hits: readonly HitPart[];
}

/** What a detection said until now. */
export type DetectionBefore = Pick<DetectionSummary, 'plateNumber' | 'issuingEntity' | 'countryCode'>;

export interface DetectionUpdate extends DetectionSummary {
  /** Set when the winning text, province or country is another one now. */
  readonly before: DetectionBefore | null;
}

export interface DetectionRead extends PlateRead {
  readonly frameId: string;
  readonly frame: ImageHandle | null;
  readonly patch: ImageHandle | null;
  readonly box: Box | null;
  readonly corners: Corners | null;
  readonly capturedAt: Date;
  readonly isBest: boolean;
}

export interface Correction {
  readonly correctionId: string;
  readonly kind: 'text' | 'not_a_plate';
  readonly before: {
    readonly plateNumber: string;
    readonly issuingEntity: string | null;
    readonly countryCode: string | null;
  };
  readonly after: {
    readonly plateNumber: string;
    readonly issuingEntity: string | null;
    readonly countryCode: string | null;
  };
  readonly note: string | null;
  readonly correctedBy: string;
  readonly correctedAt: Date;
}

/** What an engine read and what a person says is there: the newest correction of a detection. */
export interface CorrectedRead {
  readonly correctionId: string;
  readonly correctedAt: Date;
  readonly engine: string;
  readonly read: string;
  /** Empty: no plate. */
  readonly text: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly patch: ImageHandle | null;
}

export interface Detection extends DetectionSummary {
  readonly province: { readonly confidence: number } | null;
  readonly candidates: readonly PlateCandidate[];
  /** Of the winning read. */
  readonly reasons: readonly string[];
  /** Why the reads are one detection and say this together, e.g. `voted:3/4`, `track`, `parked`. */
  readonly mergedBy: readonly string[];
  /** Null where no patch was measured. */
  readonly quality: Quality | null;
  readonly reads: readonly DetectionRead[];
  readonly corrections: readonly Correction[];
  /** Further detections that a correction showed to be this one. */
  readonly merges: readonly DetectionMerge[];
}

export interface DetectionMerge {
  readonly mergeId: string;
  /** Of the one that went into this. */
  readonly detectionId: string;
  readonly plateNumber: string;
  readonly mergedBy: string;
  readonly mergedAt: Date;
  /** When somebody took it apart again. */
  readonly splitAt: Date | null;
}

export interface MergeOptions {
  /** Reads of like plates on one camera within this many seconds are one pass. */
  readonly windowSeconds: number;
  /** Plates this alike (0..1, confusable-aware) are the same. */
  readonly minSimilarity: number;
  /** A vehicle that stands is one detection as long as it is seen again within this many minutes. */
  readonly parkedMinutes: number;
}

export interface DetectionQuery {
  /** Part of a plate, Thai or Latin; `*` any run and `?` one character. */
  readonly plate: string | null;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly cameraId: string | null;
  readonly status: DetectionStatus | null;
  readonly plateType?: string | null;
  readonly isParked?: boolean | null;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly minConfidence: number | null;
  /** From the page before; @throws cursor_invalid */
  readonly cursor: string | null;
  /** 1..200 */
  readonly limit: number;
}

export interface CorrectionInput {
  readonly kind: 'text' | 'not_a_plate';
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  readonly note: string | null;
}

export interface Detections {
  /** Finds the open pass that this read belongs to, or opens one. In memory and quick; `record` makes it last. */
  merge(message: LprMessage<'read'>, options: MergeOptions): Promise<DetectionPart>;
  /** Writes the detection and its read in a batch with others; durable when it resolves. The same readId twice is once. */
  record(message: LprMessage<'detection'>): Promise<DetectionSummary>;
  get(detectionId: string): Promise<Detection | null>;
  /** Newest capture first. */
  search(
    query: DetectionQuery,
  ): Promise<{ readonly items: readonly DetectionSummary[]; readonly nextCursor: string | null }>;
  /** Append-only; the detection then shows the corrected text. @throws not_found, invalid_input */
  correct(detectionId: string, input: CorrectionInput, userId: string): Promise<Detection>;
  /** Takes apart what a correction joined. Gives the detection that remains. @throws not_found */
  split(detectionId: string, mergeId: string, userId: string): Promise<Detection>;
  countSince(since: Date): Promise<number>;
  /** Oldest first, those after the correction with this id. @throws not_found when there is none */
  correctedReads(after: string | null, limit: number): Promise<readonly CorrectedRead[]>;
  /** What a camera's newest plates look like, and what could be better. */
  sightOf(cameraId: string): Promise<{ readonly sight: CameraSight | null; readonly advice: readonly CameraAdvice[] }>;
  stop(): Promise<void>;
}
