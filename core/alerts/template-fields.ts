/** What templates may name, and how it is written in a person's language. */
import { countries, formatPlate, parsePlate, plateCharacters, plateClasses } from '../plates/plates.ts';
import type { AlertFacts } from './alert-facts.ts';
import { plain, type FieldPart, type KnownFields } from './template-text.ts';
import en from './template-words.en-US.json' with { type: 'json' };
import th from './template-words.th.json' with { type: 'json' };

export type Language = 'th' | 'en';
export const templateWords: Readonly<Record<Language, typeof en>> = { en, th };

export interface TemplateSite {
  readonly name: string;
  /** IANA. */
  readonly timeZone: string;
  readonly era: 'gregorian' | 'buddhist';
}

export interface Writing {
  readonly language: Language;
  readonly site: TemplateSite;
  /** The middle of plates is hidden. */
  readonly masksPlate: boolean;
}

export type FieldName = keyof typeof en.field;

const TIME = ['time', 'seconds', 'date', 'datetime', 'long', 'weekday', 'iso', 'buddhist', 'gregorian'] as const;
const PLATE = ['spaced', 'masked'] as const;
const FORMATS: Partial<Readonly<Record<FieldName, readonly string[]>>> = {
  ...{ raisedAt: TIME, capturedAt: TIME, plate: PLATE },
  ...{ title: ['upper'], kind: ['upper'], category: ['upper'] },
};

export const knownFields: KnownFields = new Map(
  Object.keys(en.field).map((name) => [name, FORMATS[name as FieldName] ?? []]),
);

/** Letters and digits in the middle are hidden; who knows the plate still knows it again. */
export function maskedPlate(plate: string): string {
  const signs = plateCharacters(plate);
  const shown = signs.length > 5 ? 2 : 1;
  return signs.map((sign, index) => (index === 0 || index >= signs.length - shown ? sign : '•')).join('');
}

/** A text in which the plate stands, spaced or not, with the plate masked. */
export function withMaskedPlate(text: string, plate: string): string {
  const signs = plateCharacters(plate).map((sign) => sign.replace(/[^\p{L}\p{M}\p{N}]/gu, ''));
  return signs.length === 0 ? text : text.replace(new RegExp(signs.join('[\\s-]*'), 'giu'), maskedPlate(plate));
}

export function writtenTime(
  at: Date,
  formats: readonly string[],
  { language, site }: Pick<Writing, 'language' | 'site'>,
): string {
  if (formats.includes('iso')) return at.toISOString();
  const asked = formats.includes('buddhist') ? 'buddhist' : formats.includes('gregorian') ? 'gregorian' : null;
  // An English text counts the years as English does, unless it is told otherwise.
  const era = asked ?? (language === 'th' ? site.era : 'gregorian');
  const locale = `${language === 'th' ? 'th-TH' : 'en-GB'}-u-ca-${era === 'buddhist' ? 'buddhist' : 'gregory'}`;
  const write = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { timeZone: site.timeZone, hourCycle: 'h23', ...options }).format(at);
  const day = { day: 'numeric', month: 'short', year: 'numeric' } as const;
  const clock = { hour: '2-digit', minute: '2-digit' } as const;
  const has = (format: (typeof TIME)[number]): boolean => formats.includes(format);
  if (has('time')) return write(clock);
  if (has('seconds')) return write({ ...clock, second: '2-digit' });
  if (has('date')) return write(day);
  if (has('long')) return write({ ...day, month: 'long', weekday: 'long' });
  if (has('weekday')) return write({ weekday: 'long' });
  return `${write(day)} ${write(clock)}`;
}

function duration(seconds: number, language: Language): string {
  const units = language === 'th' ? (['ชม.', 'นาที', 'วินาที'] as const) : (['h', 'min', 's'] as const);
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor((seconds % 3600) / 60),
    Math.round(seconds % 60),
  ];
  const parts = hours > 0 ? [hours, minutes] : minutes > 0 ? [null, minutes] : [null, null, rest];
  const written = parts.flatMap((part, index) =>
    part === null || (part === 0 && index === 1) ? [] : [`${part} ${units[index] ?? ''}`],
  );
  return written.join(' ');
}

const percent = (share: number | null): string => (share === null ? '' : `${Math.round(share * 100)}%`);
const word = (words: Readonly<Record<string, string>>, key: string | null): string =>
  key === null ? '' : (words[key] ?? key);
const filled = (text: string, n: number): string => text.replace('{n}', String(n));

function writtenPlate(plate: string | null, formats: readonly string[], { masksPlate }: Writing): string {
  if (plate === null) return '';
  if (masksPlate || formats.includes('masked')) return maskedPlate(plate);
  const [parsed] = formats.includes('spaced') ? parsePlate(plate) : [];
  return parsed === undefined ? plate : formatPlate(parsed);
}

/** One line of a digest. */
function item(facts: AlertFacts, writing: Writing): string {
  const plate = writtenPlate(facts.plateNumber, ['spaced'], writing);
  const parts = [
    facts.capturedAt === null ? '' : writtenTime(facts.capturedAt, ['time'], writing),
    [plate, facts.province?.[writing.language] ?? ''].filter((part) => part !== '').join(' '),
    facts.title,
    facts.checkpoint ?? facts.cameraName ?? '',
  ];
  return parts
    .map(plain)
    .filter((part) => part !== '')
    .join(' · ');
}

type Write = (facts: AlertFacts, writing: Writing, formats: readonly string[]) => string;

const orEmpty = (value: string | number | null): string => (value === null ? '' : String(value));

const WRITE: Readonly<Record<FieldName, Write>> = {
  title: ({ title }) => title,
  kind: ({ kind }, { language }) => word(templateWords[language].kind, kind),
  priority: ({ priority }) => String(priority),
  rule: ({ ruleName }) => orEmpty(ruleName),
  site: (_facts, { site }) => site.name,
  raisedAt: ({ raisedAt }, writing, formats) => writtenTime(raisedAt, formats, writing),
  capturedAt: ({ capturedAt }, writing, formats) =>
    capturedAt === null ? '' : writtenTime(capturedAt, formats, writing),
  plate: ({ plateNumber }, writing, formats) => writtenPlate(plateNumber, formats, writing),
  province: ({ province }, { language }) => province?.[language] ?? '',
  country({ countryCode }, { language }) {
    const country = countries.find(({ code }) => code === countryCode);
    return country === undefined ? orEmpty(countryCode) : language === 'th' ? country.nameTh : country.nameEn;
  },
  class({ plateType }, { language }) {
    const known = plateClasses.find(({ id }) => id === plateType);
    return known === undefined ? orEmpty(plateType) : language === 'th' ? known.nameTh : known.nameEn;
  },
  confidence: ({ confidence }) => percent(confidence),
  provisional: ({ isProvisional }, { language }) => (isProvisional ? templateWords[language].provisional : ''),
  list: ({ listName }) => orEmpty(listName),
  category: ({ category }, { language }) => word(templateWords[language].category, category),
  reason: ({ reason }) => orEmpty(reason),
  match: ({ matchedBy }, { language }) => word(templateWords[language].match, matchedBy),
  sureness: ({ sureness }) => percent(sureness),
  listAge({ listAgeDays }, { language }) {
    if (listAgeDays === null) return '';
    const { today, day, days } = templateWords[language];
    return listAgeDays <= 0 ? today : listAgeDays === 1 ? day : filled(days, listAgeDays);
  },
  camera: ({ cameraName }) => orEmpty(cameraName),
  checkpoint: ({ checkpoint }) => orEmpty(checkpoint),
  place: ({ checkpoint, cameraName }) => orEmpty(checkpoint ?? cameraName),
  coordinates: ({ latitude, longitude }) =>
    latitude === null || longitude === null ? '' : `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`,
  map: ({ latitude, longitude }) =>
    latitude === null || longitude === null
      ? ''
      : `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`,
  geofence: ({ geofence }) => orEmpty(geofence),
  geofenceEvent: ({ geofenceEvent }, { language }) => word(templateWords[language].event, geofenceEvent),
  stay: ({ geofenceSeconds }, { language }) => (geofenceSeconds === null ? '' : duration(geofenceSeconds, language)),
  trouble: ({ cameraTrouble }, { language }) => word(templateWords[language].trouble, cameraTrouble),
  repeats({ repeatCount }, { language }) {
    const { once, times } = templateWords[language];
    return repeatCount === 0 ? '' : repeatCount === 1 ? once : filled(times, repeatCount);
  },
  cause: ({ cause }, { language }) => word({ live: '', ...templateWords[language].cause }, cause),
  count: ({ count }) => orEmpty(count),
  items({ items, count }, writing) {
    const left = (count ?? items.length) - items.length;
    const more = left > 0 ? [filled(templateWords[writing.language].more, left)] : [];
    return [...items.map((one) => item(one, writing)), ...more].join('\n');
  },
  link: ({ link }) => orEmpty(link),
  acknowledge: ({ acknowledgeLink }) => orEmpty(acknowledgeLink),
  acknowledgedBy: ({ acknowledgedBy }) => orEmpty(acknowledgedBy),
  outcome: ({ outcome }, { language }) => word(templateWords[language].outcome, outcome),
};

/** Text of a field of these facts; empty where it has none. Only a digest's items have several lines. */
export function fieldText({ field, formats }: FieldPart, facts: AlertFacts, writing: Writing): string {
  // Only fields that are known are parsed.
  const written = WRITE[field as FieldName](facts, writing, formats);
  const text = field === 'items' ? written : plain(written);
  return formats.includes('upper') ? text.toUpperCase() : text;
}
