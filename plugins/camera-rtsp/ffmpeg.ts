/** One ffmpeg process: an RTSP stream in, JPEG pictures out of a pipe. It never outlives the one who reads. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { LprError } from '../../core/plugins/define.ts';

export interface StreamOptions {
  /** Program name or path. */
  readonly program: string;
  /** rtsp:// or rtsps://, without account. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly fps: number;
  /** Without a picture for so long the stream is broken. */
  readonly stallSeconds: number;
  readonly signal: AbortSignal;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const LARGEST_PICTURE = 20 * 1024 * 1024;
const END = Buffer.from([0xff, 0xd9]);
const MOST_WORDS = 8_192;
/** How long ffmpeg looks at the stream before the first picture; more only makes it come later. */
const ANALYSE_US = 500_000;
/** The first picture needs connection, sign-in and a key frame. */
const FIRST_SECONDS = 10;
/** Time to say good-bye to the camera. */
const TERM_MS = 2_000;

/**
 * The input as a script, given on stdin: the command line, which everybody on the machine can read, holds no password.
 * `option` lines need ffmpeg 5 (https://ffmpeg.org/ffmpeg-formats.html#concat-1).
 */
export function inputScript({ url, username, password, stallSeconds }: StreamOptions): string {
  const address = new URL(url);
  const account = username === '' ? '' : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  const rest = `${address.host}${address.pathname}${address.search}`.replaceAll('\\', '%5C').replaceAll("'", '%27');
  // `encodeURIComponent` leaves the apostrophe, which would end the quotes.
  return [
    'ffconcat version 1.0',
    `file '${address.protocol}//${account.replaceAll("'", '%27')}${rest}'`,
    'option rtsp_transport tcp',
    'option allowed_media_types video',
    `option timeout ${stallSeconds * 1_000_000}`,
    'option fflags nobuffer',
    `option analyzeduration ${ANALYSE_US}`,
    '',
  ].join('\n');
}

/** The first picture of each slot of time: exactly `fps` of them, and none made up where the stream has a gap. */
const optionsOf = (fps: number): string[] => [
  ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-threads', '2'],
  ...['-protocol_whitelist', 'pipe,tcp,udp,rtp,rtsp,tls,crypto,rtsps'],
  ...['-analyzeduration', String(ANALYSE_US), '-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
  ...['-map', '0:v:0', '-vf', `select='isnan(prev_selected_t)+not(eq(floor(t*${fps}),floor(prev_selected_t*${fps})))'`],
  ...['-fps_mode', 'passthrough', '-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2pipe', 'pipe:1'],
];

/** What ffmpeg said, without anything that could be an account. */
function withoutSecrets(words: string, { username, password }: StreamOptions): string {
  const secrets = [password, encodeURIComponent(password), username].filter((secret) => secret.length > 2);
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, '…'), words)
    .replace(/\/\/[^@/\s]*@/g, '//')
    .replace(/\[[^\]]* @ 0x[0-9a-f]+\]\s*/g, '');
}

/** Why it ended, in words that name the remedy. */
function explained(words: string, options: StreamOptions): LprError {
  const { host } = new URL(options.url);
  const is = (pattern: RegExp): boolean => pattern.test(words);
  if (is(/401 unauthorized|authorization failed|403 forbidden/i)) {
    const what =
      options.username === ''
        ? 'asks for a user name and password: enter them'
        : 'refuses the user name or the password';
    return new LprError('camera_bad_answer', `${host} ${what} (RTSP 401).`);
  }
  if (is(/404 not found|454 session not found/i)) {
    return new LprError('camera_bad_answer', `${host} has no such stream: check the address behind the host name.`);
  }
  if (is(/timed out/i)) {
    const message = `${host} did not answer within ${options.stallSeconds} s: is it switched on and is the address right?`;
    return new LprError('camera_timeout', message);
  }
  const cause =
    /connection refused|no route to host|network is unreachable|(failed to )?resolve|connection reset/i.exec(words);
  if (cause !== null) {
    return new LprError(
      'camera_unreachable',
      `${host} cannot be reached (${cause[0]}): check address, port and network.`,
    );
  }
  const last = withoutSecrets(words, options).trim().split('\n').slice(-2).join(' ').slice(0, 300);
  const ended = last === '' ? `${host} ended its stream: it is opened again.` : `${host} gives no stream: ${last}`;
  return new LprError(last === '' ? 'camera_unreachable' : 'camera_bad_answer', ended);
}

function start(program: string, fps: number): Child {
  const { PATH, LD_LIBRARY_PATH, SystemRoot } = process.env;
  // Nothing else of the hub's own environment: it holds its secrets.
  const env = { PATH, LD_LIBRARY_PATH, SystemRoot, LC_ALL: 'C' };
  return spawn(program, optionsOf(fps), { stdio: ['pipe', 'pipe', 'pipe'], env, windowsHide: true });
}

/** Ends the process and waits for its end. */
async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), TERM_MS);
  // Read to its end or closed: a full pipe would keep it from listening.
  child.stdout.destroy();
  await gone;
  clearTimeout(timer);
}

/** @throws program_missing, camera_unreachable, camera_timeout, camera_bad_answer */
export async function* pictures(options: StreamOptions): AsyncGenerator<Uint8Array> {
  const { program, stallSeconds, fps, signal } = options;
  const { host } = new URL(options.url);
  const isOver = (): boolean => signal.aborted;
  if (isOver()) return;
  const child = start(program, fps);
  let words = '';
  const faults: LprError[] = [];
  const fail = (error: LprError): void => {
    faults.push(error);
    child.stdout.destroy();
  };
  child.on('error', (error: NodeJS.ErrnoException) => {
    const message =
      error.code === 'ENOENT'
        ? `RTSP needs the program ffmpeg, and "${program}" is not there: install it (Debian, Ubuntu: apt install ffmpeg) or enter its path.`
        : `"${program}" cannot be run (${error.code ?? error.message}): install ffmpeg (Debian, Ubuntu: apt install ffmpeg) or mend its path.`;
    fail(new LprError('program_missing', message, { problems: [{ field: 'ffmpeg', problem: 'cannot be run' }] }));
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (words = (words + chunk).slice(-MOST_WORDS)));
  // A process that ended at once takes no script: its end tells why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(inputScript(options));
  const watch = (seconds: number): NodeJS.Timeout =>
    setTimeout(() => {
      const message = `${host} has sent no picture for ${seconds} s: is its stream still running?`;
      fail(new LprError('camera_timeout', message));
    }, seconds * 1_000);
  let stall = watch(Math.max(FIRST_SECONDS, stallSeconds));
  const stop = (): void => void child.stdout.destroy();
  signal.addEventListener('abort', stop);
  const exited = once(child, 'close').catch(() => undefined);
  try {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of child.stdout) {
        let bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
        // Entropy-coded data never holds this marker, and ffmpeg writes no thumbnails.
        let from = Math.max(0, rest.length - 1);
        for (let at = bytes.indexOf(END, from); at !== -1; at = bytes.indexOf(END, from)) {
          clearTimeout(stall);
          stall = watch(stallSeconds);
          yield Uint8Array.from(bytes.subarray(0, at + 2));
          bytes = bytes.subarray(at + 2);
          from = 0;
        }
        if (bytes.length > LARGEST_PICTURE) {
          throw new LprError('camera_bad_answer', `${host} sends pictures of more than 20 MB: choose a smaller size.`);
        }
        rest = bytes;
      }
    } catch (error) {
      // Closed by ourselves: what was told meanwhile says why.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
    if (isOver()) return;
    const [fault] = faults;
    if (fault !== undefined) throw fault;
    await exited;
    throw explained(words, options);
  } finally {
    clearTimeout(stall);
    signal.removeEventListener('abort', stop);
    await end(child);
  }
}
