/** What people and devices talk to: one Express application with the API, the console, the flow editor and health. */
import express, { type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { LprError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { addAcknowledgePage } from './acknowledge-page.ts';
import type { ApiOptions } from './api-options.ts';
import { addConsole } from './console-files.ts';
import { addDeviceDoor } from './device-door.ts';
import { addEditor } from './editor-mount.ts';
import { answerErrors } from './error-answers.ts';
import { createGuard } from './guard.ts';
import { addDocs, createOpenApi } from './openapi.ts';
import { addRoutes } from './route.ts';
import { addMapFiles, createMapHost, type MapHost } from './map-files.ts';
import { createRoutes } from './routes.ts';

export type { ApiOptions } from './api-options.ts';
export { startLive, type Live } from './live.ts';
export { tokenOf } from './session-cookie.ts';
export { dayStart, instantOf } from '../site-day.ts';

const MINUTE_MS = 60_000;
/** By address and minute. A whole office may stand behind one address; guessing passwords is slowed by the access room too. */
const SIGN_INS = 60;
const REQUESTS = 3_000;
/** Devices have a floor of their own: a busy console never slows them down. */
const FRAMES = 12_000;

const limited = (perMinute: number, applies: (method: string, path: string) => boolean): RequestHandler =>
  rateLimit({
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Whether a proxy's word on the address counts is settled by `trust proxy`.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    skip: ({ method, path }) => !applies(method, path),
    handler: (_req, _res, next) => {
      const seconds = MINUTE_MS / 1000;
      next(new LprError('too_many_attempts', `Too many requests: try again within ${seconds} s.`, { seconds }));
    },
  });

const isFrame = (method: string, path: string): boolean => method === 'POST' && /^\/frames\/?$/.test(path);
const isSignIn = (method: string, path: string): boolean =>
  method === 'POST' && /^\/(session(\/password)?|setup)\/?$/.test(path);

/** For LOG_LEVEL=debug. The path without its query: that may hold a plate. */
const logged =
  ({ log }: Hub): RequestHandler =>
  ({ method, path }, res, next) => {
    const started = performance.now();
    res.once('finish', () => {
      log.debug({ method, path, status: res.statusCode, ms: Math.round(performance.now() - started) }, 'a request');
    });
    next();
  };

const securityHeaders = (isSecure: boolean, mapHost: MapHost): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        // Vuetify writes its theme as a style element.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:', mapHost.allowed],
        connectSrc: ["'self'", 'ws:', 'wss:', mapHost.allowed],
        fontSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        frameAncestors: ["'self'"],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: isSecure,
  });

export function createApi(options: ApiOptions): Express {
  const { hub, version, consoleFolder, publicUrl, isSecure } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  // A proxy on this machine tells whose request it passes on; nobody else is believed.
  if (publicUrl !== null) app.set('trust proxy', 'loopback');

  app.use(logged(hub));
  app.get('/health', async (_req, res) => {
    const health = await hub.health();
    res
      .status(health.ok ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ...health, version });
  });

  addDeviceDoor(app, { devices: hub.devices, plugins: hub.plugins, budget: options.budget, publicUrl });
  // Node-RED parses bodies itself and brings its own headers.
  addEditor(app, options);
  const mapHost = createMapHost(hub);
  app.use(mapHost.refresh, securityHeaders(isSecure, mapHost));
  addAcknowledgePage(app, hub);

  const routes = createRoutes(options);
  const api = express.Router();
  api.use(limited(SIGN_INS, isSignIn));
  api.use(limited(FRAMES, isFrame));
  api.use(limited(REQUESTS, (method, path) => !isFrame(method, path)));
  api.use((_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  const openApi = createOpenApi(routes, version);
  api.get('/openapi.json', (_req, res) => {
    res.json(openApi);
  });
  addRoutes(api, routes, createGuard(hub, publicUrl));
  app.use('/api/v1', api);
  addDocs(app);
  app.use(['/api', '/socket.io'], () => {
    throw new LprError('not_found', 'There is nothing at this address: see /api/docs.');
  });
  addMapFiles(app, hub, options.dataDir);
  addConsole(app, consoleFolder);
  app.use(() => {
    throw new LprError('not_found', 'There is nothing at this address.');
  });
  app.use(answerErrors(hub));
  return app;
}
