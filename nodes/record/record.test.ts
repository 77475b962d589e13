import { expect, test } from '@jest/globals';
import type { DetectionSummary } from '../../core/detections/detections.ts';
import { aDetection, tryNode } from '../kit/try-node.ts';
import record from './node.ts';

function slowDatabase() {
  const happened: string[] = [];
  let finish: (error?: Error) => void = () => undefined;
  const written = new Promise<DetectionSummary>((done, fail) => {
    finish = (error) => {
      if (error) fail(error);
      else done({ detectionId: 'd1' } as DetectionSummary);
    };
  });
  const hub = {
    detections: { record: () => written },
    ingest: {
      settle: (token: string, outcome: string, id?: string) => void happened.push(`${token} ${outcome} ${id ?? ''}`),
    },
  };
  return {
    hub,
    happened,
    finish: (error?: Error) => {
      finish(error);
    },
  };
}

test('settles and sends on only after the detection is written', async () => {
  const { hub, happened, finish } = slowDatabase();
  const node = tryNode(record, hub);
  const received = node.receive(aDetection);
  await Promise.resolve();
  expect([happened, node.sent]).toEqual([[], []]);
  finish();
  await received;
  expect(happened).toEqual(['f1#0 recorded d1']);
  expect(node.sent).toEqual([['recorded', aDetection]]);
});

test('what could not be written is not settled', async () => {
  const { hub, happened, finish } = slowDatabase();
  const node = tryNode(record, hub);
  const received = node.receive(aDetection);
  finish(new Error('disk full'));
  await expect(received).rejects.toThrow('disk full');
  expect([happened, node.sent]).toEqual([[], []]);
});
