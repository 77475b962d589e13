/** One plate as SVG, in tenths of a millimetre: sizes, colours and lines of `core/plates/facts`. */
import { plateClasses, provinceByCode } from '../plates/plates.ts';
import { setLine, type Face } from './lettering.ts';

export interface PlateText {
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  readonly issuingEntity: string | null;
  readonly countryCode: string;
  readonly plateType: string | null;
}

export interface PlateDrawing {
  /** Elements for a drawing of this size, origin at the top left. */
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

const INK: Readonly<Record<string, string>> = {
  black: '#15161a',
  white: '#f7f7f2',
  blue: '#1b3f94',
  green: '#0c6b3c',
  red: '#b01f24',
};
const SHEET: Readonly<Record<string, string>> = {
  white: '#f4f4ef',
  yellow: '#f3c21b',
  green: '#11703f',
  red: '#c3282d',
  orange: '#ee8a2a',
  blue: '#a9cdea',
};

const sheet = (width: number, height: number, fill: string, line: string): string => `
  <rect width="${width}" height="${height}" rx="70" fill="${fill}"/>
  <rect x="38" y="38" width="${width - 76}" height="${height - 76}" rx="46" fill="none" stroke="${line}" stroke-width="20" opacity="0.9"/>`;

const bolts = (width: number, y: number): string =>
  [0.14, 0.86]
    .map(
      (share) =>
        `<circle cx="${width * share}" cy="${y}" r="34" fill="#8d9094"/><circle cx="${width * share - 6}" cy="${y - 8}" r="18" fill="#c6c9cc"/>`,
    )
    .join('');

const isLandTransport = (plate: PlateText): boolean => plate.plateType?.startsWith('LT-') === true;

function thaiPlate(plate: PlateText, face: Face): PlateDrawing {
  const known = plateClasses.find(({ id }) => id === plate.plateType);
  const fill = SHEET[known?.background ?? 'white'] ?? '#f4f4ef';
  const ink = INK[known?.text ?? 'black'] ?? '#15161a';
  const province = provinceByCode(plate.issuingEntity)?.nameTh ?? '';
  const { series, serial, plateNumber } = plate;
  if (plate.plateType === 'RY12' || plate.plateType === 'RY17') {
    const [width, height] = [2200, 1720];
    const at = (baseline: number, size: number): { centre: number; baseline: number; size: number; width: number } => ({
      centre: width / 2,
      baseline,
      size,
      width: width - 260,
    });
    const lines = [
      setLine(face, series ?? plateNumber, at(590, 640), ink),
      setLine(face, province, at(900, 320), ink, 0),
      setLine(face, serial ?? '', at(1540, 760), ink),
    ];
    return { svg: sheet(width, height, fill, ink) + lines.join(''), width, height };
  }
  const [width, height] = [3400, 1500];
  const text =
    series === null || serial === null
      ? plateNumber
      : isLandTransport(plate)
        ? `${series}-${serial}`
        : `${series} ${serial}`;
  const top = isLandTransport(plate)
    ? setLine('overpass', 'THAILAND', { centre: width / 2, baseline: 330, size: 230, width: 1600 }, ink, 0.12)
    : '';
  const line = isLandTransport(plate)
    ? setLine(face, text, { centre: width / 2, baseline: 950, size: 760, width: width - 360 }, ink)
    : setLine(face, text, { centre: width / 2, baseline: 890, size: 960, width: width - 320 }, ink);
  const below = setLine(face, province, { centre: width / 2, baseline: 1320, size: 400, width: 2300 }, ink, 0);
  return { svg: sheet(width, height, fill, ink) + bolts(width, 190) + top + line + below, width, height };
}

function europeanPlate(plate: PlateText): PlateDrawing {
  const [width, height] = [5200, 1100];
  const stars = Array.from({ length: 12 }, (_, i) => {
    const angle = (i / 12) * 2 * Math.PI;
    return `<circle cx="${250 + 120 * Math.sin(angle)}" cy="${330 - 120 * Math.cos(angle)}" r="24" fill="#f7d117"/>`;
  });
  const text = plate.series === null || plate.serial === null ? plate.plateNumber : `${plate.series} ${plate.serial}`;
  const svg = `
    <rect width="${width}" height="${height}" rx="110" fill="#15161a"/>
    <rect x="40" y="40" width="${width - 80}" height="${height - 80}" rx="80" fill="#f6f6f2"/>
    <path d="M120 40h340v1020h-340q-80 0-80-80v-860q0-80 80-80z" fill="#1d3f9b"/>${stars.join('')}
    ${setLine('overpass', plate.countryCode, { centre: 250, baseline: 930, size: 330, width: 300 }, '#f6f6f2', 0)}
    ${setLine('barlow', text, { centre: (width + 460) / 2, baseline: 890, size: 1060, width: width - 900 }, '#15161a', 0.06)}`;
  return { svg, width, height };
}

function latinPlate(plate: PlateText): PlateDrawing {
  const isMalaysian = plate.countryCode === 'MY' || plate.countryCode === 'SG';
  const isAmerican = plate.countryCode === 'US';
  const [width, height] = isAmerican ? [3050, 1520] : [4000, 1100];
  const [fill, ink] = isMalaysian
    ? ['#17181b', '#f6f6f2']
    : isAmerican
      ? ['#eef3f8', '#1c3f7a']
      : ['#f4f4ef', '#15161a'];
  const text = plate.series === null || plate.serial === null ? plate.plateNumber : `${plate.series} ${plate.serial}`;
  const state = isAmerican
    ? setLine(
        'overpass',
        'SUNSHINE COAST',
        { centre: width / 2, baseline: 300, size: 220, width: 2200 },
        '#a3342e',
        0.1,
      )
    : '';
  const line = isAmerican
    ? setLine('barlow', text, { centre: width / 2, baseline: 1150, size: 1080, width: width - 360 }, ink, 0.05)
    : setLine('barlow', text, { centre: width / 2, baseline: 860, size: 930, width: width - 400 }, ink, 0.07);
  return { svg: sheet(width, height, fill, ink) + state + line + (isAmerican ? bolts(width, 130) : ''), width, height };
}

const EUROPEAN = ['DE', 'FR', 'IT', 'ES', 'NL', 'PL', 'AT', 'BE', 'PT', 'SE', 'FI', 'DK', 'CZ', 'RO', 'HU'];

export function drawPlate(plate: PlateText, face: Face): PlateDrawing {
  if (plate.countryCode === 'TH') return thaiPlate(plate, face);
  return EUROPEAN.includes(plate.countryCode) ? europeanPlate(plate) : latinPlate(plate);
}
