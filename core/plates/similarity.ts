/** How alike two plates look: an edit distance in which characters that readers mix up are near. */
import pairs from './facts/confusables.json' with { type: 'json' };

const MARK_COST = 0.4;
/** Pairs at least this alike share a folded key. */
const FOLD_WEIGHT = 0.7;
/** Digits but for the likes of 0 and O stay apart at this one, Thai letters fall into about fifteen groups. */
const LOOSE_FOLD_WEIGHT = 0.5;

/** Two characters as one number: the look-up is the inner loop of merging. */
const pairOf = (a: number, b: number): number => a * 0x20_0000 + b;
const codeOf = (char: string): number => char.codePointAt(0) ?? 0;

/** What it costs to take one character for the other; 1 for those that nobody mixes up. */
const replaceCosts = new Map<number, number>();
for (const [a, b, weight] of pairs as [string, string, number][]) {
  replaceCosts.set(pairOf(codeOf(a), codeOf(b)), 1 - weight);
  replaceCosts.set(pairOf(codeOf(b), codeOf(a)), 1 - weight);
}

const neighbours = new Map<string, { readonly char: string; readonly weight: number }[]>();
for (const [a, b, weight] of pairs as [string, string, number][]) {
  neighbours.set(a, [...(neighbours.get(a) ?? []), { char: b, weight }]);
  neighbours.set(b, [...(neighbours.get(b) ?? []), { char: a, weight }]);
}

/** Characters that readers take this one for, with how alike they are, 0..1. */
export const confusableWith = (char: string): readonly { readonly char: string; readonly weight: number }[] =>
  neighbours.get(char) ?? [];

const dropCosts = new Map<number, number>();
function dropCost(code: number): number {
  let cost = dropCosts.get(code);
  if (cost === undefined) {
    cost = /\p{M}/u.test(String.fromCodePoint(code)) ? MARK_COST : 1;
    dropCosts.set(code, cost);
  }
  return cost;
}

function codesOf(text: string): number[] {
  const codes: number[] = [];
  for (let place = 0; place < text.length;) {
    const code = text.codePointAt(place) ?? 0;
    codes.push(code);
    place += code > 0xffff ? 2 : 1;
  }
  return codes;
}

/** 0 (nothing in common) .. 1 (the same), symmetric; both texts normalised. */
export function plateSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const left = codesOf(a);
  const right = codesOf(b);
  const width = right.length;
  if (left.length === 0 || width === 0) return 0;
  const drops = right.map(dropCost);
  // One row of the table, rewritten from left to right; `corner` is what stood up and to the left.
  const row = new Float64Array(width + 1);
  for (let j = 0; j < width; j++) row[j + 1] = (row[j] ?? 0) + (drops[j] ?? 0);
  for (const x of left) {
    const drop = dropCost(x);
    let corner = row[0] ?? 0;
    let before = corner + drop;
    row[0] = before;
    for (let j = 0; j < width; j++) {
      const above = row[j + 1] ?? 0;
      const y = right[j] ?? 0;
      const replaced = corner + (x === y ? 0 : (replaceCosts.get(pairOf(x, y)) ?? 1));
      before = Math.min(above + drop, before + (drops[j] ?? 0), replaced);
      corner = above;
      row[j + 1] = before;
    }
  }
  const longest = Math.max(left.length, width);
  return Math.max(0, 1 - (row[width] ?? longest) / longest);
}

/** Characters that are at least this alike, directly or through others, become one. */
function foldAt(least: number): (text: string) => string {
  const folded = new Map<string, string>();
  const root = (char: string): string => {
    const parent = folded.get(char);
    return parent === undefined || parent === char ? char : root(parent);
  };
  for (const [a, b, weight] of pairs as [string, string, number][]) {
    if (weight < least) continue;
    const [first = a, second = b] = [root(a), root(b)].sort();
    folded.set(second, first);
    folded.set(a, first);
    folded.set(b, first);
  }
  for (const char of [...folded.keys()]) folded.set(char, root(char));
  return (text) => Array.from(text, (char) => folded.get(char) ?? char).join('');
}

/** The same key for texts that differ only by characters which are very hard to tell apart. */
export const foldConfusables = foldAt(FOLD_WEIGHT);
/** The same key for many texts that are not the same: for finding candidates, which are then compared in earnest. */
export const foldLoosely = foldAt(LOOSE_FOLD_WEIGHT);
