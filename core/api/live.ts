/** What happens, told to signed-in browsers as it happens: Socket.IO namespace `/live`. */
import type { Server, Socket } from 'socket.io';
import type { Permission, SignedIn } from '../access/access.ts';
import { errorMessage, LprError } from '../errors.ts';
import type { HubEvents } from '../events.ts';
import type { Hub } from '../hub.ts';
import { isOwnOrigin } from '../own-origin.ts';
import { alertAnswer, overt, summaryAnswer, wire } from './answers.ts';
import type * as contract from './contract.ts';
import type { LiveEvents } from './contract.ts';
import { sessionOf } from './guard.ts';

/** What browsers hear of; the rest is the hub's own. */
const NEEDS: Readonly<Record<keyof LiveEvents, Permission>> = {
  'detection.created': 'detections.view',
  'detection.updated': 'detections.view',
  'frame.ended': 'detections.view',
  'camera.changed': 'cameras.view',
  'device.changed': 'cameras.view',
  'geofence.event': 'detections.view',
  'geofence.retracted': 'detections.view',
  'alert.raised': 'alerts.view',
  'alert.updated': 'alerts.view',
  'alert.acknowledged': 'alerts.view',
  'alert.retracted': 'alerts.view',
};

const ANSWERS: { readonly [K in keyof LiveEvents]: (event: HubEvents[K]) => Parameters<LiveEvents[K]>[0] } = {
  'detection.created': summaryAnswer,
  'detection.updated': summaryAnswer,
  'frame.ended': wire,
  'camera.changed': wire,
  'device.changed': wire,
  'geofence.event': ({ event }) => wire(event),
  'geofence.retracted': wire,
  'alert.raised': alertAnswer,
  'alert.updated': alertAnswer,
  'alert.acknowledged': alertAnswer,
  'alert.retracted': alertAnswer,
};

/** What those hear who may not see blacklists: of covert lists nothing; null: not a word. */
function overtly<T>(answer: T): T | null {
  if (typeof answer !== 'object' || answer === null) return answer;
  const { list } = answer as { readonly list?: { readonly isCovert?: boolean } | null };
  if (list?.isCovert === true) return null;
  return 'hits' in answer ? overt(answer as T & contract.DetectionSummary) : answer;
}

/** Of those who hear an event, the ones who also hear what covert lists have to do with it. */
const knowing = (name: string): string => `${name} and covert lists`;

const NAMES = Object.keys(NEEDS) as (keyof LiveEvents)[];
/** Sessions also end by themselves. */
const RECHECK_MS = 30_000;

export interface Live {
  /** Looks at every connection's session again: the ended are cut off, the others hear what their role allows. */
  recheck(): void;
  stop(): Promise<void>;
}

/** @param io shared with devices, which have namespaces of their own */
export function startLive(io: Server, hub: Hub, publicUrl: string | null): Live {
  const live = io.of('/live');

  const join = async (socket: Socket, { permissions }: SignedIn): Promise<void> => {
    for (const name of NAMES) {
      const mayHear = permissions.includes(NEEDS[name]);
      if (mayHear) await socket.join(name);
      else await socket.leave(name);
      if (mayHear && permissions.includes('blacklists.view')) await socket.join(knowing(name));
      else await socket.leave(knowing(name));
    }
  };

  const admit = async (socket: Socket): Promise<void> => {
    if (!isOwnOrigin(socket.request, publicUrl)) {
      throw new LprError('origin_refused', 'This connection comes from another site.');
    }
    const session = await sessionOf(hub, socket.handshake.headers.cookie);
    if (session === null) throw new LprError('unauthenticated', 'Sign in first.');
    await join(socket, session);
  };

  live.use((socket, next) => {
    admit(socket).then(
      () => {
        next();
      },
      (error: unknown) => {
        next(error instanceof Error ? error : new Error(errorMessage(error)));
      },
    );
  });

  const check = async (socket: Socket): Promise<void> => {
    try {
      const session = await sessionOf(hub, socket.handshake.headers.cookie);
      if (session === null) socket.disconnect(true);
      else await join(socket, session);
    } catch (error) {
      // Whoever cannot be looked up now is looked up next time: the database is away, and the console says so itself.
      hub.log.warn({ err: errorMessage(error) }, 'a live connection could not be checked');
    }
  };
  const recheck = (): void => {
    for (const socket of live.sockets.values()) void check(socket);
  };
  const timer = setInterval(recheck, RECHECK_MS).unref();

  const stops = NAMES.map((name) =>
    hub.events.on(name, (event) => {
      // At thousands a second an answer that nobody hears costs as much as storing it.
      if (!live.adapter.rooms.has(name)) return;
      // One answer a name: that of this name takes exactly what the event carries.
      const answer = (ANSWERS[name] as (event: unknown) => unknown)(event);
      const forAll = overtly(answer);
      if (forAll === answer) {
        live.to(name).emit(name, answer);
        return;
      }
      live.to(knowing(name)).emit(name, answer);
      if (forAll !== null) live.to(name).except(knowing(name)).emit(name, forAll);
    }),
  );

  return {
    recheck,
    async stop() {
      clearInterval(timer);
      for (const stop of stops) stop();
      live.disconnectSockets(true);
      await live.adapter.close();
    },
  };
}
