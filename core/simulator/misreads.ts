/** How a device misreads a plate: what it takes for what, how often, and how sure it says it is. */
import { confusableWith, plateCharacters, provinces } from '../plates/plates.ts';
import type { PlateText } from './plate-drawing.ts';
import { bell, type Random } from './random.ts';

export type MisreadKind = 'lookAlike' | 'unlike' | 'missingTail' | 'missingMiddle' | 'extra' | 'several';

export interface MisreadRates {
  /** Share of looks with a wrong text, 0..1. */
  readonly text: number;
  /** How wrong texts are wrong, as weights. */
  readonly mix: Readonly<Record<MisreadKind, number>>;
  /** Share of looks at a Thai plate whose province was not read, and was read wrongly. */
  readonly provinceMissing: number;
  readonly provinceWrong: number;
  /** Share of looks at which nothing could be read. */
  readonly unread: number;
  /** Plates differ: spread of how hard one vehicle's plate is (log-normal; 0: all alike). */
  readonly spread: number;
  /** How often the next look at a plate gives what the last one gave, right or wrong: dirt stays, and so does light. */
  readonly sticky: number;
}

/**
 * The default misread rate. 6.7 % wrong texts: fast-plate-ocr's published 93.3 % of plates right; the mix: the error mix of a
 * parking system (look-alike 45, missing tail 25, unlike 12, missing middle 8, several 4) with 3 parts of extra characters,
 * such as a frame's edge read as a 1; 10 % provinces missing or wrong: the 90 % of the SIIT work on Thai plates. That a
 * plate stays unread, differs in difficulty and is read alike twice is our assumption.
 */
export const DEFAULT_MISREADS: MisreadRates = {
  text: 0.067,
  mix: { lookAlike: 45, missingTail: 25, unlike: 12, missingMiddle: 8, several: 4, extra: 3 },
  provinceMissing: 0.07,
  provinceWrong: 0.03,
  unread: 0.02,
  spread: 0.8,
  sticky: 0.5,
};

export interface SimulatedRead {
  /** Empty when nothing could be read. */
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
  /** 0..1 */
  readonly confidence: number;
  readonly provinceConfidence: number;
  readonly characters: readonly { readonly char: string; readonly confidence: number }[];
}

/** What a device keeps of one vehicle from look to look. */
export interface Sight {
  readonly plate: PlateText;
  /** 1 is an average plate. */
  readonly difficulty: number;
  last: { readonly text: string; readonly entity: string | null } | null;
}

const DIGITS = Array.from('0123456789');
const CONSONANTS = Array.from('กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพภมยรลวศษสหฬอฮ');
const LATIN = Array.from('ABCDEFGHJKLMNPRSTUVWXYZ');
const MOST = 0.6;

function weighted<T>(items: readonly (readonly [T, number])[], random: Random): T | null {
  let left = random.next() * items.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  return items.at(-1)?.[0] ?? null;
}

const alphabetOf = (char: string): readonly string[] =>
  /\d/.test(char) ? DIGITS : /[A-Z]/.test(char) ? LATIN : CONSONANTS;

function another(char: string, random: Random): string {
  const others = alphabetOf(char).filter((one) => one !== char);
  return others[random.whole(0, others.length - 1)] ?? char;
}

/** The square of the likeness: near twins are taken for each other far more often than distant relations. */
const alike = (char: string, random: Random): string =>
  weighted(
    confusableWith(char).map((one) => [one.char, one.weight ** 2] as const),
    random,
  ) ?? another(char, random);

function misread(characters: readonly string[], kind: MisreadKind, random: Random): readonly string[] {
  const changed = [...characters];
  const place = random.whole(0, changed.length - 1);
  const char = changed[place] ?? '';
  switch (kind) {
    case 'lookAlike':
      changed[place] = alike(char, random);
      return changed;
    case 'unlike':
      changed[place] = another(char, random);
      return changed;
    case 'missingTail':
      return changed.slice(0, Math.max(1, changed.length - (random.chance(0.75) ? 1 : 2)));
    case 'missingMiddle':
      changed.splice(random.whole(Math.min(1, changed.length - 1), Math.max(1, changed.length - 2)), 1);
      return changed;
    case 'extra':
      changed.splice(random.chance(0.5) ? changed.length : 0, 0, random.pick(['1', '1', 'I', '7', '0']));
      return changed;
    case 'several':
      return misread(misread(changed, 'lookAlike', random), 'unlike', random);
  }
}

export const newSight = (plate: PlateText, rates: MisreadRates, random: Random): Sight => ({
  plate,
  // Its mean is 1, so that the rates stay what they say.
  difficulty: Math.exp(rates.spread * bell(random) - rates.spread ** 2 / 2),
  last: null,
});

function provinceRead(sight: Sight, rates: MisreadRates, random: Random): string | null {
  const { issuingEntity } = sight.plate;
  if (issuingEntity === null) return null;
  const dice = random.next() / Math.max(0.2, Math.min(4, sight.difficulty));
  if (dice < rates.provinceMissing) return null;
  if (dice < rates.provinceMissing + rates.provinceWrong) {
    const others = provinces.filter(({ code }) => code !== issuingEntity);
    return others[random.whole(0, others.length - 1)]?.code ?? null;
  }
  return issuingEntity;
}

const clamp = (value: number, least: number, most: number): number =>
  Number(Math.min(most, Math.max(least, value)).toFixed(4));

/** One look. Wrong reads are less sure than right ones, with an overlap: no threshold tells them apart. */
export function lookAt(sight: Sight, rates: MisreadRates, random: Random): SimulatedRead {
  const { plate, difficulty } = sight;
  if (random.chance(Math.min(MOST, rates.unread * difficulty))) {
    return {
      plateNumber: '',
      issuingEntity: null,
      countryCode: null,
      confidence: 0,
      provinceConfidence: 0,
      characters: [],
    };
  }
  const right = plateCharacters(plate.plateNumber);
  let { text, entity } = { text: plate.plateNumber, entity: provinceRead(sight, rates, random) };
  if (sight.last !== null && random.chance(rates.sticky)) {
    ({ text, entity } = sight.last);
  } else if (random.chance(Math.min(MOST, rates.text * difficulty))) {
    const kinds = Object.entries(rates.mix) as [MisreadKind, number][];
    text = misread(right, weighted(kinds, random) ?? 'lookAlike', random).join('');
  }
  sight.last = { text, entity };
  const isRight = text === plate.plateNumber;
  const confidence = isRight
    ? clamp(0.95 - 0.05 * Math.min(3, difficulty) * Math.abs(bell(random)), 0.4, 0.995)
    : clamp(0.68 + 0.13 * bell(random), 0.2, 0.97);
  const characters = plateCharacters(text).map((char, place) => ({
    char,
    confidence: clamp(confidence + 0.03 * bell(random) - (char === right[place] ? 0 : 0.2), 0.05, 0.999),
  }));
  const provinceConfidence =
    entity === null ? 0 : clamp((entity === plate.issuingEntity ? 0.9 : 0.55) + 0.08 * bell(random), 0.1, 0.99);
  return {
    plateNumber: text,
    issuingEntity: entity,
    countryCode: plate.countryCode,
    confidence,
    provinceConfidence,
    characters,
  };
}
