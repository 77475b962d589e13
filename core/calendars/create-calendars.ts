import { randomUUID } from 'node:crypto';
import { LprError, type FieldProblem } from '../errors.ts';
import { keepFresh } from '../kept-fresh.ts';
import type { News } from '../news.ts';
import type { Log } from '../plugins/define.ts';
import type { Calendar, CalendarInput, Calendars, CalendarStore, CalendarUse } from './calendars.ts';
import { holidaysOf } from './holidays.ts';
import { createHours, type Hours } from './hours.ts';

export interface CalendarsDependencies {
  readonly store: CalendarStore;
  readonly news: Pick<News, 'on'>;
  readonly siteZone: () => Promise<string>;
  readonly log: Log;
}

const isDate = (date: string): boolean => {
  const at = new Date(`${date}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
};

function problemsOf(input: CalendarInput): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const check = (spans: readonly { readonly from: string; readonly to: string }[], field: string): void => {
    spans.forEach(({ from, to }, index) => {
      const at = `${field}.${index}`;
      if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(from))
        problems.push({ field: `${at}.from`, problem: 'must be a time from 00:00 to 23:59' });
      if (!/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(to))
        problems.push({ field: `${at}.to`, problem: 'must be a time from 00:00 to 24:00' });
      if (from === to) problems.push({ field: `${at}.to`, problem: 'must differ: a whole day is 00:00 to 24:00' });
    });
  };
  check(input.weekly, 'weekly');
  check(input.holidayHours, 'holidayHours');
  const seen = new Set<string>();
  input.dates.forEach(({ date, spans }, index) => {
    const field = `dates.${index}.date`;
    if (!isDate(date)) problems.push({ field, problem: 'must be a day of the calendar, as 2026-04-13' });
    if (seen.has(date)) problems.push({ field, problem: 'is there twice: put its hours into one' });
    seen.add(date);
    check(spans, `dates.${index}.spans`);
  });
  if (input.name.trim() === '') problems.push({ field: 'name', problem: 'is missing' });
  return problems;
}

function checked(input: CalendarInput): CalendarInput {
  const problems = problemsOf(input);
  if (problems.length === 0) return input;
  const all = problems.map(({ field, problem }) => `${field} ${problem}`).join('; ');
  throw new LprError('invalid_input', `The calendar cannot be used: ${all}.`, { problems });
}

export function createCalendars({ store, news, siteZone, log }: CalendarsDependencies): Calendars {
  const users: ((calendarId: string) => Promise<readonly CalendarUse[]>)[] = [];
  let zone = 'Asia/Bangkok';
  let known = new Map<string, Calendar>();
  let hours = new Map<string, Hours>();

  const copy = keepFresh({
    what: 'the calendars',
    topics: ['calendars', 'site'],
    ...{ news, log },
    load: () => Promise.all([store.list(), siteZone()]),
    apply([all, timeZone]) {
      known = new Map(all.map((calendar) => [calendar.calendarId, calendar]));
      hours = new Map(all.map((calendar) => [calendar.calendarId, createHours(calendar, timeZone)]));
      zone = timeZone;
    },
  });
  const unknown = (): LprError => new LprError('not_found', 'There is no such calendar.');
  const get = (calendarId: string): Calendar => {
    const found = known.get(calendarId);
    if (found === undefined) throw unknown();
    return found;
  };
  const hoursOf = (calendarId: string): Hours => {
    const found = hours.get(calendarId);
    if (found === undefined) throw unknown();
    return found;
  };
  const save = async (calendar: Omit<Calendar, 'createdAt'>): Promise<Calendar> => {
    await store.save(calendar);
    await copy.refresh();
    return get(calendar.calendarId);
  };
  const uses = async (calendarId: string): Promise<readonly CalendarUse[]> =>
    (await Promise.all(users.map((ask) => ask(calendarId)))).flat();

  return {
    list: () => [...known.values()],
    get,
    includes: (calendarId, at) => hoursOf(calendarId).includes(at),
    nextChange: (calendarId, from) => hoursOf(calendarId).nextChange(from),
    create: async (input) => save({ ...checked(input), calendarId: randomUUID(), builtIn: null }),
    async update(calendarId, change) {
      const before = get(calendarId);
      const after = { ...before, ...change };
      checked(after);
      return save({ ...after, builtIn: after.name === before.name ? before.builtIn : null });
    },
    async remove(calendarId) {
      get(calendarId);
      const users = await uses(calendarId);
      if (users.length > 0) {
        const names = users.map(({ what, name }) => `${what} "${name}"`).join(', ');
        throw new LprError('conflict', `The calendar is used by ${names}: give them another one first.`, {
          problems: users.map(({ what, name }) => ({ field: what, problem: name })),
        });
      }
      await store.remove(calendarId);
      await copy.refresh();
    },
    uses,
    addUser: (ask) => void users.push(ask),
    holidays: holidaysOf,
    timeZone: () => zone,
    start: () => copy.start(),
    stop() {
      copy.stop();
    },
  };
}
