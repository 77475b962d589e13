/** A browser-like client: keeps its cookie, speaks JSON. */
export interface Answer {
  readonly status: number;
  readonly body: any;
  readonly headers: Headers;
}

export interface Client {
  /** `/v1/…` is the API, anything else an address of the hub. Bodies are JSON unless they are a form, text or bytes. */
  (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  cookie(): string;
}

export function createClient(url: string): Client {
  let cookie = '';
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const isForm = body instanceof FormData || typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${url}${path.startsWith('/v1') ? '/api' : ''}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? (body as BodyInit) : JSON.stringify(body) }),
    });
    const set = response.headers.get('set-cookie');
    if (set !== null) cookie = set.split(';', 1)[0] ?? '';
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };
  return Object.assign(call, { cookie: () => cookie });
}
