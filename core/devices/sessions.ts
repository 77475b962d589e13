/** Standing connections: one a device. The newest takes over, unless two devices fight over one name. */
import { LprError } from '../errors.ts';
import type { DoorSession } from './devices.ts';
import type { Known } from './registry.ts';

/** So many take-overs within a minute are no reconnects any more. */
const MOST_TAKEOVERS = 5;
const TAKEOVER_MS = 60_000;
/** A connection made for a message or two (the predecessor's first devices make one for each) stands for nothing when it ends. */
const BRIEF_MS = 20_000;

interface Held {
  readonly since: number;
  readonly session: DoorSession;
  readonly one: Known;
}

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions({
  now,
  linked,
}: {
  readonly now: () => Date;
  /** Told when a device got its connection, and when it lost it; null when that one was too brief to tell anything. */
  readonly linked: (one: Known, isUp: boolean | null) => void;
}) {
  const byDevice = new Map<string, Held>();
  const bySession = new Map<string, Set<string>>();
  const takeovers = new Map<string, number[]>();

  return {
    /** @throws too_many_attempts when another live connection of this device keeps coming back */
    seen(one: Known, session: DoorSession): void {
      const { deviceId } = one.stored;
      const before = byDevice.get(deviceId);
      if (before?.session.sessionId === session.sessionId) return;
      // Of devices without an id behind one address nobody knows how many there are: they do not take over from each other.
      const isNameless = one.stored.ref === '' && one.stored.tokenHash === null;
      if (before !== undefined && !isNameless) {
        const at = now().getTime();
        const recent = (takeovers.get(deviceId) ?? []).filter((time) => at - time < TAKEOVER_MS);
        if (recent.length >= MOST_TAKEOVERS) {
          throw new LprError(
            'too_many_attempts',
            'Two devices send under one id and take the connection from each other: give one of them another id.',
          );
        }
        takeovers.set(deviceId, [...recent, at]);
        bySession.get(before.session.sessionId)?.delete(deviceId);
        before.session.close('another connection of this device has taken over');
      }
      byDevice.set(deviceId, { session, one, since: now().getTime() });
      const devices = bySession.get(session.sessionId) ?? new Set();
      bySession.set(session.sessionId, devices.add(deviceId));
      one.isOnline = true;
      linked(one, true);
    },
    ended(sessionId: string): void {
      for (const deviceId of bySession.get(sessionId) ?? []) {
        const held = byDevice.get(deviceId);
        if (held?.session.sessionId !== sessionId) continue;
        byDevice.delete(deviceId);
        const isUp = now().getTime() - held.since < BRIEF_MS ? null : false;
        held.one.isOnline = isUp;
        linked(held.one, isUp);
      }
      bySession.delete(sessionId);
    },
    isConnected: (deviceId: string): boolean => byDevice.has(deviceId),
    /** The one device of this format that has told its name over a connection; null when none has, or several have. */
    deviceOf(sessionId: string, format: string): Known | null {
      const own = [...(bySession.get(sessionId) ?? [])].flatMap((deviceId) => byDevice.get(deviceId)?.one ?? []);
      const [one, ...more] = own.filter(({ stored }) => stored.format === format);
      return more.length === 0 ? (one ?? null) : null;
    },
    /** Ends the device's connection, if it has one. */
    cut(deviceId: string, reason: string): void {
      byDevice.get(deviceId)?.session.close(reason);
    },
  };
}
