/**
 * Parts of a `multipart/…` answer that does not end: events that cameras tell whoever asked for them, with their pictures
 * behind them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LprError } from '../errors.ts';
import type { Account, CameraContext } from './define.ts';
import type { Fields } from '../fields.ts';

const LARGEST_PART = 20 * 1024 * 1024;
const LARGEST_HEAD = 16 * 1024;

export interface StreamPart {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** The word behind `boundary=`, without dashes that belong to the delimiter; null when there is none. */
function boundaryOf(contentType: string): string | null {
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType) ?? [];
  const word = (quoted ?? plain ?? '').replace(/^-+/, '');
  return word === '' ? null : word;
}

const headersOf = (head: string): Record<string, string> =>
  Object.fromEntries(
    head
      .split(/\r?\n/)
      .map((line) => /^([\w-]+):\s*(.*?)\s*$/.exec(line))
      .flatMap((match) => (match === null ? [] : [[(match[1] ?? '').toLowerCase(), match[2] ?? ''] as const])),
  );

const tooLarge = (): never => {
  throw new LprError('camera_bad_answer', 'The camera sent a part of more than 20 MB.');
};

/** One part from the front of what came: `rest` is what stands behind it. Null when more bytes are needed. */
function takePart(bytes: Buffer, delimiter: Buffer): { readonly part: StreamPart; readonly rest: Buffer } | null {
  const at = bytes.indexOf(delimiter);
  if (at < 0) return null;
  const head = bytes.subarray(at + delimiter.length, at + delimiter.length + LARGEST_HEAD);
  const match = /\r?\n\r?\n/.exec(head.toString('latin1'));
  if (match === null) return head.length < LARGEST_HEAD ? null : tooLarge();
  const headers = headersOf(head.toString('utf8', 0, match.index));
  const from = at + delimiter.length + match.index + match[0].length;
  const length = Number(headers['content-length'] ?? NaN);
  if (length > LARGEST_PART) return tooLarge();
  if (length >= 0) {
    // Given out as soon as it is whole: the next part may be long in coming.
    if (bytes.length < from + length) return null;
    return { part: { headers, bytes: bytes.subarray(from, from + length) }, rest: bytes.subarray(from + length) };
  }
  const end = bytes.indexOf(delimiter, from);
  if (end < 0) return bytes.length - from > LARGEST_PART ? tooLarge() : null;
  const body = bytes.subarray(from, end);
  const trim = body.subarray(-2).equals(Buffer.from('\r\n')) ? 2 : body.at(-1) === 10 ? 1 : 0;
  return { part: { headers, bytes: body.subarray(0, body.length - trim) }, rest: bytes.subarray(end) };
}

/** @throws camera_bad_answer for a part without end */
export async function* streamParts(body: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<StreamPart> {
  const delimiter = Buffer.from(`--${boundary}`);
  let chunks: Uint8Array[] = [];
  let size = 0;
  /** Joining at each chunk would copy a large picture over and over. */
  let joinAt = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size < joinAt) continue;
    let bytes: Buffer = Buffer.concat(chunks);
    for (let taken = takePart(bytes, delimiter); taken !== null; taken = takePart(bytes, delimiter)) {
      yield taken.part;
      bytes = taken.rest;
    }
    chunks = [bytes];
    size = bytes.length;
    joinAt = 0;
    const wanted = /content-length:\s*(\d+)/i.exec(bytes.subarray(0, LARGEST_HEAD).toString('latin1'))?.[1];
    if (wanted !== undefined && Number(wanted) <= LARGEST_PART) joinAt = Math.min(Number(wanted), LARGEST_PART);
    if (size > LARGEST_PART + LARGEST_HEAD) tooLarge();
  }
}

/**
 * An event stream of a camera, part by part. It ends with an error only: a stream that ends by itself or falls silent is
 * opened again by the hub.
 * @throws camera_bad_answer, camera_unreachable, camera_timeout
 */
export async function* multipartStream(
  { openStream }: Pick<CameraContext<Fields>, 'openStream'>,
  url: string,
  { account, stallSeconds }: { readonly account: Account; readonly stallSeconds: number },
): AsyncGenerator<StreamPart> {
  const { host } = new URL(url);
  const stop = new AbortController();
  const timer = setTimeout(() => {
    const message = `${host} has said nothing for ${stallSeconds} s: its events are asked for anew.`;
    stop.abort(new LprError('camera_timeout', message));
  }, stallSeconds * 1_000);
  try {
    const { status, headers, body } = await openStream(url, { account, signal: stop.signal });
    const type = headers.get('content-type') ?? '';
    const boundary = boundaryOf(type);
    if (status !== 200 || boundary === null) {
      const what = status === 200 ? `answers ${type === '' ? 'no content type' : type}` : `answers HTTP ${status}`;
      const remedy = 'check the address, and that its firmware tells of plates in this way';
      throw new LprError('camera_bad_answer', `${host} ${what} instead of events: ${remedy}.`);
    }
    for await (const part of streamParts(body, boundary)) {
      timer.refresh();
      yield part;
    }
    throw new LprError('camera_unreachable', `${host} ended its events: they are asked for anew.`);
  } finally {
    clearTimeout(timer);
    // Closes the connection also when its body was not looked at.
    stop.abort();
  }
}

/**
 * Heads with what follows them: a group ends with the next head, or when nothing came for `quietMs`. What follows no head is
 * passed over.
 */
export async function* partGroups(
  parts: AsyncGenerator<StreamPart>,
  isHead: (part: StreamPart) => boolean,
  quietMs: number,
): AsyncGenerator<readonly [head: StreamPart, ...rest: StreamPart[]]> {
  let group: [StreamPart, ...StreamPart[]] | null = null;
  let pending: Promise<IteratorResult<StreamPart, unknown>> | null = null;
  try {
    for (;;) {
      pending ??= parts.next();
      const wait = new AbortController();
      const quiet = sleep(quietMs, 'quiet' as const, { signal: wait.signal }).catch(() => 'quiet' as const);
      const result: IteratorResult<StreamPart, unknown> | 'quiet' =
        group === null ? await pending : await Promise.race([pending, quiet]);
      wait.abort();
      if (result === 'quiet') {
        if (group !== null) yield group;
        group = null;
        continue;
      }
      pending = null;
      if (result.done === true) break;
      if (isHead(result.value)) {
        if (group !== null) yield group;
        group = [result.value];
      } else group?.push(result.value);
    }
    if (group !== null) yield group;
  } finally {
    // Whoever leaves does not wait for the camera's next word.
    pending?.catch(() => undefined);
    void parts.return(undefined).catch(() => undefined);
  }
}
