/** Hikvision's own numbers for countries and Thai provinces. */

/**
 * ISO 3166-1 by country index: the start of the table COUNTRY_INDEX of the Device Network SDK. Seen in messages of real
 * cameras: 19, 30, 46 and 64. Indices that are not certain are left out: a country is then unknown, not wrong.
 */
const COUNTRIES =
  'CZ FR DE ES IT NL PL SK BY MD RU UA BE BG DK FI GB GR HR HU IL LU MK NO PT RO RS AZ GE KZ LT TM UZ LV EE AL AT BA IE IS VA MT SE CH CY TR SI';

const countries = new Map(COUNTRIES.split(' ').map((code, place) => [place + 1, code] as const));
countries.set(64, 'TH');

export const countryOfIndex = (index: number): string | null => countries.get(index) ?? null;

/**
 * ISO 3166-2 by `tailandStateID` (so spelt by the cameras), 1 to 78. As two published receivers of Thai cameras have it;
 * both agree in each entry.
 */
const PROVINCES =
  '10 81 71 46 62 40 22 24 20 18 36 86 57 50 92 23 63 26 73 48 30 80 60 12 96 55 38 31 13 77 25 94 14 82 93 66 65 76 67 ' +
  '54 56 83 44 49 58 95 35 45 85 21 70 16 52 51 42 33 47 90 91 11 75 74 27 19 17 64 72 84 32 43 39 15 41 61 53 34 37';

const provinces = new Map(PROVINCES.split(' ').map((code, place) => [place + 1, `TH-${code}`] as const));
provinces.set(78, 'TH-95-BETONG');

export const provinceOfState = (state: number): string | null => provinces.get(state) ?? null;
