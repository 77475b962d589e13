/** Structured logs: JSON lines, or a line a person reads when a terminal looks on. Never plate texts or secrets. */
import { Writable } from 'node:stream';
import pino from 'pino';
import type { Log } from './plugins/define.ts';

const LEVEL_WORDS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info ', 40: 'WARN ', 50: 'ERROR' };
/** Never printed, wherever they stand: one level deep, as our fields are. */
const SECRETS = ['authorization', 'cookie', 'password', 'key', 'token'];

interface Entry {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
  readonly stack?: string;
  readonly [field: string]: unknown;
}

/** Quoted when it would not be told apart from its neighbours, so that nothing a stranger sends can look like a line of ours. */
const shown = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=\p{C}]+$/u.test(value) ? value : JSON.stringify(value);

export function readableLine({ level, time, msg = '', stack, ...fields }: Entry): string {
  const clock = new Date(time).toTimeString().slice(0, 8);
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`);
  const calls = (stack ?? '').split('\n').slice(1);
  const head = `${clock} ${LEVEL_WORDS[level] ?? '     '} ${msg.replace(/\p{C}+/gu, ' ')}${rest.join('')}`;
  return [head, ...calls].join('\n') + '\n';
}

const toTerminal = (): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      process.stdout.write(readableLine(JSON.parse(chunk.toString()) as Entry));
      done();
    },
  });

export function createLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Log {
  const redact = SECRETS.flatMap((name) => [name, `*.${name}`]);
  const options = { level, base: null, redact };
  return process.stdout.isTTY ? pino(options, toTerminal()) : pino(options);
}
