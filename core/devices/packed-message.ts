/** A message of the wire as it is kept: one run of bytes, and beside it what is no bytes. Nothing is lost on the way and back. */
import type { WireMessage } from '../plugins/define.ts';

export interface PackedMessage {
  /** Plain JSON; runs of bytes are places in `body`. */
  readonly envelope: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Stands in JSON for bytes that lie in the body. */
interface Place {
  readonly $bytes: readonly [start: number, end: number];
}

const isPlace = (value: object): value is Place => '$bytes' in value;
/** What a device calls `$bytes` must not pass for a place: its names that begin with `$` are kept with one more. */
const escaped = (name: string): string => (name.startsWith('$') ? `$${name}` : name);
const unescaped = (name: string): string => (name.startsWith('$$') ? name.slice(1) : name);

export function packMessage(message: WireMessage): PackedMessage {
  const runs: Uint8Array[] = [];
  let length = 0;
  const put = (value: unknown): unknown => {
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Uint8Array) {
      const place: Place = { $bytes: [length, length + value.length] };
      runs.push(value);
      length += value.length;
      return place;
    }
    if (Array.isArray(value)) return value.map(put);
    // A NUL cannot lie in a JSON column; no header, name or path has one by right.
    if (typeof value === 'string') return value.replaceAll('\0', '\ufffd');
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [escaped(key.replaceAll('\0', '\ufffd')), put(part)]),
    );
  };
  const envelope = put(message) as Record<string, unknown>;
  return { envelope, body: Buffer.concat(runs, length) };
}

export function unpackMessage({ envelope, body }: PackedMessage): WireMessage {
  const get = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(get);
    if (typeof value !== 'object' || value === null) return value;
    if (isPlace(value)) return body.subarray(value.$bytes[0], value.$bytes[1]);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [unescaped(key), get(part)]));
  };
  const message = get(envelope) as Omit<WireMessage, 'receivedAt'> & { readonly receivedAt: string };
  return { ...message, receivedAt: new Date(message.receivedAt) };
}

/** Its size in memory and on disk, roughly. */
export const sizeOf = ({ body, parts, args }: WireMessage): number =>
  body.length +
  parts.reduce((sum, part) => sum + part.bytes.length, 0) +
  args.reduce<number>((sum, arg) => sum + sizeOfArg(arg), 0);

function sizeOfArg(arg: unknown): number {
  if (typeof arg === 'string') return arg.length;
  if (arg instanceof Uint8Array) return arg.length;
  if (typeof arg !== 'object' || arg === null) return 8;
  return Object.values(arg).reduce<number>((sum, part) => sum + sizeOfArg(part), 0);
}
