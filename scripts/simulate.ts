/**
 * `npm run simulate -- --url http://localhost:3000` drives made-up cameras against a hub, or writes what they would send.
 * Exit code 0: everything was acknowledged, or the format acknowledges nothing; 1: something was refused or not answered;
 * 2: the command was wrong.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { errorMessage } from '../core/errors.ts';
import { createLedger, simulateTraffic, truthLines, type Traffic } from '../core/simulator/traffic.ts';
import { WIRE_FORMATS, wireVariant, type EncodedMessage } from '../core/simulator/wire/wire.ts';
import { createEventPictures } from './simulate/event-pictures.ts';
import { play } from './simulate/play.ts';
import { createSender } from './simulate/senders.ts';

const formats = Object.entries(WIRE_FORMATS)
  .map(([format, variants]) =>
    Object.entries(variants)
      .map(
        ([variant, { about, transport }], index) =>
          `    ${`${format}${index === 0 ? '' : `/${variant}`}`.padEnd(30)} ${transport.padEnd(10)} ${about}`,
      )
      .join('\n'),
  )
  .join('\n');

const USAGE = `usage: npm run -s simulate -- (--url URL | --out FILE) [options]

Made-up vehicles drive over a made-up region; cameras of the kind you name tell the hub of them, with misreads, wrong clocks,
outages, retries, parked cars, cloned plates and convoys. The same seed gives the same traffic.

  --format FORMAT    what the cameras speak; default generic (list below)
  --url URL          the hub, such as http://localhost:3000
  --mqtt URL         the hub's broker for formats over MQTT; default mqtt://<host of --url>:1883
  --key TOKEN        device token; over MQTT the password of the account that is named as the camera
  --cameras N        default 4
  --vehicles N       default 600
  --minutes N        of simulated time; default 10
  --seed N           default 1
  --from TIME        when it begins, such as 2026-11-20T08:00:00+07:00; default: now at --speed 1, else so that it ends now
  --speed N          1 is real time, 60 an hour in a minute, max as fast as the answers come; default 1
  --rate N           at most so many events a second
  --retries N        an event without an answer is sent again so often; default 5
  --pictures         each event brings a drawn picture (about 0.2 s of work each)
  --misreads SHARE   of looks with a wrong text, 0 to 1; default 0.067
  --perfect          no misreads, right clocks, no outages, no retries
  --truth FILE       writes the truth: cameras, passings and what was planted, a line of JSON each
  --ledger FILE      writes what became of each event, a line of JSON each
  --out FILE         writes the events and their messages, a line of JSON each, instead of sending them
  --help             this

Formats:
${formats}
`;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
function fail(message: string): never {
  tell(`${message}\n\nnpm run -s simulate -- --help lists the options.`);
  process.exit(2);
}

/** Relative names count from where npm was called. */
const fromCaller = (name: string): string => (isAbsolute(name) ? name : resolve(process.env['INIT_CWD'] ?? '.', name));

async function writeLines(file: string, lines: Iterable<string> | AsyncIterable<string>): Promise<number> {
  const stream = createWriteStream(fromCaller(file));
  await once(stream, 'open').catch((error: unknown) => fail(`${file} cannot be written: ${errorMessage(error)}`));
  let count = 0;
  for await (const line of lines) {
    count += 1;
    if (!stream.write(`${line}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
  return count;
}

/** Bodies that are no text become base64. */
function written(message: EncodedMessage): object {
  if (message.transport !== 'http') return message;
  const { body, ...rest } = message;
  const text = body.toString();
  return Buffer.from(text).equals(body) ? { ...rest, body: text } : { ...rest, bodyBase64: body.toString('base64') };
}

function command() {
  try {
    return parseArgs({
      options: {
        ...{ format: { type: 'string', default: 'generic' }, url: { type: 'string' }, mqtt: { type: 'string' } },
        ...{ key: { type: 'string' }, cameras: { type: 'string', default: '4' } },
        ...{ vehicles: { type: 'string', default: '600' }, minutes: { type: 'string', default: '10' } },
        ...{
          seed: { type: 'string', default: '1' },
          from: { type: 'string' },
          speed: { type: 'string', default: '1' },
        },
        ...{
          rate: { type: 'string' },
          retries: { type: 'string', default: '5' },
          pictures: { type: 'boolean', default: false },
        },
        ...{ misreads: { type: 'string' }, perfect: { type: 'boolean', default: false }, truth: { type: 'string' } },
        ...{ ledger: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', default: false } },
      },
    } as const).values;
  } catch (error) {
    return fail(errorMessage(error));
  }
}

const values = command();
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
function numberOf(name: string, text: string, least: number, most: number, isWhole: boolean): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  return fail(`--${name} ${text}: give a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}.`);
}
const cameras = numberOf('cameras', values.cameras, 1, 1000, true);
const vehicles = numberOf('vehicles', values.vehicles, 1, 1_000_000, true);
const minutes = numberOf('minutes', values.minutes, 1, 1440, true);
const seed = numberOf('seed', values.seed, 0, 2 ** 31, true);
const retries = numberOf('retries', values.retries, 0, 1000, true);
const speed = values.speed === 'max' ? Infinity : numberOf('speed', values.speed, 0.01, 1e6, false);
const rate = values.rate === undefined ? Infinity : numberOf('rate', values.rate, 0.01, 1e6, false);
const text = values.misreads === undefined ? undefined : numberOf('misreads', values.misreads, 0, 1, false);
const chosen =
  wireVariant(values.format) ?? fail(`--format ${values.format}: there is no such format. There are:\n${formats}`);
const { format, variant, wire } = chosen;
const from =
  values.from === undefined ? new Date(Date.now() - (speed === 1 ? 0 : minutes * 60_000)) : new Date(values.from);
if (Number.isNaN(from.getTime())) fail(`--from ${values.from ?? ''}: give a time such as 2026-11-20T08:00:00+07:00.`);
if (values.url === undefined && values.out === undefined)
  fail('Say where the events go: --url URL of a hub, or --out FILE.');
const url = values.url ?? 'http://localhost';
const addressOf = (name: string, address: string, protocols: readonly string[]): URL => {
  if (!URL.canParse(address) || !protocols.includes(new URL(address).protocol)) {
    return fail(
      `--${name} ${address}: give an address that begins with ${protocols.map((one) => `${one}//`).join(' or ')}.`,
    );
  }
  return new URL(address);
};
const { hostname } = addressOf('url', url, ['http:', 'https:']);
const mqtt = values.mqtt ?? `mqtt://${hostname}:1883`;
addressOf('mqtt', mqtt, ['mqtt:', 'mqtts:', 'ws:', 'wss:']);

const PERFECT = {
  misreads: { text: 0, provinceMissing: 0, provinceWrong: 0, unread: 0 },
  ...{ missed: 0, clockConstant: 0, clockDrifting: 0, outagesPerHour: 0, retried: 0, outOfOrder: 0 },
};
const devices = { ...(values.perfect ? PERFECT : {}), ...(text === undefined ? {} : { misreads: { text } }) };
const traffic: Traffic = simulateTraffic({ seed, cameras, vehicles, minutes, from, reports: wire.reports, devices });
const pictures = values.pictures ? createEventPictures(traffic.passings, seed) : undefined;
tell(
  `${traffic.passings.length} passings of ${cameras} cameras in ${minutes} minutes, ${traffic.events.length} events as ${format}/${variant}`,
);
if (traffic.passings.length === 0) tell('Nothing drove by: give more --vehicles, --minutes or --cameras.');
if (values.truth !== undefined) await writeLines(values.truth, truthLines(traffic));

async function* outLines(): AsyncGenerator<string> {
  for (const plain of traffic.events) {
    const shown = pictures === undefined ? { event: plain, pictures: null } : await pictures(plain);
    const message = wire.encode(shown.event, shown.pictures);
    if (message === null) continue;
    const { cameraId } = shown.event.camera;
    const event = { ...shown.event, camera: undefined, clock: undefined };
    yield JSON.stringify({ ...event, cameraId, format, message: written(message) });
  }
}

async function send(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      tell('\nstopping; what is on its way is still awaited');
      stop.abort();
    });
  }
  const ledger = createLedger();
  const connect = (deviceId: string): ReturnType<typeof createSender> =>
    createSender(wire.transport, { url, mqtt, format, key: values.key ?? null, deviceId });
  const started = performance.now();
  let told = 0;
  const played = await play({
    ...{ events: traffic.events, wire, connect, ledger, speed, rate, retries, signal: stop.signal },
    ...(pictures === undefined ? {} : { pictures }),
    onProgress({ sent, of }) {
      const now = performance.now();
      if (now - told < (process.stderr.isTTY ? 200 : 5000)) return;
      told = now;
      const { acknowledged, refused, unanswered } = ledger.counts();
      const line = `${sent} of ${of} events: ${acknowledged} acknowledged, ${refused} refused, ${unanswered} unanswered`;
      process.stderr.write(process.stderr.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  if (values.ledger !== undefined) {
    await writeLines(
      values.ledger,
      ledger.entries().map((entry) => JSON.stringify(entry)),
    );
  }
  const entries = ledger.entries();
  const { attempts, acknowledged, refused, unanswered } = ledger.counts();
  const quiet = entries.filter(({ answer }) => answer === 'QoS 0').length;
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `${entries.length} events sent in ${attempts} messages and ${seconds.toFixed(1)} s (${(entries.length / seconds).toFixed(0)} a second), ` +
      `${played.heartbeats} signs of life, ${played.untold} events that such a device does not tell of\n` +
      `acknowledged ${acknowledged}, refused ${refused}, unanswered ${unanswered - quiet}${quiet > 0 ? `, ${quiet} at QoS 0, which nobody acknowledges` : ''}\n`,
  );
  const bad = entries.filter(({ state, answer }) => state !== 'acknowledged' && answer !== 'QoS 0');
  const answers = Map.groupBy(bad, ({ answer }) => answer ?? 'nothing');
  for (const [answer, of] of [...answers].sort(([, a], [, b]) => b.length - a.length).slice(0, 5)) {
    process.stdout.write(`  ${of.length} x ${answer}\n`);
  }
  process.exitCode = bad.length > 0 ? 1 : 0;
}

if (values.out !== undefined) {
  const count = await writeLines(values.out, outLines());
  process.stdout.write(`${count} events written to ${values.out}\n`);
} else {
  await send().catch((error: unknown) => {
    tell(errorMessage(error));
    process.exitCode = 2;
  });
}
