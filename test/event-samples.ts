/**
 * Constructed messages of devices that do not speak HTTP, written as those of `device-samples.ts`: `PUBLISH /<topic>` (with
 * `Retain: true` where the broker kept it), `EMIT /<event>` or `EMIT /<namespace>/<event>` (one argument as JSON, in which
 * `{"$binary": "<base64>"}` is bytes), `TEXT /` (a WebSocket frame).
 */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { WireMessage } from '../core/plugins/device-format.ts';
import type { EncodedMessage } from '../core/simulator/wire/wire.ts';
import { messageOf as httpMessageOf, sampleOf, wireMessage, type Sample } from './device-samples.ts';

const revive = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '$binary' in value && typeof value.$binary === 'string'
    ? Buffer.from(value.$binary, 'base64')
    : value;

function messageOf({ method, target, headers, body, message }: Sample): WireMessage {
  switch (method) {
    case 'PUBLISH':
      return wireMessage({
        transport: 'mqtt',
        method: '',
        path: target.slice(1),
        body,
        isRetained: headers['retain'] === 'true',
      });
    case 'EMIT': {
      const [event = '', namespace = ''] = target.slice(1).split('/').reverse();
      return wireMessage({
        transport: 'socketio',
        method: '',
        path: event,
        namespace: `/${namespace}`,
        args: body.length === 0 ? [] : [JSON.parse(body.toString(), revive)],
      });
    }
    case 'TEXT':
      return wireMessage({ transport: 'websocket', method: '', body });
    default:
      return message;
  }
}

/** @param folder `import.meta.dirname` of the plugin @param file with its ending: `.http`, `.mqtt`, `.socketio`, `.websocket` */
export async function readWireSample(folder: string, file: string): Promise<Sample> {
  if (extname(file) === '') throw new Error(`${file} has no ending`);
  const sample = await sampleOf(await readFile(join(folder, 'samples', file), 'utf8'));
  return { ...sample, message: messageOf(sample) };
}

/** What a simulated device sends, as the hub's doors hand it to a format. */
export function encodedMessage(format: string, encoded: EncodedMessage): WireMessage {
  switch (encoded.transport) {
    case 'http':
      return httpMessageOf(format, encoded);
    case 'mqtt':
      return wireMessage({
        transport: 'mqtt',
        method: '',
        path: encoded.topic,
        body: Buffer.from(encoded.payload),
        isRetained: encoded.retain,
      });
    case 'socketio':
      return wireMessage({
        transport: 'socketio',
        method: '',
        path: encoded.event,
        namespace: encoded.namespace,
        args: encoded.args,
      });
    case 'websocket':
      return wireMessage({ transport: 'websocket', method: '', body: Buffer.from(encoded.text) });
  }
}
