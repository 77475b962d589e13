/** What lists of a category look like where the list itself says nothing else. */
import type { BlacklistCategory } from '../api/contract.ts';

export const CATEGORIES: readonly BlacklistCategory[] = ['stolen', 'wanted', 'vip', 'expired', 'own'];

/** Colours that can be told apart, for lists of one's own. */
export const SWATCHES = [
  '#d32f2f',
  '#e8590c',
  '#c2920a',
  '#2f8a3e',
  '#0c7c86',
  '#1c6fd0',
  '#6a3fb5',
  '#b0307a',
] as const;

/** As CSS: the list's own colour, else its category's in this theme. */
export function colourOf(list: { readonly category: BlacklistCategory; readonly colour: string | null }): string {
  return list.colour ?? `rgb(var(--v-theme-${list.category}))`;
}
