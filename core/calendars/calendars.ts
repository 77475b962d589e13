/**
 * Calendars: named hours in the site's zone, with Thailand's public holidays. Rules, geofences, rosters and escalations hang on
 * them. A span belongs to the day on which it begins: the night of Friday lasts until Saturday morning, whatever Saturday is.
 */

/** What a calendar does on a public holiday: as on that weekday, nothing, the whole day, or hours of its own. */
export const HOLIDAY_RULES = ['weekday', 'closed', 'open', 'hours'] as const;
export type HolidayRule = (typeof HOLIDAY_RULES)[number];

export interface HourSpan {
  /** `HH:MM` of the site's clock. */
  readonly from: string;
  /** `HH:MM` up to `24:00`, exclusive; at or before `from` it is a time of the next day. */
  readonly to: string;
}

export interface WeeklySpan extends HourSpan {
  /** ISO 8601: 1 Monday .. 7 Sunday; the days on which it begins. */
  readonly days: readonly number[];
}

/** A day that is other than its weekday, and stronger than a holiday. */
export interface CalendarDate {
  /** `YYYY-MM-DD` of the site's calendar, Gregorian. */
  readonly date: string;
  readonly name: string;
  /** Empty: nothing on that day. */
  readonly spans: readonly HourSpan[];
}

export interface CalendarInput {
  readonly name: string;
  readonly weekly: readonly WeeklySpan[];
  readonly holidays: HolidayRule;
  /** For the rule `hours`. */
  readonly holidayHours: readonly HourSpan[];
  readonly dates: readonly CalendarDate[];
}

/** The calendars of a new install; the console has words for those that nobody renamed. */
export type BuiltInCalendar = 'always' | 'office' | 'nights';

export interface Calendar extends CalendarInput {
  readonly calendarId: string;
  readonly builtIn: BuiltInCalendar | null;
  readonly createdAt: Date;
}

export interface Holiday {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly nameEn: string;
  readonly nameTh: string;
  /** The day off in place of a holiday at a weekend. */
  readonly isSubstitute: boolean;
}

export interface HolidayYear {
  readonly year: number;
  readonly holidays: readonly Holiday[];
  /**
   * False: the Buddhist holidays, which go by the moon and are announced year by year, are not known yet; they can be added to
   * a calendar as dates of their own.
   */
  readonly hasLunar: boolean;
}

/** Something that hangs on a calendar, for people. */
export interface CalendarUse {
  readonly what: 'rule' | 'geofence' | 'roster' | 'escalation' | 'channel';
  readonly name: string;
}

export interface Calendars {
  list(): readonly Calendar[];
  /** @throws not_found */
  get(calendarId: string): Calendar;
  /** In memory. @throws not_found */
  includes(calendarId: string, at: Date): boolean;
  /** The first instant after `from` at which it begins or ends; null: not within a year. @throws not_found */
  nextChange(calendarId: string, from: Date): Date | null;
  /** @throws name_taken, invalid_input naming the field */
  create(input: CalendarInput): Promise<Calendar>;
  /** @throws not_found, name_taken, invalid_input */
  update(calendarId: string, change: Partial<CalendarInput>): Promise<Calendar>;
  /** @throws not_found, conflict naming who uses it */
  remove(calendarId: string): Promise<void>;
  /** Who uses it now. */
  uses(calendarId: string): Promise<readonly CalendarUse[]>;
  /** A room whose things hang on calendars says so, once. */
  addUser(ask: (calendarId: string) => Promise<readonly CalendarUse[]>): void;
  /** Public holidays of Thailand. @param year 2000 to 2100 */
  holidays(year: number): HolidayYear;
  /** IANA name of the site's zone, in memory. */
  timeZone(): string;
  start(): Promise<void>;
  stop(): void;
}

/** What calendars need of a database. */
export interface CalendarStore {
  list(): Promise<readonly Calendar[]>;
  /** Adds it, or makes it so; tells the news. @throws name_taken */
  save(calendar: Omit<Calendar, 'createdAt'>): Promise<void>;
  /** False when there is none. Tells the news. @throws conflict when something refers to it */
  remove(calendarId: string): Promise<boolean>;
}
