/** Seals what must not lie in the database in the clear: AES-256-GCM under a key that lives in the data folder. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LprError } from './errors.ts';

export interface SecretBox {
  seal(plain: string): string;
  /** @throws internal when the sealed text was made under another key or was changed. */
  open(sealed: string): string;
  /** A lasting random value by name, e.g. for Node-RED's credentials. */
  named(name: string): string;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1.';

function loadKey(folder: string): Buffer {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'key');
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, randomBytes(KEY_BYTES), { mode: 0o600 });
  try {
    // A link fails when the key is there: of two hubs that start at once one key wins, whole.
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  const key = readFileSync(file);
  if (key.length !== KEY_BYTES) {
    throw new LprError(
      'internal',
      `${file} is damaged (${key.length} bytes, not ${KEY_BYTES}). Restore it from a backup.`,
    );
  }
  return key;
}

/** @param folder `<data>/secrets`; made with its key on first use */
export function createSecretBox(folder: string): SecretBox {
  const key = loadKey(folder);
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(sealed) {
      try {
        if (!sealed.startsWith(VERSION)) throw new Error('unknown version');
        const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
          'utf8',
        );
      } catch (error) {
        throw new LprError(
          'internal',
          'A stored secret cannot be opened: the key in the data folder is not the one it was sealed with. Enter the secret again.',
          {},
          error,
        );
      }
    },
    named: (name) => Buffer.from(hkdfSync('sha256', key, '', `lpr-hub:${name}`, KEY_BYTES)).toString('base64url'),
  };
}
