/** When a calendar is on: its days become spans of instants. */
import { instantOf, wallOf } from '../site-day.ts';
import type { CalendarInput, HourSpan } from './calendars.ts';
import { isHoliday } from './holidays.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const FURTHEST_DAYS = 366;
const MOST_DAYS = 800;
const WHOLE_DAY: readonly HourSpan[] = [{ from: '00:00', to: '24:00' }];

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** What begins on that day. @param day its midnight on the wall, as if it were UTC, ms */
function hoursOf(calendar: CalendarInput, day: number): readonly HourSpan[] {
  const date = new Date(day).toISOString().slice(0, 10);
  const own = calendar.dates.find((one) => one.date === date);
  if (own !== undefined) return own.spans;
  if (calendar.holidays !== 'weekday' && isHoliday(date)) {
    if (calendar.holidays === 'closed') return [];
    return calendar.holidays === 'open' ? WHOLE_DAY : calendar.holidayHours;
  }
  const weekday = new Date(day).getUTCDay() || 7;
  return calendar.weekly.filter(({ days }) => days.includes(weekday));
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function spansOf(calendar: CalendarInput, timeZone: string, day: number): Span[] {
  return hoursOf(calendar, day).map(({ from, to }) => {
    const [begin, end] = [minutesOf(from), minutesOf(to)];
    const last = end <= begin ? end + 24 * 60 : end;
    return {
      from: instantOf(timeZone, day + begin * MINUTE_MS).getTime(),
      to: instantOf(timeZone, day + last * MINUTE_MS).getTime(),
    };
  });
}

export interface Hours {
  includes(at: Date): boolean;
  /** The first instant after `from` at which it begins or ends; null: not within a year. */
  nextChange(from: Date): Date | null;
}

export function createHours(calendar: CalendarInput, timeZone: string): Hours {
  /** Days that were looked at: questions come in a row about the same ones. */
  const days = new Map<number, readonly Span[]>();
  const spansOn = (day: number): readonly Span[] => {
    let spans = days.get(day);
    if (spans === undefined) {
      spans = spansOf(calendar, timeZone, day);
      if (days.size >= MOST_DAYS) days.clear();
      days.set(day, spans);
    }
    return spans;
  };
  const dayOf = (instant: number): number => Math.floor(wallOf(timeZone, new Date(instant)) / DAY_MS) * DAY_MS;
  /** The end of the longest span that holds an instant; null: none does. What began yesterday may last until tonight. */
  const endAt = (instant: number): number | null => {
    const day = dayOf(instant);
    let end: number | null = null;
    for (const span of [...spansOn(day - DAY_MS), ...spansOn(day)]) {
      if (span.from <= instant && instant < span.to && span.to > (end ?? 0)) end = span.to;
    }
    return end;
  };

  return {
    includes: (at) => endAt(at.getTime()) !== null,
    nextChange(from) {
      const now = from.getTime();
      const last = now + FURTHEST_DAYS * DAY_MS;
      let end = endAt(now);
      if (end !== null) {
        // Spans that touch are one.
        for (let next = endAt(end); next !== null && end < last; next = endAt(end)) end = next;
        return end < last ? new Date(end) : null;
      }
      for (let day = dayOf(now); day <= last; day += DAY_MS) {
        const begins = spansOn(day)
          .map((span) => span.from)
          .filter((begin) => begin > now);
        if (begins.length > 0) return new Date(Math.min(...begins));
      }
      return null;
    },
  };
}
