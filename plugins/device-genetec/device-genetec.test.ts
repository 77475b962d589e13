import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, sampleOf, windows874, wireMessage } from '../../test/device-samples.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const decodeText = (body: string): Decoded =>
  plugin.decode(wireMessage({ body: Buffer.from(body) }), contextFor(plugin));
const BARE = { isLate: false, pull: null, coerced: [] };

describe('samples', () => {
  test('Plate with Attributes, date and time apart and in UTC', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'attributes');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      events: [
        {
          ...{ ...BARE, eventKey: null, cameraRef: 'Gate 2', cameraName: 'Gate 2', frame: pictures[0] },
          capturedAt: new Date('2026-11-26T04:59:03Z'),
          reads: [
            {
              ...UNKNOWN_READ,
              ...{ text: '1กก1234', province: 'Phuket', confidence: 0.93, patch: pictures[1] },
              vehicle: { type: null, make: 'Toyota', model: null, colour: 'White' },
              motion: { direction: 'away', heading: null, speed: null, lane: null },
            },
          ],
        },
      ],
    });
  });

  test('PlateRead with PlateAnalytics', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'analytics');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      ...{ deviceRef: 'SHARPXS0014', deviceName: 'SHARPXS0014' },
      events: [
        {
          ...{
            ...BARE,
            eventKey: '32cf870a-46aa-4cfd-914b-00062d98e93a',
            cameraRef: 'Lpr Camera',
            cameraName: 'Lpr Camera',
          },
          capturedAt: new Date('2026-11-26T04:59:03.797Z'),
          frame: null,
          reads: [
            {
              ...UNKNOWN_READ,
              ...{ text: 'กข99', countryCode: 'TH', confidence: 0.88, patch: pictures[0] },
              motion: { direction: 'toward', heading: null, speed: null, lane: null },
            },
          ],
        },
      ],
    });
  });

  test('the same in XML', async () => {
    const { message } = await readSample(import.meta.dirname, 'analytics-xml');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin)).events).toEqual([
      {
        ...{
          ...BARE,
          eventKey: '52cf870a-46aa-4cfd-914b-00062d98e93b',
          cameraRef: 'Lpr Camera',
          cameraName: 'Lpr Camera',
        },
        capturedAt: new Date('2026-11-26T04:59:03.862Z'),
        frame: null,
        reads: [{ ...UNKNOWN_READ, text: 'AA7D2', province: 'Phuket', confidence: 1 }],
      },
    ]);
  });
});

test('an unread plate has no text and no confidence', () => {
  expect(decodeText('{"Plate":"NOPLATE","ConfidenceScore":"-1"}').events[0]?.reads[0]).toMatchObject({
    text: '',
    confidence: null,
  });
});

describe('bad input names the field', () => {
  test.each([
    ['a bomb', '<!DOCTYPE a [<!ENTITY b "c">]><Plate>&b;</Plate>', 'body'],
    ['50 levels', `{"Plate":${'['.repeat(50)}${']'.repeat(50)}}`, 'body'],
    ['another document', '<Other/>', 'Plate'],
    ['no plate', '{"CameraName":"x"}', 'Plate'],
    ['month first', '{"Plate":"A1","DateUtc":"2026-11-26"}', 'DateUtc'],
    ['a time that is none', '{"Plate":"A1","DateUtc":"26/11/2026","TimeUtc":"noon"}', 'TimeUtc'],
    ['a picture that is a script', '{"Plate":"A1","ContextImage":"<script>"}', 'ContextImage'],
    ['a word for a number', '{"Plate":"A1","ConfidenceScore":"high"}', 'ConfidenceScore'],
  ])('%s', (_name, body, field) => {
    expect(() => decodeText(body)).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('windows-874 is read; clocks of 1970 and 2100 are handed on for the hub to judge', async () => {
    for (const year of ['1970', '2100']) {
      const body = `{"Plate":"1กก 1","DateUtc":"01/01/${year}","TimeUtc":"00:00:05"}`;
      const { message } = await sampleOf(`POST /ingest/genetec HTTP/1.1\n\n${body}`, windows874);
      expect(plugin.decode(message, contextFor(plugin)).events[0]).toMatchObject({
        capturedAt: new Date(`${year}-01-01T00:00:05Z`),
        reads: [{ text: '1กก 1' }],
      });
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
