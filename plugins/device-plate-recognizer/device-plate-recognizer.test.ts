import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, wireMessage } from '../../test/device-samples.ts';
import { UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const read = (name: string) => readSample(import.meta.dirname, name);
const decode = async (name: string): Promise<Decoded> => plugin.decode((await read(name)).message, contextFor(plugin));
const decodeText = (said: object): Decoded =>
  plugin.decode(wireMessage({ body: Buffer.from(JSON.stringify(said)) }), contextFor(plugin));
const NOTHING = { deviceRef: '', deviceName: null, events: [], health: null, reported: null, asksForSettings: false };
const EVENT = { eventKey: null, cameraName: null, isLate: false, frame: null, pull: null, coerced: [] };

describe('flat results', () => {
  const event = {
    ...EVENT,
    cameraRef: 'camera-1',
    capturedAt: new Date('2021-09-29T05:56:13.606Z'),
    reads: [
      {
        ...UNKNOWN_READ,
        text: '9jub11',
        countryCode: 'US',
        province: 'US-CA',
        confidence: 0.839,
        candidates: [
          { text: '9jub11', confidence: 0.839 },
          { text: 'sju88y', confidence: null },
        ],
        box: [460, 57, 97, 25],
        vehicle: { type: 'Big Truck', make: 'Iveco', model: 'Daily', colour: 'white' },
      },
      {
        ...UNKNOWN_READ,
        text: '1กก1234',
        countryCode: 'TH',
        confidence: 0.9,
        candidates: [{ text: '1กก1234', confidence: 0.9 }],
        box: [10, 20, 50, 15],
      },
    ],
  };

  test('as JSON', async () => {
    expect(await decode('flat')).toEqual({ ...NOTHING, events: [event] });
  });

  test('as a form with the picture', async () => {
    const { pictures } = await read('form');
    expect(await decode('form')).toEqual({ ...NOTHING, events: [{ ...event, frame: pictures[0] }] });
  });
});

test('nested results, and a vehicle whose plate was not seen', async () => {
  expect(await decode('nested')).toEqual({
    ...NOTHING,
    events: [
      {
        ...EVENT,
        cameraRef: 'camera-1',
        capturedAt: new Date('2024-05-15T08:31:00Z'),
        reads: [
          {
            ...UNKNOWN_READ,
            text: 'pl8rec',
            countryCode: 'US',
            province: 'US-CA',
            confidence: 0.93,
            candidates: [
              { text: 'pl8rec', confidence: 0.93 },
              { text: 'pl8rac', confidence: 0.5 },
            ],
            box: [460, 57, 97, 25],
            vehicle: { type: 'Sedan', make: 'Honda', model: 'Civic', colour: 'red' },
          },
          { ...UNKNOWN_READ, vehicle: { type: 'Motorcycle', make: null, model: null, colour: null } },
        ],
      },
    ],
  });
});

test('Snapshot tells of pictures without plates too: the hub reads them itself; its time is UTC', async () => {
  const { pictures } = await read('snapshot-empty');
  expect(await decode('snapshot-empty')).toEqual({
    ...NOTHING,
    events: [
      { ...EVENT, cameraRef: '', capturedAt: new Date('2025-09-09T23:22:38.030Z'), frame: pictures[0], reads: [] },
    ],
  });
  expect(decodeText({ hook: { event: 'image.done' }, data: { results: [] } }).events).toEqual([]);
});

test('what ParkPow is sent', async () => {
  const { pictures } = await read('parkpow');
  expect((await decode('parkpow')).events).toMatchObject([
    {
      cameraRef: 'Gate 2',
      capturedAt: new Date('2025-09-09T23:22:38Z'),
      frame: pictures[0],
      reads: [{ text: 'abc1234', countryCode: null, box: [1, 2, 39, 18] }],
    },
  ]);
});

test('other events are signs of life that name no plate', async () => {
  const health = { isOnline: true, camerasDown: null, clock: null };
  expect(await decode('dwell')).toEqual({ ...NOTHING, health: { ...health, facts: { 'last event': 'dwell' } } });
  expect(await decode('heartbeat')).toEqual({
    ...NOTHING,
    health: {
      ...health,
      facts: { 'last event': 'heartbeat', camera_id: 'camera-1', status: 'running', version: '1.52.0' },
    },
  });
});

const json = { 'content-type': 'application/json' };
test.each<[keyof typeof OUTCOMES, number, string, object]>([
  ['stored', 200, '{"success":true}', {}],
  ['held', 200, '{"success":true}', {}],
  ['refused', 400, '{"success":false,"message":"The message is too large."}', {}],
  ['later', 503, '{"success":false,"message":"The database is away."}', { 'retry-after': '30' }],
])('%s', async (kind, status, body, headers) => {
  const { message } = await read('form');
  expect(plugin.reply(OUTCOMES[kind], message, null)).toEqual({ status, headers: { ...json, ...headers }, body });
});

test('is known by its wrapping or its form', async () => {
  expect(plugin.claims((await read('flat')).message)).toBe(true);
  expect(plugin.claims((await read('form')).message)).toBe(true);
  expect(plugin.claims(wireMessage({ body: Buffer.from('{"results":[]}') }))).toBe(false);
});

test.each<[string, object]>([
  ['results', { hook: { event: 'recognition' }, data: {} }],
  ['results.0.score', { results: [{ plate: 'a1', score: 93 }] }],
  ['results.0.box', { results: [{ plate: 'a1', box: { xmin: 'left' } }] }],
  ['timestamp', { timestamp: 'soon', results: [{ plate: 'a1' }] }],
])('what cannot be taken names %s', (field, said) => {
  expect(() => decodeText(said)).toThrow(
    expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
  );
});
