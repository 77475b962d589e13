import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { Log } from '../plugins/define.ts';
import { validate as isUuid } from 'uuid';
import type { OwnedImageStore } from './create-image-store.ts';
import {
  checkPolicy,
  cutoff,
  DAY_MS,
  floorBytes,
  keptUntil,
  strongest,
  type KeptAs,
  type Retention,
  type RetentionPolicy,
  type Room,
  type SweepResult,
} from './retention.ts';
import type { Place, RetentionStore, UsedImage, Verdict } from './retention-store.ts';

export interface RetentionDependencies {
  readonly store: RetentionStore;
  readonly images: Pick<OwnedImageStore, 'forget' | 'freeBytes' | 'dropDerived'>;
  readonly log: Log;
  readonly now?: () => Date;
}

const LOOK_MS = 60_000;
const SWEEP_MS = 3_600_000;
/** Whoever locks few pictures at a time is never waited for long. */
const BATCH = 200;
const AT_ONCE = 8;
/** What came this lately may still be on its way to what shows it. */
const FRESH_MS = 3_600_000;
const AGED: readonly KeptAs[] = ['unused', 'unmatched', 'hit'];

export function createRetention({ store, images, log, now = () => new Date() }: RetentionDependencies): Retention {
  let running: Promise<SweepResult> | null = null;
  let lastSweep: SweepResult | null = null;
  let stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isShort = false;

  const roomFor = async (policy: RetentionPolicy): Promise<Room | null> => {
    const room = await images.freeBytes();
    return room === null ? null : { ...room, floor: floorBytes(policy, room.total) };
  };

  /** Bytes go after the record: what is interrupted here is a leftover, not a picture that cannot be shown. */
  const forget = async (gone: readonly { readonly imageId: string; readonly mediaType: string }[]): Promise<void> => {
    for (let from = 0; from < gone.length; from += AT_ONCE) {
      const some = gone.slice(from, from + AT_ONCE);
      await Promise.all(some.map((image) => images.forget(image)));
      await store.clearLeftovers(some.map(({ imageId }) => imageId));
    }
  };

  const keep = ({ uses }: UsedImage): Verdict => {
    const found = strongest(uses);
    return found === null ? null : { remove: null, ...found };
  };

  const judgeAge =
    (policy: RetentionPolicy, at: Date) =>
    (image: UsedImage): Verdict => {
      const found = strongest(image.uses);
      const isOver =
        keptUntil(policy, image.uses) <= at.getTime() && image.touchedAt.getTime() <= at.getTime() - DAY_MS;
      return found !== null && isOver ? { remove: 'age', keptAs: found.keptAs } : keep(image);
    };

  const judgeSpace = (image: UsedImage): Verdict => {
    const found = strongest(image.uses);
    const isFresh = image.touchedAt.getTime() > now().getTime() - FRESH_MS;
    if (found === null || isFresh || !['unmatched', 'unused'].includes(found.keptAs)) return keep(image);
    return { remove: 'space', keptAs: found.keptAs };
  };

  const tally = { removed: 0, bytes: 0 };

  /** Goes through pictures in batches, oldest first, until there are no more, `isEnough` or the hub stops. */
  const walk = async (
    next: (after: Place | null) => Promise<readonly Place[]>,
    judge: (image: UsedImage) => Verdict,
    isEnough: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<void> => {
    for (let after: Place | null = null; !(await isEnough());) {
      stopping.signal.throwIfAborted();
      const batch: readonly Place[] = await next(after);
      after = batch.at(-1) ?? null;
      if (after === null) return;
      const gone = await store.settle(
        batch.map(({ imageId }) => imageId),
        judge,
      );
      tally.removed += gone.length;
      tally.bytes += gone.reduce((sum, { bytes }) => sum + bytes, 0);
      await forget(gone);
    }
  };

  const sort = (at: Date): Promise<void> =>
    walk((after) => store.unsorted(new Date(at.getTime() - FRESH_MS), after, BATCH), keep);

  const makeRoom = async (policy: RetentionPolicy): Promise<void> => {
    const isShortNow = async (): Promise<boolean> => {
      const room = await roomFor(policy);
      return room !== null && room.free < room.floor;
    };
    // What can be made again goes first.
    if (await isShortNow()) await images.dropDerived();
    for (const keptAs of ['unmatched', 'unused'] as const) {
      const before = new Date(now().getTime() - FRESH_MS);
      await walk(
        (after) => store.candidates(keptAs, { frame: before, patch: before }, after, BATCH),
        judgeSpace,
        async () => !(await isShortNow()),
      );
    }
    isShort = await isShortNow();
  };

  const sweepAll = async (): Promise<void> => {
    const policy = await store.policy();
    for (let left = await store.leftovers(BATCH); left.length > 0; left = await store.leftovers(BATCH)) {
      stopping.signal.throwIfAborted();
      await forget(left);
    }
    const at = now();
    await sort(at);
    for (const keptAs of AGED) {
      const cutoffs = { frame: cutoff(policy, keptAs, 'frame', at), patch: cutoff(policy, keptAs, 'patch', at) };
      await walk((after) => store.candidates(keptAs, cutoffs, after, BATCH), judgeAge(policy, at));
    }
    await makeRoom(policy);
  };

  const run = async (work: () => Promise<void>): Promise<SweepResult> => {
    const startedAt = now();
    Object.assign(tally, { removed: 0, bytes: 0 });
    let problem: SweepResult['problem'] = null;
    try {
      await work();
    } catch (error) {
      if (!stopping.signal.aborted) {
        problem = { code: errorCode(error), message: errorMessage(error) };
        log.error({ err: errorMessage(error) }, 'old pictures could not be removed; trying again');
      }
    }
    const result = { startedAt, endedAt: now(), ...tally, problem };
    if (tally.removed > 0) log.info({ ...tally }, 'old pictures were removed');
    return result;
  };

  const once = (work: () => Promise<void>): Promise<SweepResult> => {
    running ??= run(work)
      .then((result) => (lastSweep = result))
      .finally(() => {
        running = null;
      });
    return running;
  };

  /** Each minute: a whole sweep when it is due, or room when there is none. */
  const look = async (): Promise<void> => {
    if (running !== null) return;
    const since = lastSweep === null ? Infinity : now().getTime() - lastSweep.endedAt.getTime();
    if (since >= SWEEP_MS) {
      await once(sweepAll);
      return;
    }
    const policy = await store.policy();
    const room = await roomFor(policy);
    if (room !== null && room.free < room.floor) {
      await once(async () => {
        await sort(now());
        await makeRoom(policy);
      });
    } else {
      isShort = false;
    }
  };

  const known = (detectionId: string): void => {
    if (!isUuid(detectionId)) throw new LprError('not_found', 'There is no such detection.');
  };

  return {
    state: async () => ({ policy: await store.policy(), isSweeping: running !== null, lastSweep }),
    async setPolicy(policy, userId) {
      checkPolicy(policy);
      await store.setPolicy(policy, userId);
    },
    async preview(policy) {
      checkPolicy(policy);
      const at = now();
      const cutoffs = AGED.flatMap((keptAs) =>
        (['frame', 'patch'] as const).flatMap((purpose) => {
          const before = cutoff(policy, keptAs, purpose, at);
          return before === null ? [] : [{ keptAs, purpose, before }];
        }),
      );
      return { figures: await store.figures(cutoffs), room: await roomFor(policy) };
    },
    sweep: () => once(sweepAll),
    removals: ({ limit, before }) => store.removals(limit, before),
    async holds(detectionId) {
      known(detectionId);
      const holds = await store.holds(detectionId);
      if (holds === null) throw new LprError('not_found', 'There is no such detection.');
      return holds;
    },
    async hold(detectionId, kind, reason, userId) {
      known(detectionId);
      if ((await store.holds(detectionId)) === null) throw new LprError('not_found', 'There is no such detection.');
      if (await store.hold(detectionId, kind, reason, userId)) return;
      const so = kind === 'hold' ? 'is on hold already' : 'is not on hold';
      throw new LprError('conflict', `This detection ${so}: load it again.`);
    },
    problem() {
      if (isShort) {
        return 'Less is free than the rules for storage ask for, and no picture is left that may go: make room.';
      }
      return lastSweep?.problem === null || lastSweep === null
        ? null
        : `Old pictures could not be removed: ${lastSweep.problem.message}`;
    },
    start() {
      stopping = new AbortController();
      timer = setInterval(() => {
        look().catch((error: unknown) => {
          log.error({ err: errorMessage(error) }, 'the room for pictures could not be looked at; trying again');
        });
      }, LOOK_MS);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}
