/** What detections need of a database. */
import type { CameraSight } from './camera-advice.ts';
import type { Box, ClockSource, Corners, DetectionStatus, ImageHandle, PlateRead } from '../message.ts';
import type { CorrectedRead, Correction, Detection, DetectionQuery, DetectionSummary } from './detections.ts';

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
  /** Of the first read; never changes. */
  readonly capturedAt: Date;
  readonly capturedAtSource: ClockSource;
  readonly receivedAt: Date;
  readonly cameraId: string;
  readonly status: DetectionStatus;
  readonly readCount: number;
  readonly best: ReadRecord;
}

export interface WrittenDetection {
  readonly summary: DetectionSummary;
  readonly isNew: boolean;
}

export interface DetectionStore {
  /**
   * Writes detections, each with the read that brought it here, in one transaction. A readId that is known is not written
   * again; what a person corrected is not overwritten.
   */
  write(
    records: readonly { readonly detection: DetectionRecord; readonly read: ReadRecord }[],
  ): Promise<readonly WrittenDetection[]>;
  /** Detections of a camera with a read in this span, with all their reads, oldest first. */
  between(
    cameraId: string,
    from: Date,
    to: Date,
  ): Promise<readonly { readonly detection: DetectionRecord; readonly reads: readonly ReadRecord[] }[]>;
  detectionOfRead(readId: string): Promise<string | null>;
  /** Provisional ones become confirmed; gives those that changed. */
  confirm(detectionIds: readonly string[]): Promise<readonly DetectionSummary[]>;
  confirmBefore(capturedAt: Date): Promise<void>;
  get(detectionId: string): Promise<Detection | null>;
  search(
    query: Omit<DetectionQuery, 'cursor' | 'plate'> & {
      /** For `like` on the normalised text. */
      readonly pattern: string | null;
      readonly after: { readonly capturedAt: Date; readonly detectionId: string } | null;
    },
  ): Promise<readonly DetectionSummary[]>;
  /** Appends the correction and shows it on the detection. Null when there is no such detection. */
  correct(
    detectionId: string,
    correction: Omit<Correction, 'before' | 'correctedBy' | 'correctedAt'> & { readonly userId: string },
    text: DetectionText,
  ): Promise<DetectionSummary | null>;
  countSince(since: Date): Promise<number>;
  /** Oldest first; null when `after` is unknown. */
  correctedReads(after: string | null, limit: number): Promise<readonly CorrectedRead[] | null>;
  /** Medians over the newest `limit` detections of a camera since then; null without any. */
  sightOf(cameraId: string, since: Date, limit: number): Promise<CameraSight | null>;
  /** Makes the partitions of the months ahead. */
  prepareMonths(): Promise<void>;
}
