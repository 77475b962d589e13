import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, sampleOf, windows874, wireMessage } from '../../test/device-samples.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const decodeJson = (body: object): Decoded =>
  plugin.decode(wireMessage({ body: Buffer.from(JSON.stringify(body)) }), contextFor(plugin));

describe('samples', () => {
  test('a plate, the box scaled to the picture that came', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'plate');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      ...{ deviceRef: 'North gate', deviceName: 'North gate' },
      events: [
        {
          ...{ eventKey: null, cameraRef: '', cameraName: null, isLate: false, pull: null, coerced: [] },
          capturedAt: new Date('2026-11-26T04:59:03.123Z'),
          frame: pictures[1],
          reads: [
            {
              ...UNKNOWN_READ,
              ...{ text: '1กก 1234', countryCode: 'TH', confidence: 0.93, box: [320, 180, 50, 22], patch: pictures[0] },
              vehicle: { type: 'Car', make: 'Toyota', model: null, colour: 'Silver' },
              motion: { direction: 'toward', heading: null, speed: 32, lane: '1' },
            },
          ],
        },
      ],
    });
  });

  test('a violation without a plate; a name that all such cameras have is no identity', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'violation');
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      ...{ deviceRef: '', deviceName: 'Network Camera' },
      events: [
        {
          ...{ eventKey: null, cameraRef: '', cameraName: null, isLate: false, pull: null, coerced: [] },
          capturedAt: new Date('2026-11-26T04:59:03Z'),
          frame: pictures[0],
          reads: [
            {
              ...UNKNOWN_READ,
              vehicle: { type: 'Truck', make: null, model: null, colour: null },
              motion: { direction: 'away', heading: null, speed: null, lane: '2' },
            },
          ],
        },
      ],
    });
  });

  test.each([
    ['parking', { event: 'Parking Detection', parking_area: 'A', occupancy: '1' }],
    ['counting', { event: 'Vehicle Counting', Car: '12' }],
  ])('%s is a sign of life', async (name, facts) => {
    const { message } = await readSample(import.meta.dirname, name);
    const { events, health, deviceRef } = plugin.decode(message, contextFor(plugin));
    expect([events, deviceRef]).toEqual([[], 'North gate']);
    expect(health?.facts).toMatchObject(facts);
    expect(JSON.stringify(health)).not.toContain('snapshot');
  });
});

test('the same by GET', () => {
  const message = wireMessage({
    method: 'GET',
    query: { device: 'North gate', plate: 'A1', time: '2026-11-26 11:59:03' },
  });
  expect(plugin.decode(message, contextFor(plugin)).events[0]?.reads[0]?.text).toBe('A1');
});

test('what is in another form is understood and said', () => {
  expect(decodeJson({ plate: 'A1', confidence: 88, region: 'Bavaria' }).events[0]).toMatchObject({
    reads: [{ confidence: 0.88, countryCode: null }],
    coerced: ['region is no country code and was left out', 'confidence came as one of 100'],
  });
});

test('coordinates of an unknown resolution are left out and said', async () => {
  const { message } = await readSample(import.meta.dirname, 'plate');
  const body = Buffer.from(message.body.toString().replace('"resolution_width":"1920",', ''));
  const [event] = plugin.decode({ ...message, body }, contextFor(plugin)).events;
  expect([event?.reads[0]?.box, event?.coerced]).toEqual([null, [expect.stringMatching(/^coordinates left out/)]]);
});

describe('bad input names the field', () => {
  test.each([
    ['50 levels', `{"plate":${'['.repeat(50)}${']'.repeat(50)}}`, 'body'],
    ['a list', '[]', 'body'],
    ['a time that is none', '{"plate":"A1","time":"noon"}', 'time'],
    ['a picture that is a script', '{"plate":"A1","full_image":"<script>"}', 'full_image'],
    ['a word for a number', '{"plate":"A1","speed":"fast"}', 'speed'],
  ])('%s', (_name, body, field) => {
    expect(() => plugin.decode(wireMessage({ body: Buffer.from(body) }), contextFor(plugin))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('windows-874 is read; clocks of 1970 and 2100 are handed on for the hub to judge', async () => {
    const { message } = await sampleOf('POST /ingest/milesight HTTP/1.1\n\n{"plate":"1กก 1234"}', windows874);
    expect(plugin.decode(message, contextFor(plugin)).events[0]?.reads[0]?.text).toBe('1กก 1234');
    for (const year of [1970, 2100]) {
      const [event] = decodeJson({ plate: 'A1', time: `${year}-06-01 00:00:00` }).events;
      expect(event?.capturedAt).toEqual(new Date(Date.UTC(year, 4, 31, 17)));
    }
  });
});

test('the camera is told OK unless it should send again', () => {
  const said = (kind: keyof typeof OUTCOMES): unknown => plugin.reply(OUTCOMES[kind], wireMessage({}), null);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  const ok = { status: 200, headers, body: 'OK' };
  expect([said('stored'), said('held'), said('refused')]).toEqual([ok, ok, ok]);
  expect(said('later')).toEqual({
    status: 503,
    headers: { ...headers, 'retry-after': '30' },
    body: 'The database is away.',
  });
});
