/** How each transport carries a simulated device's message to a hub, and what counts there as its acknowledgement. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { errorMessage, LprError } from '../../core/errors.ts';
import type { EncodedMessage } from '../../core/simulator/wire/wire.ts';

export interface Answer {
  readonly state: 'acknowledged' | 'refused' | 'unanswered';
  /** What was said, or why nothing was. */
  readonly answer: string;
}

export interface Sender {
  /** Never throws: what goes wrong is an answer. */
  send(message: EncodedMessage): Promise<Answer>;
  close(): Promise<void>;
}

export interface SenderOptions {
  /** `http://host:port` of the hub; for Socket.IO and WebSocket, too. */
  readonly url: string;
  /** `mqtt://host:port` */
  readonly mqtt: string;
  readonly format: string;
  /** Device token; null sends none. */
  readonly key: string | null;
  /** The device's own id: client id and user name over MQTT. */
  readonly deviceId: string;
  /** How long an answer may take; default 10 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const MOST_ANSWER = 300;

const unanswered = (error: unknown): Answer => {
  // fetch hides what happened one deeper.
  const cause = (error as { cause?: unknown } | null)?.cause;
  return { state: 'unanswered', answer: errorMessage(cause ?? error) || String((cause as { code?: unknown }).code) };
};

function httpSender({ url, format, key, timeoutMs = TIMEOUT_MS }: SenderOptions): Sender {
  return {
    async send(message) {
      if (message.transport !== 'http') return { state: 'unanswered', answer: 'not an HTTP message' };
      // Devices with a path of their own cannot send a token.
      const token: Record<string, string> =
        key !== null && message.path === null ? { authorization: `Bearer ${key}` } : {};
      try {
        const response = await fetch(new URL(message.path ?? `/ingest/${format}`, url), {
          method: message.method,
          headers: { ...message.headers, ...token },
          body: new Uint8Array(message.body),
          signal: AbortSignal.timeout(timeoutMs),
        });
        const answer = `${response.status} ${(await response.text()).slice(0, MOST_ANSWER)}`.trim();
        // The camera resends unless it reads this.
        const isTaken = response.ok && (format !== 'dahua' || /"result"\s*:\s*"?true"?/.test(answer));
        // Busy, or broken: a device tries again.
        if (response.status === 429 || response.status >= 500) return { state: 'unanswered', answer };
        return { state: isTaken ? 'acknowledged' : 'refused', answer };
      } catch (error) {
        return unanswered(error);
      }
    },
    close: () => Promise.resolve(),
  };
}

/** One connection a device, as each has its own account and topics. */
async function mqttSender({ mqtt, key, deviceId, timeoutMs = TIMEOUT_MS }: SenderOptions): Promise<Sender> {
  const { connect } = await import('mqtt');
  const client: MqttClient = connect(mqtt, {
    clientId: deviceId,
    ...(key === null ? {} : { username: deviceId, password: key }),
    clean: false,
    reconnectPeriod: 500,
    connectTimeout: timeoutMs,
  });
  let trouble = 'no connection';
  client.on('error', (error) => {
    trouble = errorMessage(error) || trouble;
  });
  return {
    async send(message) {
      if (message.transport !== 'mqtt') return { state: 'unanswered', answer: 'not an MQTT message' };
      const { topic, payload, qos, retain } = message;
      const giveUp = new AbortController();
      try {
        const published = client.publishAsync(topic, payload, { qos, retain });
        const late = sleep(timeoutMs, null, { signal: giveUp.signal });
        const first = await Promise.race([published.then(() => 'published' as const), late]);
        if (first === null) {
          // It may still arrive: the client sends it again once it is connected.
          published.catch(() => undefined);
          return { state: 'unanswered', answer: `no PUBACK (${trouble})` };
        }
        return qos === 0 ? { state: 'unanswered', answer: 'QoS 0' } : { state: 'acknowledged', answer: 'PUBACK' };
      } catch (error) {
        return unanswered(error);
      } finally {
        giveUp.abort();
      }
    },
    close: () => client.endAsync(!client.connected),
  };
}

/** The predecessor's servers answer an event with another one and say not which it answers: one message at a time. */
async function socketIoSender({ url, key, timeoutMs = TIMEOUT_MS }: SenderOptions): Promise<Sender> {
  const { io } = await import('socket.io-client').catch((error: unknown) => {
    throw new LprError(
      'invalid_input',
      'This format goes over Socket.IO, and socket.io-client is not installed: run "npm install" without --omit=dev, or choose another format.',
      {},
      error,
    );
  });
  const sockets = new Map<string, ReturnType<typeof io>>();
  const socketOf = (namespace: string): ReturnType<typeof io> => {
    let socket = sockets.get(namespace);
    if (socket === undefined) {
      const base = url.replace(/\/+$/, '');
      socket = io(namespace === '/' ? base : `${base}${namespace}`, {
        ...(key === null ? {} : { auth: { token: key } }),
        forceNew: true,
      });
      sockets.set(namespace, socket);
    }
    return socket;
  };
  const told = ['lpr_data', 'lpr_detection'];
  return {
    send(message) {
      if (message.transport !== 'socketio') {
        return Promise.resolve({ state: 'unanswered', answer: 'not a Socket.IO message' });
      }
      const socket = socketOf(message.namespace);
      if (!told.includes(message.event)) {
        socket.emit(message.event, ...message.args);
        return Promise.resolve({ state: 'unanswered', answer: 'nothing is awaited' });
      }
      return new Promise((resolve) => {
        const end = (answer: Answer): void => {
          clearTimeout(timer);
          socket.off('lpr_response', answered);
          socket.off('error', failed);
          socket.off('disconnect', lost);
          resolve(answer);
        };
        const answered = (reply: unknown): void => {
          const { status, success } = (reply ?? {}) as { readonly status?: unknown; readonly success?: unknown };
          const answer = JSON.stringify(reply).slice(0, MOST_ANSWER);
          end({ state: status === 'success' || success === true ? 'acknowledged' : 'refused', answer });
        };
        const failed = (reply: unknown): void => {
          end({ state: 'refused', answer: JSON.stringify(reply).slice(0, MOST_ANSWER) });
        };
        const lost = (why: string): void => {
          end({ state: 'unanswered', answer: why });
        };
        const timer = setTimeout(() => {
          end({ state: 'unanswered', answer: socket.connected ? 'no lpr_response' : 'no connection' });
        }, timeoutMs);
        socket.on('lpr_response', answered);
        socket.on('error', failed);
        socket.on('disconnect', lost);
        socket.emit(message.event, ...message.args);
      });
    },
    close() {
      for (const socket of sockets.values()) socket.close();
      return Promise.resolve();
    },
  };
}

/** One connection a message, as the predecessor's first generation does; its status events go over Socket.IO. */
async function webSocketSender(options: SenderOptions): Promise<Sender> {
  const { WebSocket } = await import('ws');
  const { url, timeoutMs = TIMEOUT_MS } = options;
  const address = new URL('/', url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  let beside: Sender | null = null;
  return {
    async send(message) {
      if (message.transport === 'socketio') return (beside ??= await socketIoSender(options)).send(message);
      if (message.transport !== 'websocket') return { state: 'unanswered', answer: 'not a WebSocket message' };
      return new Promise((resolve) => {
        const socket = new WebSocket(address, { handshakeTimeout: timeoutMs });
        const end = (answer: Answer): void => {
          clearTimeout(timer);
          resolve(answer);
          socket.close();
        };
        const timer = setTimeout(() => {
          end({ state: 'unanswered', answer: 'no answer' });
        }, timeoutMs);
        socket.on('open', () => {
          socket.send(message.text);
        });
        socket.on('message', (data) => {
          const answer = (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString();
          end({
            state: /"status"\s*:\s*"success"/.test(answer) ? 'acknowledged' : 'refused',
            answer: answer.slice(0, MOST_ANSWER),
          });
        });
        socket.on('error', (error) => {
          end(unanswered(error));
        });
        socket.on('close', () => {
          end({ state: 'unanswered', answer: 'closed without an answer' });
        });
      });
    },
    close: () => beside?.close() ?? Promise.resolve(),
  };
}

/** @throws invalid_input when what the transport needs is not installed */
export async function createSender(transport: EncodedMessage['transport'], options: SenderOptions): Promise<Sender> {
  switch (transport) {
    case 'http':
      return httpSender(options);
    case 'mqtt':
      return mqttSender(options);
    case 'socketio':
      return socketIoSender(options);
    case 'websocket':
      return webSocketSender(options);
  }
}
