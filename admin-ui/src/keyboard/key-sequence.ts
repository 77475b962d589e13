/**
 * Keys as the console understands them: one key (`j`, `?`, `Enter`), a chord (`ctrl+k`), or two keys in a row (`g l`).
 * On a Thai keyboard layout the letter keys give Thai letters, so the place of the key decides there.
 */

export interface KeyPress {
  readonly key: string;
  /** The place on the keyboard, `KeyJ`. */
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const PLACES: Readonly<Record<string, readonly [plain: string, shifted: string]>> = {
  Slash: ['/', '?'],
  Equal: ['=', '+'],
  Minus: ['-', '_'],
  Period: ['.', '>'],
  Comma: [',', '<'],
};

/** The name of a key press; null for keys that are only held down and for chords that belong to the browser. */
export function keyName(press: KeyPress): string | null {
  if (['Control', 'Shift', 'Alt', 'Meta'].includes(press.key)) return null;
  const name = isTyped(press.key) ? press.key : fromPlace(press);
  if (press.altKey) return null;
  if (press.ctrlKey || press.metaKey) return `ctrl+${name.toLowerCase()}`;
  return name;
}

/** Named keys and ASCII are taken as they are. */
function isTyped(key: string): boolean {
  return key.length > 1 || (key >= '!' && key <= '~');
}

function fromPlace(press: KeyPress): string {
  const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
  if (letter !== undefined) return press.shiftKey ? letter : letter.toLowerCase();
  const place = PLACES[press.code];
  if (place !== undefined) return place[press.shiftKey ? 1 : 0];
  return press.key;
}

/** How long the second key of a pair may take. */
export const PAIR_MS = 1_200;

/** Remembers a first key: `g`, then `l` within a moment, is `g l`. */
export class KeySequence {
  #first = '';
  #at = 0;

  /** What this key may mean, most specific first. `isFirst` says whether a key begins a pair. */
  press(name: string, at: number, isFirst: (name: string) => boolean): readonly string[] {
    const pair = this.#first !== '' && at - this.#at <= PAIR_MS ? `${this.#first} ${name}` : null;
    const begins = pair === null && isFirst(name);
    this.#first = begins ? name : '';
    this.#at = at;
    if (pair !== null) return [pair, name];
    return begins ? [] : [name];
  }
}
