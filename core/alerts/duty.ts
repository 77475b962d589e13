/** Who is on duty: shifts before turns before whoever stands in. */
import type { Calendars } from '../calendars/calendars.ts';
import { instantOf, wallOf } from '../site-day.ts';
import type { Duty, RosterInput, RosterTurn } from './people.ts';

const DAY_MS = 86_400_000;
/** Stretches that one look gives at most: a calendar may change every few minutes. */
const MOST_STRETCHES = 2_000;

type Clock = Pick<Calendars, 'includes' | 'nextChange' | 'timeZone'>;

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Whose turn it is, and when the next one takes over; nobody's before it starts. */
function turnAt(turn: RosterTurn, zone: string, at: Date): { readonly personId: string | null; readonly until: Date } {
  const start = Date.parse(turn.startsOn) + minutes(turn.handoverAt) * 60_000;
  const length = turn.everyDays * DAY_MS;
  const passed = Math.floor((wallOf(zone, at) - start) / length);
  if (passed < 0) return { personId: null, until: instantOf(zone, start) };
  return {
    personId: turn.personIds[passed % turn.personIds.length] ?? null,
    until: instantOf(zone, start + (passed + 1) * length),
  };
}

interface Look {
  readonly personIds: readonly string[];
  readonly by: Duty['by'];
  /** The next instant at which it may be otherwise. */
  readonly until: Date | null;
}

function lookAt(roster: RosterInput, clock: Clock, at: Date): Look {
  const changes: Date[] = [];
  const onShift: string[] = [];
  for (const { personIds, from, to } of roster.shifts) {
    if (from > at) changes.push(from);
    else if (to > at) {
      changes.push(to);
      onShift.push(...personIds);
    }
  }
  const onTurn: string[] = [];
  for (const turn of roster.turns) {
    const { personId, until } = turnAt(turn, clock.timeZone(), at);
    changes.push(until);
    if (turn.calendarId !== null) {
      const change = clock.nextChange(turn.calendarId, at);
      if (change !== null) changes.push(change);
      if (!clock.includes(turn.calendarId, at)) continue;
    }
    if (personId !== null) onTurn.push(personId);
  }
  const until = changes.length === 0 ? null : new Date(Math.min(...changes.map((change) => change.getTime())));
  const found: readonly [Duty['by'], readonly string[]][] = [
    ['shift', onShift],
    ['turn', onTurn],
    ['otherwise', roster.otherwise],
  ];
  for (const [by, ids] of found) {
    if (ids.length > 0) return { personIds: [...new Set(ids)], by, until };
  }
  return { personIds: [], by: null, until };
}

const isSame = (a: Pick<Duty, 'personIds' | 'by'>, b: Pick<Duty, 'personIds' | 'by'>): boolean =>
  a.by === b.by && a.personIds.join() === b.personIds.join();

/** Stretch by stretch; the first begins at `from`, the last one ends where it ends, or is open. */
export function dutiesOf(roster: RosterInput, clock: Clock, from: Date, days: number): readonly Duty[] {
  const last = from.getTime() + days * DAY_MS;
  const duties: { personIds: readonly string[]; by: Duty['by']; from: Date; to: Date | null }[] = [];
  for (let at: Date | null = from, looks = 0; at !== null && looks < MOST_STRETCHES; looks++) {
    const { until, ...look }: Look = lookAt(roster, clock, at);
    const open = duties.at(-1);
    if (open === undefined || !isSame(open, look)) {
      if (open !== undefined) open.to = at;
      if (at.getTime() > last) break;
      duties.push({ ...look, from: at, to: null });
    } else if (at.getTime() > last) break;
    at = until;
  }
  return duties;
}
