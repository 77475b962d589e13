/** From what a device read by itself to a plate in the hub's own form. The device's text stands; the hub only names its parts. Pure. */
import type { CharacterRead, PlateRead } from '../message.ts';
import { findProvince, normalisePlate, parsePlate, plateCharacters, provinceByCode } from '../plates/plates.ts';
import type { DeviceRead } from '../plugins/device-format.ts';

/** Stands where a device gives no confidence, or a constant that it does not measure: middling, and marked. */
const UNMEASURED = 0.6;
/** The reason of a read whose confidence nobody measured. */
const NOT_MEASURED = 'confidence:unmeasured';
/** A name that a device spells must be like one of the 78, and clearly more than the next. */
const LEAST_SCORE = 0.8;
const LEAST_MARGIN = 0.03;

/** Devices name the same few provinces all day, and looking a name up compares it with all 78. */
const provinces = new Map<string, string | null>();
const MOST_KNOWN = 2_000;

/** ISO code of a name, an abbreviation or a code in any of the usual spellings (`TH-10`, `th-10:Bangkok`, `BKK`, `กทม`). */
function provinceOf(said: string): string | null {
  const known = provinces.get(said);
  if (known !== undefined) return known;
  const iso = /\bth-(\d{2})(-betong)?\b/i.exec(said)?.[0].toUpperCase() ?? null;
  const match = findProvince(said);
  const isClear = match !== null && match.score >= LEAST_SCORE && match.margin >= LEAST_MARGIN;
  const code = provinceByCode(iso)?.code ?? (isClear ? match.province.code : null);
  if (provinces.size >= MOST_KNOWN) provinces.clear();
  provinces.set(said, code);
  return code;
}

/** Some devices write the province behind the number: `1กก 1234 กรุงเทพมหานคร`. */
function splitText({ text, province }: DeviceRead): { readonly plate: string; readonly province: string | null } {
  if (province !== null) return { plate: text, province };
  const tail = /^(.*\d)[\s\-/,]*([\u0e01-\u0e3a\u0e40-\u0e4e][\u0e01-\u0e4e\s.]{1,30})$/u.exec(text.trim());
  const [, plate = '', name = ''] = tail ?? [];
  return name !== '' && provinceOf(name) !== null ? { plate, province: name } : { plate: text, province: null };
}

function charactersOf(plateNumber: string, { text, characterConfidences, confidence }: DeviceRead): CharacterRead[] {
  if (characterConfidences.length === 0) return [];
  // Confidences are counted over the text as said; blanks and dashes in it have none or are left out.
  const wanted = plateCharacters(plateNumber);
  const said = plateCharacters(normalisePlate(text));
  if (characterConfidences.length !== wanted.length || said.length < wanted.length) return [];
  return wanted.map((char, place) => ({
    char,
    confidence: characterConfidences[place] ?? confidence ?? UNMEASURED,
    alternatives: [],
  }));
}

export function judgeDeviceRead(
  said: DeviceRead,
  { readId, engine, notes }: { readonly readId: string; readonly engine: string; readonly notes: readonly string[] },
): PlateRead {
  const { plate, province } = splitText(said);
  const plateNumber = normalisePlate(plate);
  const isRead = plateCharacters(plateNumber).length >= 2;
  const issuingEntity = province === null ? null : provinceOf(province);
  const countries = said.countryCode === null ? [] : [said.countryCode];
  const [parsed = null] = isRead ? parsePlate(plateNumber, { countries, issuingEntity }) : [];
  const isMeasured = said.confidence !== null;
  const confidence = isRead ? (said.confidence ?? UNMEASURED) : 0;
  const isForeignGuess = said.countryCode !== null && parsed !== null && parsed.countryCode !== said.countryCode;
  const fitting = isForeignGuess ? null : parsed;
  const entity = issuingEntity ?? fitting?.issuingEntity ?? null;
  return {
    readId,
    engine,
    plateNumber: isRead ? plateNumber : '',
    series: fitting?.series ?? null,
    serial: fitting?.serial ?? null,
    countryCode: said.countryCode ?? fitting?.countryCode ?? (entity?.startsWith('TH-') === true ? 'TH' : null),
    issuingEntity: isRead ? entity : null,
    plateType: fitting?.plateType ?? null,
    confidence,
    provinceConfidence: entity === null ? 0 : confidence,
    characters: isRead ? charactersOf(plateNumber, said) : [],
    candidates: said.candidates
      .map((candidate) => ({
        plateNumber: normalisePlate(candidate.text),
        issuingEntity: entity,
        confidence: candidate.confidence ?? 0,
      }))
      .filter((candidate) => candidate.plateNumber !== '')
      .slice(0, 6),
    reasons: [
      ...(isRead ? (fitting?.reasons ?? ['format:unknown']) : ['read:too_unsure']),
      ...(isRead && !isMeasured ? [NOT_MEASURED] : []),
      ...(province !== null && issuingEntity === null ? ['province:unsure'] : []),
      ...notes,
    ],
    quality: null,
    device: {
      text: said.text,
      confidence: said.confidence,
      trackId: said.trackId,
      isFinal: said.isFinal,
      vehicle: said.vehicle,
      motion: said.motion,
    },
  };
}
