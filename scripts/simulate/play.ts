/** Plays simulated traffic to a hub: each device sends its own events one after the other, at the simulated pace or as fast as it goes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger, SimulatedEvent } from '../../core/simulator/traffic.ts';
import type { EventPictures, WireVariant } from '../../core/simulator/wire/wire.ts';
import type { Answer, Sender } from './senders.ts';

export interface PlayOptions {
  /** In the order of sending. */
  readonly events: readonly SimulatedEvent[];
  readonly wire: WireVariant;
  /** Gives a device its connection; called once a device. */
  readonly connect: (deviceId: string) => Promise<Sender>;
  readonly ledger: Ledger;
  /** The event as it is with its picture, and the picture; absent: none. */
  readonly pictures?: (
    event: SimulatedEvent,
  ) => Promise<{ readonly event: SimulatedEvent; readonly pictures: EventPictures }>;
  /** 1 is real time, 60 an hour in a minute; Infinity sends as fast as answers come. */
  readonly speed: number;
  /** At most so many events a second, all devices together; Infinity for no such limit. */
  readonly rate: number;
  /** How often an unanswered event is sent again before the next one's turn. */
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly sent: number; readonly of: number }) => void;
}

export interface Played {
  /** Events that such a device tells nothing of. */
  readonly untold: number;
  readonly heartbeats: number;
}

/** Waiting to be sent, all devices together: more is not worked out ahead. */
const MOST_WAITING = 200;
const HEARTBEAT_MS = 300_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const QUIET: ReadonlySet<string> = new Set(['QoS 0', 'nothing is awaited']);

/** Ends when all is sent and answered or given up, or the signal fires: what is on its way then is still awaited. */
export async function play(options: PlayOptions): Promise<Played> {
  const { events, wire, connect, ledger, pictures, speed, rate, retries, signal } = options;
  const senders = new Map<string, Promise<Sender>>();
  const turns = new Map<string, Promise<void>>();
  const heartbeats = new Map<string, number>();
  let [waiting, sent, untold, beats] = [0, 0, 0, 0];
  let failed: unknown = null;
  const senderOf = (deviceId: string): Promise<Sender> => {
    let sender = senders.get(deviceId);
    if (sender === undefined) senders.set(deviceId, (sender = connect(deviceId)));
    return sender;
  };
  const pause = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal }).catch(() => undefined);

  const deliver = async (plain: SimulatedEvent): Promise<void> => {
    const sender = await senderOf(plain.camera.cameraId);
    const { cameraId } = plain.camera;
    const lastBeat = heartbeats.get(cameraId);
    if (wire.heartbeat && (lastBeat === undefined || plain.sendAt.getTime() - lastBeat >= HEARTBEAT_MS)) {
      heartbeats.set(cameraId, plain.sendAt.getTime());
      beats += 1;
      await sender.send(wire.heartbeat(plain));
    }
    const shown = pictures === undefined ? { event: plain, pictures: null } : await pictures(plain);
    const message = wire.encode(shown.event, shown.pictures);
    if (message === null) {
      untold += 1;
      return;
    }
    for (let attempt = 0; ; attempt++) {
      ledger.sent(shown.event);
      const { state, answer }: Answer = await sender.send(message);
      ledger[state](plain.eventId, answer);
      if (state !== 'unanswered' || QUIET.has(answer) || attempt >= retries || signal.aborted) return;
      await pause(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt));
    }
  };

  const [first] = events;
  const started = performance.now();
  for (const [index, event] of events.entries()) {
    const due =
      ((event.sendAt.getTime() - (first?.sendAt.getTime() ?? 0)) / speed || 0) - (performance.now() - started);
    const paced = (index * 1000) / rate - (performance.now() - started);
    const wait = Math.max(due, paced);
    if (wait > 1) await pause(wait);
    while (waiting >= MOST_WAITING && !signal.aborted && failed === null) await pause(5);
    if (signal.aborted || failed !== null) break;
    const { cameraId } = event.camera;
    waiting += 1;
    const turn = (turns.get(cameraId) ?? Promise.resolve())
      .then(() => (failed === null ? deliver(event) : undefined))
      .catch((error: unknown) => {
        failed ??= error;
      })
      .finally(() => {
        waiting -= 1;
        sent += 1;
        options.onProgress?.({ sent, of: events.length });
      });
    turns.set(cameraId, turn);
  }
  await Promise.all(turns.values());
  await Promise.allSettled([...senders.values()].map(async (sender) => (await sender).close()));
  if (failed !== null) throw failed as Error;
  return { untold, heartbeats: beats };
}
