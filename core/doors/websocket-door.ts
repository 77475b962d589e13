/**
 * Devices that speak raw WebSocket on the hub's own port: `/` and `/ws` for those whose messages tell what they are,
 * `/ingest/<format>` and `/ingest/<format>/<token>` for the others. One frame in, one text frame back.
 */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { DoorSession } from '../devices/devices.ts';
import { isOwnOrigin } from '../own-origin.ts';
import type { Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { AddressGate } from './address-gate.ts';
import type { ByteBudget } from './byte-budget.ts';
import { createLane, type Lane } from './lane.ts';
import { createNotices } from './notices.ts';
import { clientAddress, faultOf, MOST_BYTES, tokenOfRequest, wireMessage, type DoorDevices } from './wire-message.ts';

export interface WebsocketDoorOptions {
  readonly servers: readonly HttpServer[];
  readonly devices: DoorDevices;
  readonly plugins: Pick<Plugins, 'all'>;
  readonly log: Log;
  readonly gate: AddressGate;
  readonly budget: ByteBudget;
  readonly publicUrl: string | null;
  /** How often a connection is asked whether it still stands; one that does not answer until the next time is ended. */
  readonly pingMs?: number;
}

export interface WebsocketDoor {
  connections(): number;
  stop(): Promise<void>;
}

const PING_MS = 30_000;
const STOP_MS = 3_000;
/** How long one that is sent away may take to hear why. */
const FAREWELL_MS = 1_000;
/** Answers that lie unread; a device that lets so much gather never reads. */
const MOST_UNREAD = 1024 * 1024;

/** Close codes of RFC 6455, 7.4.1, and its registry. */
const GOING_AWAY = 1001;
const POLICY = 1008;
const FAULT = 1011;
const TRY_LATER = 1013;

interface Route {
  /** Null: the message tells by itself. */
  readonly format: string | null;
  readonly token: string | null;
}

function routeOf(url: string, formats: ReadonlySet<string>): Route | null {
  const [path = ''] = url.split('?');
  if (path === '/' || path === '/ws' || path === '/ws/') return { format: null, token: null };
  const [, format = '', token = ''] = /^\/ingest\/([^/]+)(?:\/([^/]*))?$/.exec(path) ?? [];
  if (!formats.has(format)) return null;
  return { format, token: token === '' ? null : token };
}

const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data;

function refuse(socket: Duplex, status: 403 | 429 | 503, reason: string): void {
  const body = `${reason}\n`;
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Retry-After: 10\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

export function openWebsocketDoor(options: WebsocketDoorOptions): WebsocketDoor {
  const { servers, devices, plugins, log, gate, budget, publicUrl, pingMs = PING_MS } = options;
  const notice = createNotices(log);
  const server = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES, clientTracking: false });
  const formats = new Set(
    plugins
      .all('deviceFormat')
      .filter(({ transports }) => transports.includes('websocket'))
      .map(({ id }) => id),
  );
  const open = new Map<WebSocket, Lane>();
  const silent = new WeakSet<WebSocket>();
  let isStopping = false;

  const serve = (ws: WebSocket, req: IncomingMessage, socket: Duplex, address: string, route: Route): void => {
    const lane = createLane(budget);
    open.set(ws, lane);
    const token = route.token ?? tokenOfRequest(req);
    /** Says why, and does not wait for one that does not listen. */
    const end = (code: number, reason: string): void => {
      ws.close(code, reason);
      ws.resume();
      setTimeout(() => {
        ws.terminate();
      }, FAREWELL_MS).unref();
    };
    const session: DoorSession = {
      ...{ sessionId: randomUUID(), transport: 'websocket', address },
      close(reason) {
        log.info({ address, reason }, 'a WebSocket connection is ended');
        end(POLICY, 'ended by the hub');
      },
    };
    /** Of a frame that is still coming in. */
    let pending = 0;
    const heard = (chunk: Buffer): void => {
      silent.delete(ws);
      if (budget.take(chunk.length)) pending += chunk.length;
      else end(TRY_LATER, 'too much comes in at once');
    };
    // Before the frame that a chunk completes is handled, and counted as arrived.
    socket.prependListener('data', heard);

    const handle = async (body: Buffer): Promise<void> => {
      try {
        const message = wireMessage('websocket', address, { body });
        const { reply } = await devices.receive(message, { format: route.format, token, session });
        if (reply.body !== undefined && ws.readyState === ws.OPEN) ws.send(reply.body);
        if (reply.close === true) end(TRY_LATER, 'send again later');
        if (ws.bufferedAmount <= MOST_UNREAD) return;
        notice(address, { address }, 'a device never reads its answers; it was cut off');
        ws.terminate();
      } catch (error) {
        log.error({ address, err: faultOf(error) }, 'a frame of a device could not be handled');
        // Without an answer it sends again.
        end(FAULT, 'a fault of the hub: send again');
      }
    };
    ws.on('message', (data) => {
      const body = bytesOf(data);
      budget.give(pending);
      pending = 0;
      if (ws.readyState !== ws.OPEN) return;
      // Until it is answered nothing more is read from this device; what its last chunk still holds waits in the lane.
      ws.pause();
      const isTaken = lane.push(body.length, async () => {
        await handle(body);
        silent.delete(ws);
        if (lane.waiting <= 1) ws.resume();
      });
      if (!isTaken) end(TRY_LATER, 'too much waits already');
    });
    ws.on('pong', () => silent.delete(ws));
    ws.on('error', (error) => {
      notice(address, { address, err: error.message }, 'a WebSocket connection of a device broke');
    });
    ws.once('close', () => {
      socket.off('data', heard);
      budget.give(pending);
      pending = 0;
      void lane.idle().then(() => {
        open.delete(ws);
        devices.sessionEnded(session.sessionId);
      });
    });
  };

  const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const route = routeOf(req.url ?? '', formats);
    // Somebody else's: live updates, the editor, nodes of flows.
    if (route === null || formats.size === 0) return;
    const address = clientAddress(req, publicUrl !== null);
    if (isStopping) {
      refuse(socket, 503, 'The hub is stopping: try again in a moment.');
      return;
    }
    if (!isOwnOrigin(req, publicUrl)) {
      refuse(socket, 403, 'This connection comes from another site.');
      return;
    }
    const entrance = gate.enter(address);
    if (!entrance.ok) {
      notice(address, { address, err: entrance.reason }, 'a WebSocket connection was refused');
      refuse(socket, 429, entrance.reason);
      return;
    }
    socket.once('close', () => {
      entrance.leave();
    });
    server.handleUpgrade(req, socket, head, (ws) => {
      serve(ws, req, socket, address, route);
    });
  };

  const timer = setInterval(() => {
    for (const [ws, lane] of open) {
      // While its message is being stored it is not read from, so it cannot answer.
      if (lane.waiting > 0) continue;
      if (silent.has(ws)) ws.terminate();
      else {
        silent.add(ws);
        ws.ping();
      }
    }
  }, pingMs).unref();
  for (const one of servers) one.on('upgrade', upgrade);

  return {
    connections: () => open.size,
    async stop() {
      isStopping = true;
      clearInterval(timer);
      const idle = Promise.all([...open.values()].map((lane) => lane.idle()));
      await Promise.race([idle, new Promise((done) => setTimeout(done, STOP_MS).unref())]);
      for (const one of servers) one.off('upgrade', upgrade);
      for (const ws of open.keys()) {
        ws.close(GOING_AWAY, 'the hub is stopping');
        setTimeout(() => {
          ws.terminate();
        }, FAREWELL_MS).unref();
      }
    },
  };
}
