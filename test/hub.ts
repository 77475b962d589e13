/** A whole hub in this process, with its own embedded database in a temporary folder, and a browser-like client. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub, type RunningHub } from '../core/start.ts';
import { readSettings } from '../settings.ts';
import { quietLog } from './quiet-log.ts';

export const ADMIN = { name: 'admin', password: 'correct horse battery' };

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

export interface TestHub extends RunningHub {
  readonly client: () => Client;
  /** Signed in as the first administrator. */
  readonly admin: Client;
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

/** The demo camera is switched off: tests send their own frames. */
export async function startTestHub(env: Record<string, string> = {}): Promise<TestHub> {
  const folder = await mkdtemp(join(tmpdir(), 'lpr-hub-'));
  const settings = readSettings({ LPR_DATA_DIR: folder, PORT: '0', MQTT_PORT: '0', LPR_WORKERS: '1', ...env });
  const running = await startHub(settings, { log: quietLog });
  for (const camera of await running.hub.cameras.list()) {
    if (camera.builtIn === 'demo') await running.hub.cameras.update(camera.cameraId, { enabled: false });
  }
  const client = (): Client => createClient(running.url);
  const admin = client();
  await admin('POST', '/v1/setup', { ...ADMIN, code: running.setupCode });
  return {
    ...running,
    client,
    admin,
    async stop() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
