/** Structured logs: JSON lines, or a line a person reads when a terminal looks on. Never plate texts or secrets. */
import { Writable } from 'node:stream';
import pino from 'pino';
import type { Log } from './plugins/define.ts';

const LEVEL_WORDS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info ', 40: 'WARN ', 50: 'ERROR' };
const HIDDEN = new Set(['level', 'time', 'msg']);

function readable(): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const entry = JSON.parse(chunk.toString()) as {
        level: number;
        time: number;
        msg?: string;
        [field: string]: unknown;
      };
      const rest = Object.entries(entry)
        .filter(([key, value]) => !HIDDEN.has(key) && value !== undefined)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
      const time = new Date(entry.time).toTimeString().slice(0, 8);
      process.stdout.write(`${time} ${LEVEL_WORDS[entry.level] ?? ''} ${entry.msg ?? ''} ${rest.join(' ')}\n`);
      done();
    },
  });
}

export function createLog(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Log {
  const options = { level, base: null, redact: ['authorization', 'cookie', 'password', '*.password', 'key', 'token'] };
  return process.stdout.isTTY ? pino(options, readable()) : pino(options);
}
