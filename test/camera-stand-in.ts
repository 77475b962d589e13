/** A small server in place of a camera: it checks what is asked as the maker documents it, and answers as such a camera does. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createCameraHttp } from '../core/cameras/camera-http.ts';
import { createEventReader } from '../core/cameras/event-reader.ts';
import { parseConfig, type Fields } from '../core/fields.ts';
import type { CameraContext, CameraProtocolPlugin } from '../core/plugins/define.ts';
import { loadPlugins } from '../core/plugins/plugins.ts';
import { quietLog } from './quiet-log.ts';

export const ACCOUNT = { username: 'admin', password: 's3cret' };

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

export interface StandIn {
  readonly address: string;
  /** In order, without those that were sent back to sign in. */
  readonly asked: Asked[];
  close(): Promise<void>;
}

const md5 = (words: string): string => createHash('md5').update(words).digest('hex');
const NONCE = 'n0nce';

function isSignedIn(req: IncomingMessage): boolean {
  const header = req.headers.authorization ?? '';
  const given = Object.fromEntries([...header.matchAll(/(\w+)="?([^",]+)"?/g)].map((match) => [match[1], match[2]]));
  const ha1 = md5(`${ACCOUNT.username}:camera:${ACCOUNT.password}`);
  const ha2 = md5(`${req.method}:${req.url}`);
  return given['response'] === md5(`${ha1}:${NONCE}:${given['nc']}:${given['cnonce']}:auth:${ha2}`);
}

/** @param digest whether it wants HTTP digest, as Hikvision and Dahua do */
export async function startStandIn(
  answer: (asked: Asked, res: ServerResponse) => void | Promise<void>,
  { digest = true } = {},
): Promise<StandIn> {
  const asked: Asked[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      if (digest && !isSignedIn(req)) {
        res.writeHead(401, { 'www-authenticate': `Digest realm="camera", nonce="${NONCE}", qop="auth"` }).end();
        return;
      }
      const one = { method: req.method ?? '', url: req.url ?? '', body: Buffer.concat(chunks).toString() };
      asked.push(one);
      void answer(one, res);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => {
          done();
        });
      }),
  };
}

const plugins = loadPlugins(join(import.meta.dirname, '../plugins'));

export async function contextOf<F extends Fields>(
  plugin: CameraProtocolPlugin<F>,
  config: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<CameraContext<F>> {
  const unused = (): Promise<never> => Promise.reject(new Error('not asked here'));
  return {
    ...{ cameraId: 'c', dataDir: '/nowhere', log: quietLog, signal, renderScene: unused, instantOf: unused },
    config: parseConfig<F>(plugin.fields, { ...ACCOUNT, ...config }),
    decode: createEventReader(await plugins, () => Promise.resolve('Asia/Bangkok')),
    ...createCameraHttp(signal),
  };
}

/** What a protocol gives until there is so much of it. */
export async function take<Item>(items: AsyncIterable<Item>, count: number): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) {
    found.push(item);
    if (found.length === count) break;
  }
  return found;
}

/** A part of a stream. */
export const part = (headers: Readonly<Record<string, string>>, bytes: Uint8Array | string, boundary: string): Buffer =>
  Buffer.concat([
    Buffer.from(
      `--${boundary}\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}`,
    ),
    Buffer.from(`Content-Length: ${Buffer.byteLength(bytes)}\r\n\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ]);
