/** Text as outlines out of bundled fonts: nothing depends on what the machine has installed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';

const require = createRequire(import.meta.url);

const FILES = {
  sarabun: '@expo-google-fonts/sarabun/700Bold/Sarabun_700Bold.ttf',
  looped: '@expo-google-fonts/noto-sans-thai-looped/700Bold/NotoSansThaiLooped_700Bold.ttf',
  kanit: '@expo-google-fonts/kanit/500Medium/Kanit_500Medium.ttf',
  barlow: '@expo-google-fonts/barlow-condensed/600SemiBold/BarlowCondensed_600SemiBold.ttf',
  overpass: '@expo-google-fonts/overpass/700Bold/Overpass_700Bold.ttf',
} as const;
export type Face = keyof typeof FILES;

const fonts = new Map<Face, Font>();

function load(face: Face): Font {
  let font = fonts.get(face);
  if (font === undefined) {
    const opened = create(readFileSync(require.resolve(FILES[face])));
    if (!('layout' in opened)) throw new Error(`${FILES[face]} is a collection, not a font`);
    fonts.set(face, (font = opened));
  }
  return font;
}

export interface Lettering {
  /** SVG `path` elements, origin at the left end of the base line. */
  readonly svg: string;
  readonly width: number;
}

/** @param size em height in user units; `tracking` is added behind each letter, in ems */
export function letter(face: Face, text: string, size: number, fill: string, tracking = 0): Lettering {
  const font = load(face);
  const scale = size / font.unitsPerEm;
  const run = font.layout(text);
  let x = 0;
  const paths = run.glyphs.map((glyph, index) => {
    const position = run.positions[index];
    const dx = x + (position?.xOffset ?? 0) * scale;
    const dy = -(position?.yOffset ?? 0) * scale;
    x += ((position?.xAdvance ?? 0) + ((position?.xAdvance ?? 0) > 0 ? tracking * font.unitsPerEm : 0)) * scale;
    const outline = glyph.path.toSVG();
    const place = `translate(${dx.toFixed(2)} ${dy.toFixed(2)}) scale(${scale.toFixed(5)} ${(-scale).toFixed(5)})`;
    return outline === '' ? '' : `<path transform="${place}" d="${outline}"/>`;
  });
  return { svg: `<g fill="${fill}">${paths.join('')}</g>`, width: x };
}

/** Set in a box: centred on `centre`, its base line at `baseline`, narrowed when wider than `width`. */
export function setLine(
  face: Face,
  text: string,
  at: { readonly centre: number; readonly baseline: number; readonly size: number; readonly width: number },
  fill: string,
  tracking = 0.02,
): string {
  const { svg, width } = letter(face, text, at.size, fill, tracking);
  const squeeze = Math.min(1, at.width / Math.max(width, 1));
  const left = at.centre - (width * squeeze) / 2;
  return `<g transform="translate(${left.toFixed(2)} ${at.baseline}) scale(${squeeze.toFixed(4)} 1)">${svg}</g>`;
}
