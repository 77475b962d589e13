/** How a device does, in one word. */
import type { Device } from '../../api/contract.ts';

/**
 * `unheard`: made here, and nothing has come yet. `failing`: it sends, and the last of it could not be taken. `silent`: nothing for an hour, and nobody said why.
 */
export type Standing = 'waiting' | 'blocked' | 'unheard' | 'online' | 'failing' | 'silent' | 'offline';

/** By day a gate sees a vehicle an hour; devices that tell of themselves do it by the minute. */
const SILENT_AFTER_MS = 3_600_000;

export function standingOf(device: Pick<Device, 'state' | 'isOnline' | 'lastSeenAt' | 'error'>, now: Date): Standing {
  if (device.state !== 'approved') return device.state;
  if (device.isOnline === false) return 'offline';
  if (device.lastSeenAt === null) return device.isOnline === true ? 'online' : 'unheard';
  if (now.getTime() - new Date(device.lastSeenAt).getTime() > SILENT_AFTER_MS) return 'silent';
  return device.error === null ? 'online' : 'failing';
}

/** Lag as a person says it: below a minute in seconds with one digit, then in the words of durations. */
export const isShortLag = (lagMs: number): boolean => Math.abs(lagMs) < 60_000;
