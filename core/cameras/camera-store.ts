/** What the camera registry needs of a database. */
import type { ImageHandle } from '../message.ts';
import type { Author, CameraContent, CameraVersion, VersionAction } from './camera-versions.ts';
import type { Camera, CameraInput, IngestKey } from './cameras.ts';

/** As it lies there: `config` with sealed secrets, no health. */
export type StoredCamera = Omit<Camera, 'health'>;

/** With what it and the version before it held. */
export interface StoredVersion extends Omit<CameraVersion, 'differences'> {
  readonly content: CameraContent;
  readonly before: CameraContent | null;
}

export interface FrameStats {
  readonly cameraId: string;
  readonly framesToday: number;
  readonly lastFrameAt: Date | null;
  readonly lastFrame: ImageHandle | null;
}

export interface CameraStore {
  list(): Promise<readonly StoredCamera[]>;
  find(cameraId: string): Promise<StoredCamera | null>;
  /** With its first version. @throws name_taken; invalid_input when the checkpoint is unknown */
  add(camera: CameraInput & { cameraId: string; builtIn: Camera['builtIn'] }, by?: Author): Promise<StoredCamera>;
  /** Writes a version in the same transaction, when something differs. @throws not_found, name_taken, invalid_input */
  change(cameraId: string, change: Partial<CameraInput>, action: VersionAction, by: Author): Promise<StoredCamera>;
  /** Its row stays for the detections that name it, and so do its versions. @throws not_found */
  remove(cameraId: string, by: Author): Promise<void>;
  /** Newest first, at most 500. */
  versions(cameraId: string): Promise<readonly StoredVersion[]>;
  versionContent(cameraId: string, versionId: string): Promise<CameraContent | null>;
  frameStats(dayStart: Date): Promise<readonly FrameStats[]>;
  keys(cameraId: string): Promise<readonly IngestKey[]>;
  addKey(key: { keyId: string; cameraId: string; keyHash: Buffer; prefix: string; label: string }): Promise<IngestKey>;
  /** False when the camera has no such key. */
  revokeKey(cameraId: string, keyId: string): Promise<boolean>;
  /** The camera of a key that is not revoked. */
  cameraOfKey(keyHash: Buffer): Promise<{ readonly cameraId: string; readonly enabled: boolean } | null>;
  keyUsed(keyHash: Buffer, at: Date): Promise<void>;
}
