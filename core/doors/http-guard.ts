/** Keeps one visitor from taking the HTTP port away from all others: how many may come, and how slow they may be. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../plugins/define.ts';
import { createAddressGate, type AddressGate, type GateLimits } from './address-gate.ts';
import { createNotices } from './notices.ts';
import { plainAddress } from './wire-message.ts';

/** A browser opens six, a device one each message; whoever speaks WebSocket or Socket.IO has a narrower gate behind this one. */
const LIMITS: GateLimits = { perAddress: 500, perSecond: 1_000, inAll: 6_000 };
const HEADERS_MS = 15_000;
/** Whoever sends a body or reads an answer moves at least so many bytes in this time; the slowest modem brings twice that. */
const PATIENCE_MS = 30_000;
const LEAST_BYTES = 15_000;
const PROBE_MS = 60_000;
const FAREWELL_MS = 1_000;
/** Of one that are turned away at once, so many are told why. */
const MOST_FAREWELLS = 100;
const TOO_SLOW = `HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

export interface HttpGuardOptions {
  readonly log: Log;
  /** Behind a proxy of this machine everybody comes from its address: there the proxy counts, not the hub. */
  readonly trustsProxy: boolean;
  readonly limits?: Partial<GateLimits>;
  readonly headersMs?: number;
  readonly patienceMs?: number;
}

interface Visitor {
  request: IncomingMessage | null;
  /** Bytes moved when its patience began. */
  mark: number;
  since: number;
}

const busy = (reason: string): string => {
  const body = JSON.stringify({ ok: false, error: { code: 'too_many_attempts', message: reason } });
  return `HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Type: application/json\r\nRetry-After: 10\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

/** Waits for the visitor and not the visitor for us. */
function isAwaited(socket: Socket, request: IncomingMessage | null): boolean {
  if (socket.writableLength > 0) return true;
  // A body of which something lies unread is held up by us.
  return request !== null && !request.complete && request.readableLength === 0 && !request.isPaused();
}

export interface HttpGuard {
  /** Watches over one more port. Call before it listens. */
  watch(server: Server, isTls: boolean): void;
  stop(): void;
}

export function createHttpGuard(options: HttpGuardOptions): HttpGuard {
  const { log, trustsProxy, limits, headersMs = HEADERS_MS, patienceMs = PATIENCE_MS } = options;
  const gate: AddressGate = createAddressGate({ ...LIMITS, ...limits });
  const notice = createNotices(log);
  const visitors = new Map<Socket, Visitor>();
  let farewells = 0;

  const turnAway = (socket: Socket, address: string, reason: string, words: string | null): void => {
    notice(address, { address, err: reason }, 'an HTTP connection was refused');
    socket.on('error', () => undefined);
    if (words === null || farewells >= MOST_FAREWELLS) {
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
    socket.end(words);
  };

  const admit = (socket: Socket, isTls: boolean): boolean => {
    const address = plainAddress(socket.remoteAddress);
    if (trustsProxy && /^(127\.|::1$)/.test(address)) return true;
    const entrance = gate.enter(address);
    if (!entrance.ok) {
      turnAway(socket, address, entrance.reason, isTls ? null : busy(entrance.reason));
      return false;
    }
    socket.once('close', entrance.leave);
    // A connection whose other end is gone without a word is found out.
    socket.setKeepAlive(true, PROBE_MS);
    return true;
  };

  const look = (): void => {
    const now = performance.now();
    for (const [socket, visitor] of visitors) {
      const moved = socket.bytesRead + socket.bytesWritten - socket.writableLength;
      if (!isAwaited(socket, visitor.request) || moved - visitor.mark >= LEAST_BYTES) {
        [visitor.mark, visitor.since] = [moved, now];
        continue;
      }
      if (now - visitor.since < patienceMs) continue;
      const address = plainAddress(socket.remoteAddress);
      notice(address, { address }, 'an HTTP connection that hardly moved was cut off');
      if (socket.writableLength === 0) socket.write(TOO_SLOW);
      socket.destroySoon();
      setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
      visitors.delete(socket);
    }
  };
  const timer = setInterval(look, Math.max(50, patienceMs / 6)).unref();

  return {
    watch(server, isTls) {
      server.headersTimeout = headersMs;
      // Not a length of time but of standing still ends a request: an import may take hours, and is held up by us.
      server.requestTimeout = 0;
      const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
      server.removeAllListeners('connection');
      server.on('connection', (socket: Socket) => {
        if (!admit(socket, isTls)) return;
        for (const listener of listeners) listener.call(server, socket);
      });
      server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
        if (socket.destroyed) return;
        visitors.set(socket, { request: null, mark: 0, since: performance.now() });
        socket.once('close', () => visitors.delete(socket));
      });
      server.on('request', (request: IncomingMessage) => {
        const visitor = visitors.get(request.socket);
        if (visitor !== undefined) visitor.request = request;
      });
    },
    stop() {
      clearInterval(timer);
    },
  };
}
