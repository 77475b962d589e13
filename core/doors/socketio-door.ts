/** Devices that speak Socket.IO: the namespaces and events that their formats declare, on the hub's own port. */
import type { Socket } from 'socket.io';
import type { DoorSession } from '../devices/devices.ts';
import { errorMessage, LprError } from '../errors.ts';
import { isOwnOrigin } from '../own-origin.ts';
import type { DeviceFormatPlugin, Log, WireReply } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { ByteBudget } from './byte-budget.ts';
import { createLane, type Lane } from './lane.ts';
import { createNotices } from './notices.ts';
import type { SocketServer } from './socket-server.ts';
import {
  claimant,
  clientAddress,
  faultOf,
  tokenOfRequest,
  tryLater,
  wireMessage,
  type DoorDevices,
} from './wire-message.ts';

export interface SocketioDoorOptions {
  readonly sockets: SocketServer;
  readonly devices: DoorDevices;
  readonly plugins: Pick<Plugins, 'all'>;
  readonly log: Log;
  readonly budget: ByteBudget;
  readonly publicUrl: string | null;
}

export interface SocketioDoor {
  connections(): number;
  stop(): Promise<void>;
}

/** Answers that a device has not read; more, and it never will. */
const MOST_UNREAD = 200;
const STOP_MS = 3_000;
const BUSY_SECONDS = 2;

type Ack = (...args: readonly unknown[]) => void;

/** Which formats listen to an event of a namespace. */
type Listeners = ReadonlyMap<string, readonly DeviceFormatPlugin[]>;

function listenersOf(formats: readonly DeviceFormatPlugin[]): ReadonlyMap<string, Listeners> {
  const byNamespace = new Map<string, Map<string, DeviceFormatPlugin[]>>();
  for (const format of formats) {
    for (const { namespace, events } of format.socketio ?? []) {
      const byEvent = byNamespace.get(namespace) ?? new Map<string, DeviceFormatPlugin[]>();
      byNamespace.set(namespace, byEvent);
      for (const event of new Set(events)) byEvent.set(event, [...(byEvent.get(event) ?? []), format]);
    }
  }
  return byNamespace;
}

const tokenOf = ({ handshake, request }: Socket): string | null => {
  const { token } = handshake.auth as { readonly token?: unknown };
  return typeof token === 'string' && token !== '' ? token : tokenOfRequest(request);
};

export function openSocketioDoor(options: SocketioDoorOptions): SocketioDoor {
  const { sockets, devices, plugins, log, budget, publicUrl } = options;
  const notice = createNotices(log);
  const open = new Map<Socket, Lane>();
  const formats = plugins.all('deviceFormat').filter(({ transports }) => transports.includes('socketio'));
  const namespaces = listenersOf(formats);
  let isStopping = false;

  const admit = (socket: Socket, next: (error?: Error) => void): void => {
    if (isStopping) next(new LprError('stopping', 'The hub is stopping: try again in a moment.'));
    else if (!isOwnOrigin(socket.request, publicUrl)) {
      next(new LprError('origin_refused', 'This connection comes from another site.'));
    } else {
      sockets.allowLarge(socket.conn);
      next();
    }
  };

  const answer = (socket: Socket, reply: WireReply, ack: Ack | null): void => {
    const { writeBuffer } = socket.conn as unknown as { readonly writeBuffer: readonly unknown[] };
    if (writeBuffer.length > MOST_UNREAD) {
      notice(socket.id, { address: socket.handshake.address }, 'a device never reads its answers; it was cut off');
      socket.disconnect(true);
      return;
    }
    for (const { event, args } of reply.emit ?? []) socket.emit(event, ...args);
    if (ack !== null) ack(...(reply.ack ?? []));
  };

  const serve = (socket: Socket, namespace: string, listeners: Listeners): void => {
    const lane = createLane(budget);
    open.set(socket, lane);
    const address = clientAddress(socket.request, publicUrl !== null);
    const token = tokenOf(socket);
    const session: DoorSession = {
      ...{ sessionId: socket.id, transport: 'socketio', address },
      close(reason) {
        log.info({ address, reason }, 'a Socket.IO connection is ended');
        socket.disconnect(true);
      },
    };

    socket.onAny((event: string, ...given: unknown[]) => {
      const last = given.at(-1);
      const ack = typeof last === 'function' ? (last as Ack) : null;
      const args = ack === null ? given : given.slice(0, -1);
      const bytes = sockets.bytesSince(socket.conn);
      const candidates = listeners.get(event);
      if (candidates === undefined) {
        notice(address, { address, event: event.slice(0, 100) }, 'an event that no device format knows was let fall');
        return;
      }
      const message = wireMessage('socketio', address, { path: event, namespace, args });
      const format = claimant(candidates, message, log);
      const job = async (): Promise<void> => {
        try {
          const { reply } = await devices.receive(message, { format: format?.id ?? null, token, session });
          answer(socket, reply, ack);
        } catch (error) {
          log.error({ address, event, err: faultOf(error) }, 'an event of a device could not be handled');
          // Without an answer it sends again, on a connection that works.
          socket.disconnect(true);
        }
      };
      if (lane.push(bytes, job)) return;
      const outcome = tryLater('Too much waits already: keep the message and send it again.', BUSY_SECONDS);
      try {
        answer(socket, (format ?? candidates[0])?.reply(outcome, message, null) ?? {}, ack);
      } catch (error) {
        log.warn({ address, event, err: errorMessage(error) }, 'a device could not be told to wait; it was cut off');
        socket.disconnect(true);
      }
    });
    socket.once('disconnect', () => {
      void lane.idle().then(() => {
        open.delete(socket);
        devices.sessionEnded(socket.id);
      });
    });
  };

  // Devices that speak Engine.IO 3 come to the default namespace first, whichever they mean.
  if (formats.length > 0) sockets.atRoot(admit);
  for (const namespace of new Set(['/', ...namespaces.keys()])) {
    const room = sockets.io.of(namespace);
    if (namespace !== '/') room.use(admit);
    room.on('connection', (socket: Socket) => {
      serve(socket, namespace, namespaces.get(namespace) ?? new Map<string, never>());
    });
  }

  return {
    connections: () => open.size,
    async stop() {
      isStopping = true;
      // What came in is answered first.
      const idle = Promise.all([...open.values()].map((lane) => lane.idle()));
      await Promise.race([idle, new Promise((done) => setTimeout(done, STOP_MS).unref())]);
      for (const socket of open.keys()) socket.disconnect(true);
    },
  };
}
