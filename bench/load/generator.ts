/**
 * A process of its own that sends reads to a hub as devices do, and tells how long each took to be acknowledged and to reach
 * a console. Its orders come as JSON in the first argument; its findings go to standard output as one line of JSON.
 */
import { Agent, request } from 'node:http';
import mqtt from 'mqtt';
import { io } from 'socket.io-client';
import { ownPicture, plateOf, PROVINCE } from './traffic.ts';

export interface Orders {
  readonly how: 'batch' | 'single' | 'picture';
  readonly url: string;
  readonly mqttPort: number;
  /** One a device: of the generic format for HTTP, of the predecessor's for MQTT. */
  readonly tokens: readonly string[];
  /** Number of the first plate: no two runs share one. */
  readonly from: number;
  readonly reads: number;
  /** Reads a second; null: as fast as they are taken. */
  readonly rate: number | null;
  /** Messages on their way at once. */
  readonly window: number;
  readonly batchSize: number;
  /** `picture`: a JPEG in base64. */
  readonly jpeg: string;
  /** Session of a console that watches; null: none does. */
  readonly cookie: string | null;
}

export interface Findings {
  readonly acknowledged: number;
  readonly refused: number;
  readonly seconds: number;
  /** ms, 0 when none was measured. */
  readonly ack: { readonly p50: number; readonly p99: number };
  readonly console: { readonly p50: number; readonly p99: number; readonly seen: number };
}

const BOUNDARY = 'load-generator-boundary';

const quantiles = (values: number[]): { p50: number; p99: number } => {
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
};

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const jpeg = Buffer.from(orders.jpeg, 'base64');
const sentAt = new Map<string, number>();
const acks: number[] = [];
const shows: number[] = [];
let acknowledged = 0;
let refused = 0;

const readOf = (number: number): Record<string, unknown> => {
  const plateNumber = plateOf(number);
  if (orders.cookie !== null) sentAt.set(plateNumber, performance.now());
  return {
    eventId: `load-${number}`,
    cameraId: String(number % 20),
    plateNumber,
    issuingEntity: PROVINCE,
    confidence: 0.93,
    capturedAt: new Date().toISOString(),
  };
};

const agent = new Agent({ keepAlive: true, maxSockets: orders.window });

function post(token: string, type: string, body: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'content-length': body.length };
    const sent = request(`${orders.url}/ingest/generic`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        resolve(answer.statusCode === 200);
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** A form as cameras send it: fields, then the picture as it is. */
function formOf(fields: Readonly<Record<string, unknown>>, picture: Buffer): Buffer {
  const head = Object.entries(fields)
    .map(
      ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${String(value)}\r\n`,
    )
    .join('');
  const file = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="frame"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  return Buffer.concat([Buffer.from(head + file), picture, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

const tokenFor = (number: number): string => orders.tokens[number % orders.tokens.length] ?? '';

async function openMqtt(): Promise<(number: number) => Promise<boolean>> {
  const clients = await Promise.all(
    orders.tokens.map((password, n) =>
      mqtt.connectAsync({
        ...{ host: '127.0.0.1', port: orders.mqttPort, username: `load-${n}`, password },
        ...{ clientId: `load-${n}-${orders.from}`, protocolVersion: 4 },
      }),
    ),
  );
  return async (number) => {
    const n = number % clients.length;
    const { plateNumber, capturedAt } = readOf(number);
    const detection_data = {
      ...{ vehicles_count: 1, plates_count: 1, detection_type: 'lpr', vehicles: [] },
      plates: [
        {
          plate_index: 0,
          plate_number: plateNumber,
          confidence: 0.93,
          country: 'TH',
          province: PROVINCE,
          is_valid: true,
        },
      ],
    };
    const payload = {
      ...{ message_id: `load-${number}`, timestamp: capturedAt, camera_id: `load-${n}`, checkpoint_id: 'load' },
      ...{ detection_data, metadata: {} },
    };
    await clients[n]?.publishAsync(`lprserver/cameras/load-${n}/detection`, JSON.stringify(payload), { qos: 1 });
    return true;
  };
}

/** One message from here: resolves when it is acknowledged. */
async function sender(): Promise<(number: number) => Promise<boolean>> {
  if (orders.how === 'single') return openMqtt();
  if (orders.how === 'picture') {
    return (number) =>
      post(
        tokenFor(number),
        `multipart/form-data; boundary=${BOUNDARY}`,
        formOf(readOf(number), ownPicture(jpeg, number)),
      );
  }
  return (number) =>
    post(
      tokenFor(Math.floor(number / orders.batchSize)),
      'application/json',
      Buffer.from(JSON.stringify({ events: Array.from({ length: orders.batchSize }, (_, i) => readOf(number + i)) })),
    );
}

async function watch(cookie: string): Promise<() => void> {
  const socket = io(`${orders.url}/live`, { extraHeaders: { cookie }, transports: ['websocket'] });
  socket.on('detection.created', ({ plateNumber }: { readonly plateNumber: string }) => {
    const at = sentAt.get(plateNumber);
    if (at === undefined) return;
    sentAt.delete(plateNumber);
    shows.push(performance.now() - at);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return () => socket.disconnect();
}

const unwatch = orders.cookie === null ? null : await watch(orders.cookie);
const send = await sender();
const step = orders.how === 'batch' ? orders.batchSize : 1;
const last = orders.from + orders.reads;
const started = performance.now();
let next = orders.from;

async function lane(): Promise<void> {
  while (next < last) {
    const number = next;
    next += step;
    if (orders.rate !== null) {
      const due = started + ((number - orders.from) / orders.rate) * 1000;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
    const at = performance.now();
    if (await send(number)) {
      acks.push(performance.now() - at);
      acknowledged += step;
    } else refused += step;
  }
}
await Promise.all(Array.from({ length: orders.window }, lane));
const seconds = (performance.now() - started) / 1000;
if (unwatch !== null) {
  // What is on its way to the console still counts.
  for (let i = 0; i < 100 && sentAt.size > 0; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  unwatch();
}
const findings: Findings = {
  ...{ acknowledged, refused, seconds },
  ack: quantiles(acks),
  console: { ...quantiles(shows), seen: shows.length },
};
process.stdout.write(`${JSON.stringify(findings)}\n`, () => process.exit(0));
