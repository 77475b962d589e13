/** Where two plate texts differ, character by character, so that the eye need not look for it. */
import { splitCharacters } from './plate-layout.ts';

export interface PlateDifference {
  /** Empty: nothing was read here. */
  readonly read: string;
  /** Empty: the list has nothing here. */
  readonly listed: string;
}

export interface PlateComparison {
  /** Places that differ, in characters of each text from 0. */
  readonly read: ReadonlySet<number>;
  readonly listed: ReadonlySet<number>;
  readonly differences: readonly PlateDifference[];
}

const SAME: PlateComparison = { read: new Set(), listed: new Set(), differences: [] };

export const hasWildcard = (plate: string): boolean => /[*?]/.test(plate);

/** By the fewest exchanged, missing and further characters. A pattern differs from nothing that it takes. */
export function comparePlates(read: string, listed: string): PlateComparison {
  if (read === listed || hasWildcard(listed)) return SAME;
  const a = splitCharacters(read);
  const b = splitCharacters(listed);
  const cost = a.map(() => b.map(() => 0));
  const at = (i: number, j: number): number => (i < 0 ? j + 1 : j < 0 ? i + 1 : (cost[i]?.[j] ?? 0));
  for (const [i, one] of a.entries()) {
    for (const [j, other] of b.entries()) {
      const row = cost[i] ?? [];
      row[j] = Math.min(at(i - 1, j - 1) + (one === other ? 0 : 1), at(i - 1, j) + 1, at(i, j - 1) + 1);
    }
  }
  const marks = { read: new Set<number>(), listed: new Set<number>() };
  const differences: PlateDifference[] = [];
  for (let i = a.length - 1, j = b.length - 1; i >= 0 || j >= 0;) {
    const [one, other] = [a[i], b[j]];
    if (i >= 0 && j >= 0 && at(i, j) === at(i - 1, j - 1) + (one === other ? 0 : 1)) {
      if (one !== other) {
        marks.read.add(i);
        marks.listed.add(j);
        differences.unshift({ read: one ?? '', listed: other ?? '' });
      }
      i -= 1;
      j -= 1;
    } else if (i >= 0 && at(i, j) === at(i - 1, j) + 1) {
      marks.read.add(i);
      differences.unshift({ read: one ?? '', listed: '' });
      i -= 1;
    } else {
      marks.listed.add(j);
      differences.unshift({ read: '', listed: other ?? '' });
      j -= 1;
    }
  }
  return { ...marks, differences };
}
