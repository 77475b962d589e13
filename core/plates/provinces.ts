/** The 78 names that stand on the lower line of a Thai plate. */
import facts from './facts/provinces.json' with { type: 'json' };
import { plateSimilarity } from './similarity.ts';
import { normalisePlate } from './text.ts';

export interface Province {
  /** ISO 3166-2, or TH-95-BETONG. */
  readonly code: string;
  readonly nameTh: string;
  readonly nameEn: string;
  readonly abbreviationTh: string;
  readonly region: string;
}

export interface ProvinceMatch {
  readonly province: Province;
  /** 0..1, likeness of the text to the name. */
  readonly score: number;
  /** Lead over the next name, 0..1. Names such as ระยอง and ระนอง differ by one letter: ask for a margin, not for a score. */
  readonly margin: number;
}

export const provinces: readonly Province[] = facts.map(({ code, nameTh, nameEn, abbreviationTh, region }) => ({
  code,
  nameTh,
  nameEn,
  abbreviationTh,
  region,
}));

const byCode = new Map(provinces.map((province) => [province.code, province]));
const LEAST_SCORE = 0.5;

export const provinceByCode = (code: string | null): Province | null =>
  code === null ? null : (byCode.get(code) ?? null);

const consonants = (text: string): string => text.replace(/[^\u0E01-\u0E2E]/g, '');

/** The name that a text read from a province line most likely is; null when it is like none. */
export function findProvince(text: string): ProvinceMatch | null {
  const seen = normalisePlate(text);
  if (seen === '') return null;
  const skeleton = consonants(seen);
  const ranked = facts
    .map((fact, index) => {
      const latin = [fact.nameEn, fact.abbreviationEn].map(normalisePlate);
      const isExact = seen === fact.nameTh || seen === fact.abbreviationTh || latin.includes(seen);
      // Small vowels and tone marks are what a blurred line loses first: half the weight goes to the consonants.
      const score = isExact
        ? 1
        : (plateSimilarity(seen, fact.nameTh) + plateSimilarity(skeleton, consonants(fact.nameTh))) / 2;
      return { index, score };
    })
    .sort((a, b) => b.score - a.score);
  const [best, next] = ranked;
  const province = best === undefined ? undefined : provinces[best.index];
  if (best === undefined || province === undefined || best.score < LEAST_SCORE) return null;
  return { province, score: best.score, margin: best.score - (next?.score ?? 0) };
}
