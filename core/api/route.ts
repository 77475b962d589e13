/** A route is declared once; validation, types, permission and OpenAPI come from the declaration. */
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { Permission, SignedIn } from '../access/access.ts';
import { LprError } from '../errors.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** What a handler gets: checked input, and who asks. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Null on public routes. */
  readonly signedIn: SignedIn | null;
  readonly address: string;
  readonly req: Request;
  readonly res: Response;
}

export interface RouteSpec<P = unknown, Q = unknown, B = unknown, A = unknown> {
  readonly method: Method;
  /** Below `/api/v1`, with `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  /** `key` wants a camera's ingest key; `session` any signed-in user. */
  readonly needs: Permission | 'public' | 'session' | 'key';
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  /** The picture comes as multipart; the handler reads it. */
  readonly takesPicture?: boolean;
  /** Absent: the handler answers by itself, or with nothing (204). */
  readonly answer?: z.ZodType<A>;
  readonly status?: 200 | 201;
  readonly handle: (call: Call<P, Q, B>) => Promise<unknown>;
}

/** Erases the types for the table of routes; inside `handle` they are exact. */
export const route = <P = unknown, Q = unknown, B = unknown, A = unknown>(spec: RouteSpec<P, Q, B, A>): RouteSpec =>
  spec as unknown as RouteSpec;

export const idParams = <const K extends string>(key: K): z.ZodType<Record<K, string>> =>
  z.object({ [key]: z.string().min(1).max(100) }) as unknown as z.ZodType<Record<K, string>>;

/** @throws invalid_input naming every field */
export function parseInput<T>(schema: z.ZodType<T> | undefined, value: unknown): T {
  if (schema === undefined) return undefined as T;
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({ field: issue.path.join('.'), problem: issue.message }));
  const all = problems.map(({ field, problem }) => `${field === '' ? 'the body' : field}: ${problem}`).join('; ');
  throw new LprError('invalid_input', `The request cannot be used: ${all}.`, { problems });
}

export interface Guard {
  /** Who asks, or a throw: unauthenticated, forbidden, origin_refused. */
  signedIn(req: Request, needs: RouteSpec['needs']): Promise<SignedIn | null>;
}

export function addRoutes(router: Router, routes: readonly RouteSpec[], guard: Guard): void {
  for (const spec of routes) {
    router[spec.method](spec.path, async (req, res) => {
      const signedIn = await guard.signedIn(req, spec.needs);
      const result = await spec.handle({
        params: parseInput(spec.params, req.params),
        query: parseInput(spec.query, req.query),
        body: parseInput(spec.body, req.body),
        signedIn,
        address: req.ip ?? '',
        req,
        res,
      });
      if (res.headersSent) return;
      if (spec.answer === undefined) res.status(204).end();
      else res.status(spec.status ?? 200).json(result);
    });
  }
}
