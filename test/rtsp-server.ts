/**
 * A small RTSP camera for tests: a picture that moves, encoded by ffmpeg as H.264 and served over TCP (RFC 2326, RTP
 * interleaved in the same connection), with basic or digest sign-in where wanted.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

export interface RtspServer {
  /** Without account. */
  readonly url: string;
  /** Connections that play now. */
  playing(): number;
  /** From now on nothing is sent, though the connections stay. */
  silence(is: boolean): void;
  /** Breaks all connections. */
  cut(): void;
  close(): Promise<void>;
}

export interface RtspServerOptions {
  readonly account?: { readonly username: string; readonly password: string; readonly scheme: 'basic' | 'digest' };
  readonly fps?: number;
}

const md5 = (words: string): string => createHash('md5').update(words).digest('hex');
const REALM = 'IP camera';
const NONCE = '5f3c0a';

function isSignedIn(account: NonNullable<RtspServerOptions['account']>, method: string, header: string): boolean {
  const { username, password, scheme } = account;
  if (scheme === 'basic') return header === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const given = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]]));
  const expected = md5(`${md5(`${username}:${REALM}:${password}`)}:${NONCE}:${md5(`${method}:${given['uri'] ?? ''}`)}`);
  return given['username'] === username && given['response'] === expected;
}

export async function startRtspServer({ account, fps = 10 }: RtspServerOptions = {}): Promise<RtspServer> {
  const rtp = createSocket('udp4');
  rtp.bind(0, '127.0.0.1');
  await once(rtp, 'listening');
  const encoder = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi'],
      ...['-i', `testsrc2=size=320x180:rate=${fps}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
      ...['-g', String(fps), '-pix_fmt', 'yuv420p', '-payload_type', '96', '-f', 'rtp'],
      `rtp://127.0.0.1:${rtp.address().port}?pkt_size=1200`,
    ],
    { stdio: 'ignore' },
  );

  const sockets = new Set<Socket>();
  const players = new Set<Socket>();
  let isSilent = false;
  rtp.on('message', (packet) => {
    if (isSilent) return;
    const head = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]);
    for (const socket of players) socket.write(Buffer.concat([head, packet]));
  });

  const sdp = [
    ...['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=test', 'c=IN IP4 0.0.0.0', 't=0 0', 'm=video 0 RTP/AVP 96'],
    ...['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1', 'a=control:track1', ''],
  ].join('\r\n');

  const answer = (socket: Socket, head: string): void => {
    const [method = '', uri = ''] = head.split(' ');
    const header = (name: string): string => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'im').exec(head)?.[1] ?? '';
    const reply = (status: string, headers: readonly string[] = [], body = ''): void => {
      const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
      socket.write([`RTSP/1.0 ${status}`, `CSeq: ${header('CSeq')}`, ...headers, ...length, '', body].join('\r\n'));
    };
    if (account !== undefined && method !== 'OPTIONS' && !isSignedIn(account, method, header('Authorization'))) {
      const challenge =
        account.scheme === 'basic' ? `Basic realm="${REALM}"` : `Digest realm="${REALM}", nonce="${NONCE}"`;
      reply('401 Unauthorized', [`WWW-Authenticate: ${challenge}`]);
      return;
    }
    if (!uri.includes('/live')) {
      reply('404 Not Found');
      return;
    }
    switch (method) {
      case 'OPTIONS':
        reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN']);
        break;
      case 'DESCRIBE':
        reply('200 OK', [`Content-Base: ${uri}/`, 'Content-Type: application/sdp'], sdp);
        break;
      case 'SETUP':
        reply('200 OK', ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1', 'Session: 4711']);
        break;
      case 'PLAY':
        reply('200 OK', ['Session: 4711', 'Range: npt=0.000-']);
        players.add(socket);
        break;
      case 'TEARDOWN':
        players.delete(socket);
        reply('200 OK');
        break;
      default:
        reply('405 Method Not Allowed');
    }
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      players.delete(socket);
    });
    let pending = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      pending += chunk;
      for (;;) {
        // Reports of the reader (RTCP) come in between, framed as ours.
        if (pending.startsWith('$')) {
          const length = 4 + ((pending.charCodeAt(2) << 8) | pending.charCodeAt(3));
          if (pending.length < 4 || pending.length < length) return;
          pending = pending.slice(length);
          continue;
        }
        const end = pending.indexOf('\r\n\r\n');
        if (end === -1) return;
        const head = pending.slice(0, end);
        pending = pending.slice(end + 4);
        answer(socket, head);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/live?channel=1`,
    playing: () => players.size,
    silence(is) {
      isSilent = is;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      encoder.kill('SIGKILL');
      for (const socket of sockets) socket.destroy();
      rtp.close();
      server.close();
      await once(server, 'close');
    },
  };
}
