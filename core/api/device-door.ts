/**
 * The HTTP door for devices: `/ingest/<format>`, `/ingest/<format>/<token>`, `/ingest`, and the fixed paths that some devices
 * insist on. The answer is the format's own, byte for byte.
 */
import type { Express, Request, RequestHandler, Response } from 'express';
import multer from 'multer';
import type { Devices } from '../devices/devices.ts';
import type { ByteBudget } from '../doors/byte-budget.ts';
import { plainAddress } from '../doors/wire-message.ts';
import { LprError } from '../errors.ts';
import { MAX_IMAGE_BYTES } from '../images/images.ts';
import type { WireMessage, WirePart, WireReply } from '../plugins/define.ts';
import { isOwnOrigin } from '../own-origin.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { checkHead, countBody, createBodyRoom, readBody, tooLarge, unreadable, type BodyClaim } from './body-room.ts';

/** A scene and a plate in base64, and what stands around them. */
export const MOST_BODY_BYTES = 42 * 1024 * 1024;
const MOST_PARTS = 40;
const MOST_FIELD_BYTES = 2 * 1024 * 1024;
/** Of what all may have on its way at once one address may have this much: nobody shuts the others out. */
const SHARE = 1 / 2;
/** Whoever was answered before its body was read may go on so long, unheard, to read why. */
const FAREWELL_MS = 1_000;

const readForm = multer({
  storage: multer.memoryStorage(),
  limits: {
    fileSize: MAX_IMAGE_BYTES,
    files: MOST_PARTS,
    fields: MOST_PARTS,
    fieldSize: MOST_FIELD_BYTES,
    parts: MOST_PARTS,
  },
}).any();

const run = (handler: RequestHandler, req: Request, res: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    void handler(req, res, (error?: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('the body could not be read'));
    });
  });

/** What the form parser throws, in our codes. */
function formError(error: unknown): LprError {
  const { code, field } = error as { code?: unknown; field?: unknown };
  const isLimit = typeof code === 'string' && code.startsWith('LIMIT_');
  return isLimit ? tooLarge(typeof field === 'string' ? field : 'body') : unreadable(error);
}

const flat = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const first: unknown = Array.isArray(value) ? value[0] : value;
      return typeof first === 'string' ? [[key, first]] : [];
    }),
  );

const SECRET_QUERY: readonly string[] = ['token', 'key'];
const SECRET_HEADERS: readonly string[] = ['authorization', 'cookie', 'x-api-key'];
const without = (values: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));

function partsOf(req: Request): WirePart[] {
  const files = (req.files ?? []) as Express.Multer.File[];
  const fields = Object.entries((req.body ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((one): WirePart[] =>
      typeof one === 'string' ? [{ name, fileName: null, mediaType: null, bytes: Buffer.from(one) }] : [],
    ),
  );
  return [
    ...fields,
    ...files.map(({ fieldname, originalname, mimetype, buffer }) => ({
      name: fieldname,
      fileName: originalname,
      mediaType: mimetype,
      bytes: buffer,
    })),
  ];
}

/** Devices differ in where they can put a token; whatever they found a place for is taken. */
function tokenOf(req: Request): string | null {
  const { authorization = '' } = req.headers;
  const [, scheme = '', value = ''] = /^(\S+)\s+(.+)$/.exec(authorization) ?? [];
  if (/^(bearer|token)$/i.test(scheme)) return value.trim();
  if (/^basic$/i.test(scheme)) {
    const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
    if (password !== '') return password;
  }
  const query = flat(req.query);
  const header = req.headers['x-api-key'];
  return (typeof header === 'string' ? header : undefined) ?? query['token'] ?? query['key'] ?? null;
}

/** The message without its body. */
const headOf = (req: Request, path: string): WireMessage => ({
  transport: 'http',
  address: plainAddress(req.ip),
  receivedAt: new Date(),
  method: req.method,
  path,
  // Whoever looks at a kept message later need not see secrets.
  query: without(flat(req.query), SECRET_QUERY),
  headers: without(flat(req.headers), SECRET_HEADERS),
  body: new Uint8Array(0),
  parts: [],
  args: [],
  namespace: '',
  isRetained: false,
});

async function messageOf(req: Request, res: Response, path: string, claim: BodyClaim): Promise<WireMessage> {
  checkHead(req, claim, MOST_BODY_BYTES);
  if (!req.is('multipart/form-data')) {
    const body = await readBody(req, claim, MOST_BODY_BYTES);
    return { ...headOf(req, path), body };
  }
  const counted = countBody(req, claim, MOST_BODY_BYTES);
  const parsed = run(readForm, req, res).catch((error: unknown) => {
    throw formError(error);
  });
  await Promise.race([parsed, counted]);
  return { ...headOf(req, path), parts: partsOf(req) };
}

function send(res: Response, reply: WireReply): void {
  if (res.headersSent || res.destroyed) return;
  res.status(reply.status ?? 200);
  res.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value);
  res.end(reply.body ?? '');
}

/** Of a body that was not read what still comes is let fall, and for a moment only. */
function letGo(req: Request): void {
  if (req.complete || req.destroyed) return;
  req.unpipe();
  req.resume();
  setTimeout(() => {
    if (!req.complete) req.socket.destroy();
  }, FAREWELL_MS).unref();
}

export interface DeviceDoorOptions {
  readonly devices: Devices;
  readonly plugins: Plugins;
  readonly budget: ByteBudget;
  readonly publicUrl: string | null;
}

/** A page of another site, opened on a machine whose address is a device's, must not speak for it. @throws origin_refused */
function assertNoForeignPage(req: Request, token: string | null, publicUrl: string | null): void {
  if (token !== null || isOwnOrigin(req, publicUrl)) return;
  throw new LprError(
    'origin_refused',
    'This request comes from a page of another site: devices send none, or a token.',
  );
}

export function addDeviceDoor(app: Express, { devices, plugins, budget, publicUrl }: DeviceDoorOptions): void {
  const room = createBodyRoom(budget, budget.most * SHARE);
  const door =
    (
      format: (req: Request) => string | null,
      path: (req: Request) => string,
      token: (req: Request) => string | null,
    ): RequestHandler =>
    async (req, res) => {
      const claim = room.enter(plainAddress(req.ip));
      const from = { format: format(req), token: token(req) };
      try {
        assertNoForeignPage(req, from.token, publicUrl);
        const message = await messageOf(req, res, path(req), claim);
        const { reply } = await devices.receive(message, from);
        send(res, reply);
      } catch (error) {
        send(res, devices.turnAway(headOf(req, path(req)), from, error));
        letGo(req);
      } finally {
        claim.release();
      }
    };
  const param = (req: Request, name: string): string | null => {
    const value: unknown = req.params[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const isToken = (text: string | null): text is string => text?.startsWith('lpd_') === true;

  for (const plugin of plugins.all('deviceFormat')) {
    for (const { method, path } of plugin.paths ?? []) {
      app[method.toLowerCase() as 'get' | 'post' | 'put'](
        path,
        door(
          () => plugin.id,
          () => path,
          tokenOf,
        ),
      );
    }
  }
  app.all(
    '/ingest{/:format}{/*rest}',
    door(
      (req) => param(req, 'format'),
      (req) => {
        const rest = (req.params as Record<string, unknown>)['rest'];
        const segments = Array.isArray(rest) ? (rest as string[]) : [];
        return `/${segments.filter((segment) => !isToken(segment)).join('/')}`;
      },
      (req) => {
        const rest = (req.params as Record<string, unknown>)['rest'];
        const segments = Array.isArray(rest) ? (rest as string[]) : [];
        return segments.find(isToken) ?? tokenOf(req);
      },
    ),
  );
}
