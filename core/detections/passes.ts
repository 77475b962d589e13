/** The vehicles that are before the cameras now, and those around late reads: which pass a read belongs to. */
import { v7 as uuidv7 } from 'uuid';
import { createBatcher } from '../batcher.ts';
import type { LprRecord } from '../message.ts';
import type { DetectionStore, DetectionText, ReadRecord, StoredPass } from './detection-store.ts';
import type { MergeOptions } from './detections.ts';
import { likenessOf, type Likeness } from './likeness.ts';
import { joinPass, fix, openPass, restorePass, type OpenPass } from './pass.ts';
import { createPassIndex, type PassIndex } from './pass-index.ts';
import { createCameraMotion, type CameraMotion } from './place.ts';

/** A frame may be older than its neighbours by the time the flow took; passes stay open this much longer. */
const GRACE_MS = 10_000;
/** A pass whose reads are on their way to the database is not closed before; a branch of a flow may also end without record. */
const UNWRITTEN_MS = 10 * 60_000;
/** Late reads come in the order in which they were kept back: their neighbours of this span are loaded at once. */
const SPAN_MS = 60_000;
const MOST_SPANS = 64;
/** A clock that is ahead more than this is not believed. */
const AHEAD_MS = 25 * 3_600_000;
/** As the merge node has it, until a read says otherwise. */
const DEFAULT_WINDOW_MS = 15_000;
const MOST_LOOK_UPS = 500;
/** What moved in this time teaches how vehicles move here. */
const LEARNING_MS = 3_000;

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Camera {
  readonly index: PassIndex;
  readonly motion: CameraMotion;
  /** Of the newest capture: with it time goes on for passes, also when the flow lags behind. */
  newestAt: number;
  touchedAt: number;
  windowMs: number;
  /** All passes that may get a read captured from here on are in memory; unknown before the first look into the database. */
  horizon: number | null;
  /** Before the horizon: what was loaded for late reads. */
  spans: readonly Span[];
}

export interface Merged {
  readonly pass: OpenPass;
  readonly isNew: boolean;
}

export interface Passes {
  merge(read: ReadRecord, lpr: LprRecord, options: MergeOptions): Promise<Merged>;
  /** The open pass of this detection; loads it when it was closed since. Null when there is no such detection. */
  find(detectionId: string): Promise<OpenPass | null>;
  /** A person said what is there: later reads do not change it. */
  correct(detectionId: string, text: DetectionText, status: 'corrected' | 'rejected'): void;
  /** Detections changed behind our back (merged, split): what memory knows of them is void. */
  forget(detectionIds: readonly string[]): void;
  /** The window with which this camera's reads were merged lately. */
  windowOf(cameraId: string): number;
  /** Takes out passes that will get no more reads. */
  close(now: number): readonly OpenPass[];
  /** How many passes are open, and with how many reads were compared in earnest so far. */
  counts(): { readonly open: number; readonly compared: number };
}

export const closesAfter = ({ isStanding, windowMs, parkedMs }: OpenPass): number =>
  (isStanding ? Math.max(windowMs, parkedMs) : windowMs) + GRACE_MS;

export function createPasses(store: Pick<DetectionStore, 'near' | 'ofReads' | 'passesOf'>): Passes {
  const cameras = new Map<string, Camera>();
  const byId = new Map<string, OpenPass>();
  /** Merging looks and then changes: one read of a camera at a time. */
  const queues = new Map<string, Promise<unknown>>();
  /** Whether reads were recorded before, in few questions to the database however many there are. */
  const known = createBatcher((readIds: readonly string[]) => store.ofReads(readIds), {
    most: MOST_LOOK_UPS,
    parallel: 4,
  });
  let compared = 0;

  const inTurn = <T>(cameraId: string, run: () => Promise<T>): Promise<T> => {
    const turn = (queues.get(cameraId) ?? Promise.resolve()).then(run, run);
    queues.set(cameraId, turn);
    const forget = (): void => {
      if (queues.get(cameraId) === turn) queues.delete(cameraId);
    };
    turn.then(forget, forget);
    return turn;
  };

  const cameraOf = (cameraId: string): Camera => {
    let camera = cameras.get(cameraId);
    if (camera === undefined) {
      camera = {
        ...{ index: createPassIndex(), motion: createCameraMotion(), newestAt: -Infinity, touchedAt: 0 },
        windowMs: DEFAULT_WINDOW_MS,
        ...{ horizon: null, spans: [] },
      };
      cameras.set(cameraId, camera);
    }
    return camera;
  };

  const keep = (pass: OpenPass): OpenPass => {
    byId.set(pass.detectionId, pass);
    cameraOf(pass.cameraId).index.add(pass);
    return pass;
  };
  const restore = ({ detection, reads }: StoredPass, windowMs: number, parkedMs: number): OpenPass => {
    const { detectionId, cameraId, capturedAtSource, receivedAt } = detection;
    const open = byId.get(detectionId);
    if (open !== undefined) return open;
    const start = { detectionId, cameraId, capturedAtSource, receivedAt, windowMs, parkedMs };
    return keep(restorePass(start, detection, reads));
  };

  /** What the database knows and memory does not: after a start, and around late reads. */
  const load = async (
    { cameraId, isLate }: Pick<LprRecord, 'cameraId' | 'isLate'>,
    camera: Camera,
    at: number,
    { windowMs, parkedMs }: { readonly windowMs: number; readonly parkedMs: number },
  ): Promise<void> => {
    const isKnown =
      (camera.horizon !== null && at >= camera.horizon) || camera.spans.some(({ from, to }) => at >= from && at <= to);
    if (isKnown) return;
    const isFirst = camera.horizon === null && !isLate;
    const to = at + (isFirst ? AHEAD_MS : SPAN_MS);
    const stored = await store.near(
      cameraId,
      ...([new Date(at - windowMs), new Date(to + windowMs), new Date(at - parkedMs)] as const),
    );
    for (const one of stored) restore(one, windowMs, parkedMs);
    if (isFirst) camera.horizon = at;
    else camera.spans = [...camera.spans, { from: at, to }].slice(-MOST_SPANS);
  };

  const bestOf = (camera: Camera, read: ReadRecord, options: MergeOptions): [OpenPass, Likeness] | null => {
    let best: [OpenPass, Likeness] | null = null;
    for (const pass of camera.index.candidates(read)) {
      compared++;
      const likeness = likenessOf(pass, read, options, camera.motion);
      if (likeness !== null && (best === null || likeness.score > best[1].score)) best = [pass, likeness];
    }
    return best;
  };

  const learn = ({ motion }: Camera, { reads }: OpenPass, read: ReadRecord): void => {
    const at = read.capturedAt.getTime();
    for (const other of reads) {
      const ms = at - other.capturedAt.getTime();
      if (read.box === null || other.box === null || Math.abs(ms) > LEARNING_MS || ms === 0) continue;
      if (ms > 0) motion.learn(other.box, read.box);
      else motion.learn(read.box, other.box);
      return;
    }
  };

  /** A read that was recorded before belongs to the detection that has it. */
  const again = async (detectionId: string, windowMs: number, parkedMs: number): Promise<OpenPass | null> => {
    const open = byId.get(detectionId);
    if (open !== undefined) return open;
    const [stored] = await store.passesOf([detectionId]);
    return stored === undefined ? null : restore(stored, windowMs, parkedMs);
  };

  const seenAgain = (pass: OpenPass): Merged => {
    pass.touchedAt = Date.now();
    pass.unwritten++;
    return { pass, isNew: false };
  };

  return {
    async merge(read, { cameraId, capturedAtSource, receivedAt, isLate, isFirst }, options) {
      const windowMs = options.windowSeconds * 1000;
      const parkedMs = options.parkedMinutes * 60_000;
      const before = isFirst === true ? null : known.add(read.readId);
      // Whoever waits in the queue hears of a failure there.
      before?.catch(() => undefined);
      return inTurn(cameraId, async () => {
        const camera = cameraOf(cameraId);
        const at = read.capturedAt.getTime();
        camera.touchedAt = Date.now();
        camera.windowMs = windowMs;
        const open = camera.index.ofRead(read.readId);
        if (open !== null) return seenAgain(open);
        const recordedAs = await before;
        const recorded = recordedAs === null ? null : await again(recordedAs, windowMs, parkedMs);
        if (recorded !== null) return seenAgain(recorded);
        await load({ cameraId, isLate }, camera, at, { windowMs, parkedMs });
        if (!isLate) camera.newestAt = Math.max(camera.newestAt, at);
        const found = bestOf(camera, read, options);
        if (found === null) {
          const detectionId = uuidv7();
          const start = { detectionId, cameraId, capturedAtSource, receivedAt: new Date(receivedAt) };
          const pass = keep(openPass({ ...start, windowMs, parkedMs }, read, isLate));
          pass.unwritten++;
          return { pass, isNew: true };
        }
        const [pass, { by, score }] = found;
        if (by === 'text' && score > 2.8) learn(camera, pass, read);
        pass.windowMs = Math.max(pass.windowMs, windowMs);
        pass.parkedMs = Math.max(pass.parkedMs, parkedMs);
        pass.unwritten++;
        const dropped = joinPass(pass, read, by, isLate);
        camera.index.addRead(pass, read);
        if (dropped !== null) camera.index.forgetRead(pass, dropped);
        return { pass, isNew: false };
      });
    },
    async find(detectionId) {
      const open = byId.get(detectionId);
      if (open !== undefined) return open;
      const [stored] = await store.passesOf([detectionId]);
      return stored === undefined ? null : restore(stored, 0, 0);
    },
    correct(detectionId, text, status) {
      const pass = byId.get(detectionId);
      if (pass !== undefined) fix(pass, text, status);
    },
    forget(detectionIds) {
      for (const detectionId of detectionIds) {
        const pass = byId.get(detectionId);
        if (pass === undefined) continue;
        byId.delete(detectionId);
        const camera = cameraOf(pass.cameraId);
        camera.index.remove(pass);
        camera.horizon = null;
        camera.spans = [];
      }
    },
    windowOf: (cameraId) => cameras.get(cameraId)?.windowMs ?? DEFAULT_WINDOW_MS,
    close(now) {
      const closed: OpenPass[] = [];
      for (const camera of cameras.values()) {
        // After the clock was set back everything counts from there.
        camera.touchedAt = Math.min(camera.touchedAt, now);
        const isQuiet = (after: number): boolean => now - camera.touchedAt > after;
        for (const pass of camera.index.passes) {
          pass.touchedAt = Math.min(pass.touchedAt, now);
          const after = closesAfter(pass);
          const wait = pass.unwritten > 0 ? UNWRITTEN_MS : after;
          if (now - pass.touchedAt <= wait) continue;
          // A flow that lags behind brings reads of the same moment much later.
          if (pass.unwritten === 0 && camera.newestAt - pass.lastAt <= after - GRACE_MS && !isQuiet(after)) continue;
          camera.index.remove(pass);
          byId.delete(pass.detectionId);
          const reach = after - GRACE_MS;
          if (camera.horizon !== null) camera.horizon = Math.max(camera.horizon, pass.lastAt + reach + 1);
          camera.spans = camera.spans.filter(({ from, to }) => pass.lastAt + reach < from || pass.firstAt - reach > to);
          closed.push(pass);
        }
      }
      return closed;
    },
    counts() {
      return { open: byId.size, compared };
    },
  };
}
