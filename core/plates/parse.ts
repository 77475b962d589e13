/** From a text to what it can be: country, class, series and serial, with reasons. */
import classFacts from './facts/classes.json' with { type: 'json' };
import formatFacts from './facts/formats.json' with { type: 'json' };
import { normalisePlate } from './text.ts';

/** One way to understand a text. */
export interface ParsedPlate {
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  readonly countryCode: string;
  readonly issuingEntity: string | null;
  readonly plateType: string | null;
  /** Country and format, e.g. `TH car, digit and two consonants`. */
  readonly format: string;
  /** 0..1, how well it fits, priors included. */
  readonly score: number;
  /** What spoke for and against it, as `key:value`. */
  readonly reasons: readonly string[];
}

export interface ParseHints {
  /** Province that was read beside the text. */
  readonly issuingEntity?: string | null;
  /** Expected countries, likeliest first. A prior: others stay possible. */
  readonly countries?: readonly string[];
  /** Colours seen, as in the classes table. */
  readonly colour?: { readonly background: string; readonly text: string } | null;
}

export interface PlateClass {
  readonly id: string;
  readonly nameTh: string;
  readonly nameEn: string;
  /** Named colours: white, black, yellow, green, blue, red, orange, ... */
  readonly background: string;
  readonly text: string;
}

export const plateClasses: readonly PlateClass[] = classFacts.map(({ id, nameTh, nameEn, background, text }) => ({
  id,
  nameTh,
  nameEn,
  background,
  text,
}));

interface Format {
  readonly country: string;
  readonly name: string;
  readonly regex: RegExp;
  readonly rank: number | null;
}

const formats: readonly Format[] = formatFacts.map(({ country, name, regex, ...fact }) => ({
  country,
  name,
  regex: new RegExp(regex, 'u'),
  rank: ('rank' in fact ? fact.rank : undefined) ?? null,
}));

/** By a format's rank among those of its country; formats of a country without ranks count as the first. */
const RANK_SCORES = [0.95, 0.95, 0.88, 0.75, 0.6, 0.5, 0.3];
const GENERIC_SCORE = 0.45;
const FOREIGN = 0.8;
const UNEXPECTED = 0.55;
/** Letters that no ordinary series was seen with; a personalised word may have them. */
const RARE_LETTERS = /[ซฏฑฝ]/;
const RARE = 0.85;

function truckClass(prefix: number): string | null {
  if (prefix >= 700 || (prefix >= 60 && prefix <= 79)) return 'LT-truck-hire';
  if ((prefix >= 50 && prefix <= 59) || (prefix >= 80 && prefix <= 99)) return 'LT-truck-private';
  if (prefix >= 40 && prefix <= 49) return 'LT-bus-private';
  if (prefix >= 36 && prefix <= 39) return 'LT-van-special';
  return prefix >= 10 && prefix <= 35 ? 'LT-bus-hire' : null;
}

function thaiClass(
  format: Format,
  groups: Readonly<Record<string, string | undefined>>,
  hints: ParseHints,
): [string | null, string[]] {
  const { name } = format;
  if (name.startsWith('bus or truck')) return [truckClass(Number(groups['class'])), ['class:number']];
  if (name.startsWith('motorcycle, three')) return ['RY12', ['class:format']];
  if (name.startsWith('red plate')) return ['red', ['class:format']];
  if (name.startsWith('diplomatic')) return [groups['kind'] === 'ท' ? 'diplomatic' : 'consular', ['class:format']];
  if (name.startsWith('test')) return ['test', ['class:format']];
  if (name.startsWith('personalised')) return ['personalised', ['class:format']];
  if (name.startsWith('royal') || name.startsWith('police')) return ['emblem', ['class:format']];
  const first = (groups['series'] ?? '').charAt(0);
  const byLetter = classFacts.filter((fact) => fact.firstLetters.includes(first));
  const { colour } = hints;
  if (colour) {
    const byColour = plateClasses.filter(
      ({ background, text }) => background === colour.background && text === colour.text,
    );
    const both = byColour.find(({ id }) => byLetter.some((fact) => fact.id === id)) ?? byColour[0];
    if (both) return [both.id, ['class:colour']];
  }
  return byLetter[0] ? [byLetter[0].id, ['class:first_letter']] : [null, []];
}

function countryFactor(format: Format, hints: ParseHints): [number, string[]] {
  const expected = hints.countries ?? [];
  const place = expected.indexOf(format.country);
  const isThai = format.country === 'TH';
  const reasons: string[] = [];
  let factor = isThai ? 1 : FOREIGN;
  if (expected.length > 0) {
    factor = place >= 0 ? 1 - Math.min(place, 5) * 0.02 : UNEXPECTED;
    reasons.push(place >= 0 ? `country:expected` : `country:unexpected`);
  }
  const entity = hints.issuingEntity ?? null;
  if (entity !== null && !entity.startsWith(`${format.country}-`)) factor *= 0.4;
  return [factor, reasons];
}

function understand(format: Format, text: string, hints: ParseHints): ParsedPlate | null {
  const match = format.regex.exec(text);
  if (match === null) return null;
  const groups: Readonly<Record<string, string | undefined>> = match.groups ?? {};
  const isThai = format.country === 'TH';
  const [factor, countryReasons] = countryFactor(format, hints);
  const [plateType, classReasons] = isThai ? thaiClass(format, groups, hints) : [null, []];
  const isRare = isThai && RARE_LETTERS.test(text) && plateType !== 'personalised';
  const isGeneric = format.name.startsWith('generic');
  const base = isGeneric ? GENERIC_SCORE : (RANK_SCORES[format.rank ?? 1] ?? 0.3);
  const serial = groups['number'] ?? null;
  const series = serial !== null && text.endsWith(serial) ? text.slice(0, text.length - serial.length) : null;
  return {
    plateNumber: text,
    series: series === '' ? null : series,
    serial,
    countryCode: format.country,
    issuingEntity: isThai && hints.issuingEntity?.startsWith('TH-') ? hints.issuingEntity : null,
    plateType,
    format: `${format.country} ${format.name}`,
    score: base * factor * (isRare ? RARE : 1),
    reasons: [
      `format:${format.country} ${format.name}`,
      ...countryReasons,
      ...classReasons,
      ...(isRare ? ['letter:rare'] : []),
    ],
  };
}

/** Every way to understand a text, best first; none when it fits no format. The text may be raw. */
export function parsePlate(text: string, hints: ParseHints = {}): readonly ParsedPlate[] {
  const plateNumber = normalisePlate(text);
  return formats.flatMap((format) => understand(format, plateNumber, hints) ?? []).sort((a, b) => b.score - a.score);
}

/** As it is printed, for people: `1กก 1234`, `70-1234`. Parsing it gives the same plate. */
export function formatPlate(plate: {
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  readonly plateType: string | null;
}): string {
  const { plateNumber, series, serial, plateType } = plate;
  if (series === null || serial === null) return plateNumber;
  const isNumeric = /^\d+$/.test(series) || plateType?.startsWith('LT-') === true;
  return `${series}${isNumeric ? '-' : ' '}${serial}`;
}
