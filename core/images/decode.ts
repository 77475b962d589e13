/** Encoded pictures → upright 8-bit sRGB pixels. Every limit is checked on the header, before a pixel is decoded. */
import sharp, { type Metadata, type Sharp } from 'sharp';
import { LprError, errorMessage } from '../errors.ts';
import type { Box } from '../message.ts';
import { MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, type PictureCheck } from './images.ts';
import { jpegMarks } from './jpeg-marks.ts';

export interface ImageFacts {
  /** As a person sees it, after EXIF rotation. */
  readonly width: number;
  readonly height: number;
  readonly mediaType: string;
}

export interface DecodeOptions {
  /** Shrinks so that neither side is longer; never enlarges. */
  readonly maxSide?: number;
  /** Pixels of the upright picture, whole numbers; cut before shrinking. Must lie inside. */
  readonly crop?: Box;
}

/** 8-bit sRGB, interleaved RGB, row by row. */
export interface DecodedImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Size of the whole upright picture before `crop` and `maxSide`. */
  readonly fullWidth: number;
  readonly fullHeight: number;
}

// Vector and document formats are left out on purpose: they have no pixels of their own and can cost any amount of work.
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  tiff: 'image/tiff',
  heif: 'image/avif',
};

const MAGIC: readonly RegExp[] = [
  /^\xff\xd8\xff/,
  /^\x89PNG/,
  /^GIF8[79]a/,
  /^RIFF[^]{4}WEBP/,
  /^II\*\0|^MM\0\*/,
  /^[^]{4}ftypavi[fs]/,
];

// The operation cache keeps decoded pictures alive; a hub never decodes the same one twice in a row.
sharp.cache(false);

const open = (bytes: Uint8Array): Sharp =>
  // libvips reads the first frame of an animation by itself. Small faults inside the data (a flipped bit) are tolerated,
  // a missing end is not.
  sharp(bytes, { failOn: 'truncated', limitInputPixels: false, autoOrient: true, sequentialRead: true });

async function header(bytes: Uint8Array): Promise<ImageFacts> {
  if (bytes.length === 0) throw new LprError('image_empty', 'The picture is empty (0 bytes): send the file again.');
  if (bytes.length > MAX_IMAGE_BYTES) {
    throw new LprError(
      'image_too_large',
      `The picture has ${bytes.length} bytes; at most ${MAX_IMAGE_BYTES} are taken. Send a smaller or more compressed one.`,
      { bytes: bytes.length, limit: MAX_IMAGE_BYTES },
    );
  }
  let facts: Metadata;
  try {
    facts = await open(bytes).metadata();
  } catch (error) {
    const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
    if (MAGIC.some((magic) => magic.test(start))) throw truncated(error);
    throw notAPicture(errorMessage(error));
  }
  const mediaType = MEDIA_TYPES[facts.format];
  if (!mediaType) throw notAPicture(`its format is ${facts.format}`);
  const { width, height } = facts.autoOrient;
  if (width * height > MAX_IMAGE_PIXELS) {
    throw new LprError(
      'image_too_many_pixels',
      `The picture has ${width} x ${height} pixels; at most ${MAX_IMAGE_PIXELS / 1e6} megapixels are taken. Send a smaller one.`,
      { width, height, limit: MAX_IMAGE_PIXELS },
    );
  }
  return { width, height, mediaType };
}

const notAPicture = (reason: string): LprError =>
  new LprError(
    'image_not_a_picture',
    `This is not a picture that can be decoded (${reason}). Send JPEG, PNG, WebP, GIF, TIFF or AVIF.`,
  );

const truncated = (cause: unknown): LprError =>
  new LprError(
    'image_truncated',
    'The picture starts well but cannot be decoded to its end: the file is broken off or damaged. Send it again.',
    {},
    cause,
  );

/**
 * Checks that a picture can be decoded to its end and says what it is. JPEG is read at an eighth of its size for this,
 * which still walks through the whole file; with `marks` a JPEG that is whole by its structure is believed (0.05 ms instead of 2).
 * @throws LprError image_empty, image_too_large, image_not_a_picture, image_too_many_pixels, image_truncated
 */
export async function inspectImage(bytes: Uint8Array, check: PictureCheck = 'pixels'): Promise<ImageFacts> {
  const marks = check === 'marks' && bytes.length <= MAX_IMAGE_BYTES ? jpegMarks(bytes) : null;
  if (marks !== null && marks.width * marks.height <= MAX_IMAGE_PIXELS) return { ...marks, mediaType: 'image/jpeg' };
  const facts = await header(bytes);
  try {
    await open(bytes).resize({ width: 64, height: 64, fit: 'inside', kernel: 'nearest' }).raw().toBuffer();
  } catch (error) {
    throw truncated(error);
  }
  return facts;
}

/**
 * Decodes to upright 8-bit sRGB pixels: grey, CMYK, 16-bit and palette pictures alike; transparency lies on white; of an
 * animation the first frame.
 * @throws LprError as `inspectImage`, and invalid_input for a crop outside the picture
 */
export async function decodePixels(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
  const { width: fullWidth, height: fullHeight } = await header(bytes);
  let image = open(bytes);
  if (options.crop) {
    const [left, top, width, height] = options.crop;
    const inside = left >= 0 && top >= 0 && width >= 1 && height >= 1;
    if (!inside || left + width > fullWidth || top + height > fullHeight || !options.crop.every(Number.isInteger)) {
      throw new LprError('invalid_input', 'The crop lies outside the picture.', {
        problems: [{ field: 'crop', problem: `must be whole pixels inside ${fullWidth} x ${fullHeight}` }],
      });
    }
    image = image.extract({ left, top, width, height });
  }
  if (options.maxSide !== undefined) {
    image = image.resize({
      width: options.maxSide,
      height: options.maxSide,
      fit: 'inside',
      withoutEnlargement: true,
    });
  }
  try {
    const { data, info } = await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels`);
    return { data, width: info.width, height: info.height, fullWidth, fullHeight };
  } catch (error) {
    throw truncated(error);
  }
}
