/**
 * The image store: originals kept byte for byte under their SHA-256, derived pictures made on demand, all outside the
 * database. Width and height are those a person sees (after EXIF rotation).
 */
import type { Box, ImageHandle } from '../message.ts';
import type { ByteSource } from './byte-store.ts';

/** Limits of one picture (README, fixed forms). */
export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;
export const MAX_IMAGE_PIXELS = 100_000_000;

export interface StoredImage extends ImageHandle {
  readonly mediaType: string;
  readonly bytes: number;
}

/** `thumbnail`: at most 320 px wide WebP. `display`: at most 1600 px wide, what a browser shows, upright sRGB. `original`: the bytes as they came. */
export type ImageSize = 'thumbnail' | 'display' | 'original';

/**
 * How closely a picture is looked at before it is kept. `pixels` decodes it to its end: for what will be read. `marks`
 * believes a JPEG whose structure is whole: for evidence beside a read that is made already, and for what the hub itself
 * encoded. Anything else is decoded either way.
 */
export type PictureCheck = 'pixels' | 'marks';

export interface ImageStore {
  /**
   * Checks and stores a picture; the same bytes twice are stored once. Durable in the store when it resolves.
   * @throws image_empty, image_not_a_picture, image_truncated, image_too_large, image_too_many_pixels, storage_full,
   *   store_unavailable
   */
  put(bytes: Uint8Array, purpose: 'frame' | 'patch', check?: PictureCheck): Promise<StoredImage>;
  /** @throws not_found, image_removed, store_unavailable */
  read(imageId: string): Promise<Buffer>;
  /**
   * Cuts a patch out of a stored frame and stores it: the evidence comes from the very frame of the read, whose bytes stay
   * as they are. `box` counts in pixels of the upright frame; it is clamped to the picture, with a small margin around it.
   * The same frame and box give the same patch.
   * @throws not_found, image_removed, invalid_input (no part of the box lies inside the picture), storage_full
   */
  cut(frameImageId: string, box: Box): Promise<StoredImage>;
  /** A file or a stream, with its media type, for a browser. @throws not_found, image_removed, store_unavailable */
  file(imageId: string, size: ImageSize): Promise<ByteSource & { readonly mediaType: string }>;
  /** Decodes upright 8-bit sRGB RGB pixels. `maxSide` shrinks while decoding. @throws as `put` */
  pixels(
    bytes: Uint8Array,
    options?: { readonly maxSide?: number; readonly crop?: Box },
  ): Promise<{
    readonly data: Uint8Array;
    readonly width: number;
    readonly height: number;
    /** Size of the whole picture before `maxSide` and `crop`. */
    readonly fullWidth: number;
    readonly fullHeight: number;
  }>;
  /** Room where pictures lie; null where nobody can say (S3). */
  freeBytes(): Promise<{ readonly free: number; readonly total: number } | null>;
  /** Resolves when pictures can be put and read. @throws store_unavailable with the remedy */
  check(): Promise<void>;
}
