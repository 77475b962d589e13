/** Entries with `?` and `*`: few, so each is an object; found by two characters that stand side by side in them. */
import { plateCharacters } from '../plates/plates.ts';
import type { IndexedEntry } from './plate-index.ts';

/** Patterns whose fixed characters all stand apart. */
const APART = '';

/** The first two fixed characters side by side. */
function pairOf(pattern: string): string {
  for (const run of pattern.split(/[*?]/)) {
    const [first, second] = plateCharacters(run);
    if (first !== undefined && second !== undefined) return first + second;
  }
  return APART;
}

const charactersOf = (pattern: string): readonly string[] => pattern.match(/[*?]|[\p{L}\p{Nd}]\p{M}*/gu) ?? [];

/** `?` is one character with its marks, `*` any run, none included. */
export function matchesPattern(pattern: string, plateNumber: string): boolean {
  const wanted = charactersOf(pattern);
  const given = plateCharacters(plateNumber);
  let [i, j] = [0, 0];
  // Where to go on when what followed the last star does not fit.
  let [star, from] = [-1, 0];
  while (j < given.length) {
    if (wanted[i] === '*') {
      [star, from] = [i++, j];
    } else if (i < wanted.length && (wanted[i] === '?' || wanted[i] === given[j])) {
      i++;
      j++;
    } else if (star >= 0) {
      i = star + 1;
      j = ++from;
    } else {
      return false;
    }
  }
  while (wanted[i] === '*') i++;
  return i === wanted.length;
}

export class Wildcards {
  readonly #byNo = new Map<number, IndexedEntry>();
  readonly #byPair = new Map<string, Map<number, IndexedEntry>>();

  get size(): number {
    return this.#byNo.size;
  }

  put(entry: IndexedEntry): void {
    this.remove(entry.entryNo);
    this.#byNo.set(entry.entryNo, entry);
    const pair = pairOf(entry.plateNumber);
    const same = this.#byPair.get(pair);
    if (same === undefined) this.#byPair.set(pair, new Map([[entry.entryNo, entry]]));
    else same.set(entry.entryNo, entry);
  }

  remove(entryNo: number): void {
    const entry = this.#byNo.get(entryNo);
    if (entry === undefined) return;
    this.#byNo.delete(entryNo);
    this.#byPair.get(pairOf(entry.plateNumber))?.delete(entryNo);
  }

  numbersOf(list: number): readonly number[] {
    return [...this.#byNo.values()].filter((entry) => entry.list === list).map(({ entryNo }) => entryNo);
  }

  /** Hands each entry whose pattern the plate fits to `found`, once. */
  each(plateNumber: string, minute: number, found: (entry: IndexedEntry) => void): void {
    if (this.#byNo.size === 0) return;
    const characters = plateCharacters(plateNumber);
    const pairs = new Set([APART]);
    for (let i = 1; i < characters.length; i++) pairs.add(`${characters[i - 1] ?? ''}${characters[i] ?? ''}`);
    for (const pair of pairs) {
      for (const entry of this.#byPair.get(pair)?.values() ?? []) {
        if ((entry.validFrom ?? -Infinity) > minute || (entry.validTo ?? Infinity) < minute) continue;
        if (matchesPattern(entry.plateNumber, plateNumber)) found(entry);
      }
    }
  }
}
