/**
 * Dates as lists have them: ISO, day and month in either order, months by name in Thai and English, years of the Buddhist era,
 * and the day numbers of spreadsheets. What is no day of the calendar is never bent into one.
 */
import type { DateOrder } from '../imports.ts';

/** A time on the wall of the site, as if it were UTC (ms); or an instant, where the text names its offset. */
export interface ListDate {
  readonly at: number;
  readonly isInstant: boolean;
  /** It names a day alone. */
  readonly isDay: boolean;
}

const BUDDHIST_AHEAD = 543;
const DAY_MS = 86_400_000;
const MONTHS: readonly (readonly string[])[] = [
  ['jan', 'january', 'มค', 'มกราคม'],
  ['feb', 'february', 'กพ', 'กุมภาพันธ์'],
  ['mar', 'march', 'มีค', 'มีนาคม'],
  ['apr', 'april', 'เมย', 'เมษายน'],
  ['may', 'may', 'พค', 'พฤษภาคม'],
  ['jun', 'june', 'มิย', 'มิถุนายน'],
  ['jul', 'july', 'กค', 'กรกฎาคม'],
  ['aug', 'august', 'สค', 'สิงหาคม'],
  ['sep', 'september', 'กย', 'กันยายน', 'sept'],
  ['oct', 'october', 'ตค', 'ตุลาคม'],
  ['nov', 'november', 'พย', 'พฤศจิกายน'],
  ['dec', 'december', 'ธค', 'ธันวาคม'],
];
const monthByName = new Map(MONTHS.flatMap((names, index) => names.map((name) => [name, index + 1] as const)));

const TIME = String.raw`(?:[T ,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*(?:น\.?)?)?\s*(Z|[+-]\d{2}:?\d{2})?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${TIME}$`, 'iu');
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4})${TIME}$`, 'iu');
const NAMED = new RegExp(
  String.raw`^(\d{1,2})[\s\-/.]*([\p{L}\p{M}.]{2,16})[\s\-/.,]*(?:พ\.?ศ\.?\s*)?(\d{2,4})${TIME}$`,
  'iu',
);
/** 1954 to 2119: a day number of a spreadsheet, which counts from 1899-12-30. */
const SERIAL = /^([2-7]\d{4})(\.\d+)?$/;
const SERIAL_ZERO = Date.UTC(1899, 11, 30);

const arabic = (text: string): string =>
  text.replace(/[๐-๙]/gu, (digit) => String(digit.charCodeAt(0) - 0x0e50)).trim();

type Parts = readonly [year: string, month: number, day: string, time: readonly (string | undefined)[]];

function partsOf(text: string, order: DateOrder): Parts | null {
  const first = YEAR_FIRST.exec(text) ?? COMPACT.exec(text);
  if (first !== null) return [first[1] ?? '', Number(first[2]), first[3] ?? '', first.slice(4)];
  const last = YEAR_LAST.exec(text);
  if (last !== null) {
    const [, a = '', b = '', year = ''] = last;
    return order === 'mdy' ? [year, Number(a), b, last.slice(4)] : [year, Number(b), a, last.slice(4)];
  }
  const named = NAMED.exec(text);
  if (named === null) return null;
  const month = monthByName.get((named[2] ?? '').replaceAll('.', '').toLowerCase());
  return month === undefined ? null : [named[3] ?? '', month, named[1] ?? '', named.slice(4)];
}

/** What is wrong with it, as text. */
export function parseListDate(raw: string, order: DateOrder): ListDate | string {
  const text = arabic(raw);
  const serial = SERIAL.exec(text);
  if (serial !== null) {
    const days = Number(serial[1]) + Number(serial[2] ?? 0);
    return { at: SERIAL_ZERO + Math.round(days * 86_400) * 1_000, isInstant: false, isDay: serial[2] === undefined };
  }
  const parts = partsOf(text, order);
  if (parts === null) return 'is no date that the hub can read: write 2026-12-31 or 31/12/2569';
  const [yearText, month, dayText, [hours, minutes, seconds, zone]] = parts;
  if (yearText.length !== 4) return 'has a year that is not of four digits: write 2026 or 2569';
  const written = Number(yearText);
  const year = written >= 2400 && written < 2800 ? written - BUDDHIST_AHEAD : written;
  const day = Number(dayText);
  const at = Date.UTC(year, month - 1, day);
  const back = new Date(at);
  if (month < 1 || month > 12 || day < 1 || back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) {
    return 'is no day of the calendar';
  }
  if (hours === undefined) return { at, isInstant: false, isDay: true };
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds ?? 0)];
  if (h > 23 || m > 59 || s > 59) return 'has a time that no clock shows';
  const wall = at + ((h * 60 + m) * 60 + s) * 1_000;
  if (zone === undefined) return { at: wall, isInstant: false, isDay: false };
  const [, sign = '+', zoneHours = '0', zoneMinutes = '0'] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  const ahead = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return { at: wall - ahead, isInstant: true, isDay: false };
}

/**
 * In which order day and month stand: a number above 12 tells. Null: none of the texts is a date of that kind; where both orders
 * fit, day first, as in Thailand and most of the world.
 */
export function dateOrderOf(texts: Iterable<string>): DateOrder | null {
  let isAny = false;
  let monthFirst = 0;
  let dayFirst = 0;
  let yearFirst = 0;
  for (const raw of texts) {
    const text = arabic(raw);
    if (YEAR_FIRST.test(text) || COMPACT.test(text)) yearFirst++;
    const [, a, b] = YEAR_LAST.exec(text) ?? [];
    if (a === undefined || b === undefined) continue;
    isAny = true;
    if (Number(a) > 12) dayFirst++;
    else if (Number(b) > 12) monthFirst++;
  }
  if (isAny) return monthFirst > dayFirst ? 'mdy' : 'dmy';
  return yearFirst > 0 ? 'ymd' : null;
}

export const nextDay = (at: number): number => at + DAY_MS;
