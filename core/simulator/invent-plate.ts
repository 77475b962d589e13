/** Made-up plates in about the mix of a Thai road. */
import { parsePlate, provinces } from '../plates/plates.ts';
import type { PlateText } from './plate-drawing.ts';
import type { Random } from './random.ts';

const LETTERS = 'กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพฟภมยรลวศษสหฬอฮ';
const WORDS = ['มังกร', 'สติ', 'กุศล', 'รวยดี', 'หล่อรวย'] as const;
/** First letters by class, as the register gives them out. */
const FIRST: Readonly<Record<string, string>> = {
  RY1: 'กขจฉชญธพภศษส',
  RY2: 'นฬอฮ',
  RY3: 'ฒณตถบปผยรล',
  RY6: 'ทม',
};
const FREQUENT = ['TH-10', 'TH-10', 'TH-10', 'TH-20', 'TH-12', 'TH-50', 'TH-30', 'TH-40', 'TH-21', 'TH-83', 'TH-11'];

function thai(random: Random): { text: string; plateType: string } {
  const letters = (from: string): string => from.charAt(random.whole(0, from.length - 1));
  const number = String(random.whole(1, 9999));
  const dice = random.next();
  if (dice < 0.09) {
    const hire = random.chance(0.6);
    const prefix = hire ? random.whole(60, 79) : random.whole(80, 89);
    return {
      text: `${prefix}${String(random.whole(1, 9999)).padStart(4, '0')}`,
      plateType: hire ? 'LT-truck-hire' : 'LT-truck-private',
    };
  }
  if (dice < 0.12) return { text: random.pick(WORDS) + String(random.whole(1, 999)), plateType: 'personalised' };
  const plateType = dice < 0.2 ? 'RY6' : dice < 0.3 ? 'RY2' : dice < 0.48 ? 'RY3' : 'RY1';
  const lead = random.chance(0.65) ? String(random.whole(1, 9)) : '';
  return { text: `${lead}${letters(FIRST[plateType] ?? LETTERS)}${letters(LETTERS)}${number}`, plateType };
}

const LATIN = 'ABCDEFGHJKLMNPRSTUVWXY';
function foreign(random: Random): { text: string; countryCode: string } {
  const letters = (count: number): string =>
    Array.from({ length: count }, () => LATIN.charAt(random.whole(0, LATIN.length - 1))).join('');
  const digits = (count: number): string => String(random.whole(10 ** (count - 1), 10 ** count - 1));
  switch (random.whole(0, 3)) {
    case 0:
      return { text: `W${letters(2)}${digits(4)}`, countryCode: 'MY' };
    case 1:
      return { text: `M${letters(2)}${digits(4)}`, countryCode: 'DE' };
    case 2:
      return { text: `${letters(3)}${digits(4)}`, countryCode: 'US' };
    default:
      return { text: `${letters(2)}${digits(3)}${letters(2)}`, countryCode: 'FR' };
  }
}

export function inventPlate(random: Random): PlateText {
  if (random.chance(0.05)) {
    const { text, countryCode } = foreign(random);
    const parsed = parsePlate(text, { countries: [countryCode] }).find((plate) => plate.countryCode === countryCode);
    const { series = null, serial = null } = parsed ?? {};
    return { plateNumber: text, series, serial, issuingEntity: null, countryCode, plateType: null };
  }
  const { text, plateType } = thai(random);
  const isFrequent = random.chance(0.7);
  const issuingEntity = isFrequent
    ? (FREQUENT[random.whole(0, FREQUENT.length - 1)] ?? 'TH-10')
    : (provinces[random.whole(0, provinces.length - 1)]?.code ?? 'TH-10');
  const parsed = parsePlate(text, { issuingEntity }).find((plate) => plate.countryCode === 'TH');
  const { series = null, serial = null } = parsed ?? {};
  return { plateNumber: text, series, serial, issuingEntity, countryCode: 'TH', plateType };
}
