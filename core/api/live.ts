/** What happens, told to signed-in browsers as it happens: Socket.IO namespace `/live`. */
import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { Permission, SignedIn } from '../access/access.ts';
import { LprError } from '../errors.ts';
import type { HubEvents } from '../events.ts';
import type { Hub } from '../hub.ts';
import { wire } from './answers.ts';
import { tokenOf } from './session-cookie.ts';

const NEEDS: Readonly<Record<keyof HubEvents, Permission>> = {
  'detection.created': 'detections.view',
  'detection.updated': 'detections.view',
  'frame.ended': 'detections.view',
  'camera.changed': 'cameras.view',
  'alert.raised': 'alerts.view',
  'alert.acknowledged': 'alerts.view',
};
/** How often a connection's session is looked at again. */
const RECHECK_MS = 30_000;

export interface Live {
  stop(): Promise<void>;
}

export function startLive(server: HttpServer, hub: Hub, publicUrl: string | null): Live {
  const io = new Server(server, { serveClient: false, path: '/socket.io', maxHttpBufferSize: 100_000 });
  const live = io.of('/live');

  const sessionOf = async (cookies: string | undefined): Promise<SignedIn | null> => {
    const token = tokenOf(cookies);
    return token === null ? null : hub.access.session(token);
  };

  live.use((socket, next) => {
    const { origin, cookie, host } = socket.handshake.headers;
    const isOwn =
      origin === undefined ||
      new URL(origin).host === host ||
      (publicUrl !== null && new URL(publicUrl).origin === origin);
    if (!isOwn) {
      next(new LprError('origin_refused', 'This connection comes from another site.'));
      return;
    }
    sessionOf(cookie).then(
      (session) => {
        if (session === null) {
          next(new LprError('unauthenticated', 'Sign in first.'));
          return;
        }
        for (const [event, permission] of Object.entries(NEEDS)) {
          if (session.permissions.includes(permission)) void socket.join(event);
        }
        next();
      },
      (error: unknown) => {
        next(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });

  const stops = (Object.keys(NEEDS) as (keyof HubEvents)[]).map((event) =>
    hub.events.on(event, (value) => {
      live.to(event).emit(event, wire(value));
    }),
  );
  const recheck = setInterval(() => {
    for (const socket of live.sockets.values()) {
      sessionOf(socket.handshake.headers.cookie).then(
        (session) => {
          if (session === null) socket.disconnect(true);
        },
        () => undefined,
      );
    }
  }, RECHECK_MS);
  recheck.unref();

  return {
    async stop() {
      clearInterval(recheck);
      for (const stop of stops) stop();
      // The HTTP server is not this module's to close.
      live.disconnectSockets(true);
      io.engine.close();
      await live.adapter.close();
    },
  };
}
