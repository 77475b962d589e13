/** Messages that are kept as they came. */
import { v7 as uuidv7 } from 'uuid';
import { createBatcher } from '../batcher.ts';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { WireMessage } from '../plugins/define.ts';
import type { DeviceStore } from './device-store.ts';
import type { HeldMessage, HeldReason } from './devices.ts';
import { packMessage, sizeOf } from './packed-message.ts';
import type { Known } from './registry.ts';

/** Of one device that waits for approval; what is more is refused in its own words. */
export const MOST_WAITING = 1_000;
export const MOST_WAITING_BYTES = 100 * 1024 * 1024;
export const MOST_WAITING_MS = 7 * 86_400_000;
/** Of one device whose messages cannot be decoded. */
const MOST_QUARANTINED = 10_000;
const MOST_QUARANTINED_BYTES = 1024 * 1024 * 1024;

type Fault = HeldMessage['error'];

export const faultOf = (error: unknown): NonNullable<Fault> => {
  const { details } = error as Partial<LprError>;
  return { code: errorCode(error), message: errorMessage(error), field: details?.problems?.[0]?.field ?? null };
};

export type Holding = ReturnType<typeof createHolding>;

export function createHolding({ store, now }: { readonly store: DeviceStore; readonly now: () => Date }) {
  const writes = createBatcher(
    async (messages: Parameters<DeviceStore['hold']>[0]) => {
      await store.hold(messages);
      return messages.map(({ heldId }) => heldId);
    },
    // Each may carry pictures: few at once.
    { most: 20, parallel: 2 },
  );

  const checkRoom = ({ held }: Known, reason: HeldReason, size: number): void => {
    const isWaiting = reason === 'waiting';
    const count = isWaiting ? held.waiting : held.quarantined;
    const most = isWaiting ? MOST_WAITING : MOST_QUARANTINED;
    const bytes = isWaiting ? MOST_WAITING_BYTES : MOST_QUARANTINED_BYTES;
    const since = held.oldestWaitingAt;
    const isOld = isWaiting && since !== null && now().getTime() - since.getTime() > MOST_WAITING_MS;
    if (count < most && held.bytes + size <= bytes && !isOld) return;
    throw new LprError(
      'overloaded',
      isWaiting
        ? 'This device waits for approval and as much of it is kept as may be: approve it in the console, Integrations.'
        : 'Too many messages of this device could not be decoded: look at them in the console, Integrations.',
    );
  };

  return {
    /** Durable when it resolves. @throws overloaded when enough of this device is kept already */
    async hold(one: Known, reason: HeldReason, message: WireMessage, fault: unknown): Promise<string> {
      const size = sizeOf(message);
      checkRoom(one, reason, size);
      // Counted before it is written: many at once must not pass the limit together.
      const { held } = one;
      const count = (by: 1 | -1): void => {
        const waiting = reason === 'waiting' ? by : 0;
        one.held = {
          waiting: one.held.waiting + waiting,
          quarantined: one.held.quarantined + by - waiting,
          bytes: one.held.bytes + by * size,
          oldestWaitingAt: one.held.oldestWaitingAt ?? (waiting > 0 ? message.receivedAt : null),
        };
      };
      count(1);
      try {
        return await writes.add({
          heldId: uuidv7(),
          deviceId: one.stored.deviceId,
          format: one.stored.format,
          reason,
          transport: message.transport,
          path: message.path.slice(0, 500),
          receivedAt: message.receivedAt,
          bytes: size,
          packed: packMessage(message),
          error: fault === null ? null : faultOf(fault),
        });
      } catch (error) {
        count(-1);
        if (one.held.waiting === 0) one.held = { ...one.held, oldestWaitingAt: held.oldestWaitingAt };
        throw error;
      }
    },
    idle: () => writes.idle(),
  };
}
