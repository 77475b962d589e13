/**
 * Simulated devices of several formats that send as the real ones do: again and again until they are told that the hub has
 * it. Each event is another vehicle, so that what became of it can be counted.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import sharp from 'sharp';
import WebSocket from 'ws';
import { errorMessage } from '../../core/errors.ts';
import { createLedger, simulateTraffic, type Ledger, type SimulatedEvent } from '../../core/simulator/traffic.ts';
import type { EncodedMessage } from '../../core/simulator/wire/encoded.ts';
import { WIRE_FORMATS } from '../../core/simulator/wire/wire.ts';
import type { HubProcess } from './hub-process.ts';
import { ownPicture, plateOf } from './traffic.ts';

export type Kind = 'batch' | 'mqtt' | 'websocket' | 'rekor';
export const KINDS: readonly Kind[] = ['batch', 'mqtt', 'websocket', 'rekor'];

export interface FleetOptions {
  readonly hub: Pick<HubProcess, 'url' | 'mqttPort' | 'ask'>;
  readonly kinds?: readonly Kind[];
  /** Events a second of each kind. Who is slowed falls behind: what a device could not send it does not make up for. */
  readonly rate: number | Readonly<Record<Kind, number>>;
  /** By default such as a few devices have on their way at once; `many` is as much as a large site. */
  readonly atOnce?: 'few' | 'many';
  /**
   * Somebody else's broker; by default the hub's own. What that one acknowledges the hub may not have yet: devices then wait
   * for the word of the hub itself.
   */
  readonly broker?: string;
  readonly firstPlate?: number;
  /** Appended to what must be the device's own. */
  readonly name?: string;
}

export interface Fleet {
  readonly ledger: Ledger;
  /** By kind: what was answered other than "I have it", in the device's words, and how often. */
  readonly refusals: () => Readonly<Record<string, number>>;
  readonly unanswered: () => number;
  start(): void;
  /** No new events; resolves when each that was sent is acknowledged, or after a while. */
  drain(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const BATCH = 25;
/** Messages of one device on their way at once. */
const WINDOW = 20;
const ANSWER_MS = 15_000;
const AGAIN_MS = 300;
/** Vehicles of one camera at a rate that no road has would be taken for one another. */
const FLOOD_CAMERAS = 80;

/** One of each camera, as patterns for what is sent. */
function patterns(): readonly SimulatedEvent[] {
  const { events } = simulateTraffic({ seed: 5, cameras: FLOOD_CAMERAS, vehicles: 400, minutes: 30 });
  const byCamera = new Map<string, SimulatedEvent>();
  for (const event of events) {
    if (event.plateNumber !== '' && event.countryCode === 'TH') byCamera.set(event.camera.cameraId, event);
  }
  return [...byCamera.values()];
}

const encode = (
  format: string,
  variant: string,
  event: SimulatedEvent,
  patch: Buffer | null = null,
): EncodedMessage => {
  const pictures = patch === null ? null : { frame: Buffer.alloc(0), patch };
  const encoded = WIRE_FORMATS[format]?.[variant]?.encode(event, pictures);
  if (!encoded) throw new Error(`${format}/${variant} says nothing of this event`);
  return encoded;
};

interface Sender {
  /** Resolves when the hub has these events; throws what it said instead. */
  send(events: readonly SimulatedEvent[]): Promise<void>;
  close(): Promise<void>;
}

class Refused extends Error {}

async function post(url: string, headers: Readonly<Record<string, string>>, body: string | Buffer): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body: body as BodyInit,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Refused(`${answer.status} ${text.slice(0, 200)}`);
}

const ownName = ({ name = '' }: FleetOptions, event: SimulatedEvent): string => `${event.camera.cameraId}${name}`;

async function tokenFor({ hub, name = '' }: FleetOptions, format: string, ref: string): Promise<string> {
  const made = await hub.ask('POST', '/devices', { name: `${format} ${ref}${name}`, format, ref });
  return (made as { readonly token: string }).token;
}

const SENDERS: Readonly<Record<Kind, (options: FleetOptions) => Promise<Sender>>> = {
  async batch(options) {
    const authorization = `Bearer ${await tokenFor(options, 'generic', `batch${options.name ?? ''}`)}`;
    const headers = { authorization, 'content-type': 'application/json' };
    return {
      send: (events) => {
        const bodies = events.map((event) => {
          const encoded = encode('generic', 'json', event);
          return encoded.transport === 'http' ? encoded.body.toString() : '';
        });
        return post(`${options.hub.url}/ingest/generic`, headers, `{"events":[${bodies.join(',')}]}`);
      },
      close: () => Promise.resolve(),
    };
  },
  async rekor(options) {
    const token = await tokenFor(options, 'rekor', `rekor${options.name ?? ''}`);
    const blank = { width: 120, height: 60, channels: 3, background: '#cde' } as const;
    const jpeg = await sharp({ create: blank }).jpeg().toBuffer();
    return {
      async send(events) {
        await Promise.all(
          events.map(async (event) => {
            const encoded = encode('rekor', 'group', event, ownPicture(jpeg, event.trackId));
            if (encoded.transport !== 'http') return;
            await post(`${options.hub.url}/ingest/rekor/${token}`, encoded.headers, encoded.body);
          }),
        );
      },
      close: () => Promise.resolve(),
    };
  },
  mqtt(options) {
    const clients = new Map<string, MqttClient>();
    const waiting = new Map<string, () => void>();
    const address = options.broker ?? `mqtt://127.0.0.1:${options.hub.mqttPort}`;
    // It cannot send a token: it is known by its own id and address, and sends again by itself when a connection broke.
    const clientOf = (id: string): MqttClient => {
      let client = clients.get(id);
      if (client === undefined) {
        client = mqtt.connect(address, {
          ...{ clientId: id, protocolVersion: 4, reconnectPeriod: AGAIN_MS, connectTimeout: 5_000, keepalive: 10 },
        });
        client.on('error', () => undefined);
        client.on('message', (_topic, payload) => {
          const said = JSON.parse(payload.toString()) as {
            readonly original_message_id: string;
            readonly status: string;
          };
          if (said.status === 'processed') waiting.get(said.original_message_id)?.();
        });
        if (options.broker !== undefined) client.subscribe(`lprserver/cameras/${id}/detection/ack`, { qos: 1 });
        clients.set(id, client);
      }
      return client;
    };
    const acknowledged = (eventId: string): Promise<void> =>
      new Promise((done, failed) => {
        const timer = setTimeout(() => {
          waiting.delete(eventId);
          failed(new Error('no answer'));
        }, ANSWER_MS);
        waiting.set(eventId, () => {
          clearTimeout(timer);
          waiting.delete(eventId);
          done();
        });
      });
    return Promise.resolve({
      async send(events: readonly SimulatedEvent[]) {
        await Promise.all(
          events.map(async (event) => {
            const named = { ...event, camera: { ...event.camera, cameraId: ownName(options, event) } };
            const encoded = encode('predecessor', 'g3', named);
            if (encoded.transport !== 'mqtt') return;
            const word = options.broker === undefined ? null : acknowledged(event.eventId);
            word?.catch(() => undefined);
            await clientOf(named.camera.cameraId).publishAsync(encoded.topic, encoded.payload, { qos: 1 });
            await word;
          }),
        );
      },
      async close() {
        await Promise.all([...clients.values()].map((client) => client.endAsync(true)));
      },
    });
  },
  websocket(options) {
    let socket: WebSocket | null = null;
    const address = `${options.hub.url.replace('http', 'ws')}/ws`;
    const opened = async (): Promise<WebSocket> => {
      if (socket?.readyState === WebSocket.OPEN) return socket;
      const fresh = new WebSocket(address, { handshakeTimeout: 5_000 });
      await new Promise<void>((done, failed) => {
        fresh.once('open', done);
        fresh.once('error', failed);
        // A server that is killed while it greets.
        fresh.once('close', () => {
          failed(new Error('closed'));
        });
      });
      fresh.on('error', () => undefined);
      socket = fresh;
      return fresh;
    };
    const one = async (event: SimulatedEvent): Promise<void> => {
      const named = { ...event, camera: { ...event.camera, cameraId: `${ownName(options, event)}-ws` } };
      const encoded = encode('predecessor', 'g1', named);
      if (encoded.transport !== 'websocket') return;
      const ws = await opened();
      const answer = await new Promise<string>((done, failed) => {
        const timer = setTimeout(() => {
          ws.terminate();
          failed(new Error('no answer'));
        }, ANSWER_MS);
        const settled = (): void => {
          clearTimeout(timer);
          ws.off('message', heard);
          ws.off('close', closed);
        };
        const heard = (data: WebSocket.RawData): void => {
          settled();
          done((data as Buffer).toString());
        };
        const closed = (code: number, reason: Buffer): void => {
          settled();
          failed(code === 1013 ? new Refused(`closed ${code} ${reason.toString()}`) : new Error(`closed ${code}`));
        };
        ws.once('message', heard);
        ws.once('close', closed);
        ws.send(encoded.text);
      });
      if (answer !== '{"status":"success"}') throw new Refused(answer.slice(0, 200));
    };
    return Promise.resolve({
      async send(events: readonly SimulatedEvent[]) {
        for (const event of events) await one(event);
      },
      close() {
        socket?.terminate();
        return Promise.resolve();
      },
    });
  },
};

/** How many go in one call, and how many calls at once. The raw WebSocket has one message under way, as its devices do. */
type AtOnce = Readonly<Record<Kind, readonly [events: number, calls: number]>>;
const AT_ONCE: Readonly<Record<'few' | 'many', AtOnce>> = {
  few: { batch: [BATCH, 2], mqtt: [1, WINDOW], websocket: [1, 1], rekor: [1, 4] },
  many: { batch: [4 * BATCH, 6], mqtt: [1, 8 * WINDOW], websocket: [1, 1], rekor: [1, 8] },
};

/** Approves those devices that cannot send a token once they are known. */
async function approveAll({ hub }: FleetOptions): Promise<void> {
  const { items } = (await hub.ask('GET', '/devices')) as {
    items: readonly { deviceId: string; state: string }[];
  };
  for (const { deviceId, state } of items) {
    if (state === 'waiting') await hub.ask('POST', `/devices/${deviceId}/approve`, {});
  }
}

export async function assembleFleet(options: FleetOptions): Promise<Fleet> {
  const { kinds = KINDS, rate, firstPlate = 0, atOnce = 'few' } = options;
  const window = AT_ONCE[atOnce];
  const ledger = createLedger();
  const refusals = new Map<string, number>();
  const [halting, stopping] = [new AbortController(), new AbortController()];
  const models = patterns();
  let numbers = firstPlate;
  let open = 0;

  const newEvent = (kind: Kind): SimulatedEvent => {
    const number = numbers++;
    const share = Math.floor(models.length / KINDS.length);
    const model = models[KINDS.indexOf(kind) * share + (number % share)] as SimulatedEvent;
    const at = new Date();
    return {
      ...model,
      ...{ eventId: randomUUID(), trackId: number, plateNumber: plateOf(number), characters: [] },
      ...{ at, deviceAt: at, sendAt: at, deviceSendAt: at, isLate: false, look: 0, isLastLook: true },
      clock: { kind: 'right', offsetMs: 0, driftPpm: 0, writes: 'zoned' },
    };
  };

  const deliver = async (kind: Kind, sender: Sender, events: readonly SimulatedEvent[]): Promise<void> => {
    open += events.length;
    while (!stopping.signal.aborted) {
      for (const event of events) ledger.sent(event);
      try {
        await sender.send(events);
        for (const { eventId } of events) ledger.acknowledged(eventId);
        open -= events.length;
        return;
      } catch (error) {
        const said = errorMessage(error);
        if (error instanceof Refused) {
          const words = `${kind}: ${said}`;
          refusals.set(words, (refusals.get(words) ?? 0) + 1);
        }
        for (const { eventId } of events) {
          if (error instanceof Refused) ledger.refused(eventId, said);
          else ledger.unanswered(eventId, said);
        }
        await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  const senders = new Map<Kind, Sender>();
  for (const kind of kinds) senders.set(kind, await SENDERS[kind](options));
  const lanes: Promise<void>[] = [];
  const lane = async (kind: Kind, sender: Sender): Promise<void> => {
    const [most, calls] = window[kind];
    const everyMs = (most * calls * 1000) / (typeof rate === 'number' ? rate : rate[kind]);
    while (!halting.signal.aborted) {
      const started = performance.now();
      await deliver(
        kind,
        sender,
        Array.from({ length: most }, () => newEvent(kind)),
      );
      const left = everyMs - (performance.now() - started);
      if (left > 0) await sleep(left, undefined, { signal: halting.signal }).catch(() => undefined);
    }
  };

  // The first message of a device without a token makes it known; from then on it is approved.
  for (const [kind, sender] of senders) {
    if (kind !== 'mqtt' && kind !== 'websocket') continue;
    const share = Math.floor(models.length / KINDS.length);
    for (let n = 0; n < share; n++) await deliver(kind, sender, [newEvent(kind)]);
  }
  await approveAll(options);

  return {
    ledger,
    refusals: () => Object.fromEntries(refusals),
    unanswered: () => open,
    start() {
      for (const [kind, sender] of senders) {
        for (let n = 0; n < window[kind][1]; n++) lanes.push(lane(kind, sender));
      }
    },
    async drain(ms) {
      halting.abort();
      await Promise.race([Promise.all(lanes), sleep(ms, undefined, { ref: false })]);
    },
    async stop() {
      halting.abort();
      stopping.abort();
      await Promise.all([...senders.values()].map((sender) => sender.close()));
    },
  };
}
