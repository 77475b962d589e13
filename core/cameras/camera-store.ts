/** What the camera registry needs of a database. */
import type { ImageHandle } from '../message.ts';
import type { Camera, CameraInput, Checkpoint, IngestKey } from './cameras.ts';

/** As it lies there: `config` with sealed secrets, no health. */
export type StoredCamera = Omit<Camera, 'health'>;

export interface FrameStats {
  readonly cameraId: string;
  readonly framesToday: number;
  readonly lastFrameAt: Date | null;
  readonly lastFrame: ImageHandle | null;
}

export interface CameraStore {
  list(): Promise<readonly StoredCamera[]>;
  find(cameraId: string): Promise<StoredCamera | null>;
  /** @throws name_taken; conflict when the checkpoint is unknown */
  add(camera: CameraInput & { cameraId: string; builtIn: Camera['builtIn'] }): Promise<StoredCamera>;
  /** @throws not_found, name_taken, conflict */
  change(cameraId: string, change: Partial<CameraInput>): Promise<StoredCamera>;
  /** Its row stays for the detections that name it. @throws not_found */
  remove(cameraId: string): Promise<void>;
  frameStats(dayStart: Date): Promise<readonly FrameStats[]>;
  keys(cameraId: string): Promise<readonly IngestKey[]>;
  addKey(key: { keyId: string; cameraId: string; keyHash: Buffer; prefix: string; label: string }): Promise<IngestKey>;
  /** False when the camera has no such key. */
  revokeKey(cameraId: string, keyId: string): Promise<boolean>;
  /** The camera of a key that is not revoked. */
  cameraOfKey(keyHash: Buffer): Promise<{ readonly cameraId: string; readonly enabled: boolean } | null>;
  keyUsed(keyHash: Buffer, at: Date): Promise<void>;
  checkpoints(): Promise<readonly Checkpoint[]>;
  /** @throws name_taken */
  addCheckpoint(checkpoint: Checkpoint): Promise<Checkpoint>;
}
