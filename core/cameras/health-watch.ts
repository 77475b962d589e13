/** Watches over the cameras: hears of frames, errors and devices, judges, tells of changes, keeps count by the hour. */
import { errorMessage } from '../errors.ts';
import type { Events } from '../events.ts';
import type { ImageHandle } from '../message.ts';
import type { Log } from '../plugins/define.ts';
import type { FrameStats, StoredCamera } from './camera-store.ts';
import type { CameraHealth, CameraPassing, HealthWarning } from './cameras.ts';
import { clockOffset, clockWarning, NO_CLOCK, withClock, type ClockSamples } from './clock-offset.ts';
import { expectedInterval, LEARNED_DAYS, NO_GAPS, withGap, type GapSamples } from './expected-interval.ts';
import { FLAPPING_WITHIN_MS, standingAt, type Standing } from './health-state.ts';
import type { HealthStore, HourEvidence, StateChange } from './health-store.ts';
import { createHourBook, HOUR_MS, hourOf } from './hour-counts.ts';
import type { MaintenanceWindow } from './maintenance.ts';
import { rateFall, WEEKS } from './read-rate.ts';

export interface HealthWatchDependencies {
  readonly store: HealthStore;
  readonly events: Events;
  readonly log: Log;
  readonly now: () => Date;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic?: () => number;
  readonly maintenanceOf: (cameraId: string, at: Date) => MaintenanceWindow | null;
}

export interface HealthWatch {
  /** Added or changed. */
  registered(camera: StoredCamera): void;
  removed(cameraId: string): void;
  /** How many came today, and the last one. */
  counted(stats: FrameStats): void;
  frame(cameraId: string, frame: ImageHandle | null, at: Date, capturedAt: Date | null): void;
  alive(cameraId: string): void;
  link(cameraId: string, link: 'up' | 'down' | null): void;
  error(cameraId: string, error: { readonly code: string; readonly message: string } | null): void;
  healthOf(cameraId: string): Omit<CameraHealth, keyof CameraPassing>;
  /** Judges all; called every few seconds. */
  tick(): void;
  /** Writes what was gathered. */
  flush(): Promise<void>;
  /** What is usual at this hour is looked up. */
  turnHour(): Promise<void>;
  /** With what is known of the cameras from before. */
  start(cameras: readonly StoredCamera[], stats: readonly FrameStats[]): Promise<void>;
  stop(): Promise<void>;
}

interface Watched {
  camera: Pick<StoredCamera, 'cameraId' | 'enabled' | 'protocol' | 'config'>;
  standing: Standing | null;
  lastSeenAt: number | null;
  watchedFrom: number;
  link: 'up' | 'down' | null;
  error: CameraHealth['error'];
  lastFrameAt: Date | null;
  lastFrame: ImageHandle | null;
  framesToday: number;
  gaps: GapSamples;
  clock: ClockSamples;
  evidence: Pick<HourEvidence, 'sameHours' | 'recentHours'>;
  fall: HealthWarning | null;
  told: string;
  judgedAt: number;
}

const TICK_MS = 5_000;
const FLUSH_MS = 15_000;
const JUDGE_MS = 1_000;
/** Clocks are corrected by less all the time. */
const JUMP_MS = 2_000;
const NO_EVIDENCE = { sameHours: [], recentHours: [] } as const;
const MUTED: readonly string[] = ['off', 'maintenance', 'offline', 'failing', 'waiting'];

export function createHealthWatch(dependencies: HealthWatchDependencies): HealthWatch {
  const { store, events, log, now, maintenanceOf } = dependencies;
  const monotonic = dependencies.monotonic ?? (() => performance.now());
  const watched = new Map<string, Watched>();
  const book = createHourBook();
  let changes: (StateChange & { cameraId: string })[] = [];
  let writing: Promise<void> = Promise.resolve();
  let lastTick = { wall: now().getTime(), steady: monotonic() };
  let hour = 0;
  let turning: Promise<void> = Promise.resolve();
  let timers: NodeJS.Timeout[] = [];
  let stopListening: (() => void)[] = [];

  const expectedOf = ({ camera, evidence, gaps }: Watched): number | null => {
    // People upload when they like.
    if (camera.protocol === 'upload') return null;
    const { interval } = camera.config;
    const configuredMs = typeof interval === 'number' ? interval * 1000 : null;
    return expectedInterval({ ...evidence, gaps: gaps.samples, configuredMs });
  };

  const warningsOf = (one: Watched): readonly HealthWarning[] => {
    if (MUTED.includes(one.standing?.state ?? 'off')) return [];
    const offset = clockOffset(one.clock);
    const code = clockWarning(offset);
    return [
      ...(code === null || offset === null ? [] : [{ code, value: Math.round(offset / 1000), expected: null }]),
      ...(one.fall === null ? [] : [one.fall]),
    ];
  };

  const judge = (one: Watched): void => {
    const at = now();
    one.judgedAt = at.getTime();
    const { cameraId, enabled } = one.camera;
    const before = one.standing;
    const standing = standingAt(
      before,
      {
        enabled,
        inMaintenance: maintenanceOf(cameraId, at) !== null,
        errorCode: one.error?.code ?? null,
        link: one.link,
        lastSeenAt: one.lastSeenAt,
        watchedFrom: one.watchedFrom,
        expectedMs: expectedOf(one),
      },
      at.getTime(),
    );
    one.standing = standing;
    const hasChanged = before?.state !== standing.state;
    if (hasChanged) {
      const { state: to, reason, errorCode } = standing;
      changes.push({ cameraId, from: before?.state ?? null, to, at, reason, errorCode });
      void flush();
    }
    const told = JSON.stringify([warningsOf(one).map(({ code }) => code), one.error?.code, one.error?.message]);
    if (hasChanged || told !== one.told) {
      one.told = told;
      events.emit('camera.changed', { cameraId });
    }
  };

  const writeAll = async (): Promise<void> => {
    const states = changes;
    changes = [];
    const rows = book.drain();
    try {
      if (states.length > 0) await store.addStates(states);
    } catch (error) {
      changes = [...states, ...changes];
      log.warn({ err: errorMessage(error) }, 'changes of cameras could not be written; trying again');
    }
    try {
      if (rows.length > 0) await store.addHours(rows);
    } catch (error) {
      book.putBack(rows);
      log.warn({ err: errorMessage(error) }, 'the hourly counts of cameras could not be written; trying again');
    }
  };
  function flush(): Promise<void> {
    writing = writing.then(writeAll);
    return writing;
  }

  const turnHour = async (): Promise<void> => {
    const current = hourOf(now().getTime());
    hour = current;
    await flush();
    for (const { cameraId, sameHours, recentHours } of await store.evidence(new Date(current), LEARNED_DAYS)) {
      const one = watched.get(cameraId);
      if (one !== undefined) one.evidence = { sameHours, recentHours };
    }
    const falls = new Map<string, HealthWarning>();
    for (const rates of await store.rates(new Date(current - HOUR_MS), WEEKS)) {
      const frames = rateFall(rates.frames, rates.framesBefore);
      const reads = rateFall(rates.detections, rates.detectionsBefore);
      const fall = frames ?? reads;
      if (fall === null) continue;
      const code = frames === null ? 'reads_fell' : 'frames_fell';
      falls.set(rates.cameraId, { code, value: fall.actual, expected: fall.expected });
    }
    for (const [cameraId, one] of watched) {
      // An hour that the hub did not hear whole cannot be compared.
      const isWhole = one.watchedFrom <= current - HOUR_MS;
      one.fall = isWhole ? (falls.get(cameraId) ?? null) : null;
      judge(one);
    }
  };

  /** A clock that is set, or a machine that slept, must not look like silence. */
  const mindTheClock = (): void => {
    const tick = { wall: now().getTime(), steady: monotonic() };
    const jump = tick.wall - lastTick.wall - (tick.steady - lastTick.steady);
    if (Math.abs(jump) > JUMP_MS) {
      log.warn(
        { seconds: Math.round(jump / 1000) },
        'the clock of this machine was set; silences are counted on from there',
      );
      for (const one of watched.values()) {
        if (one.lastSeenAt !== null) one.lastSeenAt += jump;
        one.watchedFrom += jump;
      }
    }
    const passed = Math.max(0, Math.min(tick.steady - lastTick.steady, HOUR_MS));
    lastTick = tick;
    for (const one of watched.values()) {
      const { cameraId, enabled } = one.camera;
      if (!enabled) continue;
      const state = one.standing?.settled;
      const from = Math.max(one.lastSeenAt ?? one.watchedFrom, one.watchedFrom);
      book.add(cameraId, tick.wall, {
        ...(state === 'offline' || state === 'failing' ? { downMs: passed } : {}),
        ...(maintenanceOf(cameraId, new Date(tick.wall)) !== null ? { maintenance: true } : {}),
        ...(tick.wall > from ? { longestSilenceMs: tick.wall - from } : {}),
      });
    }
  };

  const tick = (): void => {
    mindTheClock();
    for (const one of watched.values()) judge(one);
    if (hourOf(now().getTime()) === hour) return;
    turning = turnHour().catch((error: unknown) => {
      hour = 0;
      log.warn({ err: errorMessage(error) }, 'what is usual for the cameras could not be looked up; trying again');
    });
  };

  const seen = (one: Watched, at: number): void => {
    const from = one.lastSeenAt;
    if (from !== null && from >= one.watchedFrom && at > from) {
      one.gaps = withGap(one.gaps, at - from, at);
      book.silence(one.camera.cameraId, from, at);
    }
    one.lastSeenAt = at;
  };

  const watchedFor = (camera: StoredCamera): Watched => {
    const known = watched.get(camera.cameraId);
    if (known !== undefined) return known;
    const one: Watched = {
      ...{ camera, standing: null, lastSeenAt: null, watchedFrom: now().getTime(), link: null, error: null },
      ...{ lastFrameAt: null, lastFrame: null, framesToday: 0, gaps: NO_GAPS, clock: NO_CLOCK },
      ...{ evidence: NO_EVIDENCE, fall: null, told: '', judgedAt: -Infinity },
    };
    watched.set(camera.cameraId, one);
    return one;
  };

  const counted = ({ cameraId, framesToday, lastFrameAt, lastFrame }: FrameStats): void => {
    const one = watched.get(cameraId);
    if (one === undefined) return;
    Object.assign(one, { framesToday, lastFrameAt, lastFrame });
    one.lastSeenAt ??= lastFrameAt?.getTime() ?? null;
  };

  return {
    registered(camera) {
      const one = watchedFor(camera);
      // Switched on again: it was not listened to.
      if (!one.camera.enabled && camera.enabled) one.watchedFrom = now().getTime();
      one.camera = camera;
      judge(one);
    },
    removed(cameraId) {
      watched.delete(cameraId);
    },
    counted,
    frame(cameraId, frame, at, capturedAt) {
      const one = watched.get(cameraId);
      if (one === undefined) return;
      const time = at.getTime();
      seen(one, time);
      one.framesToday++;
      one.lastFrameAt = at;
      if (frame !== null) one.lastFrame = frame;
      if (capturedAt !== null) one.clock = withClock(one.clock, time, capturedAt.getTime());
      book.add(cameraId, time, { frames: 1 });
      one.error = null;
      if (one.link === 'down') one.link = null;
      // Thousands may come in a second: who is fine is looked at now and then.
      if (one.standing?.state !== 'online' || Math.abs(time - one.judgedAt) >= JUDGE_MS) judge(one);
    },
    alive(cameraId) {
      const one = watched.get(cameraId);
      if (one === undefined) return;
      one.lastSeenAt = now().getTime();
      if (one.link === 'down') one.link = null;
      judge(one);
    },
    link(cameraId, link) {
      const one = watched.get(cameraId);
      if (one === undefined) return;
      one.link = link;
      judge(one);
    },
    error(cameraId, error) {
      const one = watched.get(cameraId);
      if (one === undefined || (error === null && one.error === null)) return;
      one.error = error === null ? null : { ...error, since: one.error?.since ?? now() };
      judge(one);
    },
    healthOf(cameraId) {
      const one = watched.get(cameraId);
      if (one?.standing == null) {
        const nothing = {
          lastFrameAt: null,
          lastFrame: null,
          framesToday: 0,
          error: null,
          warnings: [],
          maintenance: null,
        };
        return {
          ...nothing,
          state: 'waiting',
          since: now(),
          reason: 'no_frame_yet',
          expectedSeconds: null,
          clockOffsetSeconds: null,
        };
      }
      const window = maintenanceOf(cameraId, now());
      const expected = expectedOf(one);
      const offset = clockOffset(one.clock);
      return {
        state: one.standing.state,
        since: new Date(one.standing.since),
        reason: one.standing.reason,
        lastFrameAt: one.lastFrameAt,
        lastFrame: one.lastFrame,
        framesToday: one.framesToday,
        error: one.error,
        expectedSeconds: expected === null ? null : Math.round(expected / 100) / 10,
        clockOffsetSeconds: offset === null ? null : Math.round(offset / 100) / 10,
        warnings: warningsOf(one),
        maintenance: window === null ? null : { windowId: window.windowId, to: window.to, reason: window.reason },
      };
    },
    tick,
    flush,
    turnHour,
    async start(cameras, stats) {
      for (const camera of cameras) watchedFor(camera);
      for (const one of stats) counted(one);
      const since = new Date(now().getTime() - FLAPPING_WITHIN_MS);
      for (const { cameraId, to, at, reason, errorCode, changes: times } of await store.lastStates(since)) {
        const one = watched.get(cameraId);
        if (one === undefined) continue;
        const standing = { state: to, since: at.getTime(), reason, errorCode, settled: to };
        one.standing = { ...standing, changes: to === 'flapping' ? times.map((time) => time.getTime()) : [] };
      }
      for (const one of watched.values()) judge(one);
      await turnHour();
      lastTick = { wall: now().getTime(), steady: monotonic() };
      stopListening = [
        events.on('detection.created', ({ cameraId, receivedAt }) => {
          if (watched.has(cameraId)) book.add(cameraId, receivedAt.getTime(), { detections: 1 });
        }),
        events.on('frame.ended', ({ cameraId, receivedAt, state, detectionIds }) => {
          const isEmpty = state === 'settled' && detectionIds.length === 0;
          if (isEmpty && watched.has(cameraId)) book.add(cameraId, receivedAt.getTime(), { withoutPlate: 1 });
        }),
      ];
      timers = [setInterval(tick, TICK_MS).unref(), setInterval(() => void flush(), FLUSH_MS).unref()];
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      for (const stop of stopListening) stop();
      await turning;
      await flush();
    },
  };
}
