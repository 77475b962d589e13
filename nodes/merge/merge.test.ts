import { expect, test } from '@jest/globals';
import { aDetection, aRead, tryNode } from '../kit/try-node.ts';
import merge from './node.ts';

test('adds the detection that the read became part of', async () => {
  const asked: unknown[] = [];
  const node = tryNode(
    merge,
    {
      detections: {
        merge: (msg, options) => {
          asked.push([msg.lpr.read.readId, options]);
          return Promise.resolve(aDetection.detection);
        },
      },
    },
    { windowSeconds: '30', minSimilarity: 0.8 },
  );
  await node.receive(aRead);
  expect(asked).toEqual([['r1', { windowSeconds: 30, minSimilarity: 0.8, parkedMinutes: 10 }]]);
  expect(node.sent).toEqual([['detection', aDetection]]);
});
