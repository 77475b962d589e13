/** What a simulated device puts on the wire. */
import type { SimulatedEvent } from '../devices.ts';

export type EncodedMessage =
  | {
      readonly transport: 'http';
      readonly method: 'POST' | 'GET';
      /** What devices of this kind insist on, at the root of the hub; null: the door's own address, `/ingest/<format>`. */
      readonly path: string | null;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    }
  | {
      readonly transport: 'mqtt';
      readonly topic: string;
      readonly payload: string;
      readonly qos: 0 | 1 | 2;
      readonly retain: boolean;
    }
  | {
      readonly transport: 'socketio';
      readonly namespace: string;
      readonly event: string;
      readonly args: readonly unknown[];
    }
  | { readonly transport: 'websocket'; readonly text: string };

/** Pictures of the event, JPEG. */
export interface EventPictures {
  readonly frame: Buffer;
  readonly patch: Buffer | null;
}

/** One event as a device of this kind tells it; null when such a device tells nothing of it, as of a plate it could not read. */
export type Encode = (event: SimulatedEvent, pictures: EventPictures | null) => EncodedMessage | null;

export interface WireVariant {
  /** For `--help`. */
  readonly about: string;
  readonly transport: EncodedMessage['transport'];
  /** Such a device tells of every look, or once of each pass. */
  readonly reports: 'look' | 'pass';
  readonly encode: Encode;
  /** A sign of life, where such devices give one. */
  readonly heartbeat?: (event: SimulatedEvent) => EncodedMessage;
}

export const base64 = (bytes: Buffer | null | undefined): string => bytes?.toString('base64') ?? '';

/** As Python and PHP write it where they escape nothing. */
export const jsonPost = (
  body: object,
  headers: Readonly<Record<string, string>> = {},
  path: string | null = null,
): EncodedMessage => ({
  transport: 'http',
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
});

export interface FormPart {
  readonly name: string;
  readonly fileName?: string;
  readonly type?: string;
  readonly content: string | Buffer;
}

/** A multipart form (RFC 7578); the boundary is of the event, so that the same event gives the same bytes. */
export function formPost(parts: readonly FormPart[], eventId: string): EncodedMessage {
  const boundary = `----sim${eventId.replaceAll('-', '').slice(0, 24)}`;
  const body = Buffer.concat([
    ...parts.flatMap(({ name, fileName, type, content }) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}\r\n` +
          `${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`,
      ),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  return { transport: 'http', method: 'POST', path: null, headers, body };
}
