import { expect, test } from '@jest/globals';
import type { Patch } from '../../core/message.ts';
import { aFrame, aPatch, tryNode } from '../kit/try-node.ts';
import locate from './node.ts';

const asTheFlowSays = { engine: '', countries: [], minPlateHeight: null, minConfidence: null };

function hubThatFinds(patches: readonly Patch[], reading: object = {}) {
  const splits: (readonly [string, readonly string[]])[] = [];
  const asked: unknown[] = [];
  return {
    splits,
    asked,
    hub: {
      cameras: { readingOf: () => Promise.resolve({ ...asTheFlowSays, ...reading }) },
      recognition: {
        locate: (frameId: string, _frame: unknown, request: unknown, signal: AbortSignal) => {
          asked.push([frameId, request, signal.aborted]);
          return Promise.resolve(patches);
        },
      },
      ingest: { split: (token: string, into: readonly string[]) => void splits.push([token, into]) },
    },
  };
}

test('one message goes out per plate, each with a token of its own', async () => {
  const two = [aPatch.patch, { ...aPatch.patch, readId: 'r2', plateIndex: 1 }];
  const { hub, splits, asked } = hubThatFinds(two);
  const node = tryNode(locate, hub, { minPlateHeight: '20' });
  await node.receive(aFrame);
  expect(asked).toEqual([['f1', { engine: '', minPlateHeight: 20, maxPlates: 8 }, false]]);
  expect(splits).toEqual([['f1', ['f1#0', 'f1#1']]]);
  expect(node.sent.map(([output, { token, patch }]) => [output, token, patch?.readId])).toEqual([
    ['plate', 'f1#0', 'r1'],
    ['plate', 'f1#1', 'r2'],
  ]);
});

test('what is set for the camera counts more', async () => {
  const { hub, asked } = hubThatFinds([], { engine: 'http', minPlateHeight: 33 });
  await tryNode(locate, hub, { engine: 'learned', minPlateHeight: '20' }).receive(aFrame);
  expect(asked).toEqual([['f1', { engine: 'http', minPlateHeight: 33, maxPlates: 8 }, false]]);
});

test('a frame without plates is settled and leaves as it came', async () => {
  const { hub, splits } = hubThatFinds([]);
  const node = tryNode(locate, hub);
  await node.receive(aFrame);
  expect(splits).toEqual([['f1', []]]);
  expect(node.sent).toEqual([['none', aFrame]]);
});
