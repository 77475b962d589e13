/** Which letters the bytes of a file are, and the text. */
import { createReadStream } from 'node:fs';
import { LprError } from '../../errors.ts';

export const TEXT_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-874'] as const;
export type TextEncoding = (typeof TEXT_ENCODINGS)[number];

/** Bytes that windows-874 leaves undefined. TIS-620 is a subset. */
const NOT_THAI = new Set([0xdb, 0xdc, 0xdd, 0xde, 0xfc, 0xfd, 0xfe, 0xff]);
const ZEROS_MATTER = 0.2;

const notRead = (message: string): LprError =>
  new LprError('list_unreadable', message, { problems: [{ field: 'encoding', problem: 'is none that can be told' }] });

function byMark(head: Uint8Array): TextEncoding | null {
  const [a, b, c] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : null;
}

/** Text of Latin letters, digits and separators has a zero in every other byte; Thai text at least at its separators. */
function byZeros(head: Uint8Array): TextEncoding | null {
  const zeros = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const enough = (head.length / 2) * ZEROS_MATTER;
  if (odd > enough && even < odd / 4) return 'utf-16le';
  return even > enough && odd < even / 4 ? 'utf-16be' : null;
}

/**
 * By its mark, by its zeros, or by whether all of it is UTF-8: Thai letters may come late in a file.
 * @throws list_unreadable when it is none of those the hub reads
 */
export async function sniffEncoding(file: string, signal: AbortSignal): Promise<TextEncoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  let isUtf8 = true;
  let isThai = true;
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 262_144 })) {
    const bytes = chunk as Uint8Array;
    if (isFirst) {
      const known = byMark(bytes) ?? byZeros(bytes.subarray(0, 4_096));
      if (known !== null) return known;
      isFirst = false;
    }
    if (isUtf8) {
      try {
        decoder.decode(bytes, { stream: true });
      } catch {
        isUtf8 = false;
      }
    }
    if (isThai) isThai = !bytes.some((byte) => NOT_THAI.has(byte));
    if (!isUtf8 && !isThai) break;
  }
  if (isUtf8) return 'utf-8';
  if (isThai) return 'windows-874';
  throw notRead(
    'The letters of the file cannot be told: it is neither UTF-8, UTF-16 nor windows-874. Save it as UTF-8 and try again.',
  );
}

/** What cannot be read stands as U+FFFD. The mark at the beginning is left out. */
export async function* decodedText(
  file: string,
  encoding: TextEncoding,
  signal: AbortSignal,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 262_144 })) {
    onRead((chunk as Uint8Array).length);
    const text = decoder.decode(chunk as Uint8Array, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}
