import { describe, expect, test } from '@jest/globals';
import { clockOffset, clockWarning, NO_CLOCK, withClock } from './clock-offset.ts';
import { expectedInterval, NO_GAPS, quantile, withGap } from './expected-interval.ts';
import { CALM_MS, lateAfter, offlineAfter, standingAt, type Facts, type Standing } from './health-state.ts';
import { rateFall } from './read-rate.ts';

const S = 1_000;
const MIN = 60_000;
const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 10, 26, 3);
const facts = (more: Partial<Facts> = {}): Facts => ({
  ...{ enabled: true, inMaintenance: false, errorCode: null, link: null },
  ...{ lastSeenAt: T0, watchedFrom: T0 - HOUR, expectedMs: 60 * S, ...more },
});

/** Plays a made-up day: each step changes what is known at a time; gives each change of state. */
function play(steps: readonly (readonly [at: number, change: Partial<Facts>])[], from: Partial<Facts> = {}): string[] {
  let known = facts(from);
  let standing: Standing | null = null;
  const seen: string[] = [];
  for (const [at, change] of steps) {
    known = { ...known, ...change };
    const next = standingAt(standing, known, T0 + at);
    if (next.state !== standing?.state) seen.push(`${at / S} ${next.state} ${next.reason}`);
    standing = next;
  }
  return seen;
}

/** Comes and goes. */
const flips = (count: number, every: number): (readonly [number, Partial<Facts>])[] =>
  Array.from({ length: count }, (_, i) => [
    i * every,
    { link: i % 2 === 0 ? 'up' : 'down', lastSeenAt: T0 + i * every },
  ]);

describe('the state of a camera', () => {
  test('goes by what it usually does: late after three times that, offline after ten', () => {
    expect(lateAfter(60 * S)).toBe(190 * S);
    expect(offlineAfter(60 * S)).toBe(630 * S);
    const steps = [0, 189, 191, 629, 631].map((s) => [s * S, {}] as const);
    expect(play([...steps, [700 * S, { lastSeenAt: T0 + 700 * S }]])).toEqual([
      '0 online frames',
      '191 late silence',
      '631 offline silence',
      '700 online frames',
    ]);
  });

  test('waits for a first frame, and is never late while nobody knows what is usual', () => {
    expect(
      play(
        [
          [0, {}],
          [HOUR, { lastSeenAt: T0, expectedMs: null }],
          [99 * HOUR, {}],
        ],
        { lastSeenAt: null },
      ),
    ).toEqual(['0 waiting no_frame_yet', '3600 online frames']);
  });

  test('a last will counts at once; who is connected is late at most', () => {
    expect(
      play([
        [0, { link: 'up' }],
        [2 * HOUR, {}],
        [2 * HOUR + S, { link: 'down' }],
      ]),
    ).toEqual(['0 online frames', '7200 late silence', '7201 offline device_gone']);
  });

  test('switched off goes before maintenance, maintenance before trouble', () => {
    const trouble = { errorCode: 'camera_timeout' };
    const steps = [
      [0, trouble],
      [1 * S, { inMaintenance: true }],
      [2 * S, { enabled: false }],
      [3 * S, { enabled: true, inMaintenance: false, errorCode: null }],
    ] as const;
    expect(play(steps)).toEqual([
      '0 failing error',
      '1 maintenance maintenance',
      '2 off switched_off',
      '3 online frames',
    ]);
  });

  test('changing six times in half an hour is flapping, until it is calm for a quarter', () => {
    const calm = [6 * MIN + CALM_MS - S, 6 * MIN + CALM_MS + S].map((at) => [at, { lastSeenAt: T0 + at }] as const);
    const seen = play([...flips(7, MIN), ...calm]);
    expect(seen.slice(-3)).toEqual(['300 offline device_gone', '360 flapping changes_often', '1261 online frames']);
    expect(seen).toHaveLength(8);
  });

  test('the same changes over hours are none', () => {
    expect(play(flips(20, 10 * MIN)).some((line) => line.includes('flapping'))).toBe(false);
  });

  test('a clock that is set back is no silence, and does not make it flap for ever', () => {
    expect(
      play([
        [0, {}],
        [-2 * HOUR, {}],
        [-2 * HOUR + 60 * S, {}],
      ]),
    ).toEqual(['0 online frames']);
    expect(play([...flips(7, MIN), [-3 * HOUR, {}]]).at(-1)).toBe('-10800 online frames');
  });

  test('after a restart silence counts anew, but who was missing is missing until it is heard', () => {
    const missing = { state: 'offline', settled: 'offline', reason: 'silence', errorCode: null } as const;
    const before: Standing = { ...missing, since: T0 - HOUR, changes: [] };
    const restarted = facts({ lastSeenAt: T0 - HOUR, watchedFrom: T0 });
    expect(standingAt(before, restarted, T0 + S)).toBe(before);
    expect(standingAt(null, restarted, T0 + S).state).toBe('online');
    expect(standingAt(before, { ...restarted, lastSeenAt: T0 + 2 * S }, T0 + 2 * S).state).toBe('online');
    expect(standingAt(null, restarted, T0 + 200 * S).state).toBe('late');
  });

  test('nothing new gives the very same standing', () => {
    const standing = standingAt(null, facts(), T0);
    expect(standingAt(standing, facts({ lastSeenAt: T0 + S }), T0 + S)).toBe(standing);
  });
});

describe('what is usual', () => {
  const none = { sameHours: [], recentHours: [], gaps: [], configuredMs: null };

  test('bursts do not outvote the pauses: thirty frames a pass, a pass a minute', () => {
    let gaps = NO_GAPS;
    let at = T0;
    for (let pass = 0; pass < 20; pass++) {
      gaps = withGap(gaps, 54 * S, (at += 54 * S));
      for (let i = 0; i < 30; i++) gaps = withGap(gaps, 200, (at += 200));
    }
    expect(expectedInterval({ ...none, gaps: gaps.samples })).toBe(54 * S);
  });

  test('one outage among many gaps changes nothing', () => {
    const gaps = [...Array.from({ length: 20 }, () => 5 * S), 9 * HOUR];
    expect(expectedInterval({ ...none, gaps })).toBe(5 * S);
  });

  test('an hour that is quiet every day is expected to be, although other hours are not', () => {
    const night = { sameHours: [5 * HOUR, 5.2 * HOUR, 4.9 * HOUR, 10 * MIN], recentHours: [MIN, 2 * MIN, MIN] };
    expect(expectedInterval({ ...none, ...night })).toBe(4.9 * HOUR);
  });

  test('the setting counts while nothing is learned, and as the least', () => {
    expect(expectedInterval({ ...none, configuredMs: 2 * S })).toBe(2 * S);
    expect(expectedInterval({ ...none, gaps: Array.from({ length: 12 }, () => S), configuredMs: 60 * S })).toBe(60 * S);
    expect(expectedInterval(none)).toBeNull();
  });

  test('quantiles are values that were there', () => {
    expect([quantile([], 0.5), quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 1), quantile([5], 0.1)]).toEqual([
      null,
      2,
      3,
      5,
    ]);
  });
});

describe('the clock of a device', () => {
  const learn = (offsets: readonly number[], every = 30 * S): number | null => {
    let samples = NO_CLOCK;
    offsets.forEach((offset, i) => (samples = withClock(samples, T0 + i * every, T0 + i * every - offset)));
    return clockOffset(samples);
  };

  test('is the middle of its last frames', () => {
    expect(learn([800, 900, 700, 60 * S])).toBeNull();
    expect(learn([800, 900, 700, 60 * S, 850])).toBe(850);
  });

  test('a heap of frames that were held back does not outvote the others', () => {
    let samples = NO_CLOCK;
    for (let i = 0; i < 10; i++) samples = withClock(samples, T0 + i * 30 * S, T0 + i * 30 * S - 500);
    for (let i = 0; i < 500; i++) samples = withClock(samples, T0 + 10 * MIN + i * 10, T0 - HOUR);
    expect(clockOffset(samples)).toBe(500);
  });

  test('goes on when the hub’s own clock is set back', () => {
    let samples = withClock(NO_CLOCK, T0, T0 - 500);
    for (let i = 0; i < 6; i++) samples = withClock(samples, T0 - HOUR + i * 30 * S, T0 - HOUR + i * 30 * S - 900);
    expect(clockOffset(samples)).toBe(900);
  });

  test.each([
    [4 * S, null],
    [-7 * HOUR + 800, 'clock_zone'],
    [5.5 * HOUR, 'clock_zone'],
    [40 * S, 'clock_off'],
    [-7.2 * HOUR, 'clock_off'],
    [400 * 24 * HOUR, 'clock_off'],
  ] as const)('%d ms off is %s', (offset, warning) => {
    expect(clockWarning(offset)).toBe(warning);
  });
});

describe('fallen reads', () => {
  test.each([
    [3, [100, 90, 110, 95], { expected: 95, actual: 3 }],
    [30, [100, 90, 110, 95], null],
    [0, [12, 9, 15, 10], null],
    [0, [500], null],
    [0, [0, 0, 400, 380], null],
  ])('%d where %j came before', (actual, before, fall) => {
    expect(rateFall(actual, before)).toEqual(fall);
  });
});
