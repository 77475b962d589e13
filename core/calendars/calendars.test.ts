import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createNews } from '../db/news.ts';
import { createCalendarStore } from '../db/stores/calendar-store.ts';
import type { News } from '../news.ts';
import type { CalendarInput, Calendars, CalendarUse } from './calendars.ts';
import { createCalendars } from './create-calendars.ts';
import { createHours } from './hours.ts';

const BANGKOK = 'Asia/Bangkok';
const weekdays = [1, 2, 3, 4, 5];
const base: CalendarInput = { name: 'Office', weekly: [], holidays: 'weekday', holidayHours: [], dates: [] };
const at = (local: string, zone = '+07:00'): Date => new Date(`${local}:00${zone}`);

describe('hours', () => {
  const office: CalendarInput = {
    ...base,
    weekly: [{ days: weekdays, from: '08:30', to: '16:30' }],
    holidays: 'closed',
  };
  const nights: CalendarInput = { ...base, weekly: [{ days: weekdays, from: '22:00', to: '06:00' }] };

  test.each([
    ['2026-11-26T08:29', false],
    ['2026-11-26T08:30', true],
    ['2026-11-26T16:29', true],
    ['2026-11-26T16:30', false],
    ['2026-11-28T10:00', false],
    // Songkran, on a Monday to Wednesday.
    ['2026-04-13T10:00', false],
    ['2026-04-15T10:00', false],
    ['2026-04-16T10:00', true],
    // Visakha Bucha 2026 is a Sunday: the Monday after it is off.
    ['2026-06-01T10:00', false],
    ['2026-06-02T10:00', true],
  ])('office hours at %s: %s', (local, expected) => {
    expect(createHours(office, BANGKOK).includes(at(local))).toBe(expected);
  });

  test.each([
    ['2026-11-26T23:59', true],
    ['2026-11-27T05:59', true],
    ['2026-11-27T06:00', false],
    // The night of Friday lasts into Saturday; Saturday has none of its own.
    ['2026-11-28T03:00', true],
    ['2026-11-28T23:00', false],
    ['2026-11-30T03:00', false],
  ])('nights over midnight at %s: %s', (local, expected) => {
    expect(createHours(nights, BANGKOK).includes(at(local))).toBe(expected);
  });

  test.each([
    ['weekday', true],
    ['closed', false],
    ['open', true],
    ['hours', false],
  ] as const)('a holiday by the rule %s', (holidays, expected) => {
    const hours = createHours({ ...office, holidays, holidayHours: [{ from: '12:00', to: '13:00' }] }, BANGKOK);
    expect(hours.includes(at('2026-12-10T10:00'))).toBe(expected);
    expect(hours.includes(at('2026-12-10T12:30'))).toBe(holidays !== 'closed');
    expect(hours.includes(at('2026-12-10T20:00'))).toBe(holidays === 'open');
  });

  test('a date of its own is stronger than holiday and weekday', () => {
    const dates = [
      { date: '2026-12-10', name: 'Open all the same', spans: [{ from: '09:00', to: '12:00' }] },
      { date: '2026-12-11', name: 'Bridge', spans: [] },
    ];
    const hours = createHours({ ...office, dates }, BANGKOK);
    expect([at('2026-12-10T10:00'), at('2026-12-11T10:00')].map((one) => hours.includes(one))).toEqual([true, false]);
  });

  test('the next change skips weekends and holidays, and joins spans that touch', () => {
    const change = (calendar: CalendarInput, local: string): string | undefined =>
      createHours(calendar, BANGKOK).nextChange(at(local))?.toISOString();
    expect(change(office, '2026-11-26T10:00')).toBe('2026-11-26T09:30:00.000Z');
    // From the Friday before Songkran to the Thursday after it.
    expect(change(office, '2026-04-10T17:00')).toBe('2026-04-16T01:30:00.000Z');
    const weekend = { ...base, weekly: [{ days: [6, 7], from: '00:00', to: '24:00' }] };
    expect(change(weekend, '2026-11-28T10:00')).toBe('2026-11-29T17:00:00.000Z');
    const always = { ...base, weekly: [{ days: [...weekdays, 6, 7], from: '00:00', to: '24:00' }] };
    expect(createHours(always, BANGKOK).nextChange(at('2026-11-28T10:00'))).toBeNull();
    expect(createHours(base, BANGKOK).nextChange(at('2026-11-28T10:00'))).toBeNull();
  });

  test('goes by the clock on the wall where clocks are changed', () => {
    const berlin = createHours({ ...base, weekly: [{ days: [7], from: '00:00', to: '06:00' }] }, 'Europe/Berlin');
    // 2026-03-29: five hours of night; 2026-10-25: seven.
    expect(berlin.nextChange(new Date('2026-03-29T00:00Z'))?.toISOString()).toBe('2026-03-29T04:00:00.000Z');
    expect(berlin.nextChange(new Date('2026-10-25T00:00Z'))?.toISOString()).toBe('2026-10-25T05:00:00.000Z');
  });
});

describe('calendars of a site', () => {
  let database: TestDatabase;
  let news: News;
  let calendars: Calendars;
  let zone = BANGKOK;
  const open = (): Calendars =>
    createCalendars({
      store: createCalendarStore(database),
      news,
      siteZone: () => Promise.resolve(zone),
      log: quietLog,
    });

  beforeAll(async () => {
    database = await openTestDatabase();
    news = createNews(database, quietLog);
    await news.start();
  });
  afterAll(async () => {
    calendars.stop();
    await news.stop();
    await database.close();
  });
  beforeEach(async () => {
    zone = BANGKOK;
    await database.pool.query('delete from calendars where built_in is null');
    calendars = open();
    await calendars.start();
  });
  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) await new Promise((done) => setTimeout(done, 10));
  };

  test('a new install has three', () => {
    expect(calendars.list().map(({ builtIn }) => builtIn)).toEqual(['always', 'nights', 'office']);
    const [always] = calendars.list();
    expect(calendars.includes(always!.calendarId, new Date())).toBe(true);
  });

  test('another process and another zone are heard of', async () => {
    const other = open();
    await other.start();
    const { calendarId } = await calendars.create({
      ...base,
      weekly: [{ days: weekdays, from: '08:00', to: '09:00' }],
    });
    await until(() => other.list().some((one) => one.calendarId === calendarId));
    expect(other.includes(calendarId, at('2026-11-26T08:30'))).toBe(true);
    zone = 'UTC';
    await news.tell('site');
    await until(() => !other.includes(calendarId, at('2026-11-26T08:30')));
    expect(other.includes(calendarId, at('2026-11-26T08:30', 'Z'))).toBe(true);
    other.stop();
  });

  test('a fault names its field, and nothing is kept', async () => {
    const faulty: CalendarInput = {
      ...base,
      weekly: [{ days: [1], from: '25:00', to: '06:00' }],
      dates: [
        { date: '2026-02-30', name: '', spans: [] },
        { date: '2026-03-01', name: '', spans: [{ from: '10:00', to: '10:00' }] },
        { date: '2026-03-01', name: '', spans: [] },
      ],
    };
    await expect(calendars.create(faulty)).rejects.toMatchObject({
      code: 'invalid_input',
      details: {
        problems: [
          { field: 'weekly.0.from' },
          { field: 'dates.0.date' },
          { field: 'dates.1.spans.0.to' },
          { field: 'dates.2.date' },
        ],
      },
    });
    await calendars.create(base);
    await expect(calendars.create({ ...base, name: 'OFFICE' })).rejects.toMatchObject({ code: 'name_taken' });
    expect(calendars.list()).toHaveLength(4);
  });

  test('a built-in one that is renamed is no longer one', async () => {
    const nights = calendars.list().find(({ builtIn }) => builtIn === 'nights')!;
    expect((await calendars.update(nights.calendarId, { holidays: 'open' })).builtIn).toBe('nights');
    expect((await calendars.update(nights.calendarId, { name: 'Late' })).builtIn).toBeNull();
  });

  test('one that is used stays, and says who uses it', async () => {
    const uses: CalendarUse[] = [{ what: 'rule', name: 'Stolen at night' }];
    calendars.addUser(() => Promise.resolve(uses));
    const { calendarId } = await calendars.create(base);
    await expect(calendars.remove(calendarId)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Stolen at night'),
    });
    uses.pop();
    await calendars.remove(calendarId);
    expect(() => calendars.includes(calendarId, new Date())).toThrow('no such calendar');
  });

  test('holidays have names in both languages, and a year without the moon says so', () => {
    const { holidays, hasLunar } = calendars.holidays(2026);
    expect(hasLunar).toBe(true);
    expect(holidays.filter(({ date }) => date.startsWith('2026-04-1'))).toEqual(
      ['13', '14', '15'].map((day) => ({
        ...{ date: `2026-04-${day}`, nameEn: 'Songkran Festival', nameTh: 'วันสงกรานต์', isSubstitute: false },
      })),
    );
    expect(holidays.filter(({ isSubstitute }) => isSubstitute).map(({ date }) => date)).toEqual([
      '2026-06-01',
      '2026-12-07',
    ]);
    // Songkran 2024 began on a Saturday: one day made good the weekend, as was announced.
    const spring = calendars.holidays(2024).holidays.filter(({ date }) => date.startsWith('2024-04'));
    expect(spring.filter(({ isSubstitute }) => isSubstitute).map(({ date }) => date)).toEqual([
      '2024-04-08',
      '2024-04-16',
    ]);
    // All of 2023, as announced: New Year's Eve and Day made good by one day, Visakha Bucha and a birthday on one Saturday too.
    const announced = ['2023-01-02', '2023-04-17', '2023-06-05', '2023-08-14', '2023-12-11'];
    const made = calendars.holidays(2023).holidays.filter(({ isSubstitute }) => isSubstitute);
    expect(made.map(({ date }) => date)).toEqual(announced);
    expect(calendars.holidays(2027).hasLunar).toBe(false);
  });
});
