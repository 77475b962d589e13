/** What the image store needs of a database: the facts of each picture; the bytes lie on disk. */
import type { StoredImage } from './images.ts';

export interface ImageRecords {
  /** Keeps the first record when the picture is known, and notes that it came again. */
  add(image: StoredImage, purpose: 'frame' | 'patch'): Promise<void>;
  /** When retention removed it; null when it never did. */
  removedAt(imageId: string): Promise<Date | null>;
  find(imageId: string): Promise<StoredImage | null>;
}
