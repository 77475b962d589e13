/**
 * Everything that comes in passes here: the durable inbox, dispatch to the flow, settling.
 * Accepted means stored: `accept` resolves after the picture is fsynced and the inbox row committed.
 */
import type { ClockSource, ImageHandle, LprMessage } from '../message.ts';

export interface FrameInput {
  readonly cameraId: string;
  readonly bytes: Uint8Array;
  readonly capturedAt: Date | null;
  readonly capturedAtSource: ClockSource;
  /** Same camera and key twice is one frame; null takes the picture's hash as key. */
  readonly eventKey: string | null;
  readonly label: string | null;
}

export interface AcceptedFrame extends ImageHandle {
  readonly frameId: string;
  /** True when this event was known already; the first one's id is given. */
  readonly duplicate: boolean;
}

export type FrameState = 'queued' | 'running' | 'settled' | 'dead';

/** Why a token ended: what `FrameStatus.outcomes` counts. */
export type SettleOutcome = 'recorded' | 'discarded' | 'no_plate';

export interface FrameStatus extends ImageHandle {
  readonly frameId: string;
  readonly cameraId: string;
  readonly state: FrameState;
  readonly label: string | null;
  readonly capturedAt: Date;
  readonly receivedAt: Date;
  readonly attempts: number;
  readonly outcomes: Readonly<Partial<Record<SettleOutcome, number>>>;
  readonly detectionIds: readonly string[];
  /** Last error of a frame that is waiting for another try or is dead. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface IngestCounts {
  readonly queued: number;
  readonly running: number;
  readonly dead: number;
}

/** A flow's camera-in node: gets each frame of its cameras once per attempt. */
export interface FrameConsumer {
  /** Empty means all cameras. */
  readonly cameraIds: readonly string[];
  deliver(message: LprMessage<'frame'>): void;
}

export interface Ingest {
  /** @throws camera_unknown, camera_disabled, image_…, storage_full, database_unavailable, stopping */
  accept(input: FrameInput): Promise<AcceptedFrame>;
  /** Registers a consumer; frames wait in the inbox while none is there. Returns how to unregister. */
  consume(consumer: FrameConsumer): () => void;
  /** Replaces a token by the tokens its message was split into; none means nothing was found and settles it. */
  split(token: string, into: readonly string[]): void;
  /** Ends a token. Unknown or ended tokens are ignored: at a fork the first wins. */
  settle(token: string, outcome: SettleOutcome, detectionId?: string): void;
  /** A node failed with this token: the frame is tried again after a back-off, then lies dead with its error. */
  fail(token: string, error: unknown): void;
  status(frameId: string): Promise<FrameStatus | null>;
  /** Puts dead frames back in the queue. */
  replay(frameIds: readonly string[] | 'all'): Promise<number>;
  counts(): Promise<IngestCounts>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
