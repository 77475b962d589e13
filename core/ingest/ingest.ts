/**
 * Everything that comes in passes here: the durable inbox, dispatch to the flow, settling.
 * Accepted means stored: `accept` and `acceptEvent` resolve after the picture is fsynced and the inbox row committed.
 */
import type { ClockSource, ImageHandle, LprMessage } from '../message.ts';
import type { DeviceRead, PicturePull } from '../plugins/device-format.ts';

export interface FrameInput {
  readonly cameraId: string;
  readonly bytes: Uint8Array;
  readonly capturedAt: Date | null;
  readonly capturedAtSource: ClockSource;
  /** Same camera and key twice is one frame; null takes the picture's hash as key. */
  readonly eventKey: string | null;
  readonly label: string | null;
  /** When it came, where that was earlier: it was kept meanwhile. */
  readonly receivedAt?: Date;
}

export interface AcceptedFrame extends ImageHandle {
  readonly frameId: string;
  /** True when this event was known already; the first one's id is given. */
  readonly duplicate: boolean;
}

/** What a device read by itself, with or without pictures. */
export interface EventInput {
  readonly cameraId: string;
  /** Null for reads that no device sent (an import). */
  readonly deviceId: string | null;
  /** What stands as engine of the reads: `device:<format>`. */
  readonly engine: string;
  readonly capturedAt: Date | null;
  readonly capturedAtSource: ClockSource;
  /** The source says itself that this comes late (a retransmission, an import). */
  readonly isLate: boolean;
  /** Same camera and key twice is one event; null takes the content's hash as key. */
  readonly eventKey: string | null;
  readonly label: string | null;
  /** The scene; one that cannot be decoded is left out and said so, the reads count all the same. */
  readonly frame: Uint8Array | null;
  /** How to get the scene when it did not come along. */
  readonly pull: PicturePull | null;
  /** At least one. */
  readonly reads: readonly DeviceRead[];
  /** When it came, where that was earlier: it was kept meanwhile. */
  readonly receivedAt?: Date;
}

export interface AcceptedEvent {
  readonly frameId: string;
  readonly duplicate: boolean;
}

export type FrameState = 'queued' | 'running' | 'settled' | 'dead';

/** Why a token ended: what `FrameStatus.outcomes` counts. */
export type SettleOutcome = 'recorded' | 'discarded' | 'no_plate';

export interface FrameStatus {
  readonly frameId: string;
  readonly cameraId: string;
  readonly state: FrameState;
  readonly label: string | null;
  /** Null for a read that came without a picture. */
  readonly frame: ImageHandle | null;
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
  /** With `read` for what a device read itself, one message a plate; with `frame` alone for a picture to be read. */
  deliver(message: LprMessage): void;
}

export interface Ingest {
  /** @throws camera_unknown, camera_disabled, image_…, storage_full, database_unavailable, overloaded, stopping */
  accept(input: FrameInput): Promise<AcceptedFrame>;
  /** @throws camera_unknown, camera_disabled, invalid_input (no reads), storage_full, database_unavailable, overloaded, stopping */
  acceptEvent(input: EventInput): Promise<AcceptedEvent>;
  /** Registers a consumer; frames wait in the inbox while none is there. Returns how to unregister. */
  consume(consumer: FrameConsumer): () => void;
  /** Replaces a token by the tokens its message was split into; none means nothing was found and settles it. */
  split(token: string, into: readonly string[]): void;
  /** Ends a token. Unknown or ended tokens are ignored: at a fork the first wins. */
  settle(token: string, outcome: SettleOutcome, detectionId?: string): void;
  /** A node failed with this token: the frame is tried again after a back-off, then lies dead with its error. */
  fail(token: string, error: unknown): void;
  status(frameId: string): Promise<FrameStatus | null>;
  /** Dead letters, newest first. */
  dead(before: Date | null, limit: number): Promise<readonly FrameStatus[]>;
  /** Puts dead frames back in the queue. */
  replay(frameIds: readonly string[] | 'all'): Promise<number>;
  counts(): Promise<IngestCounts>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
