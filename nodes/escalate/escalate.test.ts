import { expect, test } from '@jest/globals';
import { aDetection, tryNode } from '../kit/try-node.ts';
import escalate from './node.ts';

test.each([true, false])(
  'begins the escalation of the alert (%s: not before), and lets the message go on',
  async (isNew) => {
    const begun: unknown[] = [];
    const begin = (...asked: unknown[]): Promise<boolean> => {
      begun.push(asked);
      return Promise.resolve(isNew);
    };
    const node = tryNode(escalate, { escalations: { begin } }, { escalation: 'e1' });
    const message = { ...aDetection, alert: { alertId: 'a1', title: 'Stolen', priority: 90, isNew: true } };
    await node.receive(message);
    expect(begun).toEqual([['a1', 'e1', null]]);
    expect(node.sent).toEqual([['started', message]]);
  },
);
