/**
 * Pictures out of a `multipart/x-mixed-replace` body. No two makers agree: the boundary parameter may be quoted or carry the
 * dashes that belong to the delimiter, lines may end in LF alone, Content-Length may be absent or wrong.
 */
import { LprError } from '../../core/plugins/define.ts';

const LARGEST_PART = 20 * 1024 * 1024;
const LARGEST_HEADERS = 16 * 1024;
const START = Buffer.from([0xff, 0xd8]);
const END = Buffer.from([0xff, 0xd9]);

/** Bytes that have come and are not used up yet. */
class Pending {
  #bytes = Buffer.alloc(256 * 1024);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) {
      const size = Math.max(this.#bytes.length, 2 * (this.length + chunk.length));
      const roomier = size === this.#bytes.length ? this.#bytes : Buffer.alloc(size);
      this.view.copy(roomier);
      this.#end = this.length;
      this.#start = 0;
      this.#bytes = roomier;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  skip(count: number): void {
    this.#start += count;
  }
}

/** The word that stands after `--` on each delimiter line; null when the content type names none. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType) ?? [];
  const word = (quoted ?? plain ?? '').replace(/^-+/, '');
  return word === '' ? null : word;
}

/** Where the header block ends and the body begins. */
function bodyStart(bytes: Buffer): number | null {
  const crlf = bytes.indexOf('\r\n\r\n');
  const lf = bytes.indexOf('\n\n');
  if (crlf === -1 && lf === -1) return null;
  return lf === -1 || (crlf !== -1 && crlf < lf) ? crlf + 4 : lf + 2;
}

/** @param body of an answer whose boundary word is `boundary` @throws camera_bad_answer */
export async function* pictures(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<Uint8Array> {
  const delimiter = Buffer.from(`--${boundary}`);
  const pending = new Pending();
  /** The part whose body comes: what its headers say of its length, and how much was searched for its end in vain. */
  let part = null as { readonly length: number | null; searched: number } | null;

  /** Takes one picture, or null when more bytes are needed. */
  const next = (): Uint8Array | null => {
    for (;;) {
      if (part === null) {
        const at = pending.view.indexOf(delimiter);
        if (at === -1) {
          // Its beginning may have come already.
          pending.skip(Math.max(0, pending.length - delimiter.length));
          return null;
        }
        pending.skip(at);
        const start = bodyStart(pending.view.subarray(0, LARGEST_HEADERS));
        if (start === null) {
          if (pending.length < LARGEST_HEADERS) return null;
          throw new LprError('camera_bad_answer', 'The stream has a part without an end to its headers.');
        }
        const headers = pending.view.toString('latin1', 0, start);
        const length = Number(/^content-length:\s*(\d+)\s*$/im.exec(headers)?.[1] ?? NaN);
        pending.skip(start);
        part = { length: length > 0 && length <= LARGEST_PART ? length : null, searched: 0 };
      }
      const { view } = pending;
      const { length } = part;
      if (length !== null && view.length < length) return null;
      if (length !== null && view.subarray(length - 2, length).equals(END)) {
        part = null;
        const bytes = Uint8Array.from(view.subarray(0, length));
        pending.skip(length);
        if (START.equals(bytes.subarray(0, 2))) return bytes;
        continue;
      }
      // No length, or one that does not lead to the end of a picture: the next delimiter is the end.
      const at = view.indexOf(delimiter, part.searched);
      if (at === -1) {
        part.searched = Math.max(0, view.length - delimiter.length);
        if (view.length <= LARGEST_PART) return null;
        throw new LprError('camera_bad_answer', 'The stream has a picture of more than 20 MB: choose a smaller size.');
      }
      const end = view.lastIndexOf(END, at);
      const bytes = Uint8Array.from(view.subarray(0, end === -1 ? at : end + 2));
      part = null;
      pending.skip(at);
      if (START.equals(bytes.subarray(0, 2))) return bytes;
    }
  };

  for await (const chunk of body) {
    pending.append(chunk);
    for (let picture = next(); picture !== null; picture = next()) yield picture;
  }
  // The last one of a stream that ends without a closing delimiter.
  if (part !== null && pending.length > 0) {
    pending.append(delimiter);
    const last = next();
    if (last !== null && Buffer.from(last.subarray(-2)).equals(END)) yield last;
  }
}
