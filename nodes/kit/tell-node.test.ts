import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadPlugins } from '../../core/plugins/plugins.ts';
import { loadSpecs } from './load-specs.ts';
import { defineTellNode } from './tell-node.ts';
import { aDetection, tryNode } from './try-node.ts';

test('there is a node for each kind of channel, which offers channels of that kind alone', async () => {
  const plugins = await loadPlugins(resolve(import.meta.dirname, '../../plugins'));
  const nodes = [...(await loadSpecs()).values()].filter(({ type }) => type.startsWith('lpr-tell-'));
  expect(nodes.map(({ type, offers }) => [type, offers])).toEqual(
    plugins.all('alertChannel').map(({ id }) => [`lpr-tell-${id}`, { channel: `plugin=${id}` }]),
  );
});

test('has the alert told by its channel, and lets the message go on', async () => {
  const told: unknown[] = [];
  const deliver = (...asked: unknown[]): Promise<void> => {
    told.push(asked);
    return Promise.resolve();
  };
  const node = tryNode(
    defineTellNode('email', 'font-awesome/fa-envelope-o'),
    { alerts: { deliver } },
    { channel: 'c1' },
  );
  const message = { ...aDetection, alert: { alertId: 'a1', title: 'Stolen', priority: 90, isNew: true } };
  await node.receive(message);
  expect(told).toEqual([['a1', 'c1']]);
  expect(node.sent).toEqual([['queued', message]]);
});
