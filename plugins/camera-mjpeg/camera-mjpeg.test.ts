/** Against a real HTTP server that speaks motion JPEG in the ways that cameras do. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { createCameraHttp } from '../../core/cameras/camera-http.ts';
import type { CameraContext, CapturedFrame } from '../../core/plugins/define.ts';
import { parseConfig } from '../../core/fields.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { boundaryOf, pictures } from './multipart.ts';
import plugin from './plugin.ts';

const jpeg = (n: number): Promise<Buffer> =>
  sharp({ create: { width: 160, height: 90, channels: 3, background: { r: n, g: 90, b: 30 } } })
    .jpeg()
    .toBuffer();

let server: Server;
let address: string;
let answer: (req: IncomingMessage, res: ServerResponse) => void;
let controller: AbortController;
const sample: Buffer[] = [];

beforeAll(async () => {
  for (let n = 0; n < 4; n++) sample.push(await jpeg(60 * n));
  server = createServer((req, res) => {
    answer(req, res);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/video.cgi?camera=1`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  controller = new AbortController();
});

const contextOf = (config: Record<string, unknown>): CameraContext<typeof plugin.fields> => ({
  ...{ cameraId: 'c', dataDir: '/nowhere', log: quietLog, signal: controller.signal },
  config: parseConfig(plugin.fields, { url: address, ...config }),
  renderScene: () => Promise.reject(new Error('not drawn here')),
  instantOf: () => Promise.reject(new Error('not asked here')),
  decode: () => Promise.reject(new Error('not asked here')),
  ...createCameraHttp(controller.signal),
});
const take = async (count: number, config: Record<string, unknown> = {}): Promise<readonly CapturedFrame[]> => {
  const frames: CapturedFrame[] = [];
  for await (const frame of plugin.frames(contextOf({ fps: 30, ...config }))) {
    frames.push(frame);
    if (frames.length === count) break;
  }
  return frames;
};
/** Sends parts until the reader is gone. */
const serve =
  (head: string, part: (bytes: Buffer) => Buffer | string, everyMs = 40) =>
  (_req: IncomingMessage, res: ServerResponse): void => {
    res.writeHead(200, { 'content-type': head });
    void (async () => {
      for (let n = 0; !res.destroyed && res.writable; n++) {
        res.write(part(sample[n % sample.length] ?? Buffer.alloc(0)));
        await sleep(everyMs);
      }
    })();
  };
const join = (...parts: readonly (string | Buffer)[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));

describe('the ways that cameras part their pictures', () => {
  test.each<[string, string, (bytes: Buffer) => Buffer]>([
    [
      'with length, as written',
      'multipart/x-mixed-replace; boundary=frame',
      (b) => join(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${b.length}\r\n\r\n`, b, '\r\n'),
    ],
    [
      'dashes in the parameter that belong to the delimiter',
      'multipart/x-mixed-replace;boundary=--myboundary',
      (b) => join(`--myboundary\r\nContent-Type: image/jpeg\r\nContent-Length: ${b.length}\r\n\r\n`, b, '\r\n'),
    ],
    [
      'quoted, without length, LF alone',
      'multipart/x-mixed-replace; boundary="a b"',
      (b) => join('--a b\nContent-type: image/jpeg\n\n', b, '\n'),
    ],
    [
      'more dashes than said',
      'multipart/x-mixed-replace; boundary=frame',
      (b) => join(`----frame\r\nContent-Length: ${b.length}\r\n\r\n`, b, '\r\n'),
    ],
    [
      'a length that is too small',
      'multipart/x-mixed-replace; boundary=frame',
      (b) => join(`--frame\r\nContent-Length: ${b.length - 9}\r\n\r\n`, b, '\r\n'),
    ],
    [
      'a length that is too large',
      'multipart/x-mixed-replace; boundary=frame',
      (b) => join(`--frame\r\nContent-Length: ${b.length + 700}\r\n\r\n`, b, '\r\n'),
    ],
    [
      'with texts in between',
      'multipart/mixed; boundary=frame',
      (b) =>
        join(
          `--frame\r\nContent-Type: text/plain\r\n\r\nalarm\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n`,
          b,
          '\r\n',
        ),
    ],
  ])('%s', async (_name, head, part) => {
    answer = serve(head, part);
    const frames = await take(3);
    expect(frames.every((frame) => sample.some((one) => one.equals(frame.bytes)))).toBe(true);
    expect(new Set(frames.map((frame) => frame.bytes.length)).size).toBeGreaterThan(0);
  });

  test('cut into single bytes, and ending without a delimiter', async () => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      const whole = join(
        '--f\r\nA: b\r\n\r\n',
        sample[0]!,
        '\r\n--f\r\nContent-Length: 99999\r\n\r\n',
        sample[1]!,
        '\r\n--f\r\n\r\n',
        sample[2]!,
      );
      for (const byte of whole) yield Promise.resolve(Uint8Array.of(byte));
    }
    const found: Uint8Array[] = [];
    for await (const picture of pictures(bytes(), 'f')) found.push(picture);
    // The second promises more than came: its end is the next delimiter, which is known once the stream ends.
    expect(found.map((one) => sample.findIndex((other) => other.equals(one)))).toEqual([0]);
  });

  test('a part that never ends is given up', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('--f\r\n\r\n\xff\xd8', 'latin1');
      for (;;) yield await Promise.resolve(Buffer.alloc(1024 * 1024));
    }
    await expect(pictures(endless(), 'f').next()).rejects.toMatchObject({ code: 'camera_bad_answer' });
  });

  test.each([
    ['multipart/x-mixed-replace; boundary="--x"', 'x'],
    ['multipart/x-mixed-replace; charset=utf-8; Boundary = y; q=1', 'y'],
    ['multipart/x-mixed-replace', null],
  ])('boundary of %s', (type, expected) => {
    expect(boundaryOf(type)).toBe(expected);
  });
});

const mjpeg = serve('multipart/x-mixed-replace; boundary=f', (b) =>
  join(`--f\r\nContent-Length: ${b.length}\r\n\r\n`, b, '\r\n'),
);

describe('the stream', () => {
  test('gives no more than was asked for, and the newest', async () => {
    answer = mjpeg;
    const start = performance.now();
    await take(6, { fps: 5 });
    // Six pictures a fifth of a second apart; the stream has 25 a second.
    expect(performance.now() - start).toBeGreaterThan(900);
  });

  test('the connection is closed when the hub stops', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (req, res) => {
        res.on('close', () => {
          resolve();
        });
        mjpeg(req, res);
      };
    });
    const frames = plugin.frames(contextOf({}))[Symbol.asyncIterator]();
    await frames.next();
    controller.abort();
    await expect(frames.next().then(() => frames.next())).rejects.toBeDefined();
    await closed;
  });

  test('silence is a fault, also when bytes still trickle', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=f' });
      const timer = setInterval(() => res.write('.'), 100);
      res.on('close', () => {
        clearInterval(timer);
      });
    };
    await expect(take(1, { stallSeconds: 2 })).rejects.toMatchObject({ code: 'camera_timeout' });
  });

  test('an end is a fault: the hub opens it again', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=f' });
      res.end(join('--f\r\n\r\n', sample[0]!, '\r\n--f--'));
    };
    await expect(take(2)).rejects.toMatchObject({ code: 'camera_unreachable' });
  });

  test.each<[string, RegExp, (req: IncomingMessage, res: ServerResponse) => void]>([
    ['a single picture', /HTTP snapshot/, (_q, r) => r.writeHead(200, { 'content-type': 'image/jpeg' }).end(sample[0])],
    ['a page', /text\/html/, (_q, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['status 404', /404/, (_q, r) => r.writeHead(404).end()],
  ])('%s is explained', async (_name, words, handler) => {
    answer = handler;
    await expect(take(1)).rejects.toMatchObject({ code: 'camera_bad_answer', message: expect.stringMatching(words) });
  });
});

describe('signing in', () => {
  const md5 = (words: string): string => createHash('md5').update(words).digest('hex');
  const account = { username: 'admin', password: 's3cret' };
  const basic = `Basic ${Buffer.from('admin:s3cret').toString('base64')}`;
  const asks = (challenge: string, isRight: (header: string, req: IncomingMessage) => boolean): string[] => {
    const seen: string[] = [];
    answer = (req, res) => {
      const header = req.headers.authorization ?? '';
      seen.push(header);
      if (isRight(header, req)) mjpeg(req, res);
      else res.writeHead(401, { 'www-authenticate': challenge }).end();
    };
    return seen;
  };
  const isDigest = (header: string, req: IncomingMessage): boolean => {
    const given = Object.fromEntries([...header.matchAll(/(\w+)="?([^",]+)"?/g)].map((m) => [m[1], m[2]]));
    const ha1 = md5('admin:IP camera:s3cret');
    return given['response'] === md5(`${ha1}:n0nce:${given['nc']}:${given['cnonce']}:auth:${md5(`GET:${req.url}`)}`);
  };

  test('basic', async () => {
    const seen = asks('Basic realm="cam"', (header) => header === basic);
    await take(1, account);
    expect(seen).toEqual(['', basic]);
  });

  test('digest, also where basic is offered before it: the password does not travel', async () => {
    const challenge = 'Basic realm="other", Digest realm="IP camera", nonce="n0nce", qop="auth", algorithm=MD5';
    const seen = asks(challenge, isDigest);
    await take(1, account);
    expect(seen).toHaveLength(2);
    expect(seen.join()).not.toContain('Basic');
  });

  test('what is refused or missing is named', async () => {
    asks('Digest realm="IP camera", nonce="n0nce", qop="auth"', isDigest);
    await expect(take(1, { ...account, password: 'wrong' })).rejects.toThrow(/refuses the user name or the password/);
    await expect(take(1)).rejects.toThrow(/asks for a user name and password/);
  });
});
