/** Text as outlines out of bundled fonts: nothing depends on what the machine has installed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';
import { strike, type Die } from './die.ts';

const require = createRequire(import.meta.url);

const FILES = {
  sarabun: '@expo-google-fonts/sarabun/700Bold/Sarabun_700Bold.ttf',
  looped: '@expo-google-fonts/noto-sans-thai-looped/700Bold/NotoSansThaiLooped_700Bold.ttf',
  kanit: '@expo-google-fonts/kanit/500Medium/Kanit_500Medium.ttf',
  barlow: '@expo-google-fonts/barlow-condensed/600SemiBold/BarlowCondensed_600SemiBold.ttf',
  overpass: '@expo-google-fonts/overpass/700Bold/Overpass_700Bold.ttf',
} as const;
/** A bundled face by its name, or the path of a TrueType file. */
export type FontFace = keyof typeof FILES | `/${string}.ttf`;
export type Face = FontFace | Die;

const fonts = new Map<FontFace, Font>();

function load(face: FontFace): Font {
  let font = fonts.get(face);
  if (font === undefined) {
    const path = face.startsWith('/') ? face : require.resolve(FILES[face as keyof typeof FILES]);
    const opened = create(readFileSync(path));
    if (!('layout' in opened)) throw new Error(`${path} is a collection, not a font`);
    fonts.set(face, (font = opened));
  }
  return font;
}

/** Whether the face draws every character of the text. */
export function draws(face: FontFace, text: string): boolean {
  const font = load(face);
  return Array.from(text).every((char) => font.hasGlyphForCodePoint(char.codePointAt(0) ?? 0));
}

export interface Lettering {
  /** SVG `path` elements, origin at the left end of the base line. */
  readonly svg: string;
  readonly width: number;
}

/** How letters differ from those of the font file. */
export interface Cut {
  /** Width of the letters as a factor. */
  readonly stretch: number;
  /** Thickness added to all strokes, in ems. */
  readonly weight: number;
  /** Behind each letter, in ems. */
  readonly tracking: number;
}
/** Height of a capital, in ems. */
const CAPITAL = 0.72;
export const PLAIN_CUT: Cut = { stretch: 1, weight: 0, tracking: 0.02 };

/** @param size em height in user units */
export function letter(face: Face, text: string, size: number, fill: string, cut: Cut = PLAIN_CUT): Lettering {
  if (typeof face === 'object') {
    const height = size * CAPITAL;
    const struck = strike({ ...face, gap: face.gap + cut.tracking, thickness: face.thickness + cut.weight }, text);
    return {
      svg: `<g stroke="${fill}" transform="scale(${height.toFixed(3)})">${struck.svg}</g>`,
      width: struck.width * height,
    };
  }
  const font = load(face);
  const scale = size / font.unitsPerEm;
  const run = font.layout(text);
  let x = 0;
  const paths = run.glyphs.map((glyph, index) => {
    const position = run.positions[index];
    const dx = x + (position?.xOffset ?? 0) * scale;
    const dy = -(position?.yOffset ?? 0) * scale;
    const advance = position?.xAdvance ?? 0;
    x += (advance + (advance > 0 ? cut.tracking * font.unitsPerEm : 0)) * scale;
    const outline = glyph.path.toSVG();
    const place = `translate(${dx.toFixed(2)} ${dy.toFixed(2)}) scale(${scale.toFixed(5)} ${(-scale).toFixed(5)})`;
    return outline === '' ? '' : `<path transform="${place}" d="${outline}"/>`;
  });
  const thick = (cut.weight * font.unitsPerEm).toFixed(0);
  const stroke = cut.weight === 0 ? '' : ` stroke="${fill}" stroke-linejoin="round" stroke-width="${thick}"`;
  return { svg: `<g fill="${fill}"${stroke}>${paths.join('')}</g>`, width: x };
}

export interface LineAt {
  readonly centre: number;
  readonly baseline: number;
  readonly size: number;
  /** At most so wide: narrowed where it would be wider. */
  readonly width: number;
}

/** What stands at a `^` of a line, between letters: drawn around (0, 0), one unit high. */
export type Emblem = string;

/** Set in a box: centred on `centre`, its base line at `baseline`; each `^` of the text becomes the emblem. */
export function setLine(
  face: Face,
  text: string,
  at: LineAt,
  fill: string,
  cut: Cut = PLAIN_CUT,
  emblem: Emblem = '',
): string {
  const gap = at.size * 0.5;
  let x = 0;
  const parts = text.split('^').map((part, index) => {
    let before = '';
    if (index > 0) {
      before = `<g transform="translate(${(x + gap / 2).toFixed(1)} ${(-at.size * 0.35).toFixed(1)}) scale(${(at.size * 0.36).toFixed(1)})">${emblem}</g>`;
      x += gap;
    }
    const { svg, width } = letter(face, part, at.size, fill, cut);
    const placed = `${before}<g transform="translate(${x.toFixed(2)} 0)">${svg}</g>`;
    x += width;
    return placed;
  });
  const squeeze = Math.min(cut.stretch, at.width / Math.max(x, 1));
  const left = at.centre - (x * squeeze) / 2;
  return `<g transform="translate(${left.toFixed(2)} ${at.baseline}) scale(${squeeze.toFixed(4)} 1)">${parts.join('')}</g>`;
}
