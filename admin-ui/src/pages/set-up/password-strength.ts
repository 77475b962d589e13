/**
 * How long a password would last against guessing, roughly: length counts most, then variety; repeats, runs and the words
 * that everybody tries first count little. A hint for people; the hub decides what it takes.
 */
export type Strength = 'short' | 'weak' | 'fair' | 'strong';

/** The hub takes none that is shorter. */
export const SHORTEST = 12;

const FIRST_GUESSES = ['password', 'qwerty', 'admin', 'letmein', 'welcome', 'iloveyou', '123456', 'abc123', 'lprhub'];

export function bitsOf(password: string, name = ''): number {
  let text = password.toLowerCase();
  const guesses = name.trim().length >= 3 ? [...FIRST_GUESSES, name.trim().toLowerCase()] : FIRST_GUESSES;
  // The longest first: a name may begin with one of the others.
  for (const guess of guesses.toSorted((a, b) => b.length - a.length)) text = text.replaceAll(guess, '\u0000');
  const characters = Array.from(text);
  let counted = 0;
  characters.forEach((char, at) => {
    const before = characters[at - 1];
    const step = before === undefined ? null : (char.codePointAt(0) ?? 0) - (before.codePointAt(0) ?? 0);
    // The same again, or the next in a row, is hardly a new character.
    counted += step !== null && Math.abs(step) <= 1 ? 0.25 : 1;
  });
  const distinct = new Set(characters).size;
  const alphabet =
    (/[a-z]/.test(password) ? 26 : 0) +
    (/[A-Z]/.test(password) ? 26 : 0) +
    (/\d/.test(password) ? 10 : 0) +
    (/[ก-๛]/.test(password) ? 60 : 0) +
    (/[^a-zA-Z\dก-๛]/.test(password) ? 20 : 0);
  return Math.min(counted, distinct * 2) * Math.log2(Math.max(alphabet, 2));
}

export function strengthOf(password: string, name = ''): Strength {
  if (Array.from(password).length < SHORTEST) return 'short';
  const bits = bitsOf(password, name);
  if (bits < 45) return 'weak';
  return bits < 80 ? 'fair' : 'strong';
}
