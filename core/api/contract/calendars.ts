/** Calendars: named hours in the site's zone, with Thailand's public holidays. */
import { z } from 'zod';
import { id, instant } from './primitives.ts';

const clock = z.string().max(5).describe('HH:MM on the clock of the site');
export const HourSpan = z
  .object({ from: clock, to: clock.describe('HH:MM up to 24:00; at or before `from`: of the next day') })
  .meta({ id: 'HourSpan' });
export type HourSpan = z.infer<typeof HourSpan>;
export const WeeklySpan = HourSpan.extend({
  days: z.array(z.int().min(1).max(7)).min(1).max(7).describe('1 Monday to 7 Sunday: on which it begins'),
}).meta({ id: 'WeeklySpan' });
export type WeeklySpan = z.infer<typeof WeeklySpan>;
export const CalendarDate = z
  .object({
    date: z.string().max(10).describe('YYYY-MM-DD, Gregorian'),
    name: z.string().trim().max(100).default(''),
    spans: z.array(HourSpan).max(24).describe('empty: nothing on that day'),
  })
  .meta({ id: 'CalendarDate' });
export type CalendarDate = z.input<typeof CalendarDate>;

const settings = {
  name: z.string().trim().min(1).max(100),
  weekly: z.array(WeeklySpan).max(50),
  holidays: z
    .enum(['weekday', 'closed', 'open', 'hours'])
    .describe('on public holidays: as on that weekday, nothing, the whole day, or `holidayHours`'),
  holidayHours: z.array(HourSpan).max(24),
  dates: z.array(CalendarDate).max(1000).describe('days that are other than their weekday, stronger than holidays'),
};
export const CalendarInput = z
  .object({
    ...settings,
    holidays: settings.holidays.default('weekday'),
    holidayHours: settings.holidayHours.default([]),
    dates: settings.dates.default([]),
  })
  .meta({ id: 'CalendarInput' });
export type CalendarInput = z.input<typeof CalendarInput>;
/** Without defaults: what is left out stays. */
export const CalendarChange = z.object(settings).partial().meta({ id: 'CalendarChange' });
export type CalendarChange = z.input<typeof CalendarChange>;

export const Calendar = z
  .object({
    calendarId: id,
    ...settings,
    dates: z.array(z.object({ date: z.string(), name: z.string(), spans: z.array(HourSpan) })),
    builtIn: z
      .enum(['always', 'office', 'nights'])
      .nullable()
      .describe('one of a new install that nobody renamed: show your own words'),
    createdAt: instant,
    isOn: z.boolean().describe('now'),
    changesAt: instant.nullable().describe('when that changes; null: not within a year'),
  })
  .meta({ id: 'Calendar' });
export type Calendar = z.infer<typeof Calendar>;

export const CalendarUse = z
  .object({ what: z.enum(['rule', 'geofence', 'roster', 'escalation', 'channel']), name: z.string() })
  .meta({ id: 'CalendarUse' });
export type CalendarUse = z.infer<typeof CalendarUse>;

export const HolidayYear = z
  .object({
    year: z.int(),
    holidays: z.array(
      z.object({ date: z.string(), nameEn: z.string(), nameTh: z.string(), isSubstitute: z.boolean() }),
    ),
    hasLunar: z
      .boolean()
      .describe(
        'false: the Buddhist holidays of this year, which go by the moon, are not known yet; add them as dates',
      ),
  })
  .meta({ id: 'HolidayYear' });
export type HolidayYear = z.infer<typeof HolidayYear>;
