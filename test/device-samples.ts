/**
 * Constructed messages of devices: `samples/<name>.http` is a request as it goes over the wire, in UTF-8 with LF. Pictures
 * are drawn when a test runs: `{{picture 640x360}}` stands for the bytes of a JPEG, `{{base64 640x360}}` for its base64.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { EncodedMessage } from '../core/simulator/wire/wire.ts';
import { LprError } from '../core/errors.ts';
import { parseConfig, type Fields } from '../core/fields.ts';
import type {
  DeviceFormatPlugin,
  FormatContext,
  Outcome,
  WireMessage,
  WirePart,
} from '../core/plugins/device-format.ts';

export interface Sample {
  /** The request line, headers and body, ready for a socket but for `Host` and `Content-Length`. */
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** In the order in which they stand. */
  readonly pictures: readonly Buffer[];
  /** As the hub's HTTP door hands it to a format. */
  readonly message: WireMessage;
}

export const RECEIVED_AT = new Date('2026-11-26T05:00:00.000Z');
export const ADDRESS = '192.0.2.7';

/** Each place gives other bytes; the same place the same. */
const draw = (width: number, height: number, place: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: 40 * place, g: 90, b: 200 - 30 * place } } })
    .jpeg()
    .toBuffer();

const OPEN = /\{\{(picture|base64) (\d+)x(\d+)\}\}/;

async function fill(text: string): Promise<{ readonly body: Buffer; readonly pictures: readonly Buffer[] }> {
  const pieces = text.split(/(\{\{(?:picture|base64) \d+x\d+\}\})/);
  const pictures: Buffer[] = [];
  const bytes: Buffer[] = [];
  for (const piece of pieces) {
    const match = OPEN.exec(piece);
    if (match === null) {
      bytes.push(Buffer.from(piece));
      continue;
    }
    const [, form, width, height] = match;
    const picture = await draw(Number(width), Number(height), pictures.length);
    pictures.push(picture);
    bytes.push(form === 'picture' ? picture : Buffer.from(picture.toString('base64')));
  }
  return { body: Buffer.concat(bytes), pictures };
}

/** Enough of RFC 7578 for what stands in samples; the hub's own door reads forms with a library. */
function partsOf(body: Buffer, contentType: string): readonly WirePart[] {
  const boundary = /^multipart\/[\w-]+;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return [];
  const parts: WirePart[] = [];
  const delimiter = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(delimiter); at >= 0;) {
    const from = at + delimiter.length + 2;
    const next = body.indexOf(delimiter, from);
    if (next < 0) break;
    const head = body.indexOf('\r\n\r\n', from);
    const heads = body.subarray(from, head).toString();
    const said = (pattern: RegExp): string | null => pattern.exec(heads)?.[1] ?? null;
    parts.push({
      name: said(/\bname="([^"]*)"/i) ?? '',
      fileName: said(/\bfilename="([^"]*)"/i),
      mediaType: said(/content-type:\s*([^\r\n;]+)/i),
      bytes: body.subarray(head + 4, Math.max(head + 4, next - 2)),
    });
    at = next;
  }
  return parts;
}

export const wireMessage = (more: Partial<WireMessage>): WireMessage => ({
  ...{ transport: 'http', address: ADDRESS, receivedAt: RECEIVED_AT, method: 'POST', path: '', query: {}, headers: {} },
  ...{ body: Buffer.alloc(0), parts: [], args: [], namespace: '', isRetained: false },
  ...more,
});

/** @param text the sample's text @param encode other bytes than UTF-8 for the body, e.g. `windows874` */
export async function sampleOf(text: string, encode?: (text: string) => Buffer): Promise<Sample> {
  const [head = '', ...rest] = text.split('\n\n');
  const [request = '', ...lines] = head.split('\n');
  const [method = '', target = ''] = request.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const contentType = headers['content-type'] ?? '';
  const isForm = contentType.startsWith('multipart/');
  const content = rest.join('\n\n');
  const { body, pictures } = encode
    ? { body: encode(content), pictures: [] }
    : await fill(isForm ? content.replaceAll('\n', '\r\n') : content.trimEnd());
  const { pathname, searchParams } = new URL(target, 'http://hub.invalid');
  const behind = /^\/ingest\/[^/]+(\/.*)?$/.exec(pathname);
  const parts = partsOf(body, contentType);
  const message = wireMessage({
    ...{ method, headers, parts, query: Object.fromEntries(searchParams) },
    path: behind === null ? pathname : (behind[1] ?? ''),
    body: isForm ? Buffer.alloc(0) : body,
  });
  return { method, target, headers, body, pictures, message };
}

/** What a simulated device sends over HTTP, as the door hands it on. */
export function messageOf(format: string, encoded: EncodedMessage): WireMessage {
  if (encoded.transport !== 'http') throw new Error(`${format} does not come over HTTP`);
  const { method, headers, body, path } = encoded;
  const parts = partsOf(body, headers['content-type'] ?? '');
  return wireMessage({ method, headers, parts, path: path ?? '', body: parts.length > 0 ? Buffer.alloc(0) : body });
}

/** @param folder `import.meta.dirname` of the plugin */
export const readSample = async (folder: string, name: string): Promise<Sample> =>
  sampleOf(await readFile(join(folder, 'samples', `${name}.http`), 'utf8'));

/** Settings of a device, as a form would give them. */
export const contextFor = <F extends Fields>(
  plugin: DeviceFormatPlugin<F>,
  config: Readonly<Record<string, unknown>> = {},
): FormatContext<F> => ({ config: parseConfig<F>(plugin.fields, config), timeZone: 'Asia/Bangkok' });

/** One of each. */
export const OUTCOMES = {
  stored: { kind: 'stored', frameIds: ['019abc00-0000-7000-8000-000000000001'] },
  held: { kind: 'held', heldId: '019abc00-0000-7000-8000-00000000000a' },
  refused: { kind: 'refused', error: new LprError('invalid_input', 'The message is too large.') },
  later: { kind: 'later', error: new LprError('database_unavailable', 'The database is away.'), retryAfterSeconds: 30 },
} as const satisfies Record<Outcome['kind'], Outcome>;

const thai = new Map(
  Array.from({ length: 256 }, (_, byte) => [new TextDecoder('windows-874').decode(Uint8Array.of(byte)), byte] as const),
);
/** Thai in its old single-byte form. */
export const windows874 = (text: string): Buffer => Buffer.from(Array.from(text, (char) => thai.get(char) ?? 0x3f));
