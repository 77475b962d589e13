/** What a file's name tells: `{camera}_{YYYY}{MM}{DD}{hh}{mm}{ss}` against `gate_20261126081530.jpg`. */
import { LprError } from '../../core/plugins/define.ts';

export interface NameFacts {
  /** The time as the camera's clock on the wall shows it, as if it were UTC, ms; null when the name holds none. */
  readonly wall: number | null;
  /** The time as an instant, ms. */
  readonly instant: number | null;
  readonly camera: string | null;
  /** The camera's own name of the event. */
  readonly id: string | null;
}

export interface NamePattern {
  readonly hasCamera: boolean;
  /** @param path from the watched folder, parted by `/`. Null: it does not fit. */
  read(path: string): NameFacts | null;
}

const DIGITS: Readonly<Record<string, number>> = {
  ...{ YYYY: 4, YY: 2, MM: 2, DD: 2, hh: 2, mm: 2, ss: 2, SSS: 3, unix: 10, unixms: 13 },
};
const OPEN: readonly string[] = ['camera', 'id', '*'];
/** Each further one multiplies the ways in which a long name can be tried. */
const MOST_OPEN = 4;

function refuse(problem: string): never {
  throw new LprError('invalid_input', `The pattern of names cannot be used: it ${problem}.`, {
    problems: [{ field: 'pattern', problem }],
  });
}

const escaped = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** @throws invalid_input naming the part that cannot be used */
export function parsePattern(pattern: string): NamePattern {
  const names: string[] = [];
  const source = pattern
    .split(/(\{[^{}]*\})/)
    .map((piece) => {
      if (!(piece.startsWith('{') && piece.endsWith('}'))) {
        if (/[{}]/.test(piece)) refuse('has a brace without its other one');
        return escaped(piece);
      }
      const name = piece.slice(1, -1);
      const digits = DIGITS[name];
      if (digits === undefined && !OPEN.includes(name)) {
        refuse(
          `has the unknown part ${piece}: there are ${[...Object.keys(DIGITS), ...OPEN].map((one) => `{${one}}`).join(' ')}`,
        );
      }
      if (name !== '*' && names.includes(name)) refuse(`has ${piece} twice`);
      names.push(name);
      if (digits !== undefined) return `(\\d{${digits}})`;
      return name === '*' ? '([^/]*?)' : '([^/]+?)';
    })
    .join('');
  if (names.length === 0) refuse('has no part such as {YYYY}');
  if (names.filter((name) => OPEN.includes(name)).length > MOST_OPEN) refuse(`has more than ${MOST_OPEN} open parts`);
  const has = (...wanted: readonly string[]): boolean => wanted.every((name) => names.includes(name));
  const hasInstant = has('unix') || has('unixms');
  const hasWall = (has('YYYY') || has('YY')) && has('MM', 'DD', 'hh', 'mm');
  if (!hasInstant && !hasWall && names.some((name) => DIGITS[name] !== undefined)) {
    refuse('has a time without year, month, day, hour and minute');
  }
  const expression = new RegExp(`^${source}$`, 'u');
  const isPath = pattern.includes('/');

  const wallOf = (of: (name: string) => number): number | null => {
    const year = has('YYYY') ? of('YYYY') : 2000 + of('YY');
    const date = new Date(Date.UTC(year, of('MM') - 1, of('DD'), of('hh'), of('mm'), of('ss'), of('SSS')));
    // The 31st of June would become the 1st of July.
    const isReal =
      date.getUTCMonth() === of('MM') - 1 && date.getUTCDate() === of('DD') && date.getUTCHours() === of('hh');
    return isReal ? date.getTime() : null;
  };

  return {
    hasCamera: has('camera'),
    read(path) {
      const name = isPath ? path : (path.split('/').at(-1) ?? '');
      const found = expression.exec(name.replace(/\.[^./]*$/, ''));
      if (found === null) return null;
      const of = (part: string): string | null => (has(part) ? (found[names.indexOf(part) + 1] ?? null) : null);
      const number = (part: string): number => Number(of(part) ?? 0);
      const instant = has('unixms') ? number('unixms') : has('unix') ? number('unix') * 1_000 : null;
      const wall = hasWall && instant === null ? wallOf(number) : null;
      return hasWall && instant === null && wall === null
        ? null
        : { wall, instant, camera: of('camera'), id: of('id') };
    },
  };
}
