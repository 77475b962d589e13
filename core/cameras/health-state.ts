/** In which state a camera is, judged from what is known of it. Pure: times are milliseconds, handed in. */

export const CAMERA_STATES = [
  'off',
  'waiting',
  'online',
  'late',
  'offline',
  'flapping',
  'failing',
  'maintenance',
] as const;
export type CameraState = (typeof CAMERA_STATES)[number];

/** Why a camera is in its state. */
export type StateReason =
  'switched_off' | 'maintenance' | 'error' | 'device_gone' | 'no_frame_yet' | 'silence' | 'frames' | 'changes_often';

export interface Facts {
  readonly enabled: boolean;
  readonly inMaintenance: boolean;
  /** Of the last try to get a frame. */
  readonly errorCode: string | null;
  /** Whether the way to the device is known to be open (`up`) or closed (`down`); null: nobody says. */
  readonly link: 'up' | 'down' | null;
  /** Last frame or other sign of life. */
  readonly lastSeenAt: number | null;
  /** Since when the hub listens: what was missed before says nothing. */
  readonly watchedFrom: number;
  /** How long it is usually silent at most; null when that is not known. */
  readonly expectedMs: number | null;
}

export interface Standing {
  readonly state: CameraState;
  readonly since: number;
  readonly reason: StateReason;
  readonly errorCode: string | null;
  /** The state without regard to flapping. */
  readonly settled: CameraState;
  /** When it changed between working and not, of late. */
  readonly changes: readonly number[];
}

const LATE_TIMES = 3;
const LATE_GRACE_MS = 10_000;
const OFFLINE_TIMES = 10;
const OFFLINE_GRACE_MS = 30_000;

export const FLAPPING_CHANGES = 6;
export const FLAPPING_WITHIN_MS = 30 * 60_000;
/** Flapping ends after this long without a change: longer than it takes to begin, so that it does not flap itself. */
export const CALM_MS = 15 * 60_000;

const WORKS: readonly CameraState[] = ['online', 'late', 'offline', 'failing'];

export const lateAfter = (expectedMs: number): number => LATE_TIMES * expectedMs + LATE_GRACE_MS;
export const offlineAfter = (expectedMs: number): number => OFFLINE_TIMES * expectedMs + OFFLINE_GRACE_MS;

type Verdict = Pick<Standing, 'state' | 'reason' | 'errorCode'>;

function verdictOf(facts: Facts, at: number): Verdict {
  const is = (state: CameraState, reason: StateReason, errorCode: string | null = null): Verdict => ({
    state,
    reason,
    errorCode,
  });
  if (!facts.enabled) return is('off', 'switched_off');
  if (facts.inMaintenance) return is('maintenance', 'maintenance');
  if (facts.errorCode !== null) return is('failing', 'error', facts.errorCode);
  if (facts.link === 'down') return is('offline', 'device_gone');
  if (facts.lastSeenAt === null) return is('waiting', 'no_frame_yet');
  if (facts.expectedMs === null) return is('online', 'frames');
  // A clock that was set back makes the last frame lie ahead: that is no silence.
  const silence = Math.max(0, at - Math.max(facts.lastSeenAt, facts.watchedFrom));
  // Whoever is connected, or is asked by the hub and does not fail, is late at most.
  if (silence > offlineAfter(facts.expectedMs) && facts.link !== 'up') return is('offline', 'silence');
  return silence > lateAfter(facts.expectedMs) ? is('late', 'silence') : is('online', 'frames');
}

/** The state from now on; the same object when nothing changed. @param before null: just registered */
export function standingAt(before: Standing | null, facts: Facts, at: number): Standing {
  let verdict = verdictOf(facts, at);
  const hasNews = facts.lastSeenAt !== null && facts.lastSeenAt >= facts.watchedFrom;
  // After a restart the silence is counted anew; who was missed before is missed until it is heard.
  if (verdict.state === 'online' && !hasNews && (before?.settled === 'late' || before?.settled === 'offline')) {
    verdict = { state: before.settled, reason: 'silence', errorCode: null };
  }
  const countsFlaps = WORKS.includes(verdict.state);
  const hasChanged =
    before !== null && before.settled !== verdict.state && WORKS.includes(before.settled) && countsFlaps;
  const recent = (before?.changes ?? []).filter((change) => change <= at && change > at - FLAPPING_WITHIN_MS);
  const changes = countsFlaps ? [...recent, ...(hasChanged ? [at] : [])] : [];
  const isCalm = changes.every((change) => change <= at - CALM_MS);
  const isFlapping = !isCalm && (changes.length >= FLAPPING_CHANGES || before?.state === 'flapping');
  const shown: Verdict =
    isFlapping && countsFlaps ? { state: 'flapping', reason: 'changes_often', errorCode: verdict.errorCode } : verdict;
  const isSame =
    before !== null &&
    before.state === shown.state &&
    before.settled === verdict.state &&
    before.reason === shown.reason &&
    before.errorCode === shown.errorCode &&
    before.changes.length === changes.length;
  if (isSame) return before;
  return {
    ...shown,
    since: before?.state === shown.state ? Math.min(before.since, at) : at,
    settled: verdict.state,
    changes,
  };
}
