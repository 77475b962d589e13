import { expect, test } from '@jest/globals';
import { aRead, tryNode } from '../kit/try-node.ts';
import discard from './node.ts';

test('settles the message and ends it', async () => {
  const settled: unknown[] = [];
  const node = tryNode(discard, { ingest: { settle: (...all) => void settled.push(all) } });
  await node.receive(aRead);
  expect(settled).toEqual([['f1#0', 'discarded']]);
  expect(node.sent).toEqual([]);
});
