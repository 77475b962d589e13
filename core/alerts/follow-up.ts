/** What follows when a detection says something else than before: hits that no longer match are taken back, missed ones raised. */
import type { Blacklists } from '../blacklists/blacklists.ts';
import type { DetectionChange, DetectionChanges } from '../detections/detection-changes.ts';
import { errorMessage } from '../errors.ts';
import type { Events } from '../events.ts';
import { partOf } from '../places/geofence-part.ts';
import type { Geofences } from '../places/geofences.ts';
import type { Log } from '../plugins/define.ts';
import type { Alerts } from './alerts.ts';

const POLL_MS = 5_000;
const AT_ONCE = 100;

export interface FollowUpDependencies {
  readonly changes: DetectionChanges;
  readonly blacklists: Pick<Blacklists, 'rematch' | 'withdraw' | 'considered'>;
  readonly geofences: Pick<Geofences, 'reconsider'>;
  readonly alerts: Pick<Alerts, 'reconsider' | 'retract'>;
  readonly events: Events;
  readonly log: Log;
}

export interface FollowUp {
  start(): void;
  /** Resolves when every change so far is followed up. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export function createFollowUp({
  changes,
  blacklists,
  geofences,
  alerts,
  events,
  log,
}: FollowUpDependencies): FollowUp {
  let working: Promise<void> | null = null;
  let isWanted = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let forget: (() => void) | undefined;

  const follow = async ({ cause, detectionId, summary, read }: DetectionChange): Promise<void> => {
    const left = await geofences.reconsider(detectionId, summary, { adds: cause === 'correction' });
    await alerts.retract([], left.retracted);
    if (summary === null) {
      // It went into another one, which has hits of its own.
      await alerts.retract(await blacklists.withdraw(detectionId));
      return;
    }
    // A further read goes through the flow itself, which raises what now matches.
    const { added, retracted } = await blacklists.rematch(summary, { adds: cause === 'correction', read });
    await alerts.retract(retracted);
    const seen = left.added.map((event) => ({ ...partOf(event), isNew: true }));
    await alerts.reconsider(summary, { added, events: seen, adds: cause === 'correction' });
    await blacklists.considered(added.map(({ hitId }) => hitId));
  };

  const followAll = async (): Promise<void> => {
    let failure: unknown = null;
    let after = 0;
    for (;;) {
      const pending = await changes.pending(AT_ONCE, after);
      if (pending.length === 0 || isStopped) break;
      const done: DetectionChange[] = [];
      for (const change of pending) {
        after = change.changeId;
        try {
          await follow(change);
          done.push(change);
        } catch (error) {
          // Those behind it are followed all the same.
          failure = error;
        }
      }
      await changes.done(done.map(({ changeId }) => changeId));
    }
    if (failure !== null) throw failure instanceof Error ? failure : new Error(errorMessage(failure));
  };
  const work = (): Promise<void> => {
    isWanted = true;
    working ??= (async () => {
      while (isWanted && !isStopped) {
        isWanted = false;
        await followAll();
      }
    })()
      .catch((error: unknown) => {
        log.error({ err: errorMessage(error) }, 'what follows from changed detections could not be done; trying again');
      })
      .finally(() => {
        working = null;
      });
    return working;
  };

  return {
    start() {
      forget = events.on('detection.updated', ({ before }) => {
        if (before !== null) void work();
      });
      timer = setInterval(() => void work(), POLL_MS);
      timer.unref();
      void work();
    },
    idle: () => work(),
    async stop() {
      isStopped = true;
      clearInterval(timer);
      forget?.();
      await working;
    },
  };
}
