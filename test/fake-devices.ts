/** A registry of canned answers, and a format that speaks over every door: for tests of the doors alone. */
import type { Device, DoorSession, ReceiveOptions, Received } from '../core/devices/devices.ts';
import type { DoorDevices } from '../core/doors/wire-message.ts';
import {
  defineDeviceFormat,
  NOTHING_DECODED,
  type DeviceFormatPlugin,
  type Outcome,
  type WireMessage,
} from '../core/plugins/define.ts';
import { LprError } from '../core/errors.ts';

const textOf = (message: WireMessage): string => {
  const [first] = message.args;
  return message.transport === 'socketio' ? JSON.stringify(first ?? null) : Buffer.from(message.body).toString();
};

/** Says in each transport's way what became of a message. */
export const fakeFormat = (
  id = 'fake',
  marker = 'fake',
  changes: Partial<DeviceFormatPlugin> = {},
): DeviceFormatPlugin => ({
  ...defineDeviceFormat({
    id,
    fields: {},
    transports: ['http', 'websocket', 'socketio', 'mqtt'],
    socketio: [
      { namespace: '/', events: ['read', 'health', 'shared'] },
      { namespace: '/lpr', events: ['read'] },
    ],
    topics: ['cams/{device}/read', 'cams/{device}/health'],
    subscriptions: ['cams/{device}/ack', 'cams/{device}/config'],
    claims: (message) => textOf(message).includes(marker),
    decode: () => NOTHING_DECODED,
    reply(outcome, message) {
      const body = JSON.stringify({ format: id, status: outcome.kind });
      return {
        body,
        emit: [{ event: 'answer', args: [{ status: outcome.kind }] }],
        ack: [{ status: outcome.kind }],
        publish: [{ topic: message.path.replace(/[^/]*$/, 'ack'), payload: body, qos: 1, retain: false }],
      };
    },
    tellSettings: (ref, desired) => [
      { topic: `cams/${ref}/config`, payload: JSON.stringify(desired), qos: 1, retain: true },
    ],
  }),
  ...changes,
});

export interface FakeDevices extends DoorDevices {
  readonly received: { readonly message: WireMessage; readonly options: ReceiveOptions }[];
  readonly ended: string[];
  readonly sessions: Map<string, DoorSession>;
  /** What the registry lists. */
  readonly known: Partial<Device>[];
  /** What becomes of a message; by default it is stored at once. */
  decide: (message: WireMessage, options: ReceiveOptions) => Outcome | Promise<Outcome>;
  /** Resolves with the message that makes this true. */
  next(matches?: (message: WireMessage) => boolean): Promise<WireMessage>;
}

export const later = (retryAfterSeconds = 0): Outcome => ({
  kind: 'later',
  error: new LprError('overloaded', 'not now'),
  retryAfterSeconds,
});

export function createFakeDevices(
  formats: readonly DeviceFormatPlugin[],
  tokens: Readonly<Record<string, { readonly format: string; readonly ref: string }>> = {},
): FakeDevices {
  const waiting = new Set<{ matches: (message: WireMessage) => boolean; done: (message: WireMessage) => void }>();
  const fake: FakeDevices = {
    ...{ received: [], ended: [], sessions: new Map(), known: [] },
    decide: () => ({ kind: 'stored', frameIds: [] }),
    async receive(message, options): Promise<Received> {
      fake.received.push({ message, options });
      if (options.session !== undefined) fake.sessions.set(options.session.sessionId, options.session);
      for (const one of waiting) {
        if (!one.matches(message)) continue;
        waiting.delete(one);
        one.done(message);
      }
      const format =
        formats.find(({ id }) => id === options.format) ?? formats.find((one) => one.claims(message)) ?? null;
      const outcome = await fake.decide(message, options);
      return { outcome, reply: format?.reply(outcome, message, null) ?? {}, deviceId: null };
    },
    sessionEnded: (sessionId) => void fake.ended.push(sessionId),
    identify(token) {
      if (token === 'broken') return Promise.reject(new LprError('database_unavailable', 'away'));
      const known = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
      return Promise.resolve(known === undefined ? null : { deviceId: `device ${known.ref}`, ...known });
    },
    list: () => Promise.resolve(fake.known as Device[]),
    next: (matches = () => true) =>
      new Promise((done) => {
        waiting.add({ matches, done });
      }),
  };
  return fake;
}
