/** Domain → contract: instants become text, and what the contract does not name stays inside. */
import type { Alert } from '../alerts/alerts.ts';
import type { HitItem } from '../blacklists/blacklists.ts';
import type { Detection, DetectionSummary } from '../detections/detections.ts';
import type { HitPart } from '../message.ts';
import type * as contract from './contract.ts';

/** What `JSON.stringify` makes of a value: the contract's types are these. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly [unknown, ...unknown[]]
    ? { -readonly [K in keyof T]: Wire<T[K]> }
    : T extends readonly (infer E)[]
      ? Wire<E>[]
      : T extends object
        ? { -readonly [K in keyof T]: Wire<T[K]> }
        : T;

/** The value as its reader will see it. */
export function wire<T>(value: T): Wire<T> {
  if (value instanceof Date) return value.toISOString() as Wire<T>;
  if (Array.isArray(value)) return value.map(wire) as Wire<T>;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, wire(part)])) as Wire<T>;
  }
  return value as Wire<T>;
}

// Messages carry a category as text; the blacklists room lets in none but these.
const category = (text: string): contract.BlacklistCategory => text as contract.BlacklistCategory;

// Of a category and a sound the same holds.
export const hitAnswer = (hit: HitPart): contract.Hit => ({
  ...wire(hit),
  category: category(hit.category),
  differences: hit.differences.map((one) => ({ ...one })),
});

export const hitItemAnswer = ({ category: text, ...hit }: HitItem): contract.HitItem => ({
  ...wire(hit),
  category: category(text),
});

export const alertAnswer = (alert: Alert): contract.Alert => ({
  ...wire(alert),
  category: alert.category === null ? null : category(alert.category),
  list: alert.list === null ? null : { ...alert.list, sound: alert.list.sound as contract.AlertSound | null },
});

export const summaryAnswer = (summary: DetectionSummary): contract.DetectionSummary => ({
  ...wire(summary),
  hits: summary.hits.map(hitAnswer),
});

/** As those see it who may not see blacklists: without hits of covert lists. */
export const overt = <T extends { readonly hits: readonly { readonly isCovert: boolean }[] }>(answer: T): T =>
  answer.hits.some(({ isCovert }) => isCovert)
    ? { ...answer, hits: answer.hits.filter(({ isCovert }) => !isCovert) }
    : answer;

export const detectionAnswer = (detection: Detection): contract.Detection => ({
  ...wire(detection),
  hits: detection.hits.map(hitAnswer),
});

/** Of a query: null where none was given. */
export const givenInstant = (text: string | undefined): Date | null => (text === undefined ? null : new Date(text));
