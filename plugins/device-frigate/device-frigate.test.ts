import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, wireMessage } from '../../test/device-samples.ts';
import { readWireSample } from '../../test/event-samples.ts';
import { UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const ADDRESS = { address: 'http://192.0.2.30:5000' };
const read = (name: string) => readWireSample(import.meta.dirname, `${name}.mqtt`);
const decode = async (name: string, config: Readonly<Record<string, unknown>> = ADDRESS): Promise<Decoded> =>
  plugin.decode((await read(name)).message, contextFor(plugin, config));
const NOTHING = { deviceRef: '', deviceName: null, events: [], health: null, reported: null, asksForSettings: false };
const ID = '1607123955.475377-mxklsc';
const EVENT = { cameraName: null, isLate: false, frame: null, coerced: [] };
const PATH = `/api/events/${ID}/snapshot.jpg`;

describe('tracked_object_update', () => {
  test('a plate, without the box that its snapshot does not fit', async () => {
    expect(await decode('lpr')).toEqual({
      ...NOTHING,
      events: [
        {
          ...EVENT,
          eventKey: `lpr:${ID}:1607123958748`,
          cameraRef: 'driveway_cam',
          capturedAt: new Date(1607123958748),
          pull: { path: PATH, afterMs: 1000 },
          reads: [{ ...UNKNOWN_READ, text: '123ABC', confidence: 0.95, trackId: ID }],
        },
      ],
    });
  });

  test('a prefix of its own names the Frigate; the plate as a list', async () => {
    expect(await decode('lpr-prefixed', {})).toMatchObject({
      deviceRef: 'gate-2',
      events: [{ cameraRef: 'front', pull: null, reads: [{ text: '1กก1234', confidence: 0.9 }] }],
    });
  });

  test('descriptions are no plates', async () => {
    expect(await decode('description')).toEqual(NOTHING);
  });
});

describe('events', () => {
  const plate = {
    ...UNKNOWN_READ,
    text: '123ABC',
    confidence: 0.91,
    trackId: ID,
    vehicle: { type: 'car', make: null, model: null, colour: null },
    motion: { direction: null, heading: null, speed: 31.4, lane: null },
  };

  test('of an object the plate is told once, and again when it is gone', async () => {
    expect(await decode('new')).toEqual(NOTHING);
    expect((await decode('update')).events).toEqual([
      {
        ...EVENT,
        eventKey: `update:${ID}:1607123958250`,
        cameraRef: 'front',
        capturedAt: new Date(1607123958250),
        pull: { path: PATH, afterMs: 1000 },
        reads: [plate],
      },
    ]);
    expect(await decode('same')).toEqual(NOTHING);
    expect((await decode('end')).events).toEqual([
      {
        ...EVENT,
        eventKey: `end:${ID}`,
        cameraRef: 'front',
        capturedAt: new Date(1607123961750),
        pull: { path: PATH, afterMs: 3000 },
        reads: [{ ...plate, confidence: 0.95, isFinal: true }],
      },
    ]);
  });

  test('speed in miles', async () => {
    const [event] = (await decode('end', { ...ADDRESS, speedUnit: 'mph' })).events;
    expect(event?.reads[0]?.motion?.speed).toBe(50.5);
  });

  test('without a snapshot none is asked for, and a false alarm is nothing', async () => {
    const { message } = await read('end');
    const change = (from: string, to: string): Decoded =>
      plugin.decode(
        { ...message, body: Buffer.from(message.body.toString().replaceAll(from, to)) },
        contextFor(plugin, ADDRESS),
      );
    expect(change('"has_snapshot":true', '"has_snapshot":false').events[0]?.pull).toBeNull();
    expect(change('"false_positive":false', '"false_positive":true').events).toEqual([]);
  });
});

test('there, and by its last will gone', async () => {
  const health = { facts: {}, camerasDown: null, clock: null };
  expect(await decode('online')).toEqual({ ...NOTHING, health: { isOnline: true, ...health } });
  expect(await decode('offline')).toEqual({
    ...NOTHING,
    deviceRef: 'gate-2',
    health: { isOnline: false, ...health },
  });
});

test.each(Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[])('%s: nothing but the acknowledgement', async (kind) => {
  expect(plugin.reply(OUTCOMES[kind], (await read('lpr')).message, null)).toEqual({});
});

const message = (path: string, body: string) => wireMessage({ transport: 'mqtt', path, body: Buffer.from(body) });
test.each<[string, string, string]>([
  ['available', 'frigate/available', 'perhaps'],
  ['after', 'frigate/events', '{"type":"end"}'],
  ['camera', 'frigate/tracked_object_update', '{"type":"lpr","id":"1","plate":"A1"}'],
  ['id', 'frigate/tracked_object_update', '{"type":"lpr","camera":"c","plate":"A1"}'],
  ['body', 'frigate/events', '{'],
  ['topic', 'frigate/stats', '{}'],
])('what cannot be taken names %s', (field, path, body) => {
  expect(() => plugin.decode(message(path, body), contextFor(plugin))).toThrow(
    expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
  );
});
