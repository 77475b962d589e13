/** What every door does with a message before it hands it over. */
import type { Devices } from '../devices/devices.ts';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { DeviceFormatPlugin, Log, Transport, WireMessage } from '../plugins/define.ts';

export type DoorDevices = Pick<Devices, 'receive' | 'sessionEnded' | 'identify' | 'list'>;

/** Pictures in base64 within a message are the largest thing a device sends. */
export const MOST_BYTES = 30 * 1024 * 1024;

const NONE = new Uint8Array(0);

export const wireMessage = (
  transport: Transport,
  address: string,
  parts: Partial<Omit<WireMessage, 'transport' | 'address'>>,
): WireMessage => ({
  ...{ transport, address, receivedAt: new Date(), method: '', path: '', query: {}, headers: {}, body: NONE },
  ...{ parts: [], args: [], namespace: '', isRetained: false },
  ...parts,
});

/** Of several formats the one that knows its own marker in the message; null when none does. */
export function claimant(
  formats: readonly DeviceFormatPlugin[],
  message: WireMessage,
  log: Log,
): DeviceFormatPlugin | null {
  const [first, ...others] = formats;
  if (first === undefined || others.length === 0) return first ?? null;
  for (const format of formats) {
    try {
      if (format.claims(message)) return format;
    } catch (error) {
      // A format that stumbles over another one's message does not know it.
      log.debug({ format: format.id, err: errorMessage(error) }, 'a format could not look at a message');
    }
  }
  return null;
}

/** An IPv4 address that came over IPv6 is the same address. */
export const plainAddress = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');

/** `overloaded` as an outcome: keep it and send it again. */
export const tryLater = (message: string, retryAfterSeconds: number) =>
  ({ kind: 'later', error: new LprError('overloaded', message), retryAfterSeconds }) as const;

/** A fault of ours must not look to the device as if the message was taken. */
export const faultOf = (error: unknown): string => `${errorCode(error)}: ${errorMessage(error)}`;
