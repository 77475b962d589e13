/** From what an engine saw to a plate: formats, provinces, and how sure the whole is. Pure. */
import type { CharacterRead, PlateCandidate, PlateRead, Quality } from '../message.ts';
import { findProvince, normalisePlate, parsePlate, plateCharacters, type ParsedPlate } from '../plates/plates.ts';
import type { EngineRead } from '../plugins/define.ts';

/** Under this a text is a guess that nobody should act on: it is reported as not read. */
const LEAST_CONFIDENCE = 0.12;
/** Where an engine does not say from when on it answers for its reads. */
const ACCEPT_FROM = 0.3;
/** The reason of a read that is less sure than its engine answers for. */
export const DOUBTFUL = 'confidence:low';
/** A text that fits no known format may still be right: personalised, foreign, new. */
const UNKNOWN_FORMAT = 0.3;
/** Every series has digits with it; words without any are brands, stickers, a province taken for a number. */
const NO_DIGIT = 0.25;

/** A province said with less is an honest unknown. */
const LEAST_PROVINCE = 0.5;
/** What the engine sees of a plate's make counts from here on. */
const LEAST_SIGHT = 0.7;

export interface Judging {
  readonly readId: string;
  readonly engine: string;
  readonly quality: Quality;
  readonly countries: readonly string[];
}

interface SeenProvince {
  readonly code: string;
  readonly confidence: number;
}

interface Judged {
  readonly text: string;
  readonly engineConfidence: number;
  /** 0..1: how plausible the text is as a plate. */
  readonly form: number;
  readonly confidence: number;
  readonly parsed: ParsedPlate | null;
}

/**
 * A province is named only with a lead over the next name: ระยอง and ระนอง differ by one letter. With these limits 4 of 268
 * names on labelled plates were wrong and none of the right ones was lost. Its confidence is the
 * likeness to the name, lowered where the engine was unsure and where the lead is small.
 */
function judgeProvince(seen: EngineRead['province']): SeenProvince | null {
  if (seen && 'code' in seen) return seen.confidence >= LEAST_PROVINCE ? seen : null;
  const match = seen && findProvince(seen.text);
  if (!match || match.score < 0.5 || match.margin < 0.03) return null;
  const lead = Math.min(1, 0.5 + match.margin * 2);
  return { code: match.province.code, confidence: match.score * lead * Math.min(1, 0.4 + 0.7 * seen.confidence) };
}

const isThaiBy = (province: SeenProvince | null): province is SeenProvince =>
  province !== null && province.confidence >= 0.5;

/** Confidences per character, in the canonical text's own characters. */
function charactersOf(text: string, read: EngineRead, confidence: number): CharacterRead[] {
  const seen = read.characters.filter(({ char }) => normalisePlate(char) !== '');
  const wanted = plateCharacters(text);
  return wanted.map((char, place) => {
    const exact = seen.length === wanted.length ? seen[place] : undefined;
    if (exact && normalisePlate(exact.char) === char) return { ...exact, char };
    // A text that is not the engine's first: what the engine preferred there is an alternative here.
    const alternatives = exact ? [{ char: normalisePlate(exact.char), confidence: exact.confidence / 2 }] : [];
    return { char, confidence, alternatives };
  });
}

/**
 * The engine's confidence says how clear the print was; the format, how plausible the text is; the quality, how far both
 * can be trusted. The product of the three stays within 0..1 and falls with each.
 */
const combine = (engineConfidence: number, format: number, quality: number): number =>
  engineConfidence * (0.15 + 0.85 * format) * (0.7 + 0.3 * quality);

/** How much a plausible form speaks for a text of a calibrated engine: a text of unknown form keeps this share. */
const FORM_FLOOR = 0.25;
/** Form of the texts that the engine thought possible and did not name. */
const UNNAMED_FORM = 0.55;

const weigh = (engineConfidence: number, form: number): number =>
  engineConfidence * (FORM_FLOOR + (1 - FORM_FLOOR) * form);

/**
 * Of a calibrated engine the confidences are probabilities, the form is the prior (Bayes): an unlikely text wins when the
 * picture is clear, and what the engine left open stays open.
 */
function calibrated(judged: readonly Judged[]): Judged[] {
  const named = judged.reduce((sum, { engineConfidence }) => sum + engineConfidence, 0);
  const total =
    judged.reduce((sum, { engineConfidence, form }) => sum + weigh(engineConfidence, form), 0) +
    Math.max(0, 1 - named) * UNNAMED_FORM;
  return judged.map((one) => ({ ...one, confidence: total > 0 ? weigh(one.engineConfidence, one.form) / total : 0 }));
}

/** Drawn alike in many countries' alphabets: where a picture cannot tell, the form may. */
const ALIKE: Readonly<Record<string, string>> = { '0': 'O', O: '0', '1': 'I', I: '1' };
const MOST_TWINS = 5;
/** A clearer text stays as it was read, whatever forms there are. */
const CLEAR = 0.9;
/** Where a twin has so much the better form, it takes this share of the text's confidence. */
const BETTER_FORM = 1.3;
const TWIN_SHARE = 0.7;

/** The text with characters taken for their twins, in every way. */
function twinsOf(text: string): string[] {
  const places = Array.from(text).flatMap((char, place) => (char in ALIKE ? [place] : []));
  if (places.length > MOST_TWINS) return [];
  return Array.from({ length: 2 ** places.length - 1 }, (_, k) => {
    const swapped = places.filter((_place, bit) => ((k + 1) >> bit) & 1);
    return Array.from(text, (char, place) => (swapped.includes(place) ? (ALIKE[char] ?? char) : char)).join('');
  });
}

/** What the engine thinks of each text, with doubt between twins settled by their forms. */
function settleTwins(texts: ReadonlyMap<string, number>, formOf: (text: string) => number): Map<string, number> {
  const settled = new Map(texts);
  for (const [text, confidence] of texts) {
    if (confidence >= CLEAR) continue;
    const [twin] = twinsOf(text).sort((a, b) => formOf(b) - formOf(a));
    if (twin === undefined || formOf(twin) < formOf(text) * BETTER_FORM) continue;
    settled.set(text, (settled.get(text) ?? 0) - confidence * TWIN_SHARE);
    settled.set(twin, (settled.get(twin) ?? 0) + confidence * TWIN_SHARE);
  }
  return settled;
}

/** Where the engine recognises the plate's country, it is expected rather than all the others that may come by. */
function expected({ country }: EngineRead, countries: readonly string[]): readonly string[] {
  if (!country || country.confidence < LEAST_SIGHT || country.code === '') return countries;
  return countries.length === 0 || countries.includes(country.code) ? [country.code] : [country.code, ...countries];
}

export function judgeRead(read: EngineRead, { readId, engine, quality, countries }: Judging): PlateRead {
  const province = judgeProvince(read.province);
  const texts = new Map<string, number>();
  for (const { text, confidence } of [read, ...read.alternatives]) {
    const canonical = normalisePlate(text);
    if (canonical !== '') texts.set(canonical, Math.max(confidence, texts.get(canonical) ?? 0));
  }
  const hints = {
    countries: expected(read, countries),
    issuingEntity: province?.code ?? null,
    colour: read.colour && read.colour.confidence >= LEAST_SIGHT ? read.colour : null,
  };
  const formed = (text: string): Pick<Judged, 'form' | 'parsed'> => {
    const [likeliest = null] = parsePlate(text, hints);
    // A clear province line makes the plate Thai, even where its number was read into the form of another country.
    const parsed = isThaiBy(province) && likeliest?.countryCode !== 'TH' ? null : likeliest;
    return { form: (parsed?.score ?? UNKNOWN_FORMAT) * (/\d/.test(text) ? 1 : NO_DIGIT), parsed };
  };
  const possible = read.isCalibrated === true ? settleTwins(texts, (text) => formed(text).form) : texts;
  const judged = [...possible].map(([text, engineConfidence]): Judged => {
    const { form, parsed } = formed(text);
    const confidence = combine(engineConfidence, form, quality.score);
    return { text, engineConfidence, form, confidence, parsed };
  });
  const ranked = (read.isCalibrated === true ? calibrated(judged) : judged).sort((a, b) => b.confidence - a.confidence);

  const best = ranked[0];
  const isRead = best !== undefined && best.confidence >= LEAST_CONFIDENCE && plateCharacters(best.text).length >= 2;
  const entityOf = (judged: Judged): string | null =>
    judged.parsed ? judged.parsed.issuingEntity : isThaiBy(province) ? province.code : null;
  const countryOf = (judged: Judged): string | null => judged.parsed?.countryCode ?? (entityOf(judged) ? 'TH' : null);
  const candidates = ranked.slice(0, 6).map((judged): PlateCandidate => ({
    plateNumber: judged.text,
    issuingEntity: entityOf(judged),
    confidence: judged.confidence,
  }));
  const issuingEntity = isRead ? entityOf(best) : null;
  return {
    readId,
    engine,
    plateNumber: isRead ? best.text : '',
    series: isRead ? (best.parsed?.series ?? null) : null,
    serial: isRead ? (best.parsed?.serial ?? null) : null,
    countryCode: isRead ? countryOf(best) : null,
    issuingEntity,
    plateType: isRead ? (best.parsed?.plateType ?? null) : null,
    confidence: isRead ? best.confidence : 0,
    provinceConfidence: issuingEntity === null ? 0 : (province?.confidence ?? 0),
    characters: isRead ? charactersOf(best.text, read, best.confidence) : [],
    candidates,
    reasons: [
      ...(isRead ? (best.parsed?.reasons ?? ['format:unknown']) : ['read:too_unsure']),
      ...(isRead && best.text !== normalisePlate(read.text) ? ['grammar:chose'] : []),
      ...(isRead && best.confidence < (read.acceptFrom ?? ACCEPT_FROM) ? [DOUBTFUL] : []),
      ...(read.province && !province ? ['province:unsure'] : []),
    ],
    quality,
  };
}
