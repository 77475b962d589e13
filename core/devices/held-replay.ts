/** Messages that were kept as they came are taken anew: once their device is approved, or when somebody asks for it. */
import { errorMessage, LprError } from '../errors.ts';
import type { Log } from '../plugins/define.ts';
import type { DeviceStore } from './device-store.ts';
import type { HeldReason } from './devices.ts';
import { faultOf } from './holding.ts';
import { unpackMessage } from './packed-message.ts';
import { outcomeOf, type Reception } from './reception.ts';
import type { Known, Registry } from './registry.ts';

const REPLAY_AT_ONCE = 50;
/** How often it is looked for messages that an approval left. */
const CATCH_UP_MS = 5_000;

export interface Replayed {
  readonly stored: number;
  readonly failed: number;
}

export interface HeldReplayDependencies {
  readonly store: DeviceStore;
  readonly registry: Registry;
  readonly reception: Pick<Reception, 'retry' | 'cameraRefOf'>;
  readonly log: Log;
  readonly catchUpMs: number | undefined;
}

export type HeldReplay = ReturnType<typeof createHeldReplay>;

export function createHeldReplay(dependencies: HeldReplayDependencies) {
  const { store, registry, reception, log, catchUpMs = CATCH_UP_MS } = dependencies;
  /** One after the other: two at once would take the same messages. */
  let replaying: Promise<unknown> = Promise.resolve();
  let catching: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const next = replaying.then(run);
    replaying = next.catch(() => undefined);
    return next;
  };

  /** One held message anew. False: it stays, with why. */
  const tryHeld = async (heldId: string): Promise<boolean> => {
    const kept = await store.heldMessage(heldId);
    if (kept === null) return true;
    const one = registry.get(kept.held.deviceId);
    if (one === null) return true;
    try {
      await reception.retry(one, unpackMessage(kept.packed));
    } catch (error) {
      // Nobody's fault for now: the rest would meet the same.
      if (outcomeOf(error).kind === 'later') throw error;
      await store.setHeldError(heldId, 'quarantine', faultOf(error));
      return false;
    }
    await store.dropHeld([heldId]);
    return true;
  };

  const replayAll = (deviceId: string | null, reason: HeldReason | null = null): Promise<Replayed> =>
    inTurn(async () => {
      let stored = 0;
      let failed = 0;
      let after: string | null = null;
      for (;;) {
        const ids: readonly string[] = await store.heldIds({ deviceId, reason, after, limit: REPLAY_AT_ONCE });
        for (const heldId of ids) {
          const one = (await store.heldMessage(heldId))?.held.deviceId;
          // What waits for approval is not let in by the back door.
          if (one !== undefined && registry.get(one)?.stored.state !== 'approved') continue;
          if (await tryHeld(heldId)) stored++;
          else failed++;
        }
        after = ids.at(-1) ?? null;
        if (after === null) break;
      }
      await registry.recount();
      return { stored, failed };
    });

  /**
   * An approval is one word and many messages: what a kill or trouble of the hub left of them is taken later, so long as the
   * device is approved.
   */
  const catchUp = async (): Promise<void> => {
    const left = registry.all().filter(({ stored, held }) => stored.state === 'approved' && held.waiting > 0);
    for (const { stored } of left) await replayAll(stored.deviceId, 'waiting');
  };

  return {
    replayAll,
    /** @throws conflict when a device still waits for approval */
    replay: (heldIds: readonly string[]): Promise<Replayed> =>
      inTurn(async () => {
        let stored = 0;
        let failed = 0;
        for (const heldId of heldIds) {
          const deviceId = (await store.heldMessage(heldId))?.held.deviceId;
          if (deviceId === undefined) continue;
          if (registry.get(deviceId)?.stored.state !== 'approved') {
            throw new LprError('conflict', 'This device waits for approval: approve it, and its messages are taken.');
          }
          if (await tryHeld(heldId)) stored++;
          else failed++;
        }
        await registry.recount();
        return { stored, failed };
      }),
    /** What a waiting device calls the first camera that it told of; empty when it is one camera. */
    async firstCameraRef(one: Known): Promise<string> {
      const filter = { deviceId: one.stored.deviceId, reason: null, after: null, limit: REPLAY_AT_ONCE };
      for (const heldId of await store.heldIds(filter)) {
        const kept = await store.heldMessage(heldId);
        if (kept === null) continue;
        const ref = await reception.cameraRefOf(one, unpackMessage(kept.packed));
        if (ref !== null) return ref;
      }
      return '';
    },
    start(): void {
      timer = setInterval(() => {
        catching ??= catchUp()
          .catch((error: unknown) => {
            log.warn(
              { err: errorMessage(error) },
              'messages kept of approved devices could not be taken; trying again',
            );
          })
          .finally(() => (catching = null));
      }, catchUpMs);
      timer.unref();
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      await catching;
    },
  };
}
