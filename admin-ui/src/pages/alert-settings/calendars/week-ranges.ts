/** The hours of a week as a grid shows them: of each day, in minutes; and back to how a calendar keeps them. */
import type { WeeklySpan } from '../../../api/contract.ts';

/** Minutes of a day, from before to; 0 to 1440. */
export type Range = readonly [from: number, to: number];
/** Monday first. */
export type Week = readonly (readonly Range[])[];

const DAY = 1_440;
export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;

export function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}
export const clockOf = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** In order, without overlap. */
function joined(ranges: readonly Range[]): Range[] {
  const made: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = made.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) made.push([from, to]);
  }
  return made;
}

/** A span that ends at or before its begin lasts into the next day. */
export function weekOf(spans: readonly WeeklySpan[]): Week {
  const week: Range[][] = DAYS.map(() => []);
  for (const { days, from, to } of spans) {
    const [start, end] = [minutesOf(from), minutesOf(to)];
    for (const day of days) {
      if (end > start) week[day - 1]?.push([start, end]);
      else {
        week[day - 1]?.push([start, DAY]);
        if (end > 0) week[day % 7]?.push([0, end]);
      }
    }
  }
  return week.map(joined);
}

/** Nights stay one span, and days with the same hours share theirs. */
export function spansOf(week: Week): WeeklySpan[] {
  const taken = new Set<string>();
  const byHours = new Map<string, number[]>();
  const isNightBegin = (range: Range): boolean => range[0] > 0 && range[1] === DAY;
  const nightEnd = (day: number): Range | undefined => week[day % 7]?.find((range) => range[0] === 0 && range[1] < DAY);
  for (const day of DAYS) {
    if (week[day - 1]?.some(isNightBegin) === true && nightEnd(day) !== undefined) taken.add(`${(day % 7) + 1}`);
  }
  for (const day of DAYS) {
    for (const range of week[day - 1] ?? []) {
      if (range[0] === 0 && range[1] < DAY && taken.has(String(day))) continue;
      const end = isNightBegin(range) ? (nightEnd(day)?.[1] ?? DAY) : range[1];
      const key = `${clockOf(range[0])} ${clockOf(end)}`;
      byHours.set(key, [...(byHours.get(key) ?? []), day]);
    }
  }
  return [...byHours].map(([hours, days]) => {
    const [from = '', to = ''] = hours.split(' ');
    return { from, to, days };
  });
}

/** Hours of one day switched on or off. */
export function painted(week: Week, day: number, [from, to]: Range, isOn: boolean): Week {
  return week.map((ranges, index) => {
    if (index !== day - 1) return ranges;
    if (isOn) return joined([...ranges, [from, to]]);
    return ranges.flatMap(([start, end]): Range[] =>
      [[start, Math.min(end, from)] as const, [Math.max(start, to), end] as const].filter(([a, b]) => b > a),
    );
  });
}
