/** A route is declared once; validation, types, permission and OpenAPI come from the declaration. */
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Permission, SignedIn } from '../access/access.ts';
import { LprError, type FieldProblem } from '../errors.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** `key`: a camera's ingest key. `session`: anybody who is signed in. */
export type Needs = Permission | 'public' | 'session' | 'key';

/** What a handler gets: checked input, and who asks. */
export interface Call<P, Q, B> extends Asker {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly req: Request;
  readonly res: Response;
}

export interface Asker {
  /** Null on public routes and for devices. */
  readonly signedIn: SignedIn | null;
  /** The camera whose ingest key was given; null for people. */
  readonly cameraId: string | null;
  readonly address: string;
}

export interface RouteSpec<P = unknown, Q = unknown, B = unknown, A = unknown> {
  readonly method: Method;
  /** Below `/api/v1`, with `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly needs: Needs;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** The picture comes as multipart, or as base64 in JSON; the handler takes it out with `readPicture`. */
  readonly takesPicture?: boolean;
  /** A file comes as the only part `file` of a form; the handler takes it with `receiveFile`. */
  readonly takesFile?: boolean;
  /** Absent: the handler answers by itself, or with nothing (204). */
  readonly answer?: z.ZodType<A>;
  /** What the handler answers by itself, for the documentation. */
  readonly media?: string;
  readonly status?: 200 | 201;
  readonly handle: (call: Call<P, Q, B>) => Promise<NoInfer<A>>;
}

/** Erases the types for the table of routes; inside `handle` they are exact. */
export const route = <P = unknown, Q = unknown, B = unknown, A = void>(spec: RouteSpec<P, Q, B, A>): RouteSpec =>
  spec as unknown as RouteSpec;

export const idParams = <const K extends string>(...keys: readonly K[]): z.ZodType<Record<K, string>> =>
  z.object(Object.fromEntries(keys.map((key) => [key, z.uuid()]))) as unknown as z.ZodType<Record<K, string>>;

export const listOf = <T extends z.ZodType>(item: T): z.ZodObject<{ items: z.ZodArray<T> }> =>
  z.object({ items: z.array(item) });

/** @throws not_found */
export function found<T>(thing: T | null | undefined, what: string): T {
  if (thing === null || thing === undefined) throw new LprError('not_found', `There is no such ${what}.`);
  return thing;
}

/** @throws unauthenticated */
export function userOf({ signedIn }: Pick<Asker, 'signedIn'>): SignedIn['user'] {
  if (signedIn === null) throw new LprError('unauthenticated', 'Sign in first.');
  return signedIn.user;
}

function problemOf(issue: z.core.$ZodIssue): FieldProblem {
  const field = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return { field: issue.keys.join(', '), problem: 'is not known here: check its spelling or leave it out' };
  }
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return { field, problem: isMissing ? 'is missing' : issue.message };
}

/** A misspelt field must be told: left out it could mean everything. */
const exact = (schema: z.ZodType): z.ZodType => (schema instanceof z.ZodObject ? schema.strict() : schema);

/** PostgreSQL keeps no NUL in a text; whatever sends one sends no text. */
function fieldWithNul(value: unknown, path: string): string | null {
  if (typeof value === 'string') return value.includes('\0') ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    const where = fieldWithNul(part, path === '' ? key : `${path}.${key}`);
    if (where !== null) return where;
  }
  return null;
}

/** @throws invalid_input naming every field */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  const withNul = fieldWithNul(value, '');
  if (result.success && withNul === null) return result.data;
  const problems = [
    ...(result.error?.issues ?? []).map(problemOf),
    ...(withNul === null ? [] : [{ field: withNul, problem: 'has a NUL character: leave it out' }]),
  ];
  const all = problems.map(({ field, problem }) => `${field === '' ? 'the body' : field}: ${problem}`).join('; ');
  throw new LprError('invalid_input', `The request cannot be used: ${all}.`, { problems });
}

/** Finds out who asks, or throws: unauthenticated, forbidden, origin_refused, ingest_key_wrong, camera_disabled. */
export type Guard = (req: Request, needs: Needs) => Promise<Pick<Asker, 'signedIn' | 'cameraId'>>;

const readJson = express.json({ limit: '5mb' });
/** Base64 of the largest picture, and the fields beside it. */
const readLongJson = express.json({ limit: '28mb' });

const run = (handler: RequestHandler, req: Request, res: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    void handler(req, res, (error?: Error | string) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error(error));
    });
  });

async function readBody(spec: RouteSpec, req: Request, res: Response): Promise<void> {
  if (spec.body === undefined && spec.takesPicture !== true) return;
  await run(spec.takesPicture === true ? readLongJson : readJson, req, res);
  const isForm = spec.takesPicture === true && Boolean(req.is('multipart/form-data'));
  if (req.body !== undefined || isForm) return;
  const wanted = spec.takesPicture === true ? 'multipart/form-data or application/json' : 'application/json';
  throw new LprError('invalid_input', `There is no body: send one with Content-Type ${wanted}.`, {
    problems: [{ field: 'Content-Type', problem: `must be ${wanted}` }],
  });
}

const parsed = (schema: z.ZodType | undefined, value: unknown): unknown =>
  schema === undefined ? undefined : parseInput(exact(schema), value);

/** An id that cannot be one names nothing. @throws not_found */
function parsedParams(schema: z.ZodType | undefined, value: unknown): unknown {
  const result = schema?.safeParse(value);
  if (result?.success === false) throw new LprError('not_found', 'There is nothing at this address: its id is no id.');
  return result?.data;
}

export function addRoutes(router: Router, routes: readonly RouteSpec[], guard: Guard): void {
  for (const spec of routes) {
    router[spec.method](spec.path, async (req, res) => {
      // Who asks comes first: a stranger's body is not even read.
      const asker = await guard(req, spec.needs);
      await readBody(spec, req, res);
      const result = await spec.handle({
        params: parsedParams(spec.params, req.params),
        query: parsed(spec.query, req.query),
        body: parsed(spec.body, req.body),
        ...asker,
        ...{ address: req.ip ?? '', req, res },
      });
      if (res.headersSent) return;
      if (spec.answer === undefined) res.status(204).end();
      else res.status(spec.status ?? 200).json(result);
    });
  }
}
