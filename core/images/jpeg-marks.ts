/** What a JPEG says of itself in its marks (ITU-T T.81, annex B), read without decoding a pixel. */

export interface JpegMarks {
  readonly width: number;
  readonly height: number;
}

/** Frame headers; C4, C8 and CC are tables and an extension. */
const isFrameHeader = (mark: number): boolean => mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark);
const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
const END = Buffer.from([0xff, 0xd9]);

/**
 * Width and height of a whole, plainly stored JPEG: every mark up to the first scan is where it belongs, and the end is there.
 * Null for whatever needs a closer look: no JPEG, broken off, or turned by EXIF.
 */
export function jpegMarks(bytes: Uint8Array): JpegMarks | null {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (data.length < 4 || data.readUInt16BE(0) !== 0xffd8) return null;
  let size: JpegMarks | null = null;
  let place = 2;
  while (place + 4 <= data.length) {
    if (data[place] !== 0xff) return null;
    const mark = data[place + 1] ?? 0;
    if (mark === 0xff) {
      // Fill bytes may stand before a mark.
      place++;
      continue;
    }
    const length = data.readUInt16BE(place + 2);
    if (length < 2) return null;
    const next = place + 2 + length;
    if (mark === APP1 && data.toString('latin1', place + 4, place + 8) === 'Exif') return null;
    if (isFrameHeader(mark)) {
      if (place + 9 > data.length) return null;
      size = { height: data.readUInt16BE(place + 5), width: data.readUInt16BE(place + 7) };
    }
    if (mark === START_OF_SCAN) {
      // Cameras pad behind the end; nothing but the end itself counts.
      return size !== null && size.width > 0 && size.height > 0 && data.lastIndexOf(END) > next ? size : null;
    }
    place = next;
  }
  return null;
}
