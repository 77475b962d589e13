/** One message from a door: who sent it, may it, what does it say, and what is answered. */
import { errorCode, errorMessage, LprError, type ErrorCode } from '../errors.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type {
  Decoded,
  DeviceEvent,
  DeviceFormatPlugin,
  Fields,
  FormatContext,
  Log,
  Outcome,
  WireMessage,
  WireReply,
} from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { Received, ReceiveOptions } from './devices.ts';
import type { Holding } from './holding.ts';
import { sizeOf } from './packed-message.ts';
import type { Known, Registry } from './registry.ts';
import type { Sessions } from './sessions.ts';

/** Messages and their bytes that are being taken at once: what is more is told to come later. */
const MOST_IN_HAND = 5_000;
const MOST_BYTES_IN_HAND = 256 * 1024 * 1024;
/** Waiting entries of the inbox from which on devices are told to come later: the disk is not endless. */
const MOST_QUEUED = 200_000;
const RETRY_SECONDS = 15;
/** One device, a second; with a reserve for what it saved up in an outage. */
const RATE = 1_000;
const BURST = 5_000;
const MOST_WAITING_DEVICES = 1_000;
const MOST_WAITING_OF_ADDRESS = 50;

/** Not the message's fault: the same message may pass later. */
const LATER: readonly ErrorCode[] = [
  'stopping',
  'database_unavailable',
  'storage_full',
  'store_unavailable',
  'overloaded',
  'too_many_attempts',
  'internal',
];

export interface ReceptionDependencies {
  readonly registry: Registry;
  readonly holding: Holding;
  readonly sessions: Sessions;
  readonly plugins: Plugins;
  readonly ingest: Pick<Ingest, 'accept' | 'acceptEvent' | 'counts'>;
  readonly log: Log;
  /** A camera of the device, made when it is new. */
  readonly cameraOf: (one: Known, event: Pick<DeviceEvent, 'cameraRef' | 'cameraName'>) => Promise<string>;
  readonly contextOf: (plugin: DeviceFormatPlugin, one: Known | null) => Promise<FormatContext<Fields>>;
  /** Health, settings and signs of life go to the device's cameras. */
  readonly told: (one: Known, decoded: Decoded) => void;
  /** A device turned up that waits for approval. */
  readonly changed: (one: Known) => void;
  readonly now: () => Date;
}

/** What a stranger is answered whose language nobody knows. */
export function plainReply(outcome: Outcome): WireReply {
  if (outcome.kind === 'stored' || outcome.kind === 'held') {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":"success"}' };
  }
  const { error } = outcome;
  const { problems } = error.details;
  const body = JSON.stringify({
    error: { code: error.code, message: error.message, ...(problems ? { problems } : {}) },
  });
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (outcome.kind === 'later') headers['retry-after'] = String(outcome.retryAfterSeconds);
  return { status: outcome.kind === 'later' ? 503 : error.status, headers, body };
}

const asError = (error: unknown): LprError =>
  errorCode(error) !== 'internal'
    ? (error as LprError)
    : new LprError('internal', 'The hub could not take this message; its log says why.', {}, error);

/** Where the hub's database lies is nothing that a device, or whoever says it is one, need know. */
const forStrangers = (error: LprError): LprError =>
  error.code === 'database_unavailable' || error.code === 'store_unavailable'
    ? new LprError(error.code, 'The hub cannot store anything at the moment: send again later.', {}, error)
    : error;

export const outcomeOf = (raw: unknown): Outcome => {
  const error = forStrangers(asError(raw));
  return LATER.includes(error.code)
    ? { kind: 'later', error, retryAfterSeconds: RETRY_SECONDS }
    : { kind: 'refused', error };
};

/** Says nothing that would have to be known of anybody. */
const isEmpty = ({ events, health, reported, asksForSettings }: Decoded): boolean =>
  events.length === 0 && health === null && reported === null && !asksForSettings;

export type Reception = ReturnType<typeof createReception>;

export function createReception(dependencies: ReceptionDependencies) {
  const { registry, holding, sessions, plugins, ingest, log, cameraOf, contextOf, told, changed, now } = dependencies;
  const allowances = new Map<string, { left: number; at: number }>();
  let inHand = 0;
  let bytesInHand = 0;
  let isQueueFull = false;
  let queueTimer: NodeJS.Timeout | undefined;

  const formatOf = (message: WireMessage, options: ReceiveOptions): DeviceFormatPlugin => {
    const { format } = options;
    if (format !== null) {
      const plugin = plugins.find('deviceFormat', format);
      if (plugin !== null) return plugin;
      throw new LprError(
        'protocol_unknown',
        `There is no device format "${format.slice(0, 40)}": see /api/v1/plugins?kind=deviceFormat.`,
      );
    }
    const claiming = plugins
      .all('deviceFormat')
      .filter((plugin) => plugin.transports.includes(message.transport))
      .find((plugin) => {
        try {
          return plugin.claims(message);
        } catch {
          // What it cannot even look at is not of this format.
          return false;
        }
      });
    if (claiming !== undefined) return claiming;
    throw new LprError(
      'protocol_unknown',
      'This message bears the mark of no device format that the hub knows: send it to /ingest/<format>.',
    );
  };

  const byToken = (token: string, plugin: DeviceFormatPlugin): Known => {
    const one = registry.withToken(token);
    if (one === null) {
      throw new LprError(
        'ingest_key_wrong',
        'This device token is unknown or was replaced: make a new one on the Integrations page.',
      );
    }
    if (one.stored.format !== plugin.id) {
      throw new LprError(
        'ingest_key_wrong',
        `This token belongs to a device of the format "${one.stored.format}": send to /ingest/${one.stored.format}.`,
      );
    }
    return one;
  };

  const checkRate = (one: Known): void => {
    const at = now().getTime();
    const before = allowances.get(one.stored.deviceId) ?? { left: BURST, at };
    const left = Math.min(BURST, before.left + (Math.max(0, at - before.at) / 1_000) * RATE) - 1;
    allowances.set(one.stored.deviceId, { left: Math.max(left, -1), at });
    if (left < 0)
      throw new LprError(
        'too_many_attempts',
        `This device sends more than ${RATE} messages a second: send them later.`,
        { seconds: 5 },
      );
  };

  const makeWaiting = async (
    plugin: DeviceFormatPlugin,
    message: WireMessage,
    ref: string,
    name: string | null,
  ): Promise<Known> => {
    const waiting = registry.all().filter(({ stored }) => stored.state === 'waiting');
    const here = waiting.filter(({ stored }) => stored.address === message.address);
    if (waiting.length >= MOST_WAITING_DEVICES || here.length >= MOST_WAITING_OF_ADDRESS) {
      throw new LprError(
        'overloaded',
        'Too many unknown devices wait for approval: approve or remove some of them in the console.',
      );
    }
    const one = await registry.add({
      format: plugin.id,
      ref,
      name: (name ?? (ref === '' ? message.address : ref)).slice(0, 100),
      state: 'waiting',
      address: message.address,
      transport: message.transport,
    });
    changed(one);
    return one;
  };

  /** Every event of an approved device's message. @throws the first trouble that may pass */
  const storeEach = async (
    one: Known,
    plugin: DeviceFormatPlugin,
    decoded: Decoded,
    keptSince: Date | null,
  ): Promise<{ readonly frameIds: readonly string[]; readonly refused: unknown }> => {
    const before = keptSince === null ? {} : { receivedAt: keptSince };
    const taken = await Promise.allSettled(
      decoded.events.map(async (event): Promise<string | null> => {
        if (event.reads.length === 0 && event.frame === null) return null;
        const cameraId = await cameraOf(one, event);
        const common = {
          cameraId,
          capturedAt: event.capturedAt,
          capturedAtSource: event.capturedAt === null ? ('received' as const) : ('device' as const),
          eventKey: event.eventKey,
          label: null,
          ...before,
        };
        if (event.reads.length === 0 && event.frame !== null) {
          return (await ingest.accept({ ...common, bytes: event.frame })).frameId;
        }
        const { isLate, frame, pull, reads } = event;
        const { deviceId } = one.stored;
        const engine = `device:${plugin.id}`;
        return (await ingest.acceptEvent({ ...common, deviceId, engine, isLate, frame, pull, reads })).frameId;
      }),
    );
    const errors = taken.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    const passing = errors.find((error) => outcomeOf(error).kind === 'later');
    if (passing !== undefined) throw asError(passing);
    const frameIds = taken.flatMap((result) =>
      result.status === 'fulfilled' && result.value !== null ? [result.value] : [],
    );
    return { frameIds, refused: errors[0] ?? null };
  };
  const store = async (...given: Parameters<typeof storeEach>): Promise<readonly string[]> => {
    const [one] = given;
    const { frameIds, refused } = await storeEach(...given);
    if (refused !== null) {
      if (frameIds.length === 0) throw asError(refused);
      registry.failed(one, { code: errorCode(refused), message: errorMessage(refused), at: now(), heldId: null });
    }
    return frameIds;
  };

  const lagOf = ({ events }: Decoded, receivedAt: Date): number | null => {
    const [event] = events;
    if (event?.capturedAt == null || event.isLate) return null;
    const lag = receivedAt.getTime() - event.capturedAt.getTime();
    return Number.isFinite(lag) ? lag : null;
  };

  interface Told {
    readonly one: Known;
    readonly decoded: Decoded | null;
    readonly fault: LprError | null;
  }

  /** Decodes with the settings of who sent it; who that is may stand in the message alone. */
  const readMessage = async (
    plugin: DeviceFormatPlugin,
    message: WireMessage,
    { token, session }: ReceiveOptions,
  ): Promise<Told | null> => {
    const proven = token === null ? null : byToken(token, plugin);
    // Whose connection it is stands for the name that a message leaves out.
    const present = session === undefined ? null : sessions.deviceOf(session.sessionId, plugin.id);
    const nameless = present ?? registry.at(plugin.id, '', message.address);
    const decodeFor = async (one: Known | null): Promise<{ decoded: Decoded | null; fault: LprError | null }> => {
      const context = await contextOf(plugin, one);
      try {
        return { decoded: plugin.decode(message, context), fault: null };
      } catch (error) {
        if (errorCode(error) === 'internal') {
          log.error({ format: plugin.id, err: errorMessage(error) }, 'a format failed on a message; it is kept');
        }
        return { decoded: null, fault: asError(error) };
      }
    };
    const first = await decodeFor(proven ?? nameless);
    if (proven !== null) return { one: proven, ...first };
    const ref = first.decoded?.deviceRef.slice(0, 200) ?? '';
    const known = ref === '' ? nameless : registry.at(plugin.id, ref, message.address);
    if (known === null && ref === '' && first.decoded !== null && isEmpty(first.decoded)) return null;
    const one =
      known ??
      // What could not be decoded names nobody: it is of the one device that sends so from there.
      (first.decoded === null ? registry.soleAt(plugin.id, message.address) : null) ??
      (await makeWaiting(plugin, message, ref, first.decoded?.deviceName ?? null));
    const isRead = one === nameless || (Object.keys(one.stored.config).length === 0 && one.stored.timeZone === null);
    return { one, ...(isRead ? first : await decodeFor(one)) };
  };

  /** A kept message anew. @throws invalid_input and the like, which only this message suffers from, or what hinders all of them */
  const decodeAgain = async (plugin: DeviceFormatPlugin, one: Known, message: WireMessage): Promise<Decoded> => {
    const context = await contextOf(plugin, one);
    try {
      return plugin.decode(message, context);
    } catch (error) {
      if (errorCode(error) !== 'internal') throw error;
      log.error({ format: plugin.id, err: errorMessage(error) }, 'a format failed on a kept message; it stays');
      throw new LprError('invalid_input', 'The format failed on this message; the log of the hub says why.', {}, error);
    }
  };

  const checkAdmitted = ({ stored }: Known): void => {
    if (stored.state === 'blocked') throw new LprError('forbidden', 'This device was blocked in the console.');
  };

  /** What becomes of a message whose sender is known. */
  const settle = async (
    plugin: DeviceFormatPlugin,
    message: WireMessage,
    { one, decoded, fault }: Told,
  ): Promise<Outcome> => {
    const { deviceId, state } = one.stored;
    const { address, transport, receivedAt } = message;
    checkRate(one);
    registry.seen(one, { address, transport, at: receivedAt });
    if (decoded !== null) told(one, decoded);
    if (state === 'waiting') {
      if (decoded?.events.length === 0) return { kind: 'stored', frameIds: [] };
      return { kind: 'held', heldId: await holding.hold(one, 'waiting', message, fault) };
    }
    if (decoded === null) {
      const heldId = await holding.hold(one, 'quarantine', message, fault);
      const code = fault?.code ?? 'invalid_input';
      registry.failed(one, { code, message: fault?.message ?? '', at: now(), heldId });
      log.warn({ deviceId, format: plugin.id, code, heldId }, 'a message could not be decoded and is quarantined');
      return { kind: 'held', heldId };
    }
    const frameIds = await store(one, plugin, decoded, null);
    if (frameIds.length > 0) registry.storedOne(one, receivedAt, frameIds.length, lagOf(decoded, receivedAt));
    return { kind: 'stored', frameIds };
  };

  const checkRoom = (size: number): void => {
    if (inHand >= MOST_IN_HAND || bytesInHand + size > MOST_BYTES_IN_HAND || isQueueFull) {
      throw new LprError('overloaded', 'The hub is busy with what came before: send again in a moment.');
    }
  };

  const watchQueue = async (): Promise<void> => {
    const { queued } = await ingest.counts();
    isQueueFull = queued > (isQueueFull ? MOST_QUEUED * 0.9 : MOST_QUEUED);
  };

  return {
    async receive(message: WireMessage, options: ReceiveOptions): Promise<Received> {
      const size = sizeOf(message);
      let plugin: DeviceFormatPlugin | null = null;
      let heard: Told | null = null;
      let outcome: Outcome;
      let isCounted = false;
      try {
        checkRoom(size);
        inHand++;
        bytesInHand += size;
        isCounted = true;
        plugin = formatOf(message, options);
        heard = await readMessage(plugin, message, options);
        // A probe, a ping: nobody is told by it, and it asks for an answer alone.
        if (heard === null) outcome = { kind: 'stored', frameIds: [] };
        else {
          checkAdmitted(heard.one);
          if (options.session !== undefined) sessions.seen(heard.one, options.session);
          outcome = await settle(plugin, message, heard);
        }
      } catch (error) {
        if (errorCode(error) === 'internal') {
          log.error({ format: plugin?.id, err: errorMessage(error) }, 'a message of a device could not be taken');
        }
        outcome = outcomeOf(error);
        if (heard !== null && outcome.kind !== 'stored' && outcome.kind !== 'held') {
          const { code, message: text } = outcome.error;
          registry.failed(heard.one, { code, message: text, at: now(), heldId: null });
        }
      } finally {
        if (isCounted) {
          inHand--;
          bytesInHand -= size;
        }
      }
      const deviceId = heard?.one.stored.deviceId ?? null;
      if (plugin === null) return { reply: plainReply(outcome), outcome, deviceId };
      try {
        const config = heard === null ? undefined : (await contextOf(plugin, heard.one)).config;
        return { reply: plugin.reply(outcome, message, heard?.decoded ?? null, config), outcome, deviceId };
      } catch (error) {
        log.error({ format: plugin.id, err: errorMessage(error) }, 'a format could not say its answer');
        return { reply: plainReply(outcome), outcome, deviceId };
      }
    },
    turnAway(head: WireMessage, { format }: Pick<ReceiveOptions, 'format'>, error: unknown): WireReply {
      const outcome = outcomeOf(error);
      const plugin = format === null ? null : plugins.find('deviceFormat', format);
      try {
        return plugin?.reply(outcome, head, null) ?? plainReply(outcome);
      } catch (fault) {
        log.error({ format, err: errorMessage(fault) }, 'a format could not say its answer');
        return plainReply(outcome);
      }
    },
    /** What a message calls the first camera that it tells of; null when it tells of none or cannot be decoded. */
    async cameraRefOf(one: Known, message: WireMessage): Promise<string | null> {
      const plugin = plugins.find('deviceFormat', one.stored.format);
      if (plugin === null) return null;
      try {
        return (await decodeAgain(plugin, one, message)).events[0]?.cameraRef ?? null;
      } catch (error) {
        if (errorCode(error) === 'invalid_input') return null;
        throw error;
      }
    },
    /** For what was held: decodes anew and stores. @throws what hinders it */
    async retry(one: Known, message: WireMessage): Promise<void> {
      const plugin = plugins.find('deviceFormat', one.stored.format);
      if (plugin === null) throw new LprError('protocol_unknown', `The plugin "${one.stored.format}" is not there.`);
      const decoded = await decodeAgain(plugin, one, message);
      const { frameIds, refused } = await storeEach(one, plugin, decoded, message.receivedAt);
      if (frameIds.length > 0) registry.storedOne(one, now(), frameIds.length, null);
      // It stays until all of it is stored; what is stored already is known by its key.
      if (refused !== null) throw asError(refused);
    },
    start(): void {
      queueTimer = setInterval(() => {
        watchQueue().catch((error: unknown) => {
          log.warn({ err: errorMessage(error) }, 'the length of the queue could not be looked up');
        });
      }, 2_000);
      queueTimer.unref();
    },
    stop(): void {
      clearInterval(queueTimer);
    },
  };
}
