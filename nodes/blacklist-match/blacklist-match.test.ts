import { expect, test } from '@jest/globals';
import type { HitPart } from '../../core/message.ts';
import { aHit } from '../../test/blacklists.ts';
import { aDetection, tryNode } from '../kit/try-node.ts';
import blacklistMatch from './node.ts';

const hit = (hitId: string, priority: number, isNew = true): HitPart =>
  aHit({ hitId, priority, entryId: `e-${hitId}`, isNew });

test('one message per hit, in the order given; none is told apart', async () => {
  const asked: unknown[] = [];
  let hits: readonly HitPart[] = [hit('h1', 90), hit('h2', 10)];
  const node = tryNode(
    blacklistMatch,
    {
      blacklists: {
        match: (_msg, blacklistId) => {
          asked.push(blacklistId);
          return Promise.resolve(hits);
        },
      },
    },
    { blacklist: 'b1' },
  );
  await node.receive(aDetection);
  hits = [];
  await node.receive(aDetection);
  expect(asked).toEqual(['b1', 'b1']);
  expect(node.sent.map(([output, lpr]) => [output, lpr.hit?.hitId])).toEqual([
    ['hit', 'h1'],
    ['hit', 'h2'],
    ['clear', undefined],
  ]);
});
