import { expect, test } from '@jest/globals';
import type { HitPart } from '../../core/message.ts';
import { aHit } from '../../test/blacklists.ts';
import { aDetection, tryNode } from '../kit/try-node.ts';
import blacklistMatch from './node.ts';

const hit = (hitId: string, isNew = true): HitPart => aHit({ hitId, entryId: `e-${hitId}`, isNew });

test('one message per new hit, in the order given; none is told apart', async () => {
  const asked: unknown[] = [];
  let hits: readonly HitPart[] = [hit('h1'), hit('h2')];
  const match = (_msg: unknown, blacklistId: string): Promise<readonly HitPart[]> => {
    asked.push(blacklistId);
    return Promise.resolve(hits);
  };
  const node = tryNode(blacklistMatch, { blacklists: { match } }, { blacklist: 'b1' });
  const first = { ...aDetection, isFirst: true } as const;
  await node.receive(first);
  hits = [hit('h1', false), hit('h3')];
  await node.receive(first);
  hits = [hit('h1', false)];
  await node.receive(first);
  expect(asked).toEqual(['b1', 'b1', 'b1']);
  const sent = (): unknown => node.sent.map(([output, lpr]) => [output, lpr.hit?.hitId]);
  expect(sent()).toEqual([
    ['hit', 'h1'],
    ['hit', 'h2'],
    ['hit', 'h3'],
    ['clear', undefined],
  ]);
});

test('a message that is handed out again sends on what was found before: it may have got lost behind the node', async () => {
  const match = (): Promise<readonly HitPart[]> => Promise.resolve([hit('h1', false)]);
  const node = tryNode(blacklistMatch, { blacklists: { match } });
  await node.receive(aDetection);
  expect(node.sent.map(([output, lpr]) => [output, lpr.hit?.hitId])).toEqual([['hit', 'h1']]);
});
