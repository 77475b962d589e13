import { expect, test } from '@jest/globals';
import type { FrameConsumer } from '../../core/ingest/ingest.ts';
import { aFrame, aRead, tryNode } from '../kit/try-node.ts';
import cameraIn from './node.ts';

function inbox() {
  const consumers = new Set<FrameConsumer>();
  const consume = (consumer: FrameConsumer): (() => void) => {
    consumers.add(consumer);
    return () => consumers.delete(consumer);
  };
  return { consumers, hub: { ingest: { consume } } };
}

test('takes frames of the chosen camera and gives up its place when closed', async () => {
  const { consumers, hub } = inbox();
  const node = tryNode(cameraIn, hub, { camera: 'c1' });
  const [consumer] = consumers;
  expect(consumer?.cameraIds).toEqual(['c1']);
  consumer?.deliver({ lpr: aFrame });
  expect(node.sent).toEqual([['frame', aFrame]]);
  await node.close();
  expect(consumers.size).toBe(0);
});

test('without a camera it takes the frames of all', () => {
  const { consumers, hub } = inbox();
  tryNode(cameraIn, hub);
  expect([...consumers].map(({ cameraIds }) => cameraIds)).toEqual([[]]);
});

test('what a device read by itself leaves by an output of its own', () => {
  const { consumers, hub } = inbox();
  const node = tryNode(cameraIn, hub);
  for (const consumer of consumers) consumer.deliver({ lpr: aRead });
  expect(node.sent).toEqual([['read', aRead]]);
});
