/** How large a picture is, from its head alone: devices give boxes in shares of a picture that they send beside them. */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const sizeOf = (width: number, height: number): PictureSize | null =>
  width > 0 && height > 0 ? { width, height } : null;

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Start-of-frame markers (ITU T.81, table B.1): C0 to CF without DHT, JPG and DAC. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** Markers that stand alone, without a length. */
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

function sizeOfJpeg(bytes: Buffer): PictureSize | null {
  for (let at = 2; at + 9 <= bytes.length;) {
    // Any number of fill bytes may stand before a marker.
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) at += 1;
    else if (standsAlone(marker)) at += 2;
    else if (isFrameHeader(marker)) return sizeOf(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** Of a JPEG or PNG; null for anything else, and for one whose head is cut off. */
export function pictureSize(picture: Uint8Array): PictureSize | null {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return sizeOfJpeg(bytes);
  if (bytes.length >= 24 && bytes.subarray(0, 8).equals(PNG))
    return sizeOf(bytes.readUInt32BE(16), bytes.readUInt32BE(20));
  return null;
}
