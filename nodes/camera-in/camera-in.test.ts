import { expect, test } from '@jest/globals';
import type { FrameConsumer } from '../../core/ingest/ingest.ts';
import type { LprMessage } from '../../core/message.ts';
import { aFrame, tryNode } from '../kit/try-node.ts';
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
  consumer?.deliver({ lpr: aFrame } as LprMessage<'frame'>);
  expect(node.sent).toEqual([['frame', aFrame]]);
  await node.close();
  expect(consumers.size).toBe(0);
});

test('without a camera it takes the frames of all', () => {
  const { consumers, hub } = inbox();
  tryNode(cameraIn, hub);
  expect([...consumers].map(({ cameraIds }) => cameraIds)).toEqual([[]]);
});
