/** What ingest needs of a database: the durable inbox. */
import type { ClockSource } from '../message.ts';
import type { FrameStatus, IngestCounts, SettleOutcome } from './ingest.ts';

export interface NewFrame {
  readonly frameId: string;
  readonly cameraId: string;
  readonly eventKey: string;
  readonly imageId: string;
  readonly width: number;
  readonly height: number;
  readonly label: string | null;
  readonly capturedAt: Date;
  readonly capturedAtSource: ClockSource;
  /** What the device said, when it was not believed. */
  readonly capturedAtRaw: Date | null;
  readonly receivedAt: Date;
}

export interface TakenFrame extends Omit<NewFrame, 'capturedAtRaw'> {
  /** This attempt included. */
  readonly attempts: number;
}

export interface FrameEnd {
  readonly frameId: string;
  /** `queued` waits for another attempt at `nextAttemptAt`. */
  readonly state: 'settled' | 'dead' | 'queued';
  readonly nextAttemptAt: Date;
  readonly outcomes: Readonly<Partial<Record<SettleOutcome, number>>>;
  readonly detectionIds: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
  /** False: the flow was taken away from the frame, which is no failure of it. */
  readonly countsAsAttempt: boolean;
}

export interface IngestStore {
  /** Durable when it resolves. The id of the frame that this event already is, or null when it is new. */
  add(frame: NewFrame): Promise<{ readonly frameId: string; readonly width: number; readonly height: number } | null>;
  /** Marks the oldest waiting frames as running and gives them. @param cameraIds null means all */
  take(limit: number, cameraIds: readonly string[] | null, now: Date): Promise<readonly TakenFrame[]>;
  /** The frame as it then is. */
  end(end: FrameEnd): Promise<FrameStatus | null>;
  find(frameId: string): Promise<FrameStatus | null>;
  counts(): Promise<IngestCounts>;
  /** Frames that a stopped hub had in its hands wait again. */
  requeueRunning(): Promise<void>;
  requeueDead(frameIds: readonly string[] | 'all'): Promise<number>;
}
