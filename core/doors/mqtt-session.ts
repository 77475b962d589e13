/** One MQTT connection: who it is, what it may publish and subscribe to, and what becomes of what it publishes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DoorSession, Received } from '../devices/devices.ts';
import { LprError } from '../errors.ts';
import type { DeviceFormatPlugin, Log, WireReply } from '../plugins/define.ts';
import type { Notice } from './notices.ts';
import { formatsOf, matchFilter, matchTopic, MOST_TOPIC } from './topics.ts';
import { claimant, faultOf, wireMessage, type DoorDevices } from './wire-message.ts';

export type Identity = NonNullable<Awaited<ReturnType<DoorDevices['identify']>>>;

export interface MqttSession extends DoorSession {
  /** What it calls itself. */
  readonly clientId: string;
  /** Null for one that cannot send a token. */
  readonly identity: Identity | null;
  readonly token: string | null;
  /** Its last acknowledgement that is not out yet: they leave in the order in which messages came (MQTT 3.1.1, 4.6). */
  tail: Promise<unknown>;
  /** Another connection of the same name has taken its place: its last will is not true. */
  isReplaced: boolean;
  subscriptions: number;
}

export interface Published {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: number;
}

/** A device that is told to keep a message waits so long before it is cut off and sends again. */
const MOST_PATIENCE_SECONDS = 5;
const MOST_SUBSCRIPTIONS = 50;
/** How often a last will is tried: nobody sends it again. */
const WILL_TRIES = 5;
/** How long tokens of the registry are taken as known. */
const REGISTRY_MS = 2_000;

export interface TrafficOptions {
  readonly devices: DoorDevices;
  readonly formats: readonly DeviceFormatPlugin[];
  readonly log: Log;
  readonly notice: Notice;
  readonly signal: AbortSignal;
}

export interface MqttTraffic {
  /**
   * Resolves with the answers to publish once the message is durable, or is one that must not come again.
   * @throws forbidden, overloaded and the like: it must not be acknowledged
   */
  publish(session: MqttSession, message: Published): Promise<NonNullable<WireReply['publish']>>;
  /** The last will of a connection that broke. */
  will(session: MqttSession, message: Published): Promise<NonNullable<WireReply['publish']>>;
  /** Why this last will may not be given; null when it may, or is one that nobody declares and is let be. */
  willFault(identity: Identity | null, topic: string): string | null;
  maySubscribe(session: MqttSession, filter: string): Promise<boolean>;
}

export function createTraffic({ devices, formats, log, notice, signal }: TrafficOptions): MqttTraffic {
  let guarded: { readonly at: number; readonly refs: Promise<ReadonlySet<string>> } | null = null;
  /** `format` and own id of the devices that have a token: strangers get nothing of theirs. */
  const guardedRefs = (): Promise<ReadonlySet<string>> => {
    if (guarded === null || Date.now() - guarded.at > REGISTRY_MS) {
      const refs = devices
        .list()
        .then((all) => new Set(all.filter(({ hasToken }) => hasToken).map(({ format, ref }) => `${format} ${ref}`)));
      guarded = { at: Date.now(), refs };
    }
    return guarded.refs;
  };

  /** The formats whose topic this is and as which this one may publish it. */
  const allowed = (identity: Identity | null, topic: string): { declared: boolean; formats: DeviceFormatPlugin[] } => {
    const matches = topic.length > MOST_TOPIC ? [] : formatsOf(formats, topic);
    const own = matches.filter(
      ({ format, device }) =>
        identity === null || (format.id === identity.format && (device === null || device === identity.ref)),
    );
    return { declared: matches.length > 0, formats: own.map(({ format }) => format) };
  };

  /** What devices of this kind publish beside: one client carries all that it says, and is not cut off for what nobody keeps. */
  const isIgnored = (identity: Identity | null, topic: string): boolean =>
    topic.length <= MOST_TOPIC &&
    formats.some(
      (format) =>
        (identity === null || format.id === identity.format) &&
        (format.ignoredTopics ?? []).some((pattern) => {
          const match = matchTopic(pattern, topic);
          return match !== null && (identity === null || match.device === null || match.device === identity.ref);
        }),
    );

  const receive = (
    session: MqttSession,
    { topic, payload }: Published,
    candidates: readonly DeviceFormatPlugin[],
  ): Promise<Received> => {
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const message = wireMessage('mqtt', session.address, { path: topic, body });
    const format = claimant(candidates, message, log)?.id ?? null;
    return devices.receive(message, { format, token: session.token, session });
  };

  return {
    async publish(session, message) {
      const { topic, qos } = message;
      const { declared, formats: candidates } = allowed(session.identity, topic);
      if (candidates.length === 0) {
        if (!declared && isIgnored(session.identity, topic)) return [];
        const fields = { client: session.clientId, address: session.address, topic: topic.slice(0, MOST_TOPIC) };
        // Nothing is promised for QoS 0; an acknowledgement would be a lie.
        if (!declared && qos === 0) {
          notice(session.address, fields, 'an MQTT message on a topic that no device format declares was let fall');
          return [];
        }
        notice(session.address, fields, 'an MQTT client published where it may not; it was cut off');
        throw new LprError('forbidden', 'This topic is not yours to publish.');
      }
      let { outcome, reply } = await receive(session, message, candidates);
      if (outcome.kind === 'later' && !signal.aborted) {
        // While it waits nothing more is read from it: that alone slows a device down. Twice refused it is cut off.
        const seconds = Math.min(outcome.retryAfterSeconds, MOST_PATIENCE_SECONDS);
        await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
        ({ outcome, reply } = await receive(session, message, candidates));
      }
      if (outcome.kind === 'later') throw outcome.error;
      return reply.publish ?? [];
    },

    async will(session, message) {
      const { formats: candidates } = allowed(session.identity, message.topic);
      if (candidates.length === 0) return [];
      for (let attempt = 1; ; attempt++) {
        try {
          const { outcome, reply } = await receive(session, message, candidates);
          if (outcome.kind !== 'later') return reply.publish ?? [];
          if (attempt >= WILL_TRIES) throw outcome.error;
          await sleep(Math.max(1, outcome.retryAfterSeconds) * 1000, undefined, { signal });
        } catch (error) {
          if (attempt < WILL_TRIES && !signal.aborted) continue;
          log.warn({ client: session.clientId, err: faultOf(error) }, 'the last will of a device could not be stored');
          return [];
        }
      }
    },

    willFault(identity, topic) {
      const { declared, formats: candidates } = allowed(identity, topic);
      return declared && candidates.length === 0 ? 'its last will names a topic of another device' : null;
    },

    async maySubscribe(session, filter) {
      if (filter.length > MOST_TOPIC || session.subscriptions >= MOST_SUBSCRIPTIONS) return false;
      const { identity } = session;
      for (const format of formats) {
        if (identity !== null && format.id !== identity.format) continue;
        for (const pattern of format.subscriptions ?? []) {
          const match = matchFilter(pattern, filter);
          if (match === null) continue;
          const isOwn =
            match.device === null ||
            (identity === null
              ? !(await guardedRefs()).has(`${format.id} ${match.device}`)
              : match.device === identity.ref);
          if (isOwn) return true;
        }
      }
      return false;
    },
  };
}
