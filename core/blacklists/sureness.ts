/**
 * How sure it is that a read plate is the one that an entry means; docs/blacklists.md says it for people.
 *
 *     sureness = text × province × entry
 *
 * `text`: the confidence of the read, times for each difference q / p: p is how sure the character is that was read, q how likely
 * the listed one stands there instead. The engine may have said so (an alternative); else what is left of p is shared out among the
 * characters that readers take it for, by their likeness, and an edit that nobody makes by likeness gets a twentieth of it.
 * A candidate has the confidence that the engine gave it. `province`: 1 where both name it, else 0.5: the text may be another
 * province's. `entry`: the confidence of the entry itself.
 */
import { confusableWith } from '../plates/plates.ts';
import type { CharacterRead } from '../message.ts';
import { likenessOf, type Comparison } from './plate-differences.ts';

/** Without a province on both sides the text may be another province's: half as sure. */
export const WITHOUT_PROVINCE = 0.5;
const ODD_SHARE = 0.05;
/** No reader is surer of one character than this, whatever it says. */
const SUREST = 0.995;

const clamp = (n: number): number => Math.min(1, Math.max(0, n));

/** How sure each character of the text is; where nobody knows, as sure as the whole text is on average. */
function charConfidences(
  text: string,
  confidence: number,
  characters: readonly CharacterRead[] | null,
): readonly number[] {
  const known = characters?.flatMap(({ char, confidence: sure }) => Array.from({ length: char.length }, () => sure));
  if (known?.length === text.length) return known;
  const each = text.length === 0 ? 0 : clamp(confidence) ** (1 / text.length);
  return Array.from({ length: text.length }, () => each);
}

function alternativeOf(
  place: number,
  listed: string,
  text: string,
  characters: readonly CharacterRead[] | null,
): number | null {
  if (characters === null || characters.length !== text.length) return null;
  return characters[place]?.alternatives.find(({ char }) => char === listed)?.confidence ?? null;
}

/** Of a text that differs. `characters`: of the read, null where nobody knows. */
export function textSureness(
  text: string,
  confidence: number,
  characters: readonly CharacterRead[] | null,
  { differences, readPlaces }: Comparison,
): number {
  const confidences = charConfidences(text, confidence, characters);
  let sure = clamp(confidence);
  differences.forEach(({ read, listed }, i) => {
    const place = readPlaces[i] ?? 0;
    const p = Math.min(SUREST, Math.max(0.01, confidences[Math.min(place, text.length - 1)] ?? 0.5));
    const likeness = read === '' || listed === '' ? 0 : likenessOf(read, listed);
    const all = confusableWith(read).reduce((sum, { weight }) => sum + weight, 0);
    const share = likeness === 0 ? ODD_SHARE : likeness / all;
    const said = read === '' || listed === '' ? null : alternativeOf(place, listed, text, characters);
    // No alternative makes the listed text surer than the read one.
    sure *= Math.min(1, (said ?? (1 - p) * share) / p);
  });
  return sure;
}

export const hitSureness = (text: number, isProvinceKnown: boolean, entryConfidence: number): number =>
  clamp(text * (isProvinceKnown ? 1 : WITHOUT_PROVINCE) * entryConfidence);
