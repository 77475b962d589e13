import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { LprError } from '../../core/errors.ts';
import { number, secret } from '../../core/fields.ts';
import type { LprMessage } from '../../core/message.ts';
import { defineNode, type NodeSpec } from './define-node.ts';
import { register } from './register.ts';
import { aFrame, aPatch } from './try-node.ts';

interface TestNode {
  receive(msg: unknown): void;
  on(event: string, listener: (msg: any) => void): void;
  close(removed?: boolean): Promise<void>;
  readonly status: { readonly args: readonly (readonly [{ readonly text?: string }])[] };
}
interface Helper {
  init(path: string): void;
  settings(settings: object): void;
  startServer(done: () => void): void;
  stopServer(done: () => void): void;
  load(nodes: unknown, flow: unknown, credentials?: unknown): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): TestNode;
}

const require = createRequire(import.meta.url);
const helper = require('node-red-node-test-helper') as Helper;

/** What the nodes told the hub's inbox. */
const told: string[] = [];
const lprHub = {
  ingest: {
    settle: (token: string, outcome: string) => void told.push(`settle ${token} ${outcome}`),
    fail: (token: string, error: LprError) => void told.push(`fail ${token} ${error.code}`),
  },
};

beforeAll((done) => {
  helper.init(require.resolve('node-red'));
  helper.settings({ lprHub });
  helper.startServer(done);
});
afterEach(async () => {
  told.length = 0;
  await helper.unload();
});
afterAll((done) => {
  helper.stopServer(done);
});

const echo = defineNode({
  type: 'lpr-echo',
  icon: 'font-awesome/fa-star',
  accepts: 'patch',
  outputs: ['left', 'right'],
  fields: { limit: number({ default: 5, min: 1, max: 9 }), token: secret() },
  setup: ({ config }) => ({
    input(msg, send) {
      if (msg.lpr.patch.plateIndex > config.limit) throw new LprError('engine_failed', 'too many');
      send(config.token === 'to the right' ? 'right' : 'left', msg);
    },
  }),
});

const load = (spec: NodeSpec<any, any, any>, settings: object, credentials: object = {}): Promise<void> =>
  helper.load(
    register(spec),
    [
      { id: 'n', type: spec.type, ...settings },
      { id: 'l', type: 'helper' },
      { id: 'r', type: 'helper' },
    ],
    { n: credentials },
  );

const arrival = (id: string): Promise<LprMessage> =>
  new Promise((done) => {
    helper.getNode(id).on('input', done);
  });
const settled = async (): Promise<void> => {
  for (let i = 0; i < 50 && told.length === 0; i++) await new Promise((done) => setTimeout(done, 20));
};
const texts = (): readonly (string | undefined)[] => helper.getNode('n').status.args.map(([{ text }]) => text);

test('sends on the named output, with a courtesy copy for stock nodes', async () => {
  await load(echo, { wires: [['l'], ['r']], limit: '7' }, { token: 'to the right' });
  const right = arrival('r');
  helper.getNode('n').receive({ lpr: aPatch });
  expect(await right).toMatchObject({ lpr: aPatch, payload: aPatch.patch });
  expect([told, texts()]).toEqual([[], ['1/min']]);
});

test('a message that lacks the part is refused and its frame fails', async () => {
  await load(echo, { wires: [['l'], ['r']] });
  helper.getNode('n').receive({ lpr: aFrame });
  await settled();
  expect([told, texts()]).toEqual([['fail f1 message_incomplete'], ['error.message_incomplete']]);
});

test('a throw fails the frame and is shown as a key', async () => {
  await load(echo, { wires: [['l'], ['r']], limit: 1 });
  helper.getNode('n').receive({ lpr: { ...aPatch, patch: { ...aPatch.patch, plateIndex: 2 } } });
  await settled();
  expect([told, texts()]).toEqual([['fail f1#0 engine_failed'], ['error.engine_failed']]);
});

test('what leaves by an output without a wire is discarded', async () => {
  await load(echo, { wires: [[], ['r']] });
  helper.getNode('n').receive({ lpr: aPatch });
  await settled();
  expect(told).toEqual(['settle f1#0 discarded']);
});

test('settings that cannot be used are told at once, and messages do not vanish', async () => {
  await load(echo, { wires: [['l'], ['r']], limit: 99 });
  expect(texts()).toEqual(['error.invalid_input']);
  helper.getNode('n').receive({ lpr: aPatch });
  await settled();
  expect(told).toEqual(['fail f1#0 invalid_input']);
});

test('what is given up because the node closes is no error of the node', async () => {
  const patient = defineNode({
    type: 'lpr-patient',
    icon: 'font-awesome/fa-star',
    accepts: 'patch',
    outputs: [],
    fields: {},
    setup: ({ signal }) => ({
      input: () =>
        new Promise<void>((_done, fail) => {
          signal.addEventListener('abort', () => {
            fail(new LprError('stopping', 'given up'));
          });
        }),
    }),
  });
  await load(patient, {});
  const node = helper.getNode('n');
  node.receive({ lpr: aPatch });
  await new Promise((done) => setTimeout(done, 50));
  await node.close();
  expect([told, texts()]).toEqual([['fail f1#0 stopping'], []]);
});

test('closing waits for the message in work; what it would send then comes again', async () => {
  let finish: () => void = () => undefined;
  const slow = defineNode({
    type: 'lpr-slow',
    icon: 'font-awesome/fa-star',
    accepts: 'patch',
    outputs: ['left'],
    fields: {},
    setup: () => ({
      async input(msg, send) {
        await new Promise<void>((done) => {
          finish = done;
        });
        send('left', msg);
      },
    }),
  });
  await load(slow, { wires: [['l']] });
  const node = helper.getNode('n');
  node.receive({ lpr: aPatch });
  await new Promise((done) => setTimeout(done, 50));
  let isClosed = false;
  const closing = node.close().then(() => {
    isClosed = true;
  });
  await new Promise((done) => setTimeout(done, 50));
  expect(isClosed).toBe(false);
  finish();
  await closing;
  expect(told).toEqual(['fail f1#0 stopping']);
});
