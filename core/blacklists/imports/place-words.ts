/** The words by which lists name a province, state or country, as codes. Strict: a name that is only like one is a fault. */
import { countries, findProvince, plateClasses, provinces } from '../../plates/plates.ts';

const bare = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s._\-,()]+/gu, '');

/** What people and offices write beside the names, and old spellings. */
const MORE_NAMES: Readonly<Record<string, readonly string[]>> = {
  'TH-10': ['กทม', 'กรุงเทพ', 'กรุงเทพฯ', 'bkk', 'krung thep', 'krung thep maha nakhon', 'bangkok metropolis'],
  'TH-14': ['อยุธยา', 'ayutthaya', 'phra nakhon si ayutthaya'],
  'TH-16': ['lopburi'],
  'TH-18': ['chainat'],
  'TH-20': ['chonburi'],
  'TH-30': ['โคราช', 'korat'],
  'TH-31': ['buriram'],
  'TH-33': ['sisaket'],
  'TH-39': ['nong bua lamphu'],
  'TH-82': ['phang nga'],
  'TH-95-BETONG': ['เบตง', 'betong', 'th-99'],
};

/** Of Canada, in lists that else name states of the US. */
const CANADIAN = new Set(['AB', 'BC', 'MB', 'NB', 'NL', 'NS', 'NT', 'NU', 'ON', 'PE', 'QC', 'SK', 'YT']);
const ISO_3166_2 = /^([A-Z]{2})-([A-Z0-9]{1,3})$/;

const byName = new Map<string, string>();
for (const { code, nameTh, nameEn, abbreviationTh } of provinces) {
  const names = [code, nameTh, nameEn, abbreviationTh, ...(MORE_NAMES[code] ?? [])];
  // Betong has no abbreviation.
  for (const name of names) if (name !== '') byName.set(bare(name), code);
}
const countryByName = new Map<string, string>([
  ['ไทย', 'TH'],
  ['tha', 'TH'],
  ['ประเทศไทย', 'TH'],
  ['usa', 'US'],
  ['uk', 'GB'],
  ['gbr', 'GB'],
  ['mys', 'MY'],
  ['lao', 'LA'],
  ['khm', 'KH'],
  ['mmr', 'MM'],
]);
for (const { code, nameTh, nameEn } of countries) {
  for (const name of [code, nameTh, nameEn]) countryByName.set(bare(name), code);
}
const classByName = new Map<string, string>();
for (const { id, nameTh, nameEn } of plateClasses) {
  for (const name of [id, nameTh, nameEn]) classByName.set(bare(name), id);
  // RY1 is written รย.1 on the registration book.
  if (/^RY\d/.test(id)) classByName.set(bare(id.replace('RY', 'รย')), id);
}

export type Told = { readonly code: string } | { readonly problem: string };

const LIKE = 0.7;
const PREFIXES = ['จังหวัด', 'จว', 'จ'];

function tellProvince(raw: string, country: string | null): Told {
  const text = raw.trim().toUpperCase();
  const name = bare(raw);
  // จ. and จว. stand for จังหวัด.
  const known = [name, ...PREFIXES.map((prefix) => (name.startsWith(prefix) ? name.slice(prefix.length) : ''))]
    .map((candidate) => byName.get(candidate))
    .find((code) => code !== undefined);
  // Abbreviations of two letters are of Thailand only where the list does not name another country.
  if (known !== undefined && (country === null || country === 'TH' || text.startsWith('TH'))) return { code: known };
  const [, prefix] = ISO_3166_2.exec(text) ?? [];
  if (prefix === 'TH') return { problem: 'is no Thai province that the hub knows' };
  if (prefix !== undefined) return { code: text };
  if (country !== null && country !== 'TH' && /^[A-Z0-9]{1,3}$/.test(text)) {
    return { code: country === 'US' && CANADIAN.has(text) ? `CA-${text}` : `${country}-${text}` };
  }
  const match = country === null || country === 'TH' ? findProvince(raw) : null;
  // Latin abbreviations of three letters.
  if (match?.score === 1) return { code: match.province.code };
  const hint =
    match === null || match.score < LIKE ? '' : `: is ${match.province.nameTh} (${match.province.code}) meant?`;
  return { problem: `is no province that the hub knows${hint}` };
}

function tellCountry(raw: string): Told {
  const code = countryByName.get(bare(raw)) ?? (/^[A-Z]{2}$/.test(raw.trim()) ? raw.trim() : null);
  return code === null ? { problem: 'is no country that the hub knows: write its two letters, such as TH' } : { code };
}

/** Lists repeat the same few words: each is looked up once. Bounded, as a faulty list may repeat none. */
const MOST_KEPT = 5_000;

function remembered(
  tell: (raw: string, country: string | null) => Told,
): (raw: string, country: string | null) => Told {
  const kept = new Map<string, Told>();
  return (raw, country) => {
    const key = `${country ?? ''}|${raw}`;
    let told = kept.get(key);
    if (told === undefined) {
      if (kept.size >= MOST_KEPT) kept.clear();
      told = tell(raw, country);
      kept.set(key, told);
    }
    return told;
  };
}

/** @param country of the row or the list; null: not known */
export const provinceOfWord = remembered(tellProvince);
export const countryOfWord = (raw: string): Told => tellCountry(raw);
/** Null: no class of Thai plates has this name. */
export const classOfWord = (raw: string): string | null => classByName.get(bare(raw)) ?? null;
export const isProvinceWord = (raw: string): boolean =>
  byName.has(bare(raw)) || ISO_3166_2.test(raw.trim().toUpperCase());
