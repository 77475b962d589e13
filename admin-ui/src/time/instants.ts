/**
 * Instants as people read them: in the site's zone, in the era of the site's choice. Thai dates default to the Buddhist
 * calendar in browsers, so the calendar is always named.
 */

export type Era = 'gregorian' | 'buddhist';

export interface TimeStyle {
  /** `en-US` or `th`. */
  readonly locale: string;
  /** IANA name. */
  readonly zone: string;
  readonly era: Era;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(style: TimeStyle, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // English dates are written day first everywhere the hub is used.
  const language = style.locale === 'th' ? 'th-TH' : 'en-GB';
  const locale = `${language}-u-ca-${style.era === 'buddhist' ? 'buddhist' : 'gregory'}-nu-latn-hc-h23`;
  const key = `${locale} ${style.zone} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(locale, { timeZone: style.zone, ...options });
    formats.set(key, made);
  }
  return made;
}

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;

/** `14:05:09` */
export function timeOfDay(instant: Date, style: TimeStyle): string {
  return format(style, TIME).format(instant);
}

/** `23 Nov 2026` or `23 พ.ย. 2569`; the era is not spelled out, its year says it. */
export function day(instant: Date, style: TimeStyle): string {
  return format(style, DAY)
    .formatToParts(instant)
    .filter((part) => part.type !== 'era')
    .map((part) => part.value)
    .join('')
    .trim();
}

/** `23 Nov 14:05:09`: for lists, where the year is told by the neighbours. */
export function dayOfYearAndTime(instant: Date, style: TimeStyle): string {
  return `${format(style, { day: 'numeric', month: 'short' }).format(instant)} ${timeOfDay(instant, style)}`;
}

/** `23 Nov 2026 14:05:09` */
export function dayAndTime(instant: Date, style: TimeStyle): string {
  return `${day(instant, style)} ${timeOfDay(instant, style)}`;
}

/** The zone as people name it: `Asia/Bangkok, GMT+7`. */
export function zoneName(instant: Date, style: TimeStyle): string {
  const parts = format({ ...style, locale: 'en-US' }, { timeZoneName: 'shortOffset' }).formatToParts(instant);
  const offset = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  return `${style.zone}, ${offset}`;
}

/** Day and time with the zone: what is shown on hover and printed. */
export function exact(instant: Date, style: TimeStyle): string {
  return `${dayAndTime(instant, style)} (${zoneName(instant, style)})`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY_LENGTH = 24 * HOUR;

/** `12 seconds ago`, up to a day; older instants are days, which read better than hours. */
export function relative(instant: Date, now: Date, locale: string): string {
  const past = instant.getTime() - now.getTime();
  const words = new Intl.RelativeTimeFormat(locale === 'th' ? 'th-TH-u-nu-latn' : 'en-GB', { numeric: 'auto' });
  const distance = Math.abs(past);
  if (distance < MINUTE) return words.format(Math.trunc(past / SECOND), 'second');
  if (distance < HOUR) return words.format(Math.trunc(past / MINUTE), 'minute');
  if (distance < DAY_LENGTH) return words.format(Math.trunc(past / HOUR), 'hour');
  return words.format(Math.trunc(past / DAY_LENGTH), 'day');
}

/** A length of time in words, its two largest units: `2 hours 5 minutes`. */
export function duration(milliseconds: number, locale: string): string {
  const language = locale === 'th' ? 'th-TH-u-nu-latn' : 'en-GB';
  const units = [
    ['day', DAY_LENGTH],
    ['hour', HOUR],
    ['minute', MINUTE],
    ['second', SECOND],
  ] as const;
  let rest = Math.max(0, Math.round(milliseconds / SECOND) * SECOND);
  const words: string[] = [];
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count === 0 && !(unit === 'second' && words.length === 0)) {
      if (words.length > 0) break;
      continue;
    }
    words.push(new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count));
    if (words.length === 2) break;
  }
  return words.join(' ');
}

interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

function wallClock(instant: Date, zone: string): WallClock {
  const style: TimeStyle = { locale: 'en-US', zone, era: 'gregorian' };
  const parts = format(style, {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const values = new Map(parts.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
  return {
    year: values.get('year') ?? 0,
    month: values.get('month') ?? 0,
    day: values.get('day') ?? 0,
    hour: values.get('hour') ?? 0,
    minute: values.get('minute') ?? 0,
  };
}

/** The instant at which clocks in `zone` show this; in an hour that does not exist, the one after the gap. */
function instantOf(clock: WallClock, zone: string): Date {
  const wanted = Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute);
  let guess = wanted;
  // The offset at the guess may differ from the one at the answer: a second round settles it.
  for (let round = 0; round < 2; round += 1) {
    const shown = wallClock(new Date(guess), zone);
    guess += wanted - Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute);
  }
  return new Date(guess);
}

const pad = (value: number, length = 2): string => String(value).padStart(length, '0');

/** For `<input type="datetime-local">`: the site's wall clock, `2026-11-23T14:05`. */
export function toLocalInput(instant: Date, zone: string): string {
  const clock = wallClock(instant, zone);
  return `${pad(clock.year, 4)}-${pad(clock.month)}-${pad(clock.day)}T${pad(clock.hour)}:${pad(clock.minute)}`;
}

/** Back from the input; null when it is empty or half typed. */
export function fromLocalInput(text: string, zone: string): Date | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, dayOfMonth = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  return instantOf({ year, month, day: dayOfMonth, hour, minute }, zone);
}

/** Midnight in `zone`, `days` before today (0: today). */
export function startOfDay(now: Date, zone: string, days = 0): Date {
  const clock = wallClock(now, zone);
  const date = new Date(Date.UTC(clock.year, clock.month - 1, clock.day - days));
  return instantOf(
    { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: 0, minute: 0 },
    zone,
  );
}
