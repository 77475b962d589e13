/** Somebody else's system, as far as a connector sees it: an HTTP server that keeps what it was sent and answers as told. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** The status of answers from now on, or what to make of each request. */
  answer: number | ((received: Received) => number);
  readonly headers: Record<string, string>;
  /** The body of answers from now on. */
  says: string;
  /** Resolves when so many have come. @throws when they have not within 15 s */
  has(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url = '', headers } = req;
      const one = { method, path: url, headers, body: Buffer.concat(chunks) };
      receiver.received.push(one);
      const status = typeof receiver.answer === 'number' ? receiver.answer : receiver.answer(one);
      res.writeHead(status, receiver.headers).end(receiver.says);
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    received: [],
    answer: 200,
    headers: {},
    says: '',
    async has(count) {
      for (let i = 0; i < 600 && receiver.received.length < count; i++) await sleep(25);
      if (receiver.received.length < count) {
        throw new Error(`${receiver.received.length} of ${count} messages came.`);
      }
    },
    close: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
  return receiver;
}
