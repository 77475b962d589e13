/**
 * Letterforms as embossing dies cut them: strokes of one thickness, every die a little different. No country's own typeface is
 * free to use and no free typeface is quite a plate's; a reader that has seen thousands of dies knows what a 4 may look like.
 */
import type { Random } from './random.ts';

/** One set of letters. Drawn in units of the height of a capital, the base line at 0, y growing downwards. */
export interface Die {
  /** Of a usual letter, from the middle of its left stroke to the middle of its right one. */
  readonly width: number;
  /** Of the strokes. */
  readonly thickness: number;
  /** Between the edges of two letters. */
  readonly gap: number;
  /** Of corners, as a share of the width: 0.1 is nearly square, 0.5 round. */
  readonly roundness: number;
  readonly hasRoundEnds: boolean;
  /** All characters in cells of one width. */
  readonly isFixed: boolean;
  /** Which way of cutting a character this die has: 0 to 1 for each. */
  readonly ways: Readonly<Record<string, number>>;
}

const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export function inventDie(random: Random): Die {
  const width = random.between(0.36, 0.74);
  return {
    width,
    thickness: Math.min(random.between(0.09, 0.2), width * 0.36),
    gap: random.between(0.05, 0.2),
    roundness: random.chance(0.5) ? random.between(0.38, 0.5) : random.between(0.12, 0.38),
    hasRoundEnds: random.chance(0.6),
    isFixed: random.chance(0.25),
    ways: Object.fromEntries(Array.from(CHARACTERS, (character) => [character, random.next()])),
  };
}

interface Glyph {
  /** SVG path data of the strokes' middle lines, from the top (0) to the base line (1). */
  readonly path: string;
  readonly width: number;
}

type Cutter = (w: number, r: number, way: number) => string | Glyph;

const bowl = (w: number, r: number, from: number, to: number): string => {
  const k = Math.min(r, (to - from) / 2);
  return `M0 ${from}H${w - r}Q${w} ${from} ${w} ${from + k}V${to - k}Q${w} ${to} ${w - r} ${to}H0`;
};
const ring = (w: number, r: number, from: number, to: number, inset = 0): string => {
  const k = Math.min(r, (to - from) / 2);
  const [left, right] = [inset, w - inset];
  return `M${left + r} ${from}H${right - r}Q${right} ${from} ${right} ${from + k}V${to - k}Q${right} ${to} ${right - r} ${to}H${left + r}Q${left} ${to} ${left} ${to - k}V${from + k}Q${left} ${from} ${left + r} ${from}Z`;
};
const hook = (w: number, r: number, from: number): string => `V${1 - r}Q${w} 1 ${w - r} 1H${r}Q0 1 0 ${1 - r}V${from}`;
const six = (w: number, r: number, way: number): string =>
  way < 0.6
    ? `M${w} .2V${r}Q${w} 0 ${w - r} 0H${r}Q0 0 0 ${r}V${1 - r}Q0 1 ${r} 1H${w - r}Q${w} 1 ${w} ${1 - r}V${0.43 + r * 0.6}Q${w} .43 ${w - r} .43H${r}Q0 .43 0 ${0.43 + r * 0.6}`
    : `M${w * 0.72} 0L${w * 0.08} .52${ring(w, r, 0.42, 1)}`;
const arc = (w: number, r: number, way: number): string =>
  `M${w} ${0.16 + way * 0.1}V${r}Q${w} 0 ${w - r} 0H${r}Q0 0 0 ${r}V${1 - r}Q0 1 ${r} 1H${w - r}Q${w} 1 ${w} ${1 - r}V${0.84 - way * 0.1}`;

const CUTTERS: Readonly<Record<string, Cutter>> = {
  '0': (w, r, way) => (way < 0.95 ? ring(w, r, 0, 1) : `${ring(w, r, 0, 1)}M${w * 0.2} .8L${w * 0.8} .2`),
  '1': (w, _r, way) => {
    if (way < 0.25) return { path: 'M0 0V1', width: 0 };
    const x = w * 0.38;
    const flag = `M0 ${0.1 + way * 0.18}L${x} 0V1`;
    return way < 0.75 ? { path: flag, width: x } : { path: `${flag}M0 1H${w * 0.76}`, width: w * 0.76 };
  },
  '2': (w, r, way) =>
    way < 0.85
      ? `M0 .26V${r}Q0 0 ${r} 0H${w - r}Q${w} 0 ${w} ${r}V.3Q${w} ${0.4 + way * 0.1} ${w * 0.72} ${0.55 + way * 0.1}L0 1H${w}`
      : `M0 .2V${r}Q0 0 ${r} 0H${w - r}Q${w} 0 ${w} ${r}Q${w} .48 ${w - r} .5Q0 .56 0 ${0.5 + r}V1H${w}`,
  '3': (w, r, way) => {
    const low = `Q${w} .46 ${w} ${0.46 + Math.min(r, 0.26)}${hook(w, r, 0.78)}`;
    return way < 0.65
      ? `M0 .22V${r}Q0 0 ${r} 0H${w - r}Q${w} 0 ${w} ${Math.min(r, 0.22)}Q${w} .46 ${w - r} .46H${w * 0.35}M${w - r} .46${low}`
      : `M0 0H${w}L${w * 0.42} .42H${w - r}Q${w} .42 ${w} ${0.42 + Math.min(r, 0.28)}${hook(w, r, 0.8)}`;
  },
  '4': (w, _r, way) => {
    if (way < 0.5) return `M${w * 0.72} 1V0L0 ${0.62 + way * 0.2}H${w}`;
    if (way < 0.8) return `M${w * 0.34} 0L0 ${0.52 + way * 0.15}H${w}M${w * 0.74} ${way < 0.65 ? 0.3 : 0.02}V1`;
    return `M0 0V.56H${w}M${w * 0.84} ${way < 0.9 ? 0 : 0.3}V1`;
  },
  '5': (w, r, way) =>
    `M${w * 0.95} 0H${w * 0.06}L${way < 0.5 ? 0 : w * 0.04} .44Q${w * 0.2} .38 ${w - r} .38Q${w} .38 ${w} ${0.38 + Math.min(r, 0.3)}${hook(w, r, 0.78)}`,
  '6': six,
  '7': (w, _r, way) =>
    `M0 ${way < 0.25 ? 0.14 : 0}V0H${w}${way < 0.7 ? `L${w * (0.2 + way * 0.3)} 1` : `V.2Q${w * 0.4} .5 ${w * 0.35} 1`}${way > 0.93 ? `M${w * 0.2} .52H${w * 0.85}` : ''}`,
  '8': (w, r, way) => ring(w, r, 0, 0.47, w * 0.07 * way) + ring(w, r, 0.47, 1),
  A: (w, r, way) => {
    if (way > 0.93) return `M0 1V${r}Q0 0 ${r} 0H${w - r}Q${w} 0 ${w} ${r}V1M0 .56H${w}`;
    const half = way < 0.4 ? 0.5 : 0.5 - (way - 0.4) * 0.28;
    const bar = 0.62 + way * 0.12;
    return `M0 1L${w * half} 0H${w * (1 - half)}L${w} 1M${w * 0.5 * (1 - bar) + w * 0.04} ${bar}H${w - w * 0.5 * (1 - bar) - w * 0.04}`;
  },
  B: (w, r, way) => `${bowl(w * (1 - 0.08 * way), r * 0.8, 0, 0.47)}${bowl(w, r * 0.8, 0.47, 1)}M0 0V1`,
  C: arc,
  D: (w, r) => `${bowl(w, r, 0, 1)}V0`,
  E: (w, _r, way) => `M${w * 0.94} 0H0V1H${w * 0.94}M0 .48H${w * (0.7 + way * 0.22)}`,
  F: (w, _r, way) => `M${w * 0.94} 0H0V1M0 .48H${w * (0.66 + way * 0.24)}`,
  G: (w, r, way) =>
    `M${w} .2V${r}Q${w} 0 ${w - r} 0H${r}Q0 0 0 ${r}V${1 - r}Q0 1 ${r} 1H${w - r}Q${w} 1 ${w} ${1 - r}V${0.5 + 0.08 * way}H${w * (0.45 + way * 0.15)}${way > 0.75 ? `M${w} .6V1` : ''}`,
  H: (w, _r, way) => `M0 0V1M${w} 0V1M0 ${0.44 + way * 0.08}H${w}`,
  I: (w, _r, way) =>
    way < 0.6
      ? { path: 'M0 0V1', width: 0 }
      : { path: `M0 0H${w * 0.56}M0 1H${w * 0.56}M${w * 0.28} 0V1`, width: w * 0.56 },
  J: (w, r, way) => `M${way > 0.7 ? w * 0.4 : w} 0H${w}${hook(w, r, 0.66 + way * 0.1)}`,
  K: (w, _r, way) =>
    way < 0.5
      ? `M0 0V1M${w} 0L0 ${0.6 + way * 0.1}M${w * 0.32} ${0.42 + way * 0.08}L${w} 1`
      : `M0 0V1M${w} 0L${w * 0.1 * way} .48L${w} 1`,
  L: (w) => `M0 0V1H${w * 0.92}`,
  M: (w, _r, way) => {
    const wide = w * (1 + way * 0.3);
    return { path: `M0 1V0L${wide / 2} ${0.38 + (1 - way) * 0.5}L${wide} 0V1`, width: wide };
  },
  N: (w) => `M0 1V0L${w} 1V0`,
  O: (w, r, way) => {
    const wide = w * (way < 0.4 ? 1 : 1 + way * 0.25);
    return { path: ring(wide, r, 0, 1), width: wide };
  },
  P: (w, r, way) => `${bowl(w, r, 0, 0.5 + way * 0.08)}M0 0V1`,
  Q: (w, r, way) =>
    `${ring(w, r, 0, 1)}${way < 0.7 ? `M${w * 0.55} ${0.66 + way * 0.1}L${w * 1.05} 1.04` : `M${w * 0.5} .82V1.08`}`,
  R: (w, r, way) => `${bowl(w, r, 0, 0.52)}M0 0V1M${w * (0.2 + way * 0.35)} .52L${w} 1`,
  S: (w, r, way) => {
    const k = Math.min(r, 0.23);
    return `M${w} ${0.17 + way * 0.08}V${r}Q${w} 0 ${w - r} 0H${r}Q0 0 0 ${k}V${0.47 - k}Q0 .47 ${r} .47L${w - r} .52Q${w} .52 ${w} ${0.52 + k}${hook(w, r, 0.82 - way * 0.06)}`;
  },
  T: (w) => `M0 0H${w}M${w / 2} 0V1`,
  U: (w, r) => `M0 0V${1 - r}Q0 1 ${r} 1H${w - r}Q${w} 1 ${w} ${1 - r}V0`,
  V: (w, _r, way) => `M0 0L${w * (0.5 - 0.08 * way)} 1H${w * (0.5 + 0.08 * way)}L${w} 0`,
  W: (w, _r, way) => {
    const wide = w * (1 + way * 0.35);
    const foot = way < 0.3 ? 0 : 0.1 + way * 0.16;
    return {
      path: `M0 0L${wide * foot} 1L${wide / 2} ${way < 0.65 ? 0.12 + way * 0.6 : 0}L${wide * (1 - foot)} 1L${wide} 0`,
      width: wide,
    };
  },
  X: (w) => `M0 0L${w} 1M${w} 0L0 1`,
  Y: (w, _r, way) => `M0 0L${w / 2} ${0.42 + way * 0.18}V1M${w / 2} ${0.42 + way * 0.18}L${w} 0`,
  Z: (w, _r, way) => `M0 0H${w}L0 1H${w}${way > 0.96 ? `M${w * 0.2} .5H${w * 0.8}` : ''}`,
  '-': (w) => ({ path: `M0 .55H${w * 0.5}`, width: w * 0.5 }),
  '.': () => ({ path: 'M0 .96V1', width: 0 }),
};
const SMALL = '-.1I';

/** @returns SVG for the text, one unit high, and its width; a space and whatever the die lacks leave a gap */
export function strike(die: Die, text: string): { readonly svg: string; readonly width: number } {
  const { width: w, thickness, gap, ways } = die;
  const r = w * die.roundness;
  let x = 0;
  const strokes = Array.from(text, (character) => {
    const cut = character === '9' ? six(w, r, ways['6'] ?? 0) : CUTTERS[character]?.(w, r, ways[character] ?? 0);
    if (cut === undefined) {
      x += w * 0.6;
      return '';
    }
    const glyph = typeof cut === 'string' ? { path: cut, width: w } : cut;
    const cell = die.isFixed && SMALL.includes(character) && character !== '-' ? w : glyph.width;
    const place = `translate(${(x + thickness / 2 + (cell - glyph.width) / 2).toFixed(3)} ${(thickness / 2 - 1).toFixed(3)}) scale(1 ${(1 - thickness).toFixed(3)})`;
    x += cell + thickness + gap;
    const turn = character === '9' ? ` rotate(180 ${w / 2} .5)` : '';
    return `<path transform="${place}${turn}" d="${glyph.path}"/>`;
  });
  const ends = die.hasRoundEnds
    ? 'stroke-linecap="round" stroke-linejoin="round"'
    : 'stroke-linecap="square" stroke-linejoin="miter" stroke-miterlimit="3"';
  return { svg: `<g fill="none" stroke-width="${thickness}" ${ends}>${strokes.join('')}</g>`, width: Math.max(0, x) };
}
