/** Dahua's events as text: one line a value, its place written as `Events[0].Object.BoundingBox[3]`. */

type Tree = { [key: string]: Tree | string } | (Tree | string)[];

/** More than any list in an event. */
const LONGEST_LIST = 256;
const FORBIDDEN: readonly string[] = ['__proto__', 'constructor', 'prototype'];

function put(root: Tree, keys: readonly (string | number)[], value: string): void {
  let here = root;
  for (const [place, key] of keys.entries()) {
    const held = here as Record<string | number, Tree | string>;
    if (place === keys.length - 1) {
      held[key] = value;
      return;
    }
    const known = held[key];
    const next: Tree = typeof known === 'object' ? known : typeof keys[place + 1] === 'number' ? [] : {};
    held[key] = next;
    here = next;
  }
}

/** `Events[0].A.B[1]` as `['Events', 0, 'A', 'B', 1]`; null for what is no such place. */
function keysOf(path: string): readonly (string | number)[] | null {
  if (!/^[\w-]+(?:\[\d{1,3}\]|\.[\w-]+)*$/.test(path)) return null;
  const keys = [...path.matchAll(/([\w-]+)(?!\])|\[(\d+)\]/g)].map(([, name, place]) =>
    place === undefined ? (name ?? '') : Number(place),
  );
  const isSound = keys.every((key) => (typeof key === 'number' ? key < LONGEST_LIST : !FORBIDDEN.includes(key)));
  return isSound ? keys : null;
}

/** The events of one text; empty for a heartbeat. */
export function eventsOf(text: string): readonly unknown[] {
  const root: Tree = {};
  for (const line of text.split(/\r?\n/)) {
    const cut = line.indexOf('=');
    const keys = cut < 0 ? null : keysOf(line.slice(0, cut).trim());
    if (keys?.[0] === 'Events' && typeof keys[1] === 'number') put(root, keys, line.slice(cut + 1).trim());
  }
  const events = (root as Record<string, unknown>)['Events'];
  return Array.isArray(events) ? events.filter((event) => event !== undefined) : [];
}
