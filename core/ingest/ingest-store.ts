/** What ingest needs of a database: the durable inbox. */
import type { Box, ClockSource, Corners, ImageHandle, PlateRead } from '../message.ts';
import type { PicturePull } from '../plugins/device-format.ts';
import type { FrameStatus, IngestCounts, SettleOutcome } from './ingest.ts';

/** A read that came ready-made, as it waits in the inbox. */
export interface HeldRead {
  readonly read: PlateRead;
  /** The device's own cut-out. */
  readonly patch: ImageHandle | null;
  /** In pixels of the scene. */
  readonly box: Box | null;
  readonly corners: Corners | null;
}

export interface Entry {
  readonly frameId: string;
  readonly cameraId: string;
  readonly deviceId: string | null;
  readonly eventKey: string;
  readonly frame: ImageHandle | null;
  /** Null: a picture that the flow has to read. */
  readonly reads: readonly HeldRead[] | null;
  readonly pull: PicturePull | null;
  /** Code of why there is no picture though one was sent or promised. */
  readonly pictureProblem: string | null;
  readonly label: string | null;
  readonly capturedAt: Date;
  readonly capturedAtSource: ClockSource;
  readonly receivedAt: Date;
  readonly isLate: boolean;
}

export interface NewEntry extends Entry {
  /** What the device said, when it was not believed. */
  readonly capturedAtRaw: Date | null;
  /** It goes to the flow at once, without waiting in the queue; null: it waits. */
  readonly takenAt: Date | null;
}

export interface TakenEntry extends Entry {
  /** This attempt included. */
  readonly attempts: number;
  /** It was in a flow's hands before, whatever became of it. */
  readonly isRepeated: boolean;
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

export interface KnownFrame {
  readonly frameId: string;
  readonly frame: ImageHandle | null;
}

export type EntryKind = 'picture' | 'reads';

export interface IngestStore {
  /**
   * Durable when it resolves. For each entry the frame that this event already is, or null when it is new; of two with one
   * key in one call the first is new.
   */
  add(entries: readonly NewEntry[]): Promise<readonly (KnownFrame | null)[]>;
  /**
   * Marks the oldest waiting entries of a kind as running and gives them. What is to wait longer than anything waits was
   * written by a clock that has been set back since: it is due. @param cameraIds null means all
   */
  take(kind: EntryKind, limit: number, cameraIds: readonly string[] | null, now: Date): Promise<readonly TakenEntry[]>;
  /** The frames as they then are. */
  end(ends: readonly FrameEnd[]): Promise<readonly FrameStatus[]>;
  find(frameId: string): Promise<FrameStatus | null>;
  dead(before: Date | null, limit: number): Promise<readonly FrameStatus[]>;
  counts(): Promise<IngestCounts>;
  /**
   * Frames taken before or after this span that nobody finished wait again, but for those named: what was taken in the future
   * was taken before the clock was set back.
   */
  requeueRunning(takenBefore: Date, takenAfter: Date, but: readonly string[]): Promise<number>;
  requeueDead(frameIds: readonly string[] | 'all'): Promise<number>;
}
