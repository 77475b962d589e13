/**
 * The little language of templates: `{field}`, `{field|format|format}`, and `[text with {field}]`, which is left out while one
 * of its fields is empty. A backslash takes the meaning of the sign behind it. No conditions, no loops, no code: whoever may
 * write a template can make it say nothing that is not a fact of the alert.
 */
import type { FieldProblem } from '../errors.ts';

export interface FieldPart {
  readonly field: string;
  readonly formats: readonly string[];
}
export type Part = string | FieldPart | { readonly section: readonly (string | FieldPart)[] };

/** Name of a field → formats that it takes. */
export type KnownFields = ReadonlyMap<string, readonly string[]>;

export interface Parsed {
  /** Line by line: a line that says nothing is left out. */
  readonly lines: readonly (readonly Part[])[];
  /** What is wrong, in words; empty: nothing. */
  readonly faults: readonly string[];
}

/** How many letters have to be put in, taken out or changed to make one of the other. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const changed = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function nearest(name: string, known: Iterable<string>): string | null {
  const ranked = [...known]
    .map((one) => ({ one, off: editsBetween(name.toLowerCase(), one.toLowerCase()) }))
    .sort((a, b) => a.off - b.off);
  const [best] = ranked;
  return best === undefined || best.off > Math.max(2, name.length / 2) ? null : best.one;
}

function fieldOf(written: string, known: KnownFields, faults: string[]): FieldPart {
  const [field = '', ...formats] = written.split('|').map((part) => part.trim());
  const allowed = known.get(field);
  if (allowed === undefined) {
    const guess = nearest(field, known.keys());
    faults.push(`names {${field}}, which is no field${guess === null ? '' : `: did you mean {${guess}}?`}`);
    return { field, formats: [] };
  }
  for (const format of formats) {
    if (allowed.includes(format)) continue;
    const list = allowed.length === 0 ? 'it takes none' : `it takes ${allowed.join(', ')}`;
    faults.push(`asks for {${field}|${format}}, but ${list}`);
  }
  return { field, formats };
}

function parseLine(line: string, known: KnownFields, faults: string[]): Part[] {
  const parts: Part[] = [];
  let section: (string | FieldPart)[] | null = null;
  let text = '';
  const flush = (): void => {
    if (text !== '') (section ?? parts).push(text);
    text = '';
  };
  for (let at = 0; at < line.length; at++) {
    const sign = line.charAt(at);
    if (sign === '\\' && at + 1 < line.length) {
      text += line.charAt(++at);
    } else if (sign === '{') {
      const end = line.indexOf('}', at);
      if (end === -1) {
        faults.push(`has a { without its }: write \\{ where the sign itself is meant`);
        return parts;
      }
      flush();
      (section ?? parts).push(fieldOf(line.slice(at + 1, end), known, faults));
      at = end;
    } else if (sign === '[') {
      if (section !== null) {
        faults.push('has a [ within [ ]: they cannot stand in one another');
        return parts;
      }
      flush();
      section = [];
    } else if (sign === ']' && section !== null) {
      flush();
      if (!section.some((part) => typeof part !== 'string')) faults.push('has [ ] without a field in it');
      parts.push({ section });
      section = null;
    } else {
      text += sign;
    }
  }
  flush();
  if (section !== null) faults.push('has a [ without its ] on the same line: write \\[ where the sign itself is meant');
  return parts;
}

export function parseTemplate(text: string, known: KnownFields): Parsed {
  const faults: string[] = [];
  const lines = text.split(/\r?\n/).map((line) => parseLine(line, known, faults));
  return { lines, faults: [...new Set(faults)] };
}

export const problemsOf = (field: string, { faults }: Parsed): readonly FieldProblem[] =>
  faults.map((problem) => ({ field, problem }));

/**
 * Plain text without what could disturb it: control characters, signs that turn the direction of writing, and invisible ones.
 * A value never breaks a line.
 */
export const plain = (value: string): string =>
  value
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, '')
    .trim();

/** @param valueOf text of a field, empty where it has none; may have several lines when it is all of its line */
export function renderParsed({ lines }: Parsed, valueOf: (part: FieldPart) => string): string {
  const sentence = (parts: readonly (string | FieldPart)[]): string =>
    parts.map((part) => (typeof part === 'string' ? part : valueOf(part))).join('');
  const rendered = lines.flatMap((parts): string[] => {
    if (parts.length === 0) return [''];
    const line = parts
      .map((part) => {
        if (typeof part === 'string') return part;
        if (!('section' in part)) return valueOf(part);
        const isEmpty = part.section.some((one) => typeof one !== 'string' && valueOf(one) === '');
        return isEmpty ? '' : sentence(part.section);
      })
      .join('')
      .replace(/[ \t]+$/gm, '');
    return line.trim() === '' ? [] : [line];
  });
  return rendered
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
