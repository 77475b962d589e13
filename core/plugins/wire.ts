/** Reading what devices send: tolerant of encodings and of numbers written as text, strict about what it then means. */
import { XMLParser } from 'fast-xml-parser';
import { LprError } from '../errors.ts';
import type { Box } from '../message.ts';
import type { DeviceHealth, WireMessage, WireReply } from './device-format.ts';

/** Deeper than any device nests, far from what costs a stack. */
const MOST_DEPTH = 40;

/** @throws always: `invalid_input` for one field of a device's message */
export function badField(field: string, problem: string, cause?: unknown): never {
  throw new LprError(
    'invalid_input',
    `The message cannot be read: ${field} ${problem}.`,
    { problems: [{ field, problem }] },
    cause,
  );
}

const THAI_BYTES = /[\xa1-\xda\xdf-\xfb]/;

/**
 * Text of bytes: UTF-8 (a byte order mark is dropped), UTF-16 with its mark, else windows-874, which Thai systems still write.
 * @throws invalid_input when it is none of them
 */
export function textOf(bytes: Uint8Array, field = 'body'): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Bytes that are no UTF-8: Thai in its old single-byte form, or garbage.
    if (!THAI_BYTES.test(Buffer.from(bytes).toString('latin1')))
      badField(field, 'is neither UTF-8 nor windows-874 text');
    const text = new TextDecoder('windows-874').decode(bytes);
    // C1 controls and bytes without a letter in windows-874: it is something else.
    return /[\u0080-\u009f\ufffd]/.test(text) ? badField(field, 'is neither UTF-8 nor windows-874 text') : text;
  }
}

/** Where the text that begins behind this quote ends: pictures are texts of millions of letters, so by the runtime's own search. */
function endOfText(json: string, from: number): number {
  for (let end = json.indexOf('"', from); ; end = json.indexOf('"', end + 1)) {
    if (end === -1) return json.length;
    let slashes = 0;
    while (json.charCodeAt(end - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return end;
  }
}

function tooDeep(json: string): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === 34) i = endOfText(json, i + 1);
    else if (code === 123 || code === 91) {
      if (++depth > MOST_DEPTH) return true;
    } else if (code === 125 || code === 93) depth--;
  }
  return false;
}

/** @throws invalid_input naming `field` */
export function parseJson(text: string, field = 'body'): unknown {
  if (tooDeep(text)) badField(field, `is nested deeper than ${MOST_DEPTH} levels`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    return badField(field, 'is no JSON', error);
  }
}

/** The JSON of a message: its body, the named part of its form, or the first argument of its event. @throws invalid_input */
export function jsonOf(message: WireMessage, part?: string): unknown {
  if (message.transport === 'socketio') {
    const [first] = message.args;
    return typeof first === 'string' ? parseJson(first, 'the event') : first;
  }
  if (part !== undefined && message.parts.length > 0) {
    const found = message.parts.find((one) => one.name === part);
    return found === undefined
      ? badField(part, 'is missing from the form')
      : parseJson(textOf(found.bytes, part), part);
  }
  return parseJson(textOf(message.body));
}

export type WireObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is WireObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** @throws invalid_input */
export const objectAt = (value: unknown, field: string): WireObject =>
  isObject(value) ? value : badField(field, 'must be an object');

/** A list; one that came as JSON within a text is unwrapped (the predecessor's devices do that). @throws invalid_input */
export function listAt(value: unknown, field: string): readonly unknown[] {
  const list = typeof value === 'string' ? parseJson(value, field) : value;
  return Array.isArray(list) ? (list as unknown[]) : badField(field, 'must be a list');
}

/** Trimmed; null when absent, empty or not a text or number. */
export function textAt(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text === '' ? null : text;
}

/** Number, or a text that is one (blanks around it allowed); null when absent. @throws invalid_input */
export function numberAt(value: unknown, field: string): number | null {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return null;
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value.trim()) : NaN;
  return Number.isFinite(number) ? number : badField(field, 'must be a number');
}

/** 0..1 of a confidence whose whole is `whole` (1 or 100); null when absent. @throws invalid_input when outside */
export function confidenceAt(value: unknown, field: string, whole: 1 | 100): number | null {
  const number = numberAt(value, field);
  if (number === null) return null;
  if (number < 0 || number > whole) badField(field, `must be within 0 and ${whole}`);
  return number / whole;
}

const NOT_BASE64 = /[^A-Za-z0-9+/_-]/;

/** Bytes of a picture in base64 (a `data:` head and line breaks allowed); null when absent or empty. @throws invalid_input */
export function pictureAt(value: unknown, field: string): Uint8Array | null {
  if (value instanceof Uint8Array) return value.length === 0 ? null : value;
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') return badField(field, 'must be a picture in base64');
  const bare = value.startsWith('data:') ? value.replace(/^data:[^,]{0,100},/, '') : value;
  const base64 = /\s/.test(bare) ? bare.replace(/\s+/g, '') : bare;
  if (base64 === '') return null;
  if (NOT_BASE64.test(base64.replace(/={1,2}$/, ''))) badField(field, 'is no base64');
  return Buffer.from(base64, 'base64');
}

/** The bytes of a part, null when it is missing or empty (old firmware sends parts without a byte). */
export function pictureOf(message: WireMessage, ...names: readonly string[]): Uint8Array | null {
  const part = message.parts.find(
    ({ name, fileName, bytes }) =>
      bytes.length > 0 && names.some((wanted) => wanted === name || wanted === fileName?.split(/[\\/]/).at(-1)),
  );
  return part?.bytes ?? null;
}

const offsets = new Map<string, Intl.DateTimeFormat>();
const PARTS = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const;

/** Milliseconds that a zone's clocks are ahead of UTC at this instant. */
function offsetAt(timeZone: string, instant: number): number {
  let format = offsets.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone, hourCycle: 'h23', calendar: 'gregory' });
    offsets.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'],
    part['hour'],
    part['minute'],
    part['second'],
  );
  return wall - Math.floor(instant / 1000) * 1000;
}

/** The instant at which clocks of the zone show this. @param month 1..12 */
export function wallTime([year, month, day, hour, minute, second, ms = 0]: readonly number[], timeZone: string): Date {
  const wall = Date.UTC(year ?? NaN, (month ?? NaN) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0, ms);
  if (Number.isNaN(wall)) return new Date(NaN);
  // Twice: the first guess may lie on the other side of a change of the clocks.
  const guess = wall - offsetAt(timeZone, wall);
  return new Date(wall - offsetAt(timeZone, guess));
}

const CALENDAR =
  /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})[T _]?(?:(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,: ]?(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;

/**
 * An instant as devices write it: ISO 8601 with or without zone, `20250611_081530`, `2025-08-16 11:02:58`, epoch in seconds
 * or milliseconds. One without zone is of `timeZone`. Null when absent. What no clock can show is NaN: the hub then counts the
 * time of receipt.
 * @throws invalid_input for a text that is no time
 */
export function instantAt(value: unknown, field: string, timeZone: string): Date | null {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) return null;
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{9,10}(\.\d+)?$|^\d{12,13}$/.test(value.trim()))) {
    const number = Number(value);
    return new Date(number < 1e11 ? Math.round(number * 1000) : number);
  }
  const match = typeof value === 'string' ? CALENDAR.exec(value.trim()) : null;
  if (match === null) return badField(field, 'is no time that can be read');
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const ms = fraction === '' ? 0 : Math.floor(Number(`0.${fraction}`) * 1000);
  const [y = 0, mo = 0, d, h, mi, sec] = [year, month, day, hour, minute, second].map(Number);
  const utc = Date.UTC(y, mo - 1, d, h, mi, sec, ms);
  if (zone === undefined) return wallTime([y, mo, d ?? 1, h ?? 0, mi ?? 0, sec ?? 0, ms], timeZone);
  if (/^(Z|UTC)$/i.test(zone)) return new Date(utc);
  const sign = zone.startsWith('-') ? -1 : 1;
  const [hours = 0, minutes = 0] = [zone.slice(1, 3), zone.slice(-2)].map(Number);
  return new Date(utc - sign * (hours * 60 + minutes) * 60_000);
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  htmlEntities: true,
});

/** What is wrong with the nesting of tags; null when each closes what was opened, not too deep. The parser itself forgives anything. */
function nestingFault(text: string): string | null {
  const open: string[] = [];
  const bare = text.replace(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>/g, '');
  for (const [, slash, name = '', rest = ''] of bare.matchAll(/<(\/?)([^\s<>/]+)((?:"[^"]*"|'[^']*'|[^<>"'])*)>/g)) {
    if (slash === '/') {
      if (open.pop() !== name) return `is no XML (</${name}> closes nothing that is open)`;
    } else if (!rest.endsWith('/')) open.push(name);
    if (open.length > MOST_DEPTH) return `is nested deeper than ${MOST_DEPTH} levels`;
  }
  const [left] = open;
  return left === undefined ? null : `is no XML (<${left}> is never closed)`;
}

/**
 * XML of a device: namespaces dropped, attributes as `@name`, all values texts.
 * @throws invalid_input; a document type of its own (that is how XML bombs and reads of files are written) is refused
 */
export function xmlOf(bytes: Uint8Array, field = 'body'): WireObject {
  const text = textOf(bytes, field).trim();
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) badField(field, 'has a document type of its own, which no device needs');
  if (!text.startsWith('<')) badField(field, 'is no XML');
  const fault = nestingFault(text);
  if (fault !== null) badField(field, fault);
  try {
    return objectAt(parser.parse(text) as unknown, field);
  } catch (error) {
    return badField(field, 'is no XML', error);
  }
}

/** The value at a dotted path; a number names a place in a list, and a list without one its first. Undefined when there is none. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const key of path.split('.')) {
    const isPlace = /^\d+$/.test(key);
    if (Array.isArray(here)) {
      here = (here as unknown[])[isPlace ? Number(key) : 0];
      if (isPlace) continue;
    }
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

/** One or many: XML has no lists of one. */
export const manyOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null || value === '' ? [] : Array.isArray(value) ? (value as unknown[]) : [value];

/** `[x, y, width, height]` of corners in pixels. */
export const boxOfCorners = (
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): readonly [number, number, number, number] => [
  Math.min(x1, x2),
  Math.min(y1, y2),
  Math.abs(x2 - x1),
  Math.abs(y2 - y1),
];

const CORNERS = [
  ['x1', 'y1', 'x2', 'y2'],
  ['xmin', 'ymin', 'xmax', 'ymax'],
] as const;

/**
 * A box in pixels as devices write it: corners as a list or by name (`x1`, `xmin`), or `x, y, width, height` by name. Null when
 * absent, empty or without an area.
 * @throws invalid_input
 */
export function boxAt(value: unknown, field: string): Box | null {
  if (value === undefined || value === null || value === '') return null;
  const numbers = (values: readonly unknown[]): readonly number[] =>
    values.map((one) => numberAt(one, field) ?? badField(field, 'must have four numbers'));
  const withArea = (box: Box): Box | null => (box[2] > 0 && box[3] > 0 ? box : null);
  if (Array.isArray(value)) {
    if (value.length === 0) return null;
    const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = numbers(value as unknown[]);
    return Number.isNaN(y2) ? badField(field, 'must have four numbers') : withArea(boxOfCorners(x1, y1, x2, y2));
  }
  const named = objectAt(value, field);
  if (Object.keys(named).length === 0) return null;
  const names = CORNERS.find(([first]) => first in named);
  if (names !== undefined) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbers(names.map((name) => named[name]));
    return withArea(boxOfCorners(x1, y1, x2, y2));
  }
  const [x = 0, y = 0, width = 0, height = 0] = numbers(['x', 'y', 'width', 'height'].map((name) => named[name]));
  return withArea([x, y, width, height]);
}

const MOST_FACTS = 24;
const LONGEST_FACT = 200;

/** What a device says of itself as facts: one level of nesting is named with a dot, lists and what lies deeper is left out. */
export function factsOf(said: WireObject, prefix = ''): DeviceHealth['facts'] {
  const facts: Record<string, string | number | boolean | null> = {};
  const take = (key: string, value: unknown): void => {
    if (Object.keys(facts).length >= MOST_FACTS) return;
    if (typeof value === 'string') facts[key] = value.trim().slice(0, LONGEST_FACT);
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) facts[key] = value;
  };
  for (const [key, value] of Object.entries(said)) {
    if (isObject(value)) for (const [inner, deep] of Object.entries(value)) take(`${prefix}${key}.${inner}`, deep);
    else take(`${prefix}${key}`, value);
  }
  return facts;
}

export const jsonReply = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): WireReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** HTTP status that tells a device never to send this again: 4xx, which no client takes for a passing trouble. */
export const refusalStatus = (error: LprError): number =>
  error.status >= 400 && error.status < 500 && error.status !== 429 ? error.status : 400;
