/** Where a read and an entry say other characters: the fewest edits, told one by one. */
import type { HitDifference } from '../message.ts';
import { confusableWith } from '../plates/plates.ts';

export interface Comparison {
  readonly differences: readonly HitDifference[];
  /** Of them, those that are no exchange of characters that readers mix up. */
  readonly odd: number;
  /** By difference: where in the characters of the read it is, or before which one is missing. */
  readonly readPlaces: readonly number[];
}

/** 0..1; 0: nobody mixes them up. */
export const likenessOf = (a: string, b: string): number =>
  confusableWith(a).find(({ char }) => char === b)?.weight ?? 0;

/** Odd edits weigh a little more, so that of equally short ways the likelier one is told. */
const ODD_COST = 1.01;

/** @param read,listed characters as matching counts them: UTF-16 units */
export function comparePlates(read: string, listed: string): Comparison {
  const rows = read.length + 1;
  const columns = listed.length + 1;
  const costs = new Float64Array(rows * columns);
  const at = (i: number, j: number): number => costs[i * columns + j] ?? 0;
  const exchange = (i: number, j: number): number => {
    const [a, b] = [read.charAt(i - 1), listed.charAt(j - 1)];
    if (a === b) return 0;
    return likenessOf(a, b) > 0 ? 1 : ODD_COST;
  };
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      costs[i * columns + j] =
        i === 0 || j === 0
          ? (i + j) * ODD_COST
          : Math.min(at(i - 1, j) + ODD_COST, at(i, j - 1) + ODD_COST, at(i - 1, j - 1) + exchange(i, j));
    }
  }
  const differences: HitDifference[] = [];
  const readPlaces: number[] = [];
  let odd = 0;
  const note = (i: number, j: number, read: string, listed: string, isOdd: boolean): void => {
    differences.unshift({ place: j, read, listed });
    readPlaces.unshift(i);
    if (isOdd) odd++;
  };
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;
  for (let i = read.length, j = listed.length; i > 0 || j > 0;) {
    if (i > 0 && j > 0 && isNear(at(i, j), at(i - 1, j - 1) + exchange(i, j))) {
      const [a, b] = [read.charAt(i - 1), listed.charAt(j - 1)];
      if (a !== b) note(i - 1, j - 1, a, b, exchange(i, j) > 1);
      i--;
      j--;
    } else if (i > 0 && isNear(at(i, j), at(i - 1, j) + ODD_COST)) {
      note(i - 1, j, read.charAt(i - 1), '', true);
      i--;
    } else {
      note(i, j - 1, '', listed.charAt(j - 1), true);
      j--;
    }
  }
  return { differences, odd, readPlaces };
}
