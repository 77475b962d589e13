/** What every door does with a message before it hands it over. */
import type { IncomingMessage } from 'node:http';
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

/** A proxy on this machine tells whose request it passes on (the API believes it the same way); nobody else is believed. */
export function clientAddress(req: IncomingMessage, trustsProxy: boolean): string {
  const address = plainAddress(req.socket.remoteAddress);
  if (!trustsProxy || !/^(127\.|::1$)/.test(address)) return address;
  const told = [req.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)?.trim() ?? '';
  return told === '' ? address : plainAddress(told);
}

/** A device's token as it came with a request: in the query, as Bearer, or as the password of Basic; null when none did. */
export function tokenOfRequest(req: IncomingMessage): string | null {
  const given = new URLSearchParams(req.url?.split('?')[1] ?? '').get('token');
  if (given !== null && given !== '') return given;
  const [, scheme = '', value = ''] = /^(Bearer|Basic)\s+(\S+)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  const password = Buffer.from(value, 'base64')
    .toString()
    .replace(/^[^:]*:?/, '');
  return password === '' ? null : password;
}

/** `overloaded` as an outcome: keep it and send it again. */
export const tryLater = (message: string, retryAfterSeconds: number) =>
  ({ kind: 'later', error: new LprError('overloaded', message), retryAfterSeconds }) as const;

/** A fault of ours must not look to the device as if the message was taken. */
export const faultOf = (error: unknown): string => `${errorCode(error)}: ${errorMessage(error)}`;
