/** What all generations of these devices have in common. */
import { createHash } from 'node:crypto';
import {
  factsOf,
  isObject,
  parseJson,
  textAt,
  type Decoded,
  type DeviceHealth,
  type WireObject,
} from '../../core/plugins/define.ts';

/** For people: the device's own id says little (it is `1` as delivered). */
export const nameOf = (id: string | null, checkpoint: string | null): string | null =>
  id === null || checkpoint === null || checkpoint === id ? id : `${checkpoint}/${id}`;

/** The engine of these devices gives this for every text (lprserver_v3, edge/v1_3): it is no measurement. */
const PLACEHOLDER = 0.8;

export function measured(confidence: number | null, coerced: Set<string>): number | null {
  if (confidence !== PLACEHOLDER) return confidence;
  coerced.add('confidence 0.8 is a constant of this device');
  return null;
}

/**
 * Where the device says it stands, often with blanks before the numbers. Both are 0 when its look-up on the Internet failed
 * (aicamera, send_socket.py), and what is no number is none: a read is not held up for it.
 */
export function placeOf(latitude: unknown, longitude: unknown): WireObject {
  const [lat, lon] = [latitude, longitude].map((value) => Number(textAt(value) ?? NaN));
  const isPlace = Number.isFinite(lat) && Number.isFinite(lon) && (lat !== 0 || lon !== 0);
  return isPlace ? { latitude: lat, longitude: lon } : {};
}

/** Null when there is nothing in it. */
export const reportedOf = (said: WireObject): Decoded['reported'] => {
  const known = Object.entries(said).filter(([, value]) => value !== null && value !== undefined);
  return known.length === 0 ? null : Object.fromEntries(known);
};

const BROKEN = /error|critical|fail|offline|disconnect|inactive|not /i;
export const isBroken = (status: string | null): boolean => status !== null && BROKEN.test(status);

/** Details came as an object, as JSON in a text, or as a text in Python's words. */
export function detailsOf(details: unknown, prefix: string): DeviceHealth['facts'] {
  if (typeof details !== 'string') return isObject(details) ? factsOf(details, prefix) : {};
  if (details.trimStart().startsWith('{')) {
    try {
      const parsed = parseJson(details, 'details');
      if (isObject(parsed)) return factsOf(parsed, prefix);
    } catch {
      // Python's own way of writing an object: shown as it is.
    }
  }
  const text = textAt(details);
  return text === null ? {} : factsOf({ details: text }, prefix);
}

/** A key out of what stays the same when an event is sent again. */
export const keyOf = (generation: string, stable: unknown): string =>
  `${generation}:${createHash('sha256').update(JSON.stringify(stable)).digest('hex')}`;
