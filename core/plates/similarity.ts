/** How alike two plates look: an edit distance in which characters that readers mix up are near. */
import pairs from './facts/confusables.json' with { type: 'json' };

const MARK_COST = 0.4;
/** Pairs at least this alike share a folded key. */
const FOLD_WEIGHT = 0.7;
/** Digits but for the likes of 0 and O stay apart at this one, Thai letters fall into about fifteen groups. */
const LOOSE_FOLD_WEIGHT = 0.5;

const weights = new Map<string, number>();
for (const [a, b, weight] of pairs as [string, string, number][]) {
  weights.set(a + b, weight);
  weights.set(b + a, weight);
}

const neighbours = new Map<string, { readonly char: string; readonly weight: number }[]>();
for (const [a, b, weight] of pairs as [string, string, number][]) {
  neighbours.set(a, [...(neighbours.get(a) ?? []), { char: b, weight }]);
  neighbours.set(b, [...(neighbours.get(b) ?? []), { char: a, weight }]);
}

/** Characters that readers take this one for, with how alike they are, 0..1. */
export const confusableWith = (char: string): readonly { readonly char: string; readonly weight: number }[] =>
  neighbours.get(char) ?? [];

const isMark = (char: string): boolean => /\p{M}/u.test(char);

const replaceCost = (a: string, b: string): number => (a === b ? 0 : 1 - (weights.get(a + b) ?? 0));
const costs = new Map<string, number>();
function dropCost(char: string): number {
  let cost = costs.get(char);
  if (cost === undefined) costs.set(char, (cost = isMark(char) ? MARK_COST : 1));
  return cost;
}

/** 0 (nothing in common) .. 1 (the same), symmetric; both texts normalised. */
export function plateSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const left = Array.from(a);
  const right = Array.from(b);
  const longest = Math.max(left.length, right.length);
  if (left.length === 0 || right.length === 0) return 0;
  let previous = [0];
  for (const char of right) previous.push((previous.at(-1) ?? 0) + dropCost(char));
  for (const x of left) {
    const row = [(previous[0] ?? 0) + dropCost(x)];
    for (const [index, y] of right.entries()) {
      row.push(
        Math.min(
          (previous[index + 1] ?? 0) + dropCost(x),
          (row[index] ?? 0) + dropCost(y),
          (previous[index] ?? 0) + replaceCost(x, y),
        ),
      );
    }
    previous = row;
  }
  return Math.max(0, 1 - (previous.at(-1) ?? longest) / longest);
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
