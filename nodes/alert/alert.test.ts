import { expect, test } from '@jest/globals';
import type { AlertPart } from '../../core/message.ts';
import { aDetection, tryNode, type TriedNode } from '../kit/try-node.ts';
import alert from './node.ts';

const part = (alertId: string, isNew = true): AlertPart => ({ alertId, title: 'Stolen', priority: 90, isNew });
const fresh = { ...aDetection, isFirst: true as const };

function tried(parts: readonly AlertPart[], settings = {}): TriedNode & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const alerts = {
    consider() {
      asked.push('rules');
      return Promise.resolve(parts);
    },
    raise(_msg: unknown, options: unknown) {
      asked.push(options);
      return Promise.resolve(parts[0] ?? part('none'));
    },
    deliver(alertId: string, channelId: string) {
      asked.push([alertId, channelId]);
      return Promise.resolve();
    },
  };
  return { ...tryNode(alert, { alerts }, settings), asked };
}
const sent = ({ sent: all }: TriedNode): unknown[] => all.map(([output, lpr]) => [output, lpr.alert?.alertId]);

test('asks the rules, and sends one message for each alert', async () => {
  const node = tried([part('a1'), part('a2')]);
  await node.receive(fresh);
  expect(node.asked).toEqual(['rules']);
  expect(sent(node)).toEqual([
    ['alert', 'a1'],
    ['alert', 'a2'],
  ]);
});

test('when no rule finds anything the message goes on unchanged', async () => {
  const node = tried([]);
  await node.receive(fresh);
  expect(node.sent).toEqual([['quiet', fresh]]);
});

test('a further read of the same pass opens no gate again; a message that comes again after a crash does', async () => {
  const node = tried([part('a1', false)]);
  await node.receive(fresh);
  await node.receive(aDetection);
  expect(sent(node)).toEqual([
    ['quiet', undefined],
    ['alert', 'a1'],
  ]);
});

test('what was told late is listed, and neither sent nor passed on', async () => {
  const node = tried([part('a1')], { channel: 'ch1' });
  await node.receive({ ...fresh, isLate: true });
  expect(node.asked).toEqual(['rules']);
  expect(sent(node)).toEqual([['quiet', undefined]]);
});

test('tells by one channel more', async () => {
  const node = tried([part('a1')], { channel: 'ch1' });
  await node.receive(fresh);
  expect(node.asked).toEqual(['rules', ['a1', 'ch1']]);
});

test.each([
  [{ mode: 'always', title: 'Gate {plate}', priority: 40, channel: 'ch1' }, 'Gate {plate}', 40, 'ch1'],
  [{ mode: 'always' }, '', null, ''],
])('always raises one, without any rule: %j', async (settings, title, priority, channelId) => {
  const node = tried([part('a1')], settings);
  await node.receive(fresh);
  expect(node.asked).toEqual([{ title, priority, channelId }]);
  expect(sent(node)).toEqual([['alert', 'a1']]);
});
