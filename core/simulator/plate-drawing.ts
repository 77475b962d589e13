/** One plate as SVG, in tenths of a millimetre: sizes, colours and lines of `core/plates/facts`. */
import { plateClasses, provinceByCode } from '../plates/plates.ts';
import { setLine, type LineAt } from './lettering.ts';
import type { Look } from './look.ts';
import type { Random } from './random.ts';

export interface PlateText {
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  readonly issuingEntity: string | null;
  readonly countryCode: string;
  readonly plateType: string | null;
  /** What stands on each line, `^` for an emblem; absent: series and serial as the kind of plate has them. */
  readonly lines?: readonly string[];
}

export type Sheet = 'white' | 'yellow' | 'green' | 'red' | 'orange' | 'blue' | 'black' | 'picture';
export type Ink = 'black' | 'white' | 'blue' | 'green' | 'red' | 'yellow';

export interface PlateDrawing {
  /** Elements for a drawing of this size, origin at the top left. */
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly sheet: Sheet;
  readonly ink: Ink;
}

const INK: Readonly<Record<Ink, string>> = {
  black: '#15161a',
  white: '#f7f7f2',
  blue: '#1b3f94',
  green: '#0c6b3c',
  red: '#b01f24',
  yellow: '#e8c23a',
};
const SHEET: Readonly<Record<Sheet, string>> = {
  white: '#f4f4ef',
  yellow: '#f3c21b',
  green: '#11703f',
  red: '#c3282d',
  orange: '#ee8a2a',
  blue: '#a9cdea',
  black: '#17181b',
  picture: '#dfe9ee',
};

const isSheet = (name: string): name is Sheet => name in SHEET;
const isInk = (name: string): name is Ink => name in INK;

interface Base {
  readonly width: number;
  readonly height: number;
  readonly sheet: Sheet;
  readonly ink: Ink;
  /** Replaces the sheet's own colour. */
  readonly fill?: string;
  readonly radius?: number;
}

/** The bare sheet with what is printed behind the text. */
function sheetOf({ width, height, sheet, ink, fill, radius = 70 }: Base, look: Look): string {
  const colour = fill ?? SHEET[sheet];
  const picture = look.backdrop
    ? `<svg width="${width}" height="${height}" viewBox="0 0 1 1" preserveAspectRatio="none">${look.backdrop}</svg>`
    : '';
  const border = look.hasBorder
    ? `<rect x="38" y="38" width="${width - 76}" height="${height - 76}" rx="46" fill="none" stroke="${INK[ink]}" stroke-width="20" opacity="0.9"/>`
    : '';
  return `<rect width="${width}" height="${height}" rx="${radius}" fill="${colour}"/>${picture}${border}`;
}

/** What is screwed on and put around, over everything else. */
function fittings({ width, height }: Base, look: Look, boltsAt: number): string {
  const bolt = (x: number, y: number): string =>
    `<circle cx="${x}" cy="${y}" r="34" fill="#8d9094"/><circle cx="${x - 6}" cy="${y - 8}" r="18" fill="#c6c9cc"/>`;
  const bolts = look.hasBolts ? bolt(width * 0.14, boltsAt) + bolt(width * 0.86, boltsAt) : '';
  if (look.frame === null) return bolts;
  const thick = 20 + look.frame.covers * 1000;
  // Only above a printed line there is room for a second name.
  const top = height < 1400 ? thick : Math.max(thick, look.frame.coversTop * height);
  const foot = height < 1400 ? thick : Math.max(thick, look.frame.coversFoot * height);
  const bar = `<rect width="${width}" height="${top}" fill="${look.frame.colour}"/><rect y="${height - foot}" width="${width}" height="${foot}" fill="${look.frame.colour}"/>`;
  const named = (baseline: number, size: number): string =>
    setLine(
      look.smallFace,
      look.frame?.text ?? '',
      { centre: width / 2, baseline, size, width: width * 0.8 },
      '#d8d8d8',
    );
  const name = look.frame.text
    ? named(height - foot * 0.18, foot * 0.9) + (top > 60 ? named(top * 0.82, top * 0.9) : '')
    : '';
  return `${bolts}<rect x="${thick / 2}" y="${thick / 2}" width="${width - thick}" height="${height - thick}" rx="60" fill="none" stroke="${look.frame.colour}" stroke-width="${thick}"/>${bar}${name}`;
}

const line = (look: Look, text: string, at: LineAt, ink: string, emblem = ''): string =>
  setLine(
    look.face,
    text,
    { ...at, centre: at.centre + look.shift[0], baseline: at.baseline + look.shift[1], size: at.size * look.size },
    ink,
    look.cut,
    emblem,
  );
const small = (look: Look, text: string, at: LineAt, ink: string): string =>
  setLine(look.smallFace, text, { ...at, size: at.size * look.smallSize }, ink, look.smallCut);

const together = ({ series, serial, plateNumber, lines }: PlateText, between: string): readonly string[] =>
  lines ?? [series === null || serial === null ? plateNumber : `${series}${between}${serial}`];

const isLandTransport = (plate: PlateText): boolean => plate.plateType?.startsWith('LT-') === true;

function thaiPlate(plate: PlateText, look: Look): PlateDrawing {
  const known = plateClasses.find(({ id }) => id === plate.plateType);
  const background = known?.background ?? 'white';
  const foreground = known?.text ?? 'black';
  const colours = {
    sheet: look.backdrop ? 'picture' : isSheet(background) ? background : 'white',
    ink: isInk(foreground) ? foreground : 'black',
  } as const;
  const ink = INK[colours.ink];
  const province = provinceByCode(plate.issuingEntity)?.nameTh ?? '';
  const { series, serial, plateNumber } = plate;
  if (plate.plateType === 'RY12' || plate.plateType === 'RY17') {
    const base: Base = { width: 2200, height: 1720, ...colours };
    const at = (baseline: number, size: number): LineAt => ({ centre: 1100, baseline, size, width: 1940 });
    const lines = [
      line(look, series ?? plateNumber, at(590, 640), ink),
      small(look, province, at(900, 320), ink),
      line(look, serial ?? '', at(1540, 760), ink),
    ];
    return { ...base, svg: sheetOf(base, look) + lines.join('') + fittings(base, look, 190) };
  }
  const base: Base = { width: 3400, height: 1500, ...colours };
  const { width } = base;
  const isTruck = isLandTransport(plate);
  const [text = plateNumber] = together(plate, isTruck || plate.plateType === 'red' ? '-' : ' ');
  const year = look.random ? ` ${String(look.random.whole(1, 96)).padStart(2, '0')}` : '';
  const top = isTruck
    ? small(look, `THAILAND${year}`, { centre: width / 2, baseline: 330, size: 230, width: 1800 }, ink)
    : '';
  const main = isTruck
    ? line(look, text, { centre: width / 2, baseline: 950, size: 760, width: width - 360 }, ink)
    : line(look, text, { centre: width / 2, baseline: 890, size: 960, width: width - 320 }, ink);
  const below = small(look, province, { centre: width / 2, baseline: 1320, size: 400, width: 2500 }, ink);
  const stamp = `<circle cx="${isTruck ? 380 : width - 420}" cy="1230" r="70" fill="none" stroke="${isTruck ? ink : '#9a9c98'}" stroke-width="14" opacity="0.7"/>`;
  return {
    ...base,
    svg: sheetOf(base, look) + top + main + below + (look.random ? stamp : '') + fittings(base, look, 190),
  };
}

const SHIELD =
  '<path d="M-.5-.6h1v.7q0 .45-.5.65q-.5-.2-.5-.65z" fill="#d5303a"/><path d="M-.45.3h.9q-.1.3-.45.43q-.35-.13-.45-.43z" fill="#2a4da0"/><path d="M-.08-.4h.16v.7h-.16zM-.25-.2h.5v.12h-.5z" fill="#fff"/>';
const SEALS = '<circle cy="-.5" r=".42" fill="#7a8f3c"/><circle cy=".55" r=".5" fill="#7d8791"/>';

/** A shield, seals, inspection marks about a hyphen: what stands between the groups of European plates. */
function emblemOf(look: Look): string {
  const { random } = look;
  if (random === null) return SEALS;
  const spot = (y: number): string =>
    `<circle cy="${y}" r="${random.between(0.25, 0.42).toFixed(2)}" fill="${random.pick(['#d9532c', '#2f8f4e', '#e08a2a', '#3b5fa8', '#8a9096'])}"/>`;
  const hyphen = '<rect x="-.5" y="-.1" width="1" height=".24" fill="#15161a"/>';
  return random.pick([
    SHIELD,
    SHIELD,
    SEALS,
    '<circle r=".16" fill="#15161a"/>',
    spot(-0.75) + hyphen + spot(0.75),
    spot(-0.7) + hyphen,
    spot(-0.5) + spot(0.5),
    hyphen,
    '',
  ]);
}

function europeanPlate(plate: PlateText, look: Look): PlateDrawing {
  const lines = together(plate, ' ');
  const isTall = lines.length > 1;
  const isYellow =
    plate.countryCode === 'NL' ||
    plate.countryCode === 'LU' ||
    (plate.countryCode === 'GB' && (look.random?.chance(0.5) ?? false));
  const isRed = plate.countryCode === 'BE';
  const base: Base = {
    width: isTall ? 2800 : 5200,
    height: isTall ? 2000 : 1100,
    sheet: isYellow ? 'yellow' : 'white',
    ink: isRed ? 'red' : 'black',
    radius: 110,
  };
  const { width, height } = base;
  const hasBand = look.random ? look.random.chance(0.72) : true;
  const stars = Array.from({ length: 12 }, (_, i) => {
    const angle = (i / 12) * 2 * Math.PI;
    return `<circle cx="${250 + 120 * Math.sin(angle)}" cy="${330 - 120 * Math.cos(angle)}" r="24" fill="#f7d117"/>`;
  });
  const band = hasBand
    ? `<path d="M120 40h340v${height - 80}h-340q-80 0-80-80v-${height - 240}q0-80 80-80z" fill="#1d3f9b"/>${stars.join('')}
    ${setLine('overpass', plate.countryCode === 'GB' ? 'GB' : plate.countryCode.charAt(0) === 'D' ? 'D' : plate.countryCode, { centre: 250, baseline: height - 170, size: 330, width: 300 }, '#f6f6f2')}`
    : '';
  // Older plates have arms and the country's letters on the white sheet instead of the band.
  const hasArms = !hasBand && (look.random?.chance(0.6) ?? false);
  const arms = hasArms
    ? `<g transform="translate(250 ${height * 0.3}) scale(${height * 0.2})">${SHIELD}</g>${setLine('overpass', plate.countryCode, { centre: 250, baseline: height - 170, size: 260, width: 260 }, INK[base.ink])}`
    : '';
  const left = hasBand || hasArms ? 460 : 60;
  const at = (index: number): LineAt => ({
    centre: (width + left) / 2,
    baseline: isTall ? 890 + index * 880 : 890,
    size: isTall ? 960 : 1060,
    width: width - left - 240,
  });
  const wide: Look = look.random
    ? { ...look, cut: { ...look.cut, tracking: look.cut.tracking + 0.03 } }
    : { ...look, cut: { ...look.cut, tracking: 0.06 } };
  const text = lines.map((content, index) => line(wide, content, at(index), INK[base.ink], emblemOf(look)));
  const rim = `<rect width="${width}" height="${height}" rx="110" fill="#15161a"/><rect x="40" y="40" width="${width - 80}" height="${height - 80}" rx="80" fill="${SHEET[base.sheet]}"/>`;
  const bare = look.hasBorder ? rim : sheetOf(base, look);
  return { ...base, svg: bare + band + arms + text.join('') + fittings(base, { ...look, hasBolts: false }, 100) };
}

const STATES: readonly [string, ...string[]] = [
  'California',
  'Missouri',
  'ILLINOIS',
  'New York',
  'TEXAS',
  'Florida',
  'KANSAS',
  'Ohio',
  'Virginia',
  'WASHINGTON',
  'New Jersey',
  'MICHIGAN',
  'Oregon',
  'Vermont',
  'Georgia',
  'ARIZONA',
  'Nevada',
  'Maine',
];
const SLOGANS: readonly [string, ...string[]] = [
  'Show-Me State',
  'GARDEN STATE',
  'Land of Plenty',
  'www.state.gov',
  'EMPIRE STATE',
  'Discover the Spirit',
  '',
  '',
  'Ocean State',
  'SUNSHINE COAST',
];
const AMERICAN_INK: readonly [Ink, ...Ink[]] = ['blue', 'blue', 'black', 'green', 'red', 'blue', 'white', 'yellow'];

/** The picture in the middle of an American plate: a map, a fruit, a badge. */
function stateMark({ random }: Look): string {
  if (random === null) return '<circle r=".45" fill="#b5513f"/>';
  const fill = random.pick(['#b5513f', '#e08a2a', '#2f6f4e', '#3155a8', '#8a9096', '#7b2f3c', '#1f2226']);
  const size = random.between(0.3, 1.1);
  const count = random.whole(4, 9);
  const points = Array.from({ length: count }, (_, i) => {
    const angle = (i / count) * 2 * Math.PI;
    const reach = size * random.between(0.5, 1);
    return `${(reach * 0.9 * Math.cos(angle)).toFixed(2)},${(reach * Math.sin(angle)).toFixed(2)}`;
  });
  return random.chance(0.4)
    ? `<circle r="${(size * 0.7).toFixed(2)}" fill="${fill}"/>`
    : `<polygon points="${points.join(' ')}" fill="${fill}"/>`;
}

/** One unit around (0, 0): a person in a wheelchair, a society's disc with a letter, or shapes. */
function sidePicture(look: Look, random: Random, ink: string): string {
  const dice = random.next();
  if (dice < 0.25) {
    const sheet = random.chance(0.5) ? '<rect x="-.9" y="-1.1" width="1.8" height="2.2" rx=".15" fill="#1d4f9b"/>' : '';
    const line = sheet === '' ? ink : '#f4f4ef';
    return `${sheet}<g fill="none" stroke="${line}" stroke-width=".17" stroke-linecap="round"><circle cx="-.1" cy=".42" r=".48"/><path d="M-.2-.5V.2H.35L.6.85M-.2-.15H.3"/></g><circle cx="-.2" cy="-.8" r=".17" fill="${line}"/>`;
  }
  if (dice < 0.6) {
    const [outer, inner] = [
      random.pick(['#1d3f7a', '#8a1f2b', '#1f6b3c', '#2b2b2e', '#b58a2a']),
      random.pick(['#f4f4ef', '#e8c23a', '#d8d8d8']),
    ];
    const letter = 'ABCDEFGHKLMNOPRSTUVWXY'.charAt(random.whole(0, 21));
    const text = random.chance(0.7)
      ? setLine(look.smallFace, letter, { centre: 0, baseline: 0.32, size: 0.95, width: 1 }, outer, look.smallCut)
      : stateMark(look);
    return `<circle r="1" fill="${outer}"/><circle r=".72" fill="${inner}"/>${text}`;
  }
  return Array.from({ length: random.whole(1, 5) }, () => stateMark(look))
    .map(
      (mark) =>
        `<g transform="translate(${random.between(-0.5, 0.5).toFixed(2)} ${random.between(-0.8, 0.8).toFixed(2)}) scale(${random.between(0.4, 1).toFixed(2)})">${mark}</g>`,
    )
    .join('');
}

/** Beside the number of some American plates, on its left or right: a picture, or two or three small letters one above the other. */
function sideMark(
  look: Look,
  random: Random,
  base: Base,
  ink: string,
): { readonly svg: string; readonly left: number; readonly right: number } {
  const none = { svg: '', left: 0, right: 0 };
  const dice = random.next();
  if (dice > 0.45) return none;
  const isLeft = random.chance(0.7);
  const isPicture = dice < 0.28;
  const wide = base.width * (isPicture ? random.between(0.16, 0.28) : random.between(0.09, 0.13));
  const centre = isLeft ? 130 + wide / 2 : base.width - 130 - wide / 2;
  const room = isLeft ? { left: wide, right: 0 } : { left: 0, right: wide };
  if (isPicture) {
    const at = `translate(${centre} ${random.between(700, 850)}) scale(${wide * random.between(0.36, 0.46)})`;
    return { svg: `<g transform="${at}">${sidePicture(look, random, ink)}</g>`, ...room };
  }
  const letters = Array.from({ length: random.whole(2, 3) }, () => 'ABCDEFGHKLMNPRSTVWXY'.charAt(random.whole(0, 19)));
  const step = 720 / letters.length;
  const stacked = letters.map((letter, index) =>
    setLine(
      look.face,
      letter,
      { centre, baseline: 430 + (index + 0.85) * step, size: step * 1.15, width: wide },
      ink,
      look.cut,
    ),
  );
  return { svg: stacked.join(''), ...room };
}

function americanPlate(plate: PlateText, look: Look): PlateDrawing {
  const { random } = look;
  const inkName: Ink = random ? random.pick(AMERICAN_INK) : 'blue';
  const isDark = inkName === 'white' || inkName === 'yellow';
  const dark: Sheet = random ? random.pick(['blue', 'green', 'black', 'red'] as const) : 'blue';
  const base: Base = {
    width: 3050,
    height: 1520,
    sheet: look.backdrop && !isDark ? 'picture' : isDark ? dark : 'white',
    ink: inkName,
    ...(isDark && dark === 'blue' && { fill: '#23408c' }),
  };
  const { width, height } = base;
  const shown: Look = isDark ? { ...look, backdrop: null } : look;
  const ink = INK[inkName];
  const title = random ? random.pick([ink, '#a3342e', '#1c3f7a']) : '#a3342e';
  const side = random ? sideMark(look, random, base, ink) : { svg: '', left: 0, right: 0 };
  const parts = [
    small(
      look,
      random ? random.pick(STATES) : 'SUNSHINE COAST',
      { centre: width / 2, baseline: 290, size: 300, width: 1500 },
      isDark ? ink : title,
    ),
    random
      ? small(
          look,
          random.pick(SLOGANS),
          { centre: width / 2, baseline: height - 80, size: 200, width: 1900 },
          isDark ? ink : title,
        )
      : '',
    line(
      look,
      together(plate, ' ')[0] ?? plate.plateNumber,
      {
        centre: (width + side.left - side.right) / 2,
        baseline: 1170,
        size: random ? random.between(950, 1200) : 1130,
        width: width - 240 - (side.left + side.right) * 1.1,
      },
      ink,
      stateMark(look),
    ),
    side.svg,
  ];
  const sticker = (x: number, y: number): string =>
    `<rect x="${x}" y="${y}" width="380" height="230" fill="${random?.pick(['#c8372d', '#f3e03a', '#2f8f4e', '#e8e8e8', '#3155a8'])}"/>${setLine('overpass', String(random?.whole(1, 12)), { centre: x + 190, baseline: y + 180, size: 190, width: 300 }, '#1a1a1a')}`;
  const stickers = random
    ? [
        [90, 80],
        [width - 470, 80],
        [90, height - 320],
        [width - 470, height - 320],
      ]
        .filter(() => random.chance(0.3))
        .map(([x = 0, y = 0]) => sticker(x, y))
    : [];
  return { ...base, svg: sheetOf(base, shown) + parts.join('') + stickers.join('') + fittings(base, look, 130) };
}

const TOWNS: readonly [string, ...string[]] = [
  'SP-SAO PAULO',
  'BA-SALVADOR',
  'RJ-RIO DE JANEIRO',
  'MG-BELO HORIZONTE',
  'DF-BRASILIA',
  'GO-GOIANIA',
  'PR-CURITIBA',
];

function brazilianPlate(plate: PlateText, look: Look): PlateDrawing {
  const lines = together(plate, '-');
  const isMercosur = /^[A-Z]{3}\d[A-Z]\d\d$|^[A-Z]{2}\d{3}[A-Z]{2}$/.test(plate.plateNumber);
  const isTall = lines.length > 1;
  const random = look.random;
  // Argentina until 2016: white on black, with a white rim.
  const isBlack = !isMercosur && plate.countryCode === 'AR';
  const isHire = !isMercosur && !isBlack && (random?.chance(0.15) ?? false);
  const base: Base = {
    width: isBlack ? 2940 : isTall ? 2000 : 4000,
    height: isTall ? 1700 : 1300,
    sheet: isBlack ? 'black' : isHire ? 'red' : 'white',
    ink: isBlack || isHire ? 'white' : 'black',
    ...(!isMercosur &&
      !isBlack &&
      !isHire && { fill: random ? random.pick(['#b9bcbd', '#c9cbca', '#a9adae', '#d9dad6']) : '#b9bcbd' }),
  };
  const { width, height } = base;
  const ink = INK[base.ink];
  const top = isMercosur
    ? `<rect x="30" y="30" width="${width - 60}" height="270" fill="#1d3f9b"/>${small(look, plate.countryCode === 'AR' ? 'REPUBLICA ARGENTINA' : 'BRASIL', { centre: width / 2, baseline: 240, size: 230, width: width * 0.5 }, '#f4f4ef')}`
    : small(
        look,
        isBlack ? 'ARGENTINA' : random ? random.pick(TOWNS) : 'SP-SAO PAULO',
        { centre: width / 2, baseline: isBlack ? 215 : 260, size: 210, width: width * 0.6 },
        isBlack ? '#33373d' : ink,
      );
  const rim = isBlack
    ? `<path d="M0 0H${width}V${height}H0ZM190 260V${height - 190}H${width - 190}V260Z" fill="#ecece6" fill-rule="evenodd"/>`
    : '';
  const at = (index: number): LineAt => ({
    centre: width / 2,
    baseline: isTall ? 900 + index * 680 : isBlack ? height - 270 : height - 190,
    size: isTall ? 760 : isBlack ? 1000 : 1130,
    width: width - (isBlack ? 480 : 220),
  });
  const mark = isBlack
    ? `<rect x="-.35" y="-.35" width=".7" height=".7" rx=".1" fill="none" stroke="${ink}" stroke-width=".18"/>`
    : `<circle r=".2" fill="${ink}"/>`;
  const text = lines.map((content, index) => line(look, content, at(index), ink, mark));
  return { ...base, svg: sheetOf(base, look) + rim + top + text.join('') + fittings(base, look, 170) };
}

const DARK = ['MY', 'SG', 'ID'];

/** Everything else: a sheet with one or two lines. */
function latinPlate(plate: PlateText, look: Look): PlateDrawing {
  const isDark = DARK.includes(plate.countryCode) && (look.random ? look.random.chance(0.85) : true);
  const lines = together(plate, ' ');
  const isTall = lines.length > 1;
  const random = look.random;
  const base: Base = {
    width: isTall ? 2400 : 4300,
    height: isTall ? 1800 : 1100,
    sheet: isDark ? 'black' : random?.chance(0.12) ? 'yellow' : 'white',
    ink: isDark ? 'white' : random?.chance(0.12) ? 'blue' : 'black',
  };
  const { width } = base;
  const at = (index: number): LineAt => ({
    centre: width / 2,
    baseline: isTall ? 790 + index * 800 : 880,
    size: isTall ? 880 : 980,
    width: width - 300,
  });
  const text = lines.map((content, index) =>
    line(look, content, at(index), INK[base.ink], '<circle r=".2" fill="#15161a"/>'),
  );
  return {
    ...base,
    svg:
      sheetOf(base, look) +
      text.join('') +
      fittings(base, { ...look, hasBolts: look.hasBolts && random !== null }, 150),
  };
}

const LATIN_ONE_SHEET = ['MY', 'SG', 'VN', 'ID', 'PH', 'KH', 'LA', 'MM', 'IN', 'CN', 'JP', 'UY', 'PY'];

export function drawPlate(plate: PlateText, look: Look): PlateDrawing {
  switch (plate.countryCode) {
    case 'TH':
      return thaiPlate(plate, look);
    case 'US':
      return americanPlate(plate, look);
    case 'BR':
    case 'AR':
      return brazilianPlate(plate, look);
    default:
      return LATIN_ONE_SHEET.includes(plate.countryCode) ? latinPlate(plate, look) : europeanPlate(plate, look);
  }
}
