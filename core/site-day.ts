/** What the clock on the wall of the site shows, and when it shows that. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than all the rest. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Clocks are changed on the quarter of an hour everywhere, so the offset of one instant is that of its quarter. */
const QUARTER_MS = 15 * 60_000;
const offsets = new Map<string, { readonly quarter: number; readonly offset: number }>();

/** How far the zone's clock is ahead of UTC at an instant, ms. */
function offsetAt(timeZone: string, at: number): number {
  const quarter = Math.floor(at / QUARTER_MS);
  const last = offsets.get(timeZone);
  if (last?.quarter === quarter) return last.offset;
  const offset = lookUpOffset(timeZone, at);
  offsets.set(timeZone, { quarter, offset });
  return offset;
}

function lookUpOffset(timeZone: string, at: number): number {
  const parts = formatOf(timeZone).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return local - Math.floor(at / 1000) * 1000;
}

/** What the clock on the wall of the zone shows at an instant, as if it were UTC, ms. */
export const wallOf = (timeZone: string, at: Date): number => at.getTime() + offsetAt(timeZone, at.getTime());

const DAY_MS = 86_400_000;

/** Midnight of the day that `at` falls on, in an IANA zone. */
export function dayStart(timeZone: string, at: Date): Date {
  const local = at.getTime() + offsetAt(timeZone, at.getTime());
  const midnight = Math.floor(local / DAY_MS) * DAY_MS;
  // The clock may have been changed since midnight: the offset that counts is the one of then.
  const guess = midnight - offsetAt(timeZone, at.getTime());
  return new Date(midnight - offsetAt(timeZone, guess));
}

/** The instant at which a clock on the wall of the zone shows this. @param wall as if it were UTC, ms */
export function instantOf(timeZone: string, wall: number): Date {
  const guess = wall - offsetAt(timeZone, wall);
  // Around a change of the clock the offset that counts is the one of then.
  return new Date(wall - offsetAt(timeZone, guess));
}
