import { expect, test } from '@jest/globals';
import type { LprRecord } from '../../core/message.ts';
import { aRead, tryNode } from '../kit/try-node.ts';
import quality from './node.ts';

const looks = (changes: {
  located?: number;
  confidence?: number;
  score?: number;
  plateHeight?: number;
}): LprRecord => ({
  ...aRead,
  patch: { ...aRead.patch, confidence: changes.located ?? 0.3 },
  read: {
    ...aRead.read,
    confidence: changes.confidence ?? 0.9,
    quality: {
      ...{ sharpness: 0.9, glare: 0, contrast: 0.8, angle: 0 },
      score: changes.score ?? 0.9,
      plateHeight: changes.plateHeight ?? 60,
    },
  },
});

test.each([
  ['a clear read of a good patch', looks({}), 'good'],
  ['a doubtful text of a doubtful place', looks({ confidence: 0.1 }), 'poor'],
  ['a blurred patch of a doubtful place', looks({ score: 0.05 }), 'poor'],
  ['too few pixels for letters', looks({ plateHeight: 6 }), 'poor'],
  ['a doubtful text where surely a plate is: for review', looks({ located: 0.9, confidence: 0.05 }), 'good'],
  ['a blurred patch where surely a plate is: for review', looks({ located: 0.7, score: 0.05 }), 'good'],
])('%s', async (_name, lpr, output) => {
  const node = tryNode(quality, {});
  await node.receive(lpr);
  expect(node.sent).toEqual([[output, lpr]]);
});
