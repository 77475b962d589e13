/** A layout's own ways: columns that are made of others, codes that stand for words, the letter O written as a zero. */
import type { Layout } from './layouts.ts';

/** Null: cells are as they stand. */
export function shapeCells({ columns }: Layout): ((cells: readonly string[]) => readonly string[]) | null {
  if (columns.every(({ derived, codes, zeroIsO }) => derived === null && codes === null && !zeroIsO)) return null;
  return (cells) =>
    columns.map(({ derived, codes, zeroIsO }, index) => {
      const raw = derived === null ? (cells[index] ?? '') : (cells[derived.from] ?? '').charAt(derived.at);
      const text = zeroIsO ? raw.replaceAll('0', 'O') : raw;
      return codes?.[text] ?? text;
    });
}
