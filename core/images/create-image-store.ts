import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { errorCode, LprError } from '../errors.ts';
import type { ByteStore } from './byte-store.ts';
import { cropOf, cutPatch } from './cut-patch.ts';
import { decodePixels, inspectImage } from './decode.ts';
import { createDiskStore, filesBelow, isThere, writeDurably } from './disk-store.ts';
import type { ImageRecords } from './image-store.ts';
import type { ImageSize, ImageStore, StoredImage } from './images.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/tiff': 'tif',
  'image/avif': 'avif',
};

const DERIVED = {
  thumbnail: { width: 320, quality: 72 },
  display: { width: 1600, quality: 82 },
} as const satisfies Record<Exclude<ImageSize, 'original'>, { width: number; quality: number }>;

const IMAGE_ID = /^[0-9a-f]{64}$/;

const spread = (imageId: string): string => `${imageId.slice(0, 2)}/${imageId.slice(2, 4)}/${imageId}`;

/** The name of an original in the byte store. */
export const originalName = ({ imageId, mediaType }: Pick<StoredImage, 'imageId' | 'mediaType'>): string =>
  `${spread(imageId)}.${EXTENSIONS[mediaType] ?? 'bin'}`;

const notFound = (): LprError => new LprError('not_found', 'There is no such picture.');

export interface ImageStoreDependencies {
  /** `<data>/images`: in `derived/` lies what is made from originals, and may be deleted at will. */
  readonly dir: string;
  readonly records: ImageRecords;
  /** Where originals lie; without it in `original/` of the same folder. */
  readonly bytes?: ByteStore;
}

export interface OwnedImageStore extends ImageStore {
  /**
   * Takes away the bytes of a picture that has no record any more; one that came again meanwhile stays.
   * @throws store_unavailable
   */
  forget(image: Pick<StoredImage, 'imageId' | 'mediaType'>): Promise<void>;
  /** Removes what was made from originals and can be made again, but for what was made within the last hour. */
  dropDerived(): Promise<void>;
}

export function createImageStore({ dir, records, bytes }: ImageStoreDependencies): OwnedImageStore {
  const store = bytes ?? createDiskStore(join(dir, 'original'));
  const find = async (imageId: string): Promise<StoredImage> => {
    // Ids become file names: nothing but a hash may pass.
    const isId = IMAGE_ID.test(imageId);
    const image = isId ? await records.find(imageId) : null;
    if (image !== null) return image;
    const removedAt = isId ? await records.removedAt(imageId) : null;
    if (removedAt === null) throw notFound();
    const at = removedAt.toISOString();
    throw new LprError('image_removed', `This picture was removed by retention on ${at}.`, { removedAt: at });
  };
  const making = new Map<string, Promise<void>>();
  const turns = new Map<string, Promise<unknown>>();

  /** Storing a picture and forgetting it are both two steps: for one picture they never mix. */
  const inTurn = <T>(imageId: string, run: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(imageId) ?? Promise.resolve()).then(run, run);
    turns.set(imageId, turn);
    const end = (): void => {
      if (turns.get(imageId) === turn) turns.delete(imageId);
    };
    turn.then(end, end);
    return turn;
  };

  const derivedPath = (imageId: string, size: keyof typeof DERIVED): string =>
    join(dir, 'derived', size, `${spread(imageId)}.webp`);

  const derive = async (image: StoredImage, size: keyof typeof DERIVED, file: string): Promise<void> => {
    const { width, quality } = DERIVED[size];
    const bytes = await sharp(await store.get(originalName(image)), { failOn: 'none', autoOrient: true })
      .toColourspace('srgb')
      .resize({ width, withoutEnlargement: true })
      .webp({ quality, effort: 2 })
      .toBuffer();
    await writeDurably(file, bytes);
  };

  const images: OwnedImageStore = {
    async put(bytes, purpose, check = 'pixels') {
      const facts = await inspectImage(bytes, check);
      const imageId = createHash('sha256').update(bytes).digest('hex');
      const image: StoredImage = { imageId, ...facts, bytes: bytes.length };
      await inTurn(imageId, async () => {
        await store.put(originalName(image), bytes);
        await records.add(image, purpose);
      });
      return image;
    },
    read: async (imageId) => store.get(originalName(await find(imageId))),
    async cut(frameImageId, box) {
      const frame = await find(frameImageId);
      const crop = cropOf(box, frame);
      return images.put(await cutPatch(await store.get(originalName(frame)), crop), 'patch', 'marks');
    },
    async file(imageId, size) {
      const image = await find(imageId);
      if (size === 'original') return { ...(await store.open(originalName(image))), mediaType: image.mediaType };
      const path = derivedPath(imageId, size);
      if (!(await isThere(path))) {
        // Many viewers of one new picture share one job.
        const job = making.get(path) ?? derive(image, size, path).finally(() => making.delete(path));
        making.set(path, job);
        await job;
      }
      return { path, mediaType: 'image/webp' };
    },
    pixels: decodePixels,
    freeBytes: () => store.freeBytes(),
    check: () => store.check(),
    forget: (image) =>
      inTurn(image.imageId, async () => {
        if ((await records.find(image.imageId)) !== null) return;
        await store.delete(originalName(image));
        for (const size of Object.keys(DERIVED) as (keyof typeof DERIVED)[]) {
          await making.get(derivedPath(image.imageId, size))?.catch(errorCode);
          await rm(derivedPath(image.imageId, size), { force: true });
        }
      }),
    async dropDerived() {
      for await (const { path, writtenAt } of filesBelow(join(dir, 'derived'))) {
        if (Date.now() - writtenAt.getTime() > 3_600_000) await rm(path, { force: true });
      }
    },
  };
  return images;
}
