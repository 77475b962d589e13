/**
 * The embedded MQTT broker (3.1.1). What devices publish goes to the hub and to nobody else: it is stored before it is
 * acknowledged and never fanned out, kept or queued by the broker, whose memory so stays flat. What the hub publishes
 * (answers, settings) reaches whoever subscribed and may.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { Aedes, type Client, type PublishPacket } from 'aedes';
import type { Settings } from '../../settings.ts';
import { LprError } from '../errors.ts';
import { listenOn } from '../http-front.ts';
import type { Log, WireReply } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { AddressGate } from './address-gate.ts';
import type { ByteBudget } from './byte-budget.ts';
import { watchFrames } from './mqtt-frames.ts';
import { createTraffic, type MqttSession } from './mqtt-session.ts';
import { createNotices } from './notices.ts';
import { faultOf, MOST_BYTES, plainAddress, type DoorDevices } from './wire-message.ts';

export interface MqttLimits {
  /** Of one packet. */
  readonly bytes: number;
  /** Packets of one connection, over ten seconds. */
  readonly perSecond: number;
}
const LIMITS: MqttLimits = { bytes: MOST_BYTES + 64 * 1024, perSecond: 5_000 };
const RATE_SECONDS = 10;
const CONNECT_MS = 10_000;
/** A client that does not read is cut off after this long. */
const DRAIN_MS = 20_000;
const PROBE_MS = 60_000;
/** How long one that is turned away may take to read why. */
const FAREWELL_MS = 1_000;
const MOST_FAREWELLS = 100;
const MOST_CLIENT_ID = 200;
const STOP_MS = 3_000;
/** CONNACK with return code 3, server unavailable (MQTT 3.1.1, 3.2.2.3). */
const UNAVAILABLE = Buffer.from([0x20, 2, 0, 3]);
const NOTHING = Buffer.alloc(0);

export interface MqttDoorOptions {
  readonly devices: DoorDevices;
  readonly plugins: Pick<Plugins, 'all'>;
  readonly log: Log;
  readonly gate: AddressGate;
  readonly budget: ByteBudget;
  readonly host: string;
  /** 0 lets the machine choose. */
  readonly port: number;
  readonly tls: Settings['tls'];
  /** Opened only with `tls`. */
  readonly tlsPort: number;
  readonly limits?: Partial<MqttLimits>;
}

export interface MqttDoor {
  readonly port: number;
  readonly tlsPort: number | null;
  connections(): number;
  /** To whoever subscribed; retained ones to whoever will. An empty retained payload takes an earlier one away. */
  publish(messages: NonNullable<WireReply['publish']>): Promise<void>;
  stop(): Promise<void>;
}

/** The reply code that tells why a connection is refused (MQTT 3.1.1, 3.2.2.3). */
const refusal = (returnCode: 2 | 3 | 4 | 5, message: string): Error & { returnCode: 2 | 3 | 4 | 5 } =>
  Object.assign(new Error(message), { returnCode });

class HubBroker extends Aedes {
  /** What a client publishes (or its last will) has been taken by the hub already; only the hub's own go out. */
  override publish(packet: PublishPacket, client: unknown, done?: (error?: Error) => void): void {
    if (typeof client === 'function' || client === null || client === undefined) {
      super.publish(packet, (done ?? client ?? (() => undefined)) as (error?: Error) => void);
    } else done?.();
  }
}

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** @throws port_in_use, settings_invalid */
export async function openMqttDoor(options: MqttDoorOptions): Promise<MqttDoor> {
  const { devices, plugins, log, gate, budget, host } = options;
  const limits = { ...LIMITS, ...options.limits };
  const notice = createNotices(log);
  const stopping = new AbortController();
  const { signal } = stopping;
  const formats = plugins.all('deviceFormat').filter(({ transports }) => transports.includes('mqtt'));
  const traffic = createTraffic({ devices, formats, log, notice, signal });
  const sessions = new Map<Client, MqttSession>();
  const wills = new WeakMap<Client, string>();

  const broker = new HubBroker({
    connectTimeout: CONNECT_MS,
    drainTimeout: DRAIN_MS,
    maxTopicLevels: 20,
    heartbeatInterval: 60_000,

    preConnect(client, packet, done) {
      // Sessions end with their connection: settings are retained, messages acknowledged when stored, and nobody can fill
      // the memory with sessions that never come back.
      packet.clean = true;
      if (packet.will !== undefined) wills.set(client, packet.will.topic);
      done(null, true);
    },

    authenticate(client, _username, password, done) {
      const refuse = (error: ReturnType<typeof refusal>): void => {
        const fields = { client: client.id.slice(0, MOST_CLIENT_ID), address: addressOf(client), err: error.message };
        notice(addressOf(client), fields, 'an MQTT connection was refused');
        done(error, false);
      };
      admit(client, password?.toString() ?? '').then(
        (error) => {
          if (error === null) done(null, true);
          else refuse(error);
        },
        (error: unknown) => {
          refuse(refusal(3, faultOf(error)));
        },
      );
    },

    authorizePublish(client, packet, done) {
      const session = client === null ? undefined : sessions.get(client);
      if (session === undefined) {
        done(new Error('nobody published this'));
        return;
      }
      const isWill = client?.closed === true;
      // On a stop the hub goes away, not the device; and one that is connected anew is not offline.
      if (isWill && (session.isReplaced || signal.aborted)) {
        done(new Error('the last will is not true'));
        return;
      }
      const before = session.tail;
      const taken = isWill ? traffic.will(session, packet) : traffic.publish(session, packet);
      const both = Promise.all([taken, before]);
      session.tail = both.catch(() => undefined);
      both.then(
        ([answers]) => {
          // Neither kept in the broker's store for QoS 2 nor retained there.
          packet.payload = NOTHING;
          packet.retain = false;
          done(null);
          void publish(answers);
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error(faultOf(error)));
        },
      );
    },

    authorizeSubscribe(client, subscription, done) {
      const session = sessions.get(client);
      const asked = session === undefined ? Promise.resolve(false) : traffic.maySubscribe(session, subscription.topic);
      asked.then(
        (may) => {
          if (may && session !== undefined) session.subscriptions++;
          else {
            const fields = { client: client.id, address: addressOf(client), topic: subscription.topic.slice(0, 200) };
            notice(addressOf(client), fields, 'an MQTT client may not subscribe to this');
          }
          done(null, may ? subscription : null);
        },
        (error: unknown) => {
          log.warn({ err: faultOf(error) }, 'a subscription could not be checked');
          done(null, null);
        },
      );
    },
  });

  const addressOf = (client: Client): string => plainAddress((client.conn as Socket).remoteAddress);

  /** Null when it may come in. */
  async function admit(client: Client, token: string): Promise<ReturnType<typeof refusal> | null> {
    if (client.id.length > MOST_CLIENT_ID) return refusal(2, `the client id is longer than ${MOST_CLIENT_ID}`);
    const identity = token === '' ? null : await devices.identify(token);
    if (token !== '' && identity === null) return refusal(4, 'the password is no token of a device');
    const will = wills.get(client);
    const fault = will === undefined ? null : traffic.willFault(identity, will);
    if (fault !== null) return refusal(5, fault);
    for (const [{ id, closed }, other] of sessions) {
      if (id !== client.id || closed) continue;
      // The name alone is no proof: a stranger must not push a device out.
      if (other.identity !== null && other.identity.deviceId !== identity?.deviceId)
        return refusal(2, 'another device has this client id');
      other.isReplaced = true;
    }
    const session: MqttSession = {
      ...{ sessionId: randomUUID(), transport: 'mqtt', address: addressOf(client), clientId: client.id },
      ...{ identity, token: identity === null ? null : token, tail: Promise.resolve() },
      ...{ isReplaced: false, subscriptions: 0 },
      close(reason) {
        log.info({ client: client.id, reason }, 'an MQTT connection is ended');
        session.isReplaced = true;
        client.close();
      },
    };
    sessions.set(client, session);
    return null;
  }

  const end = (client: Client): void => {
    const session = sessions.get(client);
    if (session === undefined) return;
    sessions.delete(client);
    // After its last message and its last will.
    void session.tail.then(() => {
      devices.sessionEnded(session.sessionId);
    });
  };
  broker.on('clientDisconnect', end);
  const toldOf = (client: Client, error: Error): void => {
    log.debug({ client: client.id, err: error.message }, 'an MQTT connection broke');
  };
  broker.on('clientError', toldOf);
  broker.on('connectionError', toldOf);
  await broker.listen();

  let farewells = 0;
  const turnAway = (socket: Socket, address: string, reason: string): void => {
    notice(address, { address, err: reason }, 'an MQTT connection was refused');
    socket.on('error', () => undefined);
    if (farewells >= MOST_FAREWELLS) {
      socket.destroy();
      return;
    }
    farewells++;
    const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.once('close', () => {
      farewells--;
      clearTimeout(timer);
    });
    socket.resume();
    socket.end(UNAVAILABLE);
  };

  const accept = (raw: Socket, wrap: (raw: Socket) => Socket): void => {
    const address = plainAddress(raw.remoteAddress);
    const entrance = signal.aborted ? ({ ok: false, reason: 'the hub is stopping' } as const) : gate.enter(address);
    if (!entrance.ok) {
      turnAway(raw, address, entrance.reason);
      return;
    }
    // Half-open connections end even where the device asked for no keep-alive of MQTT.
    raw.setKeepAlive(true, PROBE_MS);
    raw.setNoDelay(true);
    // One that never ends its TLS greeting never sends CONNECT either, and is cut off for that.
    const socket = wrap(raw);
    const client = broker.handle(socket);
    const frames = watchFrames(limits.bytes);
    let [held, packets, since] = [0, 0, Date.now()];
    const cutOff = (reason: string): void => {
      notice(address, { client: client.id, address, err: reason }, 'an MQTT connection was cut off');
      socket.destroy();
    };
    socket.on('data', (chunk: Buffer) => {
      const seen = frames.feed(chunk);
      if (seen.fault !== null) {
        cutOff(seen.fault === 'tooLarge' ? `a packet is larger than ${limits.bytes} bytes` : 'this is no MQTT');
        return;
      }
      budget.give(held);
      held = budget.take(frames.pending) ? frames.pending : -1;
      if (held < 0) {
        held = 0;
        cutOff('too much comes in at once');
        return;
      }
      if (Date.now() - since > RATE_SECONDS * 1000) [packets, since] = [0, Date.now()];
      packets += seen.packets;
      if (packets > limits.perSecond * RATE_SECONDS) cutOff(`it sends more than ${limits.perSecond} packets a second`);
    });
    socket.once('close', () => {
      budget.give(held);
      held = 0;
      entrance.leave();
      // Aedes tells of clients that it had registered; whoever left earlier is forgotten here.
      setTimeout(() => {
        end(client);
      }, 1_000).unref();
    });
  };

  async function publish(messages: NonNullable<WireReply['publish']>): Promise<void> {
    for (const message of messages) {
      await new Promise<void>((done) => {
        broker.publish({ cmd: 'publish', dup: false, ...message }, (error?: Error) => {
          if (error) log.warn({ topic: message.topic, err: error.message }, 'an MQTT message could not be published');
          done();
        });
      });
    }
  }

  const servers: Server[] = [];
  const closeServers = (): Promise<unknown> =>
    Promise.all(
      servers.filter(({ listening }) => listening).map((server) => new Promise((done) => server.close(done))),
    );
  const stop = async (): Promise<void> => {
    stopping.abort(new LprError('stopping', 'The hub is stopping.'));
    const closed = closeServers();
    // What is being stored is acknowledged first.
    const tails = Promise.all([...sessions.values()].map(({ tail }) => tail));
    await Promise.race([tails, new Promise((done) => setTimeout(done, STOP_MS).unref())]);
    // The acknowledgements are written in the turns that follow.
    for (let turn = 0; turn < 3; turn++) await new Promise((done) => setImmediate(done));
    await new Promise<void>((done) => {
      broker.close(done);
    });
    await closed;
  };

  try {
    const open = async (server: Server, port: number, setting: string): Promise<number> => {
      servers.push(server);
      await listenOn(server, port, host, setting);
      server.on('error', (error) => {
        log.error({ err: error.message, port }, 'an MQTT port had trouble');
      });
      return portOf(server);
    };
    const serverOf = (wrap: (raw: Socket) => Socket): Server =>
      createServer((raw) => {
        accept(raw, wrap);
      });
    const plain = serverOf((raw) => raw);
    const port = await open(plain, options.port, 'MQTT_PORT');
    let tlsPort: number | null = null;
    if (options.tls !== null) {
      const secureContext = createSecureContext(options.tls);
      const secure = serverOf((raw) => new TLSSocket(raw, { isServer: true, secureContext }));
      tlsPort = await open(secure, options.tlsPort, 'MQTT_TLS_PORT');
    }
    return { port, tlsPort, connections: () => sessions.size, publish, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
