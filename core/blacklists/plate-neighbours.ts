/**
 * The entries whose text is a few edits away from a read. Not the entries are laid out for it, which would cost memory by the
 * hundred bytes each, but the neighbours of the read are asked for one by one: their hashes follow from its own, and most are
 * turned away by the index's filter.
 */
import { confusableWith } from '../plates/plates.ts';
import { BASE, hashOf, mixed, POWERS, sumOf, UNBASE, UNITS_AT_MOST } from './plate-hash.ts';
import type { PlateIndex } from './plate-index.ts';

/** Units that a reader takes for this one, either way round. */
const confusables = new Map<number, readonly number[]>();
function confusableUnits(unit: number): readonly number[] {
  let units = confusables.get(unit);
  if (units === undefined) {
    units = confusableWith(String.fromCharCode(unit)).map(({ char }) => char.charCodeAt(0));
    confusables.set(unit, units);
  }
  return units;
}

type Found = (slot: number) => void;

/** The text itself. */
function lookUp(index: PlateIndex, text: Uint16Array, length: number, sum: number, found: Found): void {
  const hash = hashOf(sum, length);
  if (index.mayHave(hash)) index.each(text, length, hash, found);
}

/** One character, at `from` or behind it, replaced by one that readers take it for; and again while `depth` lasts. */
function replaced(
  index: PlateIndex,
  text: Uint16Array,
  length: number,
  sum: number,
  from: number,
  depth: number,
  found: Found,
): void {
  for (let place = from; place < length; place++) {
    const unit = text[place] ?? 0;
    const power = POWERS[place] ?? 0;
    const without = (sum - Math.imul(mixed(unit), power)) | 0;
    for (const other of confusableUnits(unit)) {
      const next = (without + Math.imul(mixed(other), power)) | 0;
      text[place] = other;
      lookUp(index, text, length, next, found);
      if (depth > 1) replaced(index, text, length, next, place + 1, depth - 1, found);
    }
    text[place] = unit;
  }
}

/** Any one edit: another character, one less, one more. */
function edited(index: PlateIndex, text: Uint16Array, length: number, sum: number, found: Found): void {
  for (let place = 0; place < length; place++) {
    const unit = text[place] ?? 0;
    const power = POWERS[place] ?? 0;
    const without = (sum - Math.imul(mixed(unit), power)) | 0;
    for (const other of index.alphabet) {
      if (other === unit) continue;
      text[place] = other;
      lookUp(index, text, length, (without + Math.imul(mixed(other), power)) | 0, found);
    }
    text[place] = unit;
  }
  const variant = new Uint16Array(length + 1);
  // What stands before a place keeps its weight, what stands behind it moves by one.
  let before = 0;
  for (let place = 0; place <= length; place++) {
    const power = POWERS[place] ?? 0;
    const behind = (sum - before) | 0;
    variant.set(text.subarray(0, place));
    if (length < UNITS_AT_MOST) {
      variant.set(text.subarray(place, length), place + 1);
      const moved = (before + Math.imul(behind, BASE)) | 0;
      for (const other of index.alphabet) {
        variant[place] = other;
        lookUp(index, variant, length + 1, (moved + Math.imul(mixed(other), power)) | 0, found);
      }
    }
    if (place === length) break;
    const own = Math.imul(mixed(text[place] ?? 0), power);
    if (length > 1) {
      variant.set(text.subarray(place + 1, length), place);
      lookUp(index, variant, length - 1, (before + Math.imul((behind - own) | 0, UNBASE)) | 0, found);
    }
    before = (before + own) | 0;
  }
}

/**
 * Hands each entry to `found` whose text is at most `edits` edits away, once or more often. `confusable` ones replace characters by
 * such as readers mix up with them; `any` is besides one replacement, removal or addition of whatever character, by itself.
 */
export function eachNeighbour(
  index: PlateIndex,
  plateNumber: string,
  { edits, kind }: { readonly edits: 0 | 1 | 2; readonly kind: 'confusable' | 'any' },
  found: Found,
): void {
  const length = plateNumber.length;
  if (length === 0 || length > UNITS_AT_MOST) return;
  const text = new Uint16Array(length);
  for (let i = 0; i < length; i++) text[i] = plateNumber.charCodeAt(i);
  const sum = sumOf(text, 0, length);
  lookUp(index, text, length, sum, found);
  if (edits === 0) return;
  replaced(index, text, length, sum, 0, edits, found);
  if (kind === 'any') edited(index, text, length, sum, found);
}
