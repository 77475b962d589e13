/**
 * An MQTT broker of somebody else's (MQTT 5). The hub acknowledges a message to the broker after the write: until then the
 * broker keeps it, for this hub while its session lasts, or for another one that shares the work. Devices are the broker's to
 * let in; their tokens of the hub play no part there.
 */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt';
import { errorMessage, LprError } from '../errors.ts';
import type { HealthPart } from '../hub.ts';
import type { Log, WireReply } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { ByteBudget } from './byte-budget.ts';
import { filtersOf, formatsOf } from './topics.ts';
import { claimant, faultOf, MOST_BYTES, wireMessage, type DoorDevices } from './wire-message.ts';

export interface ExternalBrokerOptions {
  readonly url: string;
  /** Where the name of this hub's session and what it listens to are kept. */
  readonly sessionFile: string;
  readonly devices: DoorDevices;
  readonly plugins: Pick<Plugins, 'all'>;
  readonly log: Log;
  readonly budget: ByteBudget;
  /** First and longest wait before it connects again. */
  readonly backOffMs?: readonly [number, number];
}

export interface ExternalBroker {
  health(): HealthPart;
  /** Whether several hubs divide the work; false: the broker refused that, each gets everything. Null until known. */
  isShared(): boolean | null;
  /** Messages that are not acknowledged to the broker yet. */
  inHand(): number;
  publish(messages: NonNullable<WireReply['publish']>): Promise<void>;
  stop(): Promise<void>;
}

/** Hubs that name the same group divide the messages (MQTT 5, 4.8.2). */
const SHARE = '$share/lpr-hub/';
const SESSION_SECONDS = 86_400;
/** How many the broker may send before the first is acknowledged (MQTT 5, 3.1.2.11.3). */
const RECEIVE_MAXIMUM = 200;
const CONNECT_MS = 10_000;
const STOP_MS = 3_000;
const ROOM_MS = 50;
const MOST_WAIT_SECONDS = 30;
/**
 * Quick at first: Mosquitto 2.0 forgets shared subscriptions when it restarts (tried with 2.0.11), and what devices send before
 * the hub is back goes to nobody.
 */
const BACK_OFF_MS = [250, 30_000] as const;

interface Kept {
  readonly clientId: string;
  /** As subscribed last, so that what no format wants any more is given up. */
  readonly filters: readonly string[];
}

async function readKept(file: string): Promise<Kept> {
  try {
    const { clientId, filters } = JSON.parse(await readFile(file, 'utf8')) as Partial<Kept>;
    if (typeof clientId === 'string' && Array.isArray(filters)) return { clientId, filters };
    throw new LprError('settings_invalid', `${file} is none of ours: remove it, the hub then begins a new session.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { clientId: `lpr-hub-${randomUUID()}`, filters: [] };
  }
}

/** @throws what the session file is, when it cannot be used; a broker that is away is told by `health` and tried for ever */
export async function openExternalBroker(options: ExternalBrokerOptions): Promise<ExternalBroker> {
  const { url, sessionFile, devices, plugins, log, budget, backOffMs = BACK_OFF_MS } = options;
  const { protocol, hostname, host } = new URL(url);
  /** Without the account. */
  const where = `${protocol}//${host}`;
  const stopping = new AbortController();
  const { signal } = stopping;
  const formats = plugins.all('deviceFormat').filter(({ transports }) => transports.includes('mqtt'));
  const filters = filtersOf(formats);
  let kept = await readKept(sessionFile);
  await writeFile(sessionFile, JSON.stringify(kept));

  let problem: string | null = 'The connection is being made.';
  let isShared: boolean | null = null;
  const inHand = new Set<Promise<void>>();
  const [firstWait, longestWait] = backOffMs;

  const client: MqttClient = mqtt.connect(url, {
    ...{ protocolVersion: 5, clientId: kept.clientId, clean: false, manualConnect: true, resubscribe: false },
    ...{ connectTimeout: CONNECT_MS, reconnectPeriod: firstWait, reconnectOnConnackError: true, queueQoSZero: false },
    properties: {
      ...{ sessionExpiryInterval: SESSION_SECONDS, receiveMaximum: RECEIVE_MAXIMUM, maximumPacketSize: MOST_BYTES },
    },
  });

  /** @throws a fault of the hub, or that it stops */
  const take = async ({ topic, payload, retain }: IPublishPacket, isGone: () => boolean): Promise<boolean> => {
    const candidates = formatsOf(formats, topic).map(({ format }) => format);
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const message = wireMessage('mqtt', hostname, { path: topic, body, isRetained: retain });
    const format = claimant(candidates, message, log)?.id ?? null;
    for (let wait = 1; ; wait = Math.min(wait * 2, MOST_WAIT_SECONDS)) {
      try {
        const { outcome, reply } = await devices.receive(message, { format, token: null });
        if (outcome.kind !== 'later') {
          void publish(reply.publish ?? []);
          return true;
        }
        wait = Math.max(wait, Math.min(outcome.retryAfterSeconds, MOST_WAIT_SECONDS));
      } catch (error) {
        log.error(
          { topic, err: faultOf(error) },
          'a message of the MQTT broker could not be handled; it is tried again',
        );
      }
      // The broker keeps it; a new connection brings it again.
      if (isGone()) return false;
      await sleep(wait * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || isGone()) return false;
    }
  };

  const handle = async (packet: IPublishPacket, next: (error?: Error) => void): Promise<void> => {
    const { stream } = client;
    const isGone = (): boolean => client.stream !== stream || !client.connected;
    const bytes = packet.payload.length;
    // While there is no room nothing more is read from the broker.
    while (!budget.take(bytes)) {
      await sleep(ROOM_MS, undefined, { signal });
      if (isGone()) return;
    }
    try {
      // With an error the client goes on to the next message and acknowledges nothing by itself.
      if (packet.qos !== 0) next(new Error('acknowledged after the write'));
      const isTaken = await take(packet, isGone);
      if (packet.qos === 0) next();
      else if (isTaken && !isGone() && packet.messageId !== undefined) {
        // PUBACK without a reason code is success (MQTT 5, 3.4.2.1).
        stream.write(Buffer.from([0x40, 2, packet.messageId >> 8, packet.messageId & 0xff]));
      }
    } finally {
      budget.give(bytes);
    }
  };
  client.handleMessage = (packet, next) => {
    // From a stop on the broker keeps what comes.
    if (signal.aborted) return;
    const way = handle(packet, next)
      .catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: faultOf(error) }, 'a message of the MQTT broker could not be handled');
      })
      .finally(() => inHand.delete(way));
    inHand.add(way);
  };

  const subscribe = async (): Promise<void> => {
    const stale = kept.filters.filter((filter) => !filters.includes(filter));
    if (stale.length > 0) await client.unsubscribeAsync(stale.flatMap((filter) => [filter, SHARE + filter]));
    if (filters.length > 0) {
      try {
        await client.subscribeAsync(
          filters.map((filter) => SHARE + filter),
          { qos: 1 },
        );
        isShared = true;
      } catch (error) {
        if (!client.connected) throw error;
        isShared = false;
        log.warn(
          { broker: where, err: errorMessage(error) },
          'the MQTT broker refuses shared subscriptions: each hub gets every message, and knows those that another has stored',
        );
        await client.subscribeAsync([...filters], { qos: 1, rh: 1 });
      }
    }
    kept = { ...kept, filters };
    await writeFile(sessionFile, JSON.stringify(kept));
  };

  client.on('connect', () => {
    client.options.reconnectPeriod = firstWait;
    subscribe().then(
      () => {
        problem = null;
        log.info({ broker: where, isShared }, 'connected to the MQTT broker');
      },
      (error: unknown) => {
        if (!client.connected) return;
        problem = `The MQTT broker ${where} does not let the hub subscribe (${errorMessage(error)}): give its account the right to read the topics of your devices.`;
        log.error({ broker: where, err: errorMessage(error) }, 'the hub may not subscribe at the MQTT broker');
      },
    );
  });
  client.on('error', (error) => {
    const { code } = error as { readonly code?: unknown };
    // Reason codes of CONNACK (MQTT 5, 3.2.2.2), and those of 3.1.1 from a broker that knows no other.
    const remedy =
      code === 132 || code === 1
        ? 'it does not speak MQTT 5; take one that does'
        : code === 134 || code === 135 || code === 4 || code === 5
          ? 'name and password in MQTT_URL are wrong or may not connect'
          : 'check MQTT_URL and whether the broker runs';
    const said = errorMessage(error) || (typeof code === 'string' ? code : 'no answer');
    problem = `The MQTT broker ${where} cannot be reached (${said}): ${remedy}.`;
  });
  client.on('close', () => {
    if (signal.aborted) return;
    problem ??= `The connection to the MQTT broker ${where} broke; it is being made again.`;
    log.warn({ broker: where, err: problem }, 'there is no connection to the MQTT broker');
    const wait = client.options.reconnectPeriod ?? firstWait;
    // The timer of this attempt is set after this; the next one waits longer, and hubs do not come all at once.
    client.options.reconnectPeriod = Math.min(longestWait, wait * (1.5 + Math.random()));
  });
  client.connect();

  async function publish(messages: NonNullable<WireReply['publish']>): Promise<void> {
    for (const { topic, payload, qos, retain } of messages) {
      try {
        await client.publishAsync(topic, payload, { qos, retain });
      } catch (error) {
        if (!signal.aborted) log.warn({ topic, err: errorMessage(error) }, 'an MQTT message could not be published');
      }
    }
  }

  return {
    health: () => ({ ok: problem === null, problem }),
    isShared: () => isShared,
    inHand: () => inHand.size,
    publish,
    async stop() {
      stopping.abort(new LprError('stopping', 'The hub is stopping.'));
      await Promise.race([Promise.all(inHand), new Promise((done) => setTimeout(done, STOP_MS).unref())]);
      await Promise.race([client.endAsync(), new Promise((done) => setTimeout(done, STOP_MS).unref())]);
      client.end(true);
    },
  };
}
