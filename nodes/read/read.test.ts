import { expect, test } from '@jest/globals';
import { aPatch, aRead, tryNode } from '../kit/try-node.ts';
import read from './node.ts';

const asTheFlowSays = { engine: '', countries: [], minPlateHeight: null, minConfidence: null };
const cameras = { readingOf: () => Promise.resolve(asTheFlowSays) };

test('what is set for the camera counts more, and what is not sure enough is unreadable', async () => {
  const asked: unknown[] = [];
  const node = tryNode(
    read,
    {
      cameras: {
        readingOf: () => Promise.resolve({ ...asTheFlowSays, engine: 'http', countries: ['MY'], minConfidence: 0.95 }),
      },
      recognition: {
        read: (_patch, request) => {
          asked.push(request);
          return Promise.resolve(aRead.read);
        },
      },
    },
    { engine: 'learned', countries: 'TH', minConfidence: 0.1 },
  );
  await node.receive(aPatch);
  expect(asked).toEqual([{ engine: 'http', countries: ['MY'] }]);
  expect(node.sent.map(([output]) => output)).toEqual(['unreadable']);
});

test('asks for the expected countries in their order, and tells readable from unreadable', async () => {
  const asked: unknown[] = [];
  let text = '1กก1234';
  const node = tryNode(
    read,
    {
      cameras,
      recognition: {
        read: (_patch, request) => {
          asked.push(request);
          return Promise.resolve({ ...aRead.read, plateNumber: text });
        },
      },
    },
    { engine: 'learned', countries: 'th, my  SG' },
  );
  await node.receive(aPatch);
  text = '';
  await node.receive(aPatch);
  expect(asked[0]).toEqual({ engine: 'learned', countries: ['TH', 'MY', 'SG'] });
  expect(node.sent.map(([output, lpr]) => [output, lpr.read?.plateNumber])).toEqual([
    ['read', '1กก1234'],
    ['unreadable', ''],
  ]);
});

test('the engine is told to stop when the node closes', async () => {
  let signal: AbortSignal | null = null;
  const node = tryNode(read, {
    cameras,
    recognition: {
      read: (_patch, _request, given) => {
        signal = given;
        return Promise.resolve(aRead.read);
      },
    },
  });
  await node.receive(aPatch);
  await node.close();
  expect(signal).toMatchObject({ aborted: true });
});
