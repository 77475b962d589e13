import { expect, test } from '@jest/globals';
import type { AlertPart } from '../../core/message.ts';
import { aDetection, tryNode } from '../kit/try-node.ts';
import alert from './node.ts';

const raised: AlertPart = { alertId: 'a1', title: 'Stolen', priority: 90, isNew: true };

test.each([
  ['the chosen channel', { channel: 'ch1' }, [['a1', 'ch1']]],
  ['the console only', {}, []],
])('raises what the rules find, for %s', async (_name, settings, expected) => {
  const told: unknown[] = [];
  const alerts = {
    consider: () => Promise.resolve([raised, { ...raised, alertId: 'a2', isNew: false }]),
    deliver: (...delivery: readonly unknown[]) => Promise.resolve(void told.push(delivery)),
  };
  const node = tryNode(alert, { alerts }, settings);
  await node.receive(aDetection);
  expect(told).toEqual(expected);
  expect(node.sent).toEqual([['raised', { ...aDetection, alert: raised }]]);
});
