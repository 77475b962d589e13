/** The hub's ports: open before anything else starts, drained before anything stops. */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as NetServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Settings } from '../settings.ts';
import { createHttpGuard, type HttpGuardOptions } from './doors/http-guard.ts';
import { errorMessage, LprError } from './errors.ts';
import type { Log } from './plugins/define.ts';

export interface HttpFront {
  /** The one on `PORT`; the flow editor listens to it too. */
  readonly server: Server;
  /** That one, and those of `EXTRA_PORTS`: live connections and devices come by each. */
  readonly servers: readonly Server[];
  readonly port: number;
  /** Until this, and after `drain`, requests are told to come back. */
  serve(app: RequestListener): void;
  /** Resolves when the requests under way are answered, or after a while. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** How long a TLS greeting may take. */
const HANDSHAKE_MS = 15_000;
/** How often it is looked for requests whose head never ends. */
const CHECK_MS = 5_000;
/** How long requests under way may take once the hub stops. */
const DRAIN_MS = 3_000;

const comeBack: RequestListener = (_req, res) => {
  res.writeHead(503, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'Retry-After': '2' });
  const message = 'The hub is starting or stopping: try again in a moment.';
  res.end(JSON.stringify({ ok: false, error: { code: 'stopping', message } }));
};

function listenError(error: NodeJS.ErrnoException, port: number, host: string, setting: string): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new LprError(
        'port_in_use',
        `Port ${port} is in use on ${host}. Choose another with ${setting}.`,
        {},
        error,
      );
    case 'EACCES':
      return new LprError(
        'port_in_use',
        `Port ${port} may not be opened by this user (those below 1024 want privileges). Choose another with ${setting}.`,
        {},
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new LprError('settings_invalid', `HOST is ${host}, which is no address of this machine.`, {}, error);
    default:
      return error;
  }
}

/** @throws port_in_use, settings_invalid: each names the setting */
export async function listenOn(server: NetServer, port: number, host: string, setting: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(listenError(error, port, host, setting));
    };
    server.once('error', failed).listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

function checkTls(tls: NonNullable<Settings['tls']>): void {
  try {
    createSecureContext(tls);
  } catch (error) {
    const message = `TLS_CERT and TLS_KEY cannot be used (${errorMessage(error)}): give a certificate and its own key, both PEM.`;
    throw new LprError('settings_invalid', message, { problems: [{ field: 'TLS_CERT', problem: message }] }, error);
  }
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

/** @throws port_in_use, settings_invalid: each names the setting; no port stays open then */
export async function openHttp(
  { tls, port, host, extraPorts, publicUrl }: Pick<Settings, 'tls' | 'port' | 'host' | 'extraPorts' | 'publicUrl'>,
  log: Log,
  guarding: Omit<HttpGuardOptions, 'log' | 'trustsProxy'> & { readonly checkMs?: number } = {},
): Promise<HttpFront> {
  if (tls !== null) checkTls(tls);
  let app = comeBack;
  let underWay = 0;
  let whenDrained = (): void => undefined;
  const handle: RequestListener = (req, res) => {
    underWay++;
    res.once('close', () => {
      underWay--;
      if (underWay === 0) whenDrained();
    });
    app(req, res);
  };

  const guard = createHttpGuard({ ...guarding, log, trustsProxy: publicUrl !== null });
  const checks = { connectionsCheckingInterval: guarding.checkMs ?? CHECK_MS };
  const servers: Server[] = [];
  const open = async (number: number, setting: string): Promise<Server> => {
    const server =
      tls === null
        ? createHttpServer(checks, handle)
        : createHttpsServer({ ...checks, ...tls, handshakeTimeout: HANDSHAKE_MS }, handle);
    guard.watch(server, tls !== null);
    servers.push(server);
    await listenOn(server, number, host, setting);
    server.on('error', (error) => {
      log.error({ err: error.message, port: number }, 'a port had trouble');
    });
    return server;
  };
  const closeAll = async (): Promise<void> => {
    guard.stop();
    await Promise.all(servers.map(close));
  };

  try {
    const server = await open(port, 'PORT');
    for (const extra of extraPorts) await open(extra, 'EXTRA_PORTS');
    const address = server.address();
    return {
      server,
      servers,
      port: typeof address === 'object' && address !== null ? address.port : port,
      serve(given) {
        app = given;
      },
      async drain() {
        app = comeBack;
        if (underWay === 0) return;
        await new Promise<void>((resolve) => {
          whenDrained = resolve;
          setTimeout(resolve, DRAIN_MS).unref();
        });
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
