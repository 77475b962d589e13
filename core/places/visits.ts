/**
 * How one vehicle's sightings become its visits to one geofence: a pure fold, so that late and corrected sightings give what they
 * would have given in time. Instants are milliseconds.
 */
import type { GeofenceEventKind, GeofenceRules } from './geofences.ts';

export interface Sighting {
  readonly detectionId: string;
  readonly cameraId: string;
  /** The detection's first read here, and its last: a vehicle that stands before a camera is seen all the time. */
  readonly at: number;
  readonly lastAt: number;
  readonly relation: 'inside' | 'out' | 'outside';
  /** The vehicle moved as the rules want it, as far as they want anything. */
  readonly fitsDirection: boolean;
}

interface Visit {
  readonly enteredAt: number;
  readonly enterDetectionId: string;
  readonly fitsDirection: boolean;
  readonly lastAt: number;
  readonly lastDetectionId: string;
  readonly lastCameraId: string;
  readonly hasDwelt: boolean;
  /** Seen outside since. */
  readonly leaving: {
    readonly at: number;
    readonly detectionId: string;
    readonly cameraId: string;
    readonly fitsDirection: boolean;
  } | null;
}

export interface VisitState {
  readonly visit: Visit | null;
  /** When each event was told last. */
  readonly told: Readonly<Partial<Record<GeofenceEventKind, number>>>;
  /** Everything up to here is taken into account. */
  readonly clock: number;
}

export const NO_VISIT: VisitState = { visit: null, told: {}, clock: 0 };

export interface VisitEvent {
  readonly event: GeofenceEventKind;
  readonly at: number;
  readonly seconds: number | null;
  readonly bySilence: boolean;
  /** Began the visit: with the event's kind it names the event, whichever process finds it, and how often. */
  readonly enterDetectionId: string;
  readonly enteredAt: number;
  /** The detection that shows it, and the camera. */
  readonly detectionId: string;
  readonly cameraId: string;
  /** When it could be known. What is seen later changes nothing of it. */
  readonly decidedAt: number;
}

export interface FoldRules {
  readonly rules: GeofenceRules;
  /** Whether the calendar of the rules has the instant. */
  readonly isOpen: (at: number) => boolean;
}

export interface Folded {
  readonly state: VisitState;
  readonly events: readonly VisitEvent[];
}

/** The next instant at which something happens by itself; null when nothing will. */
export function dueAt({ visit }: VisitState, rules: GeofenceRules): number | null {
  if (visit === null) return null;
  const { leaving, enteredAt, lastAt, hasDwelt } = visit;
  const silent = rules.silenceSeconds === null ? Infinity : lastAt + rules.silenceSeconds * 1000;
  if (leaving !== null) return Math.min(leaving.at + rules.leaveDelaySeconds * 1000, silent);
  const dwells = rules.events.includes('dwell') && !hasDwelt ? enteredAt + rules.dwellSeconds * 1000 : Infinity;
  const due = Math.min(silent, dwells);
  return due === Infinity ? null : due;
}

/** Of a sighting that lasts, its beginning and its end; what it sees in between is known at its beginning. */
const pointsOf = (sightings: readonly Sighting[]): readonly Sighting[] =>
  sightings
    .flatMap((one): Sighting[] => [one, ...(one.lastAt > one.at ? [{ ...one, at: one.lastAt }] : [])])
    // The same instant in the same order each time.
    .sort((a, b) => a.at - b.at || (a.detectionId < b.detectionId ? -1 : a.detectionId > b.detectionId ? 1 : 0));

/**
 * Takes sightings into account, none of which may be older than the state's clock, and the time up to `until`.
 * @param sightings in any order
 */
export function fold(
  from: VisitState,
  sightings: readonly Sighting[],
  until: number,
  { rules, isOpen }: FoldRules,
): Folded {
  const events: VisitEvent[] = [];
  let { visit, clock } = from;
  let told = from.told;

  const tell = (event: VisitEvent, fitsDirection: boolean): void => {
    if (!rules.events.includes(event.event) || !fitsDirection || !isOpen(event.at)) return;
    const before = told[event.event];
    if (before !== undefined && event.at - before < rules.rearmSeconds * 1000) return;
    told = { ...told, [event.event]: event.at };
    events.push(event);
  };
  const leave = (current: Visit, at: number, decidedAt: number): void => {
    const { leaving } = current;
    const shown = leaving ?? {
      detectionId: current.lastDetectionId,
      cameraId: current.lastCameraId,
      fitsDirection: current.fitsDirection,
    };
    tell(
      {
        ...{
          event: 'leave',
          at,
          decidedAt,
          bySilence: leaving === null,
          enterDetectionId: current.enterDetectionId,
          enteredAt: current.enteredAt,
        },
        ...{ seconds: (at - current.enteredAt) / 1000, detectionId: shown.detectionId, cameraId: shown.cameraId },
      },
      shown.fitsDirection,
    );
    visit = null;
  };
  /** What happens by itself up to an instant. */
  const pass = (to: number): void => {
    for (;;) {
      const due = dueAt({ visit, told, clock }, rules);
      if (visit === null || due === null || due > to) break;
      const at = Math.max(due, clock);
      const current: Visit = visit;
      const { leaving, enteredAt, enterDetectionId, lastDetectionId, lastCameraId } = current;
      const dwellAt = enteredAt + rules.dwellSeconds * 1000;
      if (leaving !== null) {
        leave(current, leaving.at, at);
      } else if (rules.events.includes('dwell') && !current.hasDwelt && due === dwellAt) {
        visit = { ...current, hasDwelt: true };
        tell(
          {
            ...{
              event: 'dwell',
              at,
              decidedAt: at,
              bySilence: false,
              enterDetectionId,
              enteredAt,
              seconds: (at - enteredAt) / 1000,
            },
            ...{ detectionId: lastDetectionId, cameraId: lastCameraId },
          },
          current.fitsDirection,
        );
      } else {
        leave(current, at, at);
      }
      clock = at;
    }
    clock = Math.max(clock, to);
  };
  const see = ({ relation, at, lastAt, detectionId, cameraId, fitsDirection }: Sighting): void => {
    if (relation === 'inside') {
      if (visit === null) {
        visit = {
          ...{ enteredAt: at, enterDetectionId: detectionId, fitsDirection, hasDwelt: false, leaving: null },
          ...{ lastAt, lastDetectionId: detectionId, lastCameraId: cameraId },
        };
        tell(
          {
            ...{ event: 'enter', at, decidedAt: at, seconds: null, bySilence: false, enterDetectionId: detectionId },
            enteredAt: at,
            ...{ detectionId, cameraId },
          },
          fitsDirection,
        );
      } else {
        visit = {
          ...visit,
          leaving: null,
          lastAt: Math.max(visit.lastAt, lastAt),
          lastDetectionId: detectionId,
          lastCameraId: cameraId,
        };
      }
      return;
    }
    if (visit === null || visit.leaving !== null) return;
    visit = { ...visit, leaving: { at, detectionId, cameraId, fitsDirection } };
  };

  for (const point of pointsOf(sightings)) {
    // Without a delay it leaves at the sighting itself, before anything that comes at the same instant.
    pass(point.at);
    see(point);
    pass(point.at);
  }
  pass(until);
  return { state: { visit, told, clock }, events };
}
