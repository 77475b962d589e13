/** The keys with which devices post frames: made once, kept as hashes. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { LprError } from '../errors.ts';
import type { CameraStore } from './camera-store.ts';
import type { Cameras } from './cameras.ts';

const KEY_TOUCH_MS = 60_000;

const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest();

/** @param existing throws not_found for a camera that is none */
export function createIngestKeys(
  store: CameraStore,
  existing: (cameraId: string) => Promise<unknown>,
  now: () => Date,
): Pick<Cameras, 'keys' | 'createKey' | 'revokeKey' | 'authenticate'> {
  const keysUsed = new Map<string, number>();
  return {
    async keys(cameraId) {
      await existing(cameraId);
      return store.keys(cameraId);
    },
    async createKey(cameraId, label) {
      await existing(cameraId);
      const key = `lpr_${randomBytes(32).toString('base64url')}`;
      const stored = await store.addKey({
        keyId: randomUUID(),
        cameraId,
        keyHash: hashKey(key),
        prefix: key.slice(0, 10),
        label,
      });
      return { ...stored, key };
    },
    async revokeKey(cameraId, keyId) {
      await existing(cameraId);
      if (!(await store.revokeKey(cameraId, keyId))) throw new LprError('not_found', 'This camera has no such key.');
    },
    async authenticate(key) {
      const keyHash = hashKey(key);
      // Looked up by hash: the time it takes tells nothing about the key.
      const camera = /^lpr_[\w-]{43}$/.test(key) ? await store.cameraOfKey(keyHash) : null;
      if (camera === null) {
        throw new LprError(
          'ingest_key_wrong',
          'This ingest key is unknown or revoked: make a new one on the camera page.',
        );
      }
      if (!camera.enabled) throw new LprError('camera_disabled', 'This camera is switched off: switch it on first.');
      const id = keyHash.toString('base64url');
      const at = now();
      if (at.getTime() - (keysUsed.get(id) ?? 0) > KEY_TOUCH_MS) {
        keysUsed.set(id, at.getTime());
        await store.keyUsed(keyHash, at);
      }
      return { cameraId: camera.cameraId };
    },
  };
}
