/** Thailand's public holidays, by date-holidays. */
import Holidays from 'date-holidays';
import type { Holiday, HolidayYear } from './calendars.ts';

const DAY_MS = 86_400_000;
const LUNAR = /makha|vesak|visakha|asalha/i;

const table = new Holidays('TH');
const years = new Map<number, HolidayYear>();

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const isWeekend = (ms: number): boolean => new Date(ms).getUTCDay() % 6 === 0;

/** As the table has them; dates are days of the calendar, without a zone. */
function listed(year: number): Holiday[] {
  const inLanguage = (language: string) => table.getHolidays(year, language).filter(({ type }) => type === 'public');
  const thai = inLanguage('th');
  return inLanguage('en').map(({ date, name }, index) => ({
    date: date.slice(0, 10),
    nameEn: name,
    nameTh: thai[index]?.name ?? name,
    isSubstitute: false,
  }));
}

/**
 * A holiday on a Saturday or Sunday is made good on the next working day; two in one weekend by one day. As the Cabinet's rule
 * for public offices has it, and as the announced days of 2023 to 2026 bear out.
 */
function substitutesOf(holidays: readonly Holiday[]): Holiday[] {
  const taken = new Set(holidays.map(({ date }) => date));
  const found = new Map<string, Holiday>();
  for (const { date, nameEn, nameTh } of holidays) {
    let day = Date.parse(date);
    if (!isWeekend(day)) continue;
    while (isWeekend(day) || taken.has(dayOf(day))) day += DAY_MS;
    const substitute = dayOf(day);
    if (found.has(substitute)) continue;
    found.set(substitute, {
      date: substitute,
      nameEn: `Substitution for ${nameEn}`,
      nameTh: `วันหยุดชดเชย${nameTh}`,
      isSubstitute: true,
    });
  }
  return [...found.values()];
}

export function holidaysOf(year: number): HolidayYear {
  const known = years.get(year);
  if (known !== undefined) return known;
  // New Year's Eve may be made good in the next year.
  const around = [...listed(year - 1), ...listed(year), ...listed(year + 1)];
  const days = [...around, ...substitutesOf(around)].filter(({ date }) => date.startsWith(`${year}-`));
  const made: HolidayYear = {
    year,
    holidays: days.sort((a, b) => a.date.localeCompare(b.date)),
    hasLunar: days.some(({ nameEn }) => LUNAR.test(nameEn)),
  };
  years.set(year, made);
  return made;
}

const dates = new Map<number, ReadonlySet<string>>();

/** @param date `YYYY-MM-DD` */
export function isHoliday(date: string): boolean {
  const year = Number(date.slice(0, 4));
  let set = dates.get(year);
  if (set === undefined) {
    set = new Set(holidaysOf(year).holidays.map((holiday) => holiday.date));
    dates.set(year, set);
  }
  return set.has(date);
}
