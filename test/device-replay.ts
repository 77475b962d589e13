/** Sends a constructed message over the transport that its device uses, to a running hub, and gives what came back on the wire. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { WireReply } from '../core/plugins/device-format.ts';
import type { Sample } from './device-samples.ts';

export interface Doors {
  /** Of the hub, `http://…`. */
  readonly url: string;
  readonly mqttPort: number;
}

/** For a broker whose port must be known before the hub starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const ANSWER_MS = 10_000;
/** For answers that come beside the one that ends the wait. */
const BESIDE_MS = 150;

async function overHttp({ url }: Doors, { method, target, headers, body }: Sample): Promise<WireReply> {
  const init = method === 'GET' ? {} : { body: new Uint8Array(body) };
  const response = await fetch(url + target, { method, headers, ...init });
  const kept = ['content-type', 'retry-after'].flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: response.status, headers: Object.fromEntries(kept), body: await response.text() };
}

async function overWebSocket({ url }: Doors, { body, target }: Sample): Promise<WireReply> {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + target);
  try {
    await once(socket, 'open');
    socket.send(body.toString());
    return await new Promise<WireReply>((resolve, reject) => {
      socket.once('message', (data: Buffer) => resolve({ body: data.toString() }));
      socket.once('close', () => resolve({ close: true }));
      socket.once('error', reject);
    });
  } finally {
    socket.terminate();
  }
}

async function overSocketIo({ url }: Doors, { message }: Sample): Promise<WireReply> {
  const socket: Socket = io(url + message.namespace, {
    reconnection: false,
    transports: ['websocket'],
    forceNew: true,
  });
  const emit: { event: string; args: readonly unknown[] }[] = [];
  socket.onAny((event: string, ...args: unknown[]) => emit.push({ event, args }));
  try {
    await new Promise<void>((done, fail) => {
      socket.once('connect', done);
      socket.once('connect_error', fail);
    });
    const ack = await new Promise<readonly unknown[]>((resolve, reject) => {
      socket.timeout(ANSWER_MS).emit(message.path, ...message.args, (error: Error | null, ...answer: unknown[]) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
    await sleep(BESIDE_MS);
    return { ...(emit.length > 0 ? { emit } : {}), ack };
  } finally {
    socket.disconnect();
  }
}

/** `close` where the broker cut the device off instead of acknowledging. */
async function overMqtt({ mqttPort }: Doors, { message }: Sample): Promise<WireReply> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { reconnectPeriod: 0 });
  client.on('error', () => undefined);
  const publish: { topic: string; payload: string; qos: 0 | 1 | 2; retain: boolean }[] = [];
  client.on('message', (topic, payload, { qos, retain }) => {
    publish.push({ topic, payload: payload.toString(), qos, retain });
  });
  try {
    // Not every device has answers to listen to.
    await client.subscribeAsync(`${message.path}/ack`, { qos: 1 }).catch(() => undefined);
    const isTaken = await new Promise<boolean>((resolve) => {
      client.once('close', () => resolve(false));
      client.publish(message.path, Buffer.from(message.body), { qos: 1, retain: message.isRetained }, (error) => {
        resolve(!error);
      });
    });
    await sleep(BESIDE_MS);
    return { ...(publish.length > 0 ? { publish } : {}), ...(isTaken ? {} : { close: true }) };
  } finally {
    await client.endAsync(true);
  }
}

export function replay(doors: Doors, sample: Sample): Promise<WireReply> {
  switch (sample.message.transport) {
    case 'http':
      return overHttp(doors, sample);
    case 'websocket':
      return overWebSocket(doors, sample);
    case 'socketio':
      return overSocketIo(doors, sample);
    case 'mqtt':
      return overMqtt(doors, sample);
  }
}

/** Ids that the hub gives and the time of receipt differ each time; all else of an answer must be as expected, byte for byte. */
export const withoutIds = (reply: WireReply): unknown =>
  JSON.parse(
    JSON.stringify(reply)
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>'),
  );
