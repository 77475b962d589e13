/** One Express application: API, console, flow editor, health. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Permission } from '../access/access.ts';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { addDocs, createOpenApi } from './openapi.ts';
import { addRoutes, type Guard, type RouteSpec } from './route.ts';
import { createRoutes, type RouteOptions } from './routes.ts';
import { tokenOf } from './session-cookie.ts';

export interface HttpAppOptions extends RouteOptions {
  readonly consoleFolder: string;
  readonly publicUrl: string | null;
  /** Null until Node-RED runs. */
  readonly editor: () => RequestHandler | null;
  readonly flow: () => RequestHandler | null;
}

const BODY_LIMIT = '5mb';
/** Base64 of the largest picture, and the fields beside it. */
const PICTURE_BODY_LIMIT = '28mb';
const MINUTE_MS = 60_000;
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

const unauthenticated = (): LprError => new LprError('unauthenticated', 'Sign in first.');

/** A browser names the page that sends; another site's must not act with this user's cookie. */
export function assertSameOrigin(req: Request, publicUrl: string | null): void {
  const { origin } = req.headers;
  if (SAFE_METHODS.includes(req.method) || origin === undefined) return;
  const own = [
    `${req.protocol}://${req.headers.host ?? ''}`,
    ...(publicUrl === null ? [] : [new URL(publicUrl).origin]),
  ];
  if (own.includes(origin)) return;
  throw new LprError(
    'origin_refused',
    'This request comes from another site. Set PUBLIC_URL when the hub is behind a proxy.',
  );
}

function createGuard(hub: Hub, publicUrl: string | null): Guard {
  return {
    async signedIn(req, needs) {
      if (needs === 'key') return null;
      assertSameOrigin(req, publicUrl);
      if (needs === 'public') return null;
      const token = tokenOf(req.headers.cookie);
      const session = token === null ? null : await hub.access.session(token);
      if (session === null) throw unauthenticated();
      if (needs !== 'session' && !session.permissions.includes(needs)) {
        throw new LprError('forbidden', `Your role may not do this (it needs ${needs}).`, { needs });
      }
      return session;
    },
  };
}

/** Errors of the body parser, in our codes. */
function translated(error: unknown): unknown {
  const { type } = (error ?? {}) as { type?: unknown };
  if (type === 'entity.too.large') {
    return new LprError('body_too_large', 'The request is too large: 5 MB at most, pictures 20 MB.');
  }
  if (type === 'entity.parse.failed')
    return new LprError('invalid_json', `The body is no JSON: ${errorMessage(error)}`);
  if (error instanceof URIError) return new LprError('not_found', 'There is nothing at this address.');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported' || type === 'request.aborted') {
    return new LprError('invalid_input', `The body cannot be read: ${errorMessage(error)}`);
  }
  return error;
}

const errorHandler =
  (hub: Hub): ErrorRequestHandler =>
  (raw, req, res, next) => {
    const error = translated(raw);
    const code = errorCode(error);
    if (res.headersSent) {
      next(error);
      return;
    }
    if (code === 'internal') {
      const requestId = randomUUID();
      hub.log.error(
        { requestId, method: req.method, path: req.path, err: errorMessage(error), stack: (error as Error).stack },
        'a request failed unexpectedly',
      );
      const message = `Something went wrong that should not; the log has it under ${requestId}.`;
      res.status(500).json({ error: { code, message } });
      return;
    }
    const { status, message, details } = error as LprError;
    if (status === 429 && typeof details['seconds'] === 'number') res.setHeader('Retry-After', details['seconds']);
    res.status(status).json({ error: { code, message, ...(details.problems ? { problems: details.problems } : {}) } });
  };

const limited = (perMinute: number, methods: readonly string[] = []): RequestHandler =>
  rateLimit({
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    skip: (req) => methods.length > 0 && !methods.includes(req.method),
    handler: (_req, _res, next) => {
      const seconds = MINUTE_MS / 1000;
      next(new LprError('too_many_attempts', `Too many requests: try again within ${seconds} s.`, { seconds }));
    },
  });

const notBuilt = `<!doctype html><meta charset="utf-8"><title>LPR Hub</title>
<p>The console is not built. Run <code>npm run build:console</code>, then load this page again.</p>`;

function addConsole(app: Express, folder: string): void {
  app.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }));
  app.use(express.static(folder, { index: false, maxAge: '1h', dotfiles: 'ignore' }));
  const page = join(folder, 'index.html');
  app.get(/^\/(?!api\/|socket\.io\/).*/, (req, res, next) => {
    // Pages only: a missing script must not be answered with HTML.
    if (req.accepts(['html', 'json']) !== 'html') {
      next();
      return;
    }
    res.setHeader('Cache-Control', 'no-cache');
    if (existsSync(page)) res.sendFile(page, { cacheControl: false });
    else res.status(503).type('html').send(notBuilt);
  });
}

/** The editor and everything under it: signed-in people who may see flows; sign-in for the rest. */
function addEditor(app: Express, { hub, publicUrl, editor, flow }: HttpAppOptions): void {
  const mayOpen: readonly Permission[] = ['flows.edit', 'flows.view'];
  const stopped: RequestHandler = (_req, _res, next) => {
    next(new LprError('stopping', 'The flows are not running yet: try again in a moment.'));
  };
  app.use('/editor', async (req, res, next) => {
    assertSameOrigin(req, publicUrl);
    const token = tokenOf(req.headers.cookie);
    const session = token === null ? null : await hub.access.session(token);
    const isAllowed = session !== null && mayOpen.some((permission) => session.permissions.includes(permission));
    const isPage = req.method === 'GET' && (req.path === '/' || req.path === '');
    if (isPage && !isAllowed) {
      res.redirect(session === null ? '/sign-in?next=/editor/' : '/');
      return;
    }
    (editor() ?? stopped)(req, res, next);
  });
  app.use('/flow', (req, res, next) => {
    (flow() ?? stopped)(req, res, next);
  });
}

export function createHttpApp(options: HttpAppOptions): {
  readonly app: Express;
  readonly routes: readonly RouteSpec[];
} {
  const { hub, version, consoleFolder, publicUrl } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');

  app.get('/health', async (_req, res) => {
    const health = await hub.health();
    res.status(health.ok ? 200 : 503).json({ ...health, version });
  });

  // Node-RED parses bodies itself and brings its own headers.
  addEditor(app, options);

  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: {
          defaultSrc: ["'self'"],
          // Vuetify writes its theme as a style element.
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:', 'blob:'],
          connectSrc: ["'self'", 'ws:', 'wss:'],
          fontSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
          frameAncestors: ["'self'"],
          upgradeInsecureRequests: null,
        },
      },
      strictTransportSecurity: options.isSecure,
    }),
  );

  const routes = createRoutes(options);
  const api = express.Router();
  api.use(['/session', '/setup'], limited(60, ['POST']));
  // Devices have a floor of their own: a busy console must never slow them down.
  api.use('/frames', limited(12_000, ['POST']));
  const forPeople = limited(3_000);
  api.use((req, res, next) => {
    if (req.method === 'POST' && req.path === '/frames') next();
    else forPeople(req, res, next);
  });
  api.use('/frames', express.json({ limit: PICTURE_BODY_LIMIT }));
  api.use('/uploads', express.json({ limit: PICTURE_BODY_LIMIT }));
  api.use(express.json({ limit: BODY_LIMIT }));
  const openApi = createOpenApi(routes, version);
  api.get('/openapi.json', (_req, res) => {
    res.json(openApi);
  });
  addRoutes(api, routes, createGuard(hub, publicUrl));
  app.use('/api/v1', api);
  addDocs(app);
  app.use('/api', () => {
    throw new LprError('not_found', 'There is nothing at this address: see /api/docs.');
  });
  addConsole(app, consoleFolder);
  app.use(() => {
    throw new LprError('not_found', 'There is nothing at this address.');
  });
  app.use(errorHandler(hub));
  return { app, routes };
}
