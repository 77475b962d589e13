import { expect, test } from '@jest/globals';
import type { Alert } from '../../core/alerts/alerts.ts';
import { aHit as someHit } from '../../test/blacklists.ts';
import { aDetection, tryNode } from '../kit/try-node.ts';
import alert from './node.ts';

const aHit = { ...aDetection, hit: someHit() };

test.each([
  ['the chosen channel', { channel: 'ch1' }, 'ch1'],
  ['the console only', {}, ''],
])('raises the alert for %s', async (_name, settings, channelId) => {
  const raised: unknown[] = [];
  const raise = (msg: { lpr: { hit: { hitId: string } } }, options: unknown): Promise<Alert> => {
    raised.push([msg.lpr.hit.hitId, options]);
    return Promise.resolve({} as Alert);
  };
  const node = tryNode(alert, { alerts: { raise } }, settings);
  await node.receive(aHit);
  expect(raised).toEqual([['h1', { channelId }]]);
  expect(node.sent).toEqual([['raised', aHit]]);
});
