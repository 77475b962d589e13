/**
 * A workbook is a zip, and a small zip can unpack to anything: each part is unpacked once and counted before it is read. What lies
 * beside the parts that its directory names is refused, so that no reader finds more than was counted.
 */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { unreadable } from './table.ts';

// APPNOTE.TXT 6.3.10, 4.3.6 to 4.3.16
const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;
const STORED = 0;
const DEFLATED = 8;
const MOST_PARTS = 10_000;
/** After the bytes of a part its sizes may stand once more (4.3.9). */
const DESCRIPTOR_BYTES = 24;
/** A million rows of 40 columns unpack to about 2.5 GB. */
const MOST_BYTES = 4 * 2 ** 30;
/** Texts that cells share are held in memory. */
const MOST_SHARED = 256 * 2 ** 20;

interface Part {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly at: number;
}

const broken = (): Error => unreadable('The workbook is damaged: open it in a spreadsheet and save it again.');

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw broken();
  return buffer;
}

async function partsOf(handle: FileHandle): Promise<{ readonly parts: readonly Part[]; readonly end: number }> {
  const { size } = await handle.stat();
  const tailLength = Math.min(size, END_BYTES + LONGEST_COMMENT);
  const tail = await bytesAt(handle, size - tailLength, tailLength);
  let at = tailLength - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw broken();
  const count = tail.readUInt16LE(at + 10);
  const length = tail.readUInt32LE(at + 12);
  const start = tail.readUInt32LE(at + 16);
  if (count > MOST_PARTS || start + length > size) throw broken();
  const directory = await bytesAt(handle, start, length);
  const parts: Part[] = [];
  for (let i = 0; parts.length < count;) {
    if (i + 46 > length || directory.readUInt32LE(i) !== CENTRAL) throw broken();
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => directory.readUInt16LE(i + offset)) as [
      number,
      number,
      number,
    ];
    parts.push({
      name: directory.toString('utf8', i + 46, i + 46 + nameLength),
      method: directory.readUInt16LE(i + 10),
      packed: directory.readUInt32LE(i + 20),
      at: directory.readUInt32LE(i + 42),
    });
    i += 46 + nameLength + extra + comment;
  }
  return { parts: parts.sort((a, b) => a.at - b.at), end: start };
}

/** Bytes that a part unpacks to; stops counting beyond `most`. */
async function unpackedSize(
  file: string,
  from: number,
  part: Part,
  most: number,
  signal: AbortSignal,
): Promise<number> {
  if (part.method === STORED || part.packed === 0) return part.packed;
  if (part.method !== DEFLATED) throw broken();
  const packed = createReadStream(file, { start: from, end: from + part.packed - 1, signal });
  const inflate = createInflateRaw();
  packed.once('error', (error) => inflate.destroy(error));
  packed.pipe(inflate);
  let size = 0;
  try {
    for await (const chunk of inflate) {
      size += (chunk as Uint8Array).length;
      if (size > most) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw (error as { code?: unknown }).code === undefined ? error : broken();
  } finally {
    packed.destroy();
    inflate.destroy();
  }
  return size;
}

/** @throws list_unreadable when it is damaged or unpacks to more than a list needs */
export async function checkWorkbook(file: string, signal: AbortSignal): Promise<void> {
  const handle = await open(file);
  try {
    const { parts, end } = await partsOf(handle);
    let total = 0;
    let reached = 0;
    for (const part of parts) {
      const head = await bytesAt(handle, part.at, 30);
      if (head.readUInt32LE(0) !== LOCAL || part.at < reached || part.at - reached > DESCRIPTOR_BYTES) throw broken();
      const from = part.at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
      reached = from + part.packed;
      const isShared = part.name.endsWith('sharedStrings.xml');
      const most = isShared ? MOST_SHARED : MOST_BYTES - total;
      const size = await unpackedSize(file, from, part, most, signal);
      if (size > most) {
        throw unreadable(
          'The workbook unpacks to more than a list needs: save it as CSV.',
          'file',
          'is too large unpacked',
        );
      }
      total += size;
    }
    if (end < reached || end - reached > DESCRIPTOR_BYTES) throw broken();
  } finally {
    await handle.close();
  }
}
