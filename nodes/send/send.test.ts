import { expect, test } from '@jest/globals';
import { LprError } from '../../core/errors.ts';
import { aDetection, tryNode } from '../kit/try-node.ts';
import send from './node.ts';

test.each(['queued', 'off'] as const)('hands the detection over and goes on by %s', async (outcome) => {
  const handed: unknown[] = [];
  const hand = (...given: readonly string[]): Promise<typeof outcome> => {
    handed.push(given);
    return Promise.resolve(outcome);
  };
  const node = tryNode(send, { connectors: { hand } }, { connector: 'co1' });
  await node.receive(aDetection);
  expect(handed).toEqual([['co1', 'd1']]);
  expect(node.sent).toEqual([[outcome, aDetection]]);
});

test('a removed connector fails the message, so that it is kept', async () => {
  const hand = (): Promise<never> => Promise.reject(new LprError('connector_unknown', 'It was removed.'));
  const node = tryNode(send, { connectors: { hand } }, { connector: 'co1' });
  await expect(node.receive(aDetection)).rejects.toMatchObject({ code: 'connector_unknown' });
  expect(node.sent).toEqual([]);
});

test('without a connector it does not start', () => {
  expect(() => tryNode(send, {})).toThrow('connector is required');
});
