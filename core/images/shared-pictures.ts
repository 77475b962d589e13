/**
 * Pictures for those who cannot sign in: messengers that fetch what a message shows. The address names the picture by its hash
 * and nothing of what is on it, ends by itself, and cannot be made by anybody but this hub.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import sharp from 'sharp';
import { errorCode, LprError } from '../errors.ts';
import { isPublicHttps } from '../plugins/define.ts';
import type { SecretBox } from '../secrets.ts';
import type { ImageStore } from './images.ts';

export interface SharedPictures {
  /** The picture upright as JPEG, at most `width` pixels wide (default 1024); null when it is gone. */
  jpeg(imageId: string, width?: number): Promise<Buffer | null>;
  /** An address under which whoever has it sees that JPEG for a week; null where `PUBLIC_URL` is no public https address. */
  link(imageId: string, width?: number): string | null;
  /** What such an address shows. @throws not_found (none of ours, or its time is over), image_removed */
  open(token: string): Promise<{ readonly bytes: Buffer; readonly secondsLeft: number }>;
}

export interface SharedPicturesDependencies {
  readonly images: Pick<ImageStore, 'read'>;
  readonly secrets: Pick<SecretBox, 'named'>;
  readonly publicUrl: string | null;
  readonly now?: () => number;
}

const KEPT_SECONDS = 7 * 86_400;
const WIDTH = { least: 16, usual: 1024, most: 2048 } as const;
const ID_BYTES = 32;
/** Of a token: the picture's hash, its width, the second it ends, a seal over those. */
const HEAD_BYTES = ID_BYTES + 2 + 4;
const SEAL_BYTES = 16;

export function createSharedPictures({
  images,
  secrets,
  publicUrl,
  now = Date.now,
}: SharedPicturesDependencies): SharedPictures {
  const key = secrets.named('shared-pictures');
  const sealOf = (head: Buffer): Buffer => createHmac('sha256', key).update(head).digest().subarray(0, SEAL_BYTES);
  const made = async (imageId: string, width: number): Promise<Buffer> =>
    sharp(await images.read(imageId), { failOn: 'none', autoOrient: true })
      .resize({ width, withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 82 })
      .toBuffer();
  const clamped = (width: number): number => Math.min(WIDTH.most, Math.max(WIDTH.least, Math.round(width)));

  return {
    async jpeg(imageId, width = WIDTH.usual) {
      try {
        return await made(imageId, clamped(width));
      } catch (error) {
        if (['not_found', 'image_removed'].includes(errorCode(error))) return null;
        throw error;
      }
    },
    link(imageId, width = WIDTH.usual) {
      if (publicUrl === null || !isPublicHttps(publicUrl)) return null;
      const head = Buffer.alloc(HEAD_BYTES);
      head.write(imageId, 'hex');
      head.writeUInt16BE(clamped(width), ID_BYTES);
      head.writeUInt32BE(Math.floor(now() / 1000) + KEPT_SECONDS, ID_BYTES + 2);
      return `${publicUrl}/api/v1/shared-pictures/${Buffer.concat([head, sealOf(head)]).toString('base64url')}`;
    },
    async open(token) {
      const bytes = Buffer.from(token, 'base64url');
      const head = bytes.subarray(0, HEAD_BYTES);
      const seal = bytes.subarray(HEAD_BYTES);
      const isOurs = bytes.length === HEAD_BYTES + SEAL_BYTES && timingSafeEqual(seal, sealOf(head));
      const secondsLeft = isOurs ? head.readUInt32BE(ID_BYTES + 2) - Math.floor(now() / 1000) : 0;
      if (secondsLeft <= 0) throw new LprError('not_found', 'There is no such picture, or its address has ended.');
      return {
        bytes: await made(head.toString('hex', 0, ID_BYTES), head.readUInt16BE(ID_BYTES)),
        secondsLeft,
      };
    },
  };
}
