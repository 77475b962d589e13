import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { Acknowledgement } from '../../core/alerts/acknowledgements.ts';
import type { Alert } from '../../core/alerts/alerts.ts';
import { createEvents } from '../../core/events.ts';
import { tryNode, type TriedNode } from '../kit/try-node.ts';
import acknowledged from './node.ts';

const AT = new Date('2026-01-01T00:00:00.000Z');
const alert = {
  alertId: 'a1',
  title: 'Stolen',
  priority: 90,
  detectionId: 'd1',
  cameraId: 'c1',
  raisedAt: AT,
} as Alert;
const taken: Acknowledgement = {
  ...{ alertId: 'a1', at: AT, by: 'Anna', userId: 'u1', how: 'console', outcome: null, note: 'on my way' },
  ...{ judgedAt: null, judgedBy: null, undoneAt: null, undoneBy: null },
};
let node: TriedNode;
afterEach(() => node.close());

function open(history: readonly Acknowledgement[], about: Alert = alert): () => Promise<TriedNode['sent']> {
  const events = createEvents((error) => {
    throw error;
  });
  const detection = { detectionId: 'd1', frameId: 'f1', cameraId: 'c1', capturedAt: AT, receivedAt: AT, frame: null };
  node = tryNode(acknowledged, {
    events,
    alerts: { get: () => Promise.resolve(about as never) },
    acknowledgements: { history: () => Promise.resolve(history) },
    detections: { get: () => Promise.resolve({ ...detection, plateNumber: '1กก1234' } as never) },
  });
  return async () => {
    events.emit('alert.acknowledged', about);
    for (let i = 0; i < 5; i++) await turn();
    return node.sent;
  };
}

test('tells once who took it, with what the alert was raised for', async () => {
  const [first, ...more] = await open([{ ...taken, undoneAt: AT }, taken])();
  expect(more).toEqual([]);
  expect(first).toMatchObject([
    'taken',
    {
      ...{ frameId: 'f1', cameraId: 'c1', detection: { detectionId: 'd1', plateNumber: '1กก1234' } },
      alert: { alertId: 'a1', acknowledgement: { by: 'Anna', outcome: null, note: 'on my way' } },
    },
  ]);
});

test('an outcome goes out by itself: at once, or when it is said later', async () => {
  const atOnce = await open([{ ...taken, outcome: 'misread' }])();
  expect(atOnce.map(([output]) => output)).toEqual(['taken', 'outcome']);
  await node.close();
  const later = await open([{ ...taken, outcome: 'recovered', judgedAt: AT }])();
  expect(later.map(([output, lpr]) => [output, lpr.alert?.acknowledgement?.outcome])).toEqual([
    ['outcome', 'recovered'],
  ]);
});

test('one that was taken back meanwhile is not told, and nothing after the flow was stopped', async () => {
  expect(await open([{ ...taken, undoneAt: AT }])()).toEqual([]);
  const again = open([taken]);
  await node.close();
  expect(await again()).toEqual([]);
});

test('an alert about a camera has no detection', async () => {
  const [first] = await open([taken], { ...alert, detectionId: null })();
  expect(first?.[1]).toMatchObject({ frameId: 'a1', cameraId: 'c1', alert: { alertId: 'a1' } });
  expect(first?.[1].detection).toBeUndefined();
});
