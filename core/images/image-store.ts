/** What the image store needs of a database: the facts of each picture; the bytes lie on disk. */
import type { StoredImage } from './images.ts';

export interface ImageRecords {
  /** Keeps the first record when the picture is known. */
  add(image: StoredImage, purpose: 'frame' | 'patch'): Promise<void>;
  find(imageId: string): Promise<StoredImage | null>;
}
