/** The one Socket.IO server of the hub: live updates for browsers and events of devices, each in namespaces of their own. */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { Server, type Socket as Client } from 'socket.io';
import { LprError } from '../errors.ts';
import { createAddressGate, type AddressGate } from './address-gate.ts';
import { createByteBudget, type ByteBudget } from './byte-budget.ts';
import { clientAddress, MOST_BYTES } from './wire-message.ts';

/** Browsers send next to nothing; a large packet is a mistake or worse. */
const SMALL_PACKET = 10_000;
const JOIN_MS = 20_000;
const PATH = '/socket.io';

type Admission = (socket: Client, next: (error?: Error) => void) => void;
type Connection = Client['conn'];

export interface SocketServer {
  readonly io: Server;
  /** Who comes to the default namespace; until this is called nobody may. */
  atRoot(admit: Admission): void;
  /** From now on this connection may send large packets: it is a device's. */
  allowLarge(connection: Connection): void;
  /** Bytes of the packets that came over a connection since this was asked last. */
  bytesSince(connection: Connection): number;
  close(): void;
}

export interface SocketServerOptions {
  readonly gate?: AddressGate;
  readonly budget?: ByteBudget;
  readonly trustsProxy?: boolean;
}

const sizeOf = (data: unknown): number =>
  typeof data === 'string' ? Buffer.byteLength(data) : data instanceof Uint8Array ? data.byteLength : 0;

export function openSocketServer(
  servers: readonly HttpServer[],
  { gate = createAddressGate(), budget = createByteBudget(), trustsProxy = false }: SocketServerOptions = {},
): SocketServer {
  const entered = new WeakMap<IncomingMessage, () => void>();
  const large = new WeakSet<Connection>();
  const bytes = new WeakMap<Connection, number>();
  const io = new Server({
    ...{ serveClient: false, path: PATH, maxHttpBufferSize: MOST_BYTES, connectTimeout: JOIN_MS },
    // Devices of 2025 speak Engine.IO 3 and 4. There is no `cors`: pages of other sites are not answered.
    allowEIO3: true,
    allowRequest(req, done) {
      // Only a greeting is somebody new; what follows bears the id that it got.
      if (new URLSearchParams(req.url?.split('?')[1] ?? '').has('sid')) {
        done(null, true);
        return;
      }
      const entrance = gate.enter(clientAddress(req, trustsProxy));
      if (entrance.ok) entered.set(req, entrance.leave);
      done(entrance.ok ? null : entrance.reason, entrance.ok);
    },
  });
  const [first, ...others] = servers;
  if (first !== undefined) io.attach(first);
  for (const other of others) io.engine.attach(other, { path: PATH });

  io.engine.on('connection_error', ({ req }: { readonly req?: IncomingMessage }) => {
    if (req !== undefined) entered.get(req)?.();
  });
  io.engine.on('connection', (connection: Connection) => {
    const leave = entered.get(connection.request);
    if (leave !== undefined) connection.once('close', leave);
    /** Of a packet that is still coming in. A poll is one request, and bounded as such. */
    let pending = 0;
    const arrived = (): void => {
      budget.give(pending);
      pending = 0;
    };
    const watch = ({ socket }: { readonly socket?: { readonly _socket?: Socket } }): void => {
      const raw = socket?._socket;
      // Before the packet that this chunk completes is handled, and counted as arrived.
      raw?.prependListener('data', (chunk: Buffer) => {
        if (connection.readyState === 'closed') return;
        if (budget.take(chunk.length)) pending += chunk.length;
        else raw.destroy();
      });
    };
    watch(connection.transport as object);
    connection.on('upgrade', watch);
    connection.once('close', arrived);
    connection.on('packet', arrived);
    connection.on('packet', ({ data }: { readonly data?: unknown }) => {
      const size = sizeOf(data);
      if (size > SMALL_PACKET && !large.has(connection)) connection.close(true);
      bytes.set(connection, (bytes.get(connection) ?? 0) + size);
    });
  });

  let admit: Admission = (_socket, next) => {
    next(new LprError('not_found', 'Live updates are at /live.'));
  };
  io.use((socket, next) => {
    admit(socket, next);
  });

  return {
    io,
    atRoot(given) {
      admit = given;
    },
    allowLarge(connection) {
      large.add(connection);
    },
    bytesSince(connection) {
      const since = bytes.get(connection) ?? 0;
      bytes.set(connection, 0);
      return since;
    },
    close() {
      io.disconnectSockets(true);
      // The HTTP servers are not this module's to close.
      io.engine.close();
    },
  };
}
