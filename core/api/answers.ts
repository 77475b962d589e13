/** Domain → contract: instants become text, nothing else changes. */

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
