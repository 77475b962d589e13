import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, sampleOf, windows874, wireMessage } from '../../test/device-samples.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const decodeJson = (body: object): Decoded =>
  plugin.decode(wireMessage({ body: Buffer.from(JSON.stringify(body)) }), contextFor(plugin));
const BARE = { eventKey: null, cameraRef: 'Drive', cameraName: 'Drive', isLate: false, pull: null, coerced: [] };

describe('samples', () => {
  test('two plates of one alert; what is no plate is passed over', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'alert');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      events: [
        {
          ...{ ...BARE, capturedAt: new Date('2026-11-26T04:59:03.250Z'), frame: pictures[0] },
          reads: [
            { ...UNKNOWN_READ, text: '1กก1234', confidence: 0.91, box: [300, 180, 60, 24] },
            { ...UNKNOWN_READ, text: 'กข9', confidence: 0.55, box: [10, 20, 60, 24] },
          ],
        },
      ],
    });
  });

  test('the predictions as JSON within a text, local time', async () => {
    const { message } = await readSample(import.meta.dirname, 'dump-as-text');
    expect(plugin.decode(message, contextFor(plugin)).events).toEqual([
      {
        ...{ ...BARE, capturedAt: new Date('2026-11-26T04:59:03Z'), frame: null },
        reads: [{ ...UNKNOWN_READ, text: 'A1', confidence: 0.5 }],
      },
    ]);
  });

  test('an alert without a plate is nothing', async () => {
    const { message } = await readSample(import.meta.dirname, 'no-plate');
    expect(plugin.decode(message, contextFor(plugin))).toEqual(NOTHING_DECODED);
  });
});

test('plates as text', () => {
  expect(decodeJson({ plate_number: 'A1, B2' }).events[0]?.reads.map(({ text }) => text)).toEqual(['A1', 'B2']);
});

test('a place outside of the picture is left out and said', async () => {
  const { message } = await readSample(import.meta.dirname, 'alert');
  const body = Buffer.from(message.body.toString().replace('"x_max":360', '"x_max":3600'));
  const [event] = plugin.decode({ ...message, body }, contextFor(plugin)).events;
  expect([event?.reads[0]?.box, event?.coerced]).toEqual([null, [expect.stringMatching(/^a place was left out/)]]);
});

describe('bad input names the field', () => {
  test.each([
    ['50 levels', `{"ai_dump":${'['.repeat(50)}${']'.repeat(50)}}`, 'body'],
    ['nothing of AI', '{"camera":"Drive"}', 'ai_dump'],
    ['a dump that is no list', '{"ai_dump":{"a":1}}', 'ai_dump'],
    [
      'a confidence of 100',
      '{"ai_dump":[{"api":"alpr","found":{"predictions":[{"plate":"A1","confidence":91}]}}]}',
      'ai_dump.0.predictions.0.confidence',
    ],
    ['a picture that is a script', '{"ai_dump":[],"Image":"<script>"}', 'Image'],
    ['a time that is none', '{"plate_number":"A1","timestamp":"noon"}', 'timestamp'],
  ])('%s', (_name, body, field) => {
    expect(() => plugin.decode(wireMessage({ body: Buffer.from(body) }), contextFor(plugin))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('windows-874 is read; clocks of 1970 and 2100 are handed on for the hub to judge', async () => {
    for (const year of ['1970', '2100']) {
      const body = `{"plate_number":"1กก1","timestamp":"${year}-01-01T00:00:05Z"}`;
      const { message } = await sampleOf(`POST /api/plate-reads HTTP/1.1\n\n${body}`, windows874);
      expect(plugin.decode(message, contextFor(plugin)).events[0]).toMatchObject({
        capturedAt: new Date(`${year}-01-01T00:00:05Z`),
        reads: [{ text: '1กก1' }],
      });
    }
  });
});

test('Blue Iris is told what became of its post', () => {
  const said = (kind: keyof typeof OUTCOMES): unknown => plugin.reply(OUTCOMES[kind], wireMessage({}), null);
  const headers = { 'content-type': 'application/json' };
  expect(said('stored')).toEqual({ status: 201, headers, body: '{"message":"stored"}' });
  expect(said('held')).toEqual({ status: 202, headers, body: '{"message":"held"}' });
  expect(said('refused')).toEqual({ status: 422, headers, body: '{"message":"The message is too large."}' });
  expect(said('later')).toEqual({
    ...{ status: 503, headers: { ...headers, 'retry-after': '30' } },
    body: '{"message":"The database is away."}',
  });
});
