/** The canonical form of a plate's text. */

const THAI_ZERO = 0x0e50;

/**
 * NFC, upper case, Thai digits as Arabic ones, and nothing but letters, their combining marks and digits.
 * Never NFKC: it splits sara am (U+0E33) in two. Idempotent.
 */
export function normalisePlate(raw: string): string {
  return (
    raw
      .normalize('NFC')
      .replaceAll('\u0E4D\u0E32', '\u0E33')
      .replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - THAI_ZERO))
      .replace(/[Ａ-Ｚａ-ｚ０-９]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
      .toUpperCase()
      .replace(/[^\p{L}\p{M}\p{Nd}]/gu, '')
      .normalize('NFC')
      // A mark without its letter is dirt.
      .replace(/^\p{M}+/u, '')
  );
}

/** Letters with their marks, and digits: what a person counts as characters. */
export function plateCharacters(text: string): readonly string[] {
  return text.match(/[\p{L}\p{Nd}]\p{M}*/gu) ?? [];
}

/**
 * What somebody typed to find plates, as a pattern for SQL `like` on the normalised text (escape character `\`).
 * Without wildcards any part matches; `*` stands for any run, `?` for one character. Null when nothing is left to look for.
 */
export function likePattern(query: string): string | null {
  const parts = query.split(/([*?])/).map((part) => (part === '*' || part === '?' ? part : normalisePlate(part)));
  const text = parts.join('');
  if (text.replace(/[*?]/g, '') === '') return null;
  const pattern = text.replaceAll('*', '%').replaceAll('?', '_');
  return pattern === text ? `%${text}%` : pattern;
}
