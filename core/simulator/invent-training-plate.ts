/** Plates of all kinds that the reader shall know, in the mix that it is trained on: wider than any road's. */
import { provinces } from '../plates/plates.ts';
import { inventDie } from './die.ts';
import type { Face } from './lettering.ts';
import { inventBackdrop, inventLook, type Look } from './look.ts';
import type { PlateText } from './plate-drawing.ts';
import type { Random } from './random.ts';

export interface TrainingFaces {
  readonly thai: readonly [Face, ...Face[]];
  readonly latin: readonly [Face, ...Face[]];
  /** For what is printed beside a Latin number: the name of a state, a town, a slogan. */
  readonly print: readonly [Face, ...Face[]];
}

/** L a letter, D a digit, `|` a new line, `^` an emblem; everything else stands as it is. */
const FORMS: readonly (readonly [country: string, weight: number, ...forms: string[]])[] = [
  [
    'US',
    30,
    'LLL^DDD',
    'LLL^DDDD',
    'DDD^LLL',
    'LLD^LDL',
    'LLL DDD',
    'LLL DDDD',
    'LLL-DDDD',
    'DLLLDDD',
    'DDD LLL',
    'DDD-LLL',
    'LL DDDDD',
    'LLDDDDD',
    'DDDDDD',
    'DDD DDD',
    'DDD^DDD',
    'DDD DDDD',
    'LL^DDDD',
    'LL DDDD',
    'DDDDD',
    'DDDDLL',
    'LDDDD',
    'DDDL',
    'DL LDDDL',
    'DL DDDDL',
    'D^DDDDDL',
    'LL^DDL',
    'LLDDD',
    'DLDDD',
    'LDD^LDD',
    'LLD^LDL',
    'LDD DDD',
    'LLD LDL',
    'LL^D LDL',
    'LLLDDD',
    'LLL^DDD',
    'DDLDDDD',
    'D LLDDD',
    'LL DDDD',
    'DDDD LL',
    'LD DLD',
    'LLDLDL',
    'LDDDDL',
    'VANITY',
    'VANITY',
  ],
  [
    'BR',
    18,
    'LLL-DDDD',
    'LLL-DDDD',
    'LLL-DDDD',
    'LLL^DDDD',
    'LLL^DDDD',
    'LLL DDDD',
    'LLL|DDDD',
    'LLLDLDD',
    'LLL DLDD',
    'LLL|DLDD',
  ],
  ['AR', 4, 'LLL DDD', 'LLL^DDD', 'LL DDD LL', 'LL|DDD|LL'],
  ['SK', 14, 'LL^DDDLL', 'LL^DDDLL', 'LL-DDDLL', 'LL^DDD LL', 'LL^DDD|LL'],
  ['CZ', 7, 'DLD^DDDD', 'DLD DDDD', 'DLL^DDDD', 'LLL DD-DD'],
  [
    'DE',
    8,
    'L^LL DDD',
    'LL^LL DDD',
    'LLL^LL DD',
    'LL^L DDD',
    'L^LL DDDD',
    'LL-LL DDD',
    'LLL-LLLD',
    'LL^LLDDD',
    'LL^|LL DDD',
  ],
  ['FR', 4, 'LL-DDD-LL', 'DDDD LL DD', 'LL-DDD|LL'],
  ['IT', 2, 'LL DDDLL', 'LL^DDDLL'],
  ['ES', 2, 'DDDD LLL', 'L DDDD LL'],
  ['NL', 2, 'DD-LL-LL', 'LL-DDD-L', 'L-DDD-LL'],
  ['PL', 3, 'LL DDDDD', 'LLL DDDD', 'LL^DDDLL', 'LL DDD|LL'],
  ['AT', 2, 'L^DDDDL', 'LL^DDDLL', 'L DDDDD L'],
  ['BE', 1, 'D-LLL-DDD', 'LLL-DDD'],
  ['PT', 2, 'DD-LL-DD', 'LL-DD-LL', 'DD-DD-LL'],
  ['SE', 1, 'LLL DDD', 'LLL DDL'],
  ['FI', 1, 'LLL-DDD', 'LL-DDD'],
  ['DK', 1, 'LL DD DDD'],
  ['RO', 4, 'L DD LLL', 'LL DD LLL', 'L DDD LLL', 'LL DDDDDD'],
  ['HU', 3, 'LLL-DDD', 'LLL^DDD'],
  ['GB', 4, 'LLDD LLL', 'LLDD LLL', 'LDDD LLL', 'LLDD|LLL'],
  ['IE', 1, 'DDD-L-DDDD', 'DD-LL-DDDD'],
  ['CH', 1, 'LL^DDDDDD', 'LL DDDDD'],
  ['NO', 1, 'LL DDDDD'],
  ['GR', 1, 'LLL-DDDD'],
  ['BG', 1, 'L DDDD LL', 'LL DDDD LL'],
  ['HR', 1, 'LL^DDD-LL', 'LL^DDDD-LL'],
  ['SI', 1, 'LL^LD-DDD', 'LL^DD-LLL'],
  ['LT', 1, 'LLL^DDD'],
  ['LV', 1, 'LL-DDDD'],
  ['EE', 1, 'DDD LLL'],
  ['MY', 6, 'LLL DDDD', 'LLL DDD', 'LL DDDD L', 'LLL|DDDD', 'LLL|DDD'],
  ['SG', 3, 'LLL DDDD L', 'LLL DDD L', 'LLL|DDDDL'],
  ['VN', 8, 'DDL-DDD.DD', 'DDL-DDDD', 'DDL|DDD.DD', 'DD-LD|DDD.DD', 'DD-LD|DDDD', 'DD-LL|DDD.DD', 'DDLL-DDD.DD'],
  ['ID', 3, 'L DDDD LL', 'L DDDD LLL', 'LL DDDD LL'],
  ['PH', 2, 'LLL DDDD', 'LLL DDD'],
  ['KH', 2, 'DL-DDDD', 'DLL-DDDD'],
  ['IN', 3, 'LL DD LL DDDD', 'LL DD L DDDD', 'LL DD LL|DDDD', 'LLDDLLDDDD'],
  ['UY', 1, 'LLL DDDD'],
  ['PY', 1, 'LLL DDD', 'LLLL DDD'],
];
const FORM_WEIGHTS = FORMS.map(([, weight]) => weight);

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** No plate of the American benchmark has the letter O; on American roads O and 0 look alike. */
const AMERICAN_LETTERS = LETTERS.replace('O', '');

function weighted(weights: readonly number[], random: Random): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => (left -= weight) < 0),
  );
}

const letterOf = (letters: string, random: Random): string => letters.charAt(random.whole(0, letters.length - 1));

function foreign(random: Random): PlateText {
  const [countryCode, , ...forms] = FORMS[weighted(FORM_WEIGHTS, random)] ?? ['US', 1, 'LLL DDD'];
  const letters = countryCode === 'US' ? AMERICAN_LETTERS : LETTERS;
  const form = forms[random.whole(0, forms.length - 1)] ?? 'LLL DDD';
  const filled =
    form === 'VANITY'
      ? Array.from({ length: random.whole(3, 7) }, () => (random.chance(0.12) ? 'D' : 'L')).join('')
      : form;
  const lines = filled
    .replace(/[LD]/g, (place) => (place === 'L' ? letterOf(letters, random) : String(random.whole(0, 9))))
    .split('|');
  const plateNumber = lines.join('').replace(/[^A-Z0-9]/g, '');
  return { plateNumber, series: null, serial: null, issuingEntity: null, countryCode, plateType: null, lines };
}

const CONSONANTS = 'กขคฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ';
const WORD_PARTS: readonly [string, ...string[]] = [
  'รวย',
  'ดี',
  'มี',
  'สุข',
  'เฮง',
  'โชค',
  'ชัย',
  'ทอง',
  'เงิน',
  'มั่ง',
  'คั่ง',
  'หล่อ',
  'สวย',
  'รัก',
  'เก่ง',
  'กล้า',
  'ไทย',
  'ใจ',
  'แก้ว',
  'พลัง',
  'สิงห์',
  'เสือ',
  'มังกร',
  'สติ',
  'กุศล',
  'บุญ',
  'เพชร',
  'ฟ้า',
  'น้ำ',
  'ภู',
  'ผา',
  'ศรี',
  'ยิ้ม',
  'นำ',
  'ปัง',
  'ซิ่ง',
  'ขวัญ',
  'เศรษฐี',
  'ป๊อป',
  'โต๋',
  'ณัฐ',
  'ธีร์',
  'อู่',
  'ฤดู',
];
const CLASSES: readonly [string, ...string[]] = [
  'RY1',
  'RY1',
  'RY1',
  'RY1',
  'RY2',
  'RY3',
  'RY3',
  'RY4',
  'RY5',
  'RY6',
  'RY7',
  'RY8',
  'RY9',
  'RY13',
];
const NO_MORE = 12;

function thai(random: Random): { readonly plate: PlateText; readonly isPrinted: boolean } {
  const issuingEntity = provinces[random.whole(0, provinces.length - 1)]?.code ?? 'TH-10';
  const consonants = (count: number): string =>
    Array.from({ length: count }, () => letterOf(CONSONANTS, random)).join('');
  const number = (digits: number): string => String(random.whole(1, 10 ** random.whole(1, digits) - 1));
  const of = (series: string, serial: string, plateType: string, isPrinted = false): ReturnType<typeof thai> => ({
    plate: { plateNumber: series + serial, series, serial, issuingEntity, countryCode: 'TH', plateType },
    isPrinted,
  });
  const dice = random.next();
  if (dice < 0.1) {
    const plateType = random.pick(['LT-truck-private', 'LT-truck-hire', 'LT-bus-hire', 'LT-bus-private']);
    return of(
      String(random.whole(10, random.chance(0.1) ? 799 : 99)),
      String(random.whole(0, 9999)).padStart(4, '0'),
      plateType,
    );
  }
  if (dice < 0.28) {
    const series = random.chance(0.6)
      ? `${random.whole(1, 9)}${consonants(2)}`
      : consonants(random.chance(0.7) ? 3 : 2);
    return of(series, number(4), random.chance(0.8) ? 'RY12' : 'RY17');
  }
  if (dice < 0.33) return of(consonants(random.whole(1, 2)), String(random.whole(0, 9999)).padStart(4, '0'), 'red');
  if (dice < 0.42) {
    const word = random.pick(WORD_PARTS) + (random.chance(0.6) ? random.pick(WORD_PARTS) : '');
    const serial = number(4);
    if (word.length + serial.length <= NO_MORE) return of(word.replace('ฤ', 'ร'), serial, 'personalised', true);
  }
  const lead = random.chance(0.5) ? String(random.whole(1, 9)) : '';
  return of(
    lead + consonants(2),
    random.chance(0.6) ? String(random.whole(1000, 9999)) : number(4),
    random.pick(CLASSES),
    random.chance(0.08),
  );
}

/** Of the foreign plates: struck with a die of their own; the others are set in a typeface. */
const DIE_SHARE = 0.6;

/** @param thaiShare of the plates, 0 to 1 */
export function inventTrainingPlate(
  random: Random,
  faces: TrainingFaces,
  thaiShare: number,
): { readonly plate: PlateText; readonly look: Look } {
  if (random.chance(thaiShare)) {
    const { plate, isPrinted } = thai(random);
    const look = inventLook(random, faces.thai, faces.thai);
    return { plate, look: isPrinted ? { ...look, backdrop: inventBackdrop(random) } : look };
  }
  const plate = foreign(random);
  const invented = inventLook(random, faces.latin, faces.print);
  const look = random.chance(DIE_SHARE) ? { ...invented, face: inventDie(random) } : invented;
  const isPrinted = plate.countryCode === 'US' ? random.chance(0.6) : random.chance(0.03);
  return { plate, look: isPrinted ? { ...look, backdrop: inventBackdrop(random) } : look };
}
