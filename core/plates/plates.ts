/** What a plate is: canonical form, country profiles (Thai first), classes, provinces, confusables, likeness. Pure. */
import countryFacts from './facts/countries.json' with { type: 'json' };
import { plateClasses, type PlateClass } from './parse.ts';
import { provinces, type Province } from './provinces.ts';

export { formatPlate, parsePlate, plateClasses, type ParsedPlate, type ParseHints, type PlateClass } from './parse.ts';
export { findProvince, provinceByCode, provinces, type Province, type ProvinceMatch } from './provinces.ts';
export { confusableWith, foldConfusables, foldLoosely, plateSimilarity } from './similarity.ts';
export { likePattern, normalisePlate, plateCharacters } from './text.ts';

export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  readonly nameTh: string;
  readonly nameEn: string;
}

export const countries: readonly Country[] = countryFacts;

/** The tables that forms and badges need. */
export const reference = (): {
  readonly provinces: readonly Province[];
  readonly countries: readonly Country[];
  readonly plateClasses: readonly PlateClass[];
} => ({ provinces, countries, plateClasses });
