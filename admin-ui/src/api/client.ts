import type { Endpoints } from './endpoints.ts';
import { ApiProblem, problemOf } from './problem.ts';

const BASE = '/api/v1';

type PathParam<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathParam<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

type Options<K extends keyof Endpoints> = {
  readonly signal?: AbortSignal;
} & ([PathParam<K>] extends [never] ? unknown : { readonly params: Readonly<Record<PathParam<K>, string>> }) &
  (Endpoints[K] extends { body: infer B } ? { readonly body: B } : unknown) &
  (Endpoints[K] extends { query: infer Q } ? { readonly query?: Q } : unknown);

type Arguments<K extends keyof Endpoints> = object extends Options<K> ? [options?: Options<K>] : [options: Options<K>];

let onSignedOut: () => void = () => undefined;

/** Called when the hub no longer knows who is asking. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

/** Path and query of an endpoint below `/api/v1`; absent values are left out. */
export function addressOf(path: string, params: Readonly<Record<string, string>> = {}, query: Query = {}): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `${BASE}${filled}${text === '' ? '' : `?${text}`}`;
}

/**
 * Asks the hub: `call('GET /detections/:detectionId', { params: { detectionId } })`.
 * @throws ApiProblem; an aborted call throws the signal's reason.
 */
export async function call<K extends keyof Endpoints>(
  endpoint: K,
  ...[options]: Arguments<K>
): Promise<Endpoints[K]['answer']> {
  const { params, query, body, signal } = (options ?? {}) as {
    params?: Readonly<Record<string, string>>;
    query?: Query;
    body?: unknown;
    signal?: AbortSignal;
  };
  const [method = 'GET', path = '/'] = endpoint.split(' ');
  let response: Response;
  try {
    response = await fetch(addressOf(path, params, query), {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiProblem('unreachable', 'The hub does not answer', 0);
  }
  if (response.status === 204) return undefined;
  const answer = await readJson(response);
  if (response.ok && answer !== undefined) return answer;
  const problem = problemOf(response.status, answer);
  if (problem.code === 'unauthenticated') onSignedOut();
  throw problem;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // Something between us and the hub answered in its own words; the caller turns this into `unexpected_answer`.
    return undefined;
  }
}

/** Address of a stored picture. */
export function imageUrl(imageId: string, size: 'thumbnail' | 'display' | 'original'): string {
  return `${BASE}/images/${encodeURIComponent(imageId)}?size=${size}`;
}
