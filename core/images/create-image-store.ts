import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { LprError } from '../errors.ts';
import { cropOf, cutPatch } from './cut-patch.ts';
import { decodePixels, inspectImage } from './decode.ts';
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

const notFound = (): LprError => new LprError('not_found', 'There is no such picture.');

function storageError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new LprError('storage_full', "The hub's disk is full: make room, then send again.", {}, error)
    : error;
}

/** Written beside, flushed, renamed, folder flushed: after this resolves a power cut leaves the whole file. */
async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(file);
  const fresh = `${file}.${randomUUID()}.part`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const handle = await open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
    const directory = await open(folder);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    await rm(fresh, { force: true });
    throw storageError(error);
  }
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** @param dir `<data>/images`; originals lie in `original/`, what is made from them in `derived/` (may be deleted at will) */
export function createImageStore({
  dir,
  records,
}: {
  readonly dir: string;
  readonly records: ImageRecords;
}): ImageStore {
  const spread = (imageId: string): string => join(imageId.slice(0, 2), imageId.slice(2, 4), imageId);
  const original = (image: Pick<StoredImage, 'imageId' | 'mediaType'>): string =>
    join(dir, 'original', `${spread(image.imageId)}.${EXTENSIONS[image.mediaType] ?? 'bin'}`);
  const find = async (imageId: string): Promise<StoredImage> => {
    // Ids become file names: nothing but a hash may pass.
    const image = IMAGE_ID.test(imageId) ? await records.find(imageId) : null;
    if (image === null) throw notFound();
    return image;
  };
  const making = new Map<string, Promise<void>>();

  const derive = async (image: StoredImage, size: keyof typeof DERIVED, file: string): Promise<void> => {
    const { width, quality } = DERIVED[size];
    const bytes = await sharp(original(image), { failOn: 'none', autoOrient: true })
      .toColourspace('srgb')
      .resize({ width, withoutEnlargement: true })
      .webp({ quality, effort: 2 })
      .toBuffer();
    await writeDurably(file, bytes);
  };

  const store: ImageStore = {
    async put(bytes, purpose) {
      const facts = await inspectImage(bytes);
      const imageId = createHash('sha256').update(bytes).digest('hex');
      const image: StoredImage = { imageId, ...facts, bytes: bytes.length };
      const file = original(image);
      if (!(await isThere(file))) await writeDurably(file, bytes);
      await records.add(image, purpose);
      return image;
    },
    async read(imageId) {
      const image = await find(imageId);
      return readFile(original(image)).catch((error: unknown) => {
        throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? notFound() : error;
      });
    },
    async cut(frameImageId, box) {
      const crop = cropOf(box, await find(frameImageId));
      return store.put(await cutPatch(await store.read(frameImageId), crop), 'patch');
    },
    async file(imageId, size) {
      const image = await find(imageId);
      if (size === 'original') {
        const path = original(image);
        if (!(await isThere(path))) throw notFound();
        return { path, mediaType: image.mediaType };
      }
      const path = join(dir, 'derived', size, `${spread(imageId)}.webp`);
      if (!(await isThere(path))) {
        // Many viewers of one new picture share one job.
        const job = making.get(path) ?? derive(image, size, path).finally(() => making.delete(path));
        making.set(path, job);
        await job;
      }
      return { path, mediaType: 'image/webp' };
    },
    pixels: decodePixels,
    async freeBytes() {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(dir);
      return bavail * bsize;
    },
  };
  return store;
}
