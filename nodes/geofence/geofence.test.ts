import { expect, test } from '@jest/globals';
import { createEvents } from '../../core/events.ts';
import type { GeofencePart } from '../../core/message.ts';
import type { GeofenceEvent } from '../../core/places/geofences.ts';
import { aDetection, tryNode } from '../kit/try-node.ts';
import geofence from './node.ts';

const part = (geofenceId: string, event: GeofencePart['event'], isNew = true): GeofencePart => ({
  ...{ geofenceEventId: `${geofenceId}-${event}`, geofenceId, geofenceName: geofenceId, event, seconds: null, isNew },
  at: '2026-01-01T00:00:00.000Z',
});

/** Handed to the flow for the very first time. */
const fresh = { ...aDetection, isFirst: true as const };

function openNode(parts: () => readonly GeofencePart[], settings = {}) {
  const asked: string[] = [];
  const events = createEvents((error) => {
    throw error;
  });
  const observe = (_msg: unknown, geofenceId: string): Promise<readonly GeofencePart[]> => {
    asked.push(geofenceId);
    return Promise.resolve(parts());
  };
  return { asked, events, node: tryNode(geofence, { events, geofences: { observe } }, settings) };
}

test('one message per event; what an earlier read of the pass showed does not go on again', async () => {
  let parts: readonly GeofencePart[] = [part('port', 'enter'), part('town', 'leave')];
  const { node, asked } = openNode(() => parts);
  await node.receive(fresh);
  parts = parts.map((one) => ({ ...one, isNew: false }));
  await node.receive(fresh);
  expect(asked).toEqual(['', '']);
  expect(node.sent.map(([output, lpr]) => [output, lpr.geofence?.geofenceEventId])).toEqual([
    ['event', 'port-enter'],
    ['event', 'town-leave'],
    ['none', undefined],
  ]);
});

test('a message that comes again after a crash takes its events along once more', async () => {
  const { node } = openNode(() => [part('port', 'enter', false)]);
  await node.receive(aDetection);
  expect(node.sent.map(([output, lpr]) => [output, lpr.geofence?.geofenceId])).toEqual([['event', 'port']]);
});

test('sends on the events that are wanted alone', async () => {
  const parts = [part('port', 'enter'), part('port', 'dwell')];
  const { node, asked } = openNode(() => parts, { geofence: 'port', kind: 'dwell' });
  await node.receive(aDetection);
  expect([asked, node.sent.map(([, lpr]) => lpr.geofence?.event)]).toEqual([['port'], ['dwell']]);
});

test('sends by itself what the clock showed, until it is closed', async () => {
  const { node, events } = openNode(() => [], { geofence: 'port' });
  const tell = (geofenceId: string, withMessage: boolean): void => {
    const event = { geofenceId, event: 'dwell' } as GeofenceEvent;
    const message = { lpr: { ...aDetection, geofence: part(geofenceId, 'dwell') } };
    events.emit('geofence.event', { event, message: withMessage ? message : null });
  };
  tell('port', true);
  tell('port', false);
  tell('town', true);
  expect(node.sent.map(([output, lpr]) => [output, lpr.geofence?.geofenceId])).toEqual([['event', 'port']]);
  await node.close();
  tell('port', true);
  expect(node.sent).toHaveLength(1);
});
