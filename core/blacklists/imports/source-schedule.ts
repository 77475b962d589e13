/** When a source is asked next, and whether it is long silent. */
import { instantOf, wallOf } from '../../site-day.ts';
import type { SourceSchedule } from '../imports.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Null: only when somebody asks for it. */
export function intervalOf(schedule: SourceSchedule): number | null {
  switch (schedule.every) {
    case 'minutes':
      return schedule.count * MINUTE_MS;
    case 'hours':
      return schedule.count * HOUR_MS;
    case 'day':
      return DAY_MS;
    case 'never':
      return null;
  }
}

/** @param timeZone of the site: a time of day is one of its clock */
export function nextRun(schedule: SourceSchedule, now: Date, timeZone: string): Date | null {
  if (schedule.every === 'never') return null;
  if (schedule.every !== 'day') return new Date(now.getTime() + (intervalOf(schedule) ?? 0));
  const [hours = 0, minutes = 0] = schedule.at.split(':').map(Number);
  const wall = wallOf(timeZone, now);
  const today = Math.floor(wall / DAY_MS) * DAY_MS + (hours * 60 + minutes) * MINUTE_MS;
  const at = instantOf(timeZone, today);
  return at > now ? at : instantOf(timeZone, today + DAY_MS);
}

/** Nothing good for twice its interval, and a quarter of an hour. */
const GRACE_MS = 15 * MINUTE_MS;

export function isOverdue(schedule: SourceSchedule, lastSuccessAt: Date, now: Date): boolean {
  const interval = intervalOf(schedule);
  return interval !== null && now.getTime() - lastSuccessAt.getTime() > 2 * interval + GRACE_MS;
}
