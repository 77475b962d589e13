import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, sampleOf, windows874, wireMessage } from '../../test/device-samples.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const notify = (message: string): string =>
  `<Envelope><Body><Notify><NotificationMessage><Topic>tns1:RuleEngine/Recognition/LicensePlate</Topic><Message>${message}</Message></NotificationMessage></Notify></Body></Envelope>`;
const decodeXml = (xml: string): Decoded => plugin.decode(wireMessage({ body: Buffer.from(xml) }), contextFor(plugin));
const PLATE = '<ElementItem Name="LicensePlateInfo"><PlateNumber>A1</PlateNumber></ElementItem>';

describe('samples', () => {
  test('a notification with scene, box from -1 to 1, province in its own slot', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'notify');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      deviceRef: 'c37d4bf5-fa69-498d-8294-e0c8ade51ded',
      events: [
        {
          ...{ cameraName: null, isLate: false, pull: null, coerced: [] },
          eventKey: 'LPR_1.15@1795669143123',
          cameraRef: 'VideoSource_1',
          capturedAt: new Date('2026-11-26T04:59:03.123Z'),
          frame: pictures[0],
          reads: [
            {
              ...UNKNOWN_READ,
              ...{ text: '1กก 1234', province: 'Chiang Mai', countryCode: 'TH', confidence: 0.9, trackId: '15' },
              box: [160, 90, 160, 45],
              vehicle: { type: 'Car', make: 'Toyota', model: null, colour: null },
              motion: { direction: null, heading: null, speed: 34.2, lane: null },
            },
          ],
        },
      ],
    });
  });

  test('what a pull point answers: other topics and what was before are passed over', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'pull');
    const { events, health } = plugin.decode({ ...message, method: 'GET' }, contextFor(plugin));
    expect(health).toBeNull();
    // A camera that pushed it is asked for pictures once somebody said where.
    const pullOf = (config = {}): unknown => plugin.decode(message, contextFor(plugin, config)).events[0]?.pull;
    expect(pullOf()).toBeNull();
    expect(pullOf({ address: 'http://192.0.2.60' })).not.toBeNull();
    const bare = { eventKey: null, cameraRef: '1', cameraName: null, isLate: false, coerced: [] };
    expect(events).toEqual([
      {
        ...{ ...bare, capturedAt: new Date('2026-11-26T04:59:05Z'), frame: null },
        // Of the address only what the device itself is asked for.
        pull: { path: '/img/1.jpg?k=2', afterMs: 0 },
        reads: [{ ...UNKNOWN_READ, text: 'กข 99', confidence: 0.75 }],
      },
      {
        ...{ ...bare, capturedAt: new Date('2026-11-26T04:59:06Z'), frame: pictures[1], pull: null },
        reads: [{ ...UNKNOWN_READ, patch: pictures[0] }],
      },
    ]);
  });
});

test('another event is a sign of life', () => {
  const xml = notify('<Message UtcTime="2026-11-26T05:00:00Z"><Data/></Message>').replace(
    'RuleEngine/Recognition/LicensePlate',
    'Device/Trigger/Relay',
  );
  expect(decodeXml(xml)).toMatchObject({
    events: [],
    health: { isOnline: true, facts: { topic: 'tns1:Device/Trigger/Relay' }, clock: new Date('2026-11-26T05:00:00Z') },
  });
});

test('an empty answer of a pull point is nothing', () => {
  const xml =
    '<Envelope><Body><PullMessagesResponse><CurrentTime>x</CurrentTime></PullMessagesResponse></Body></Envelope>';
  expect(decodeXml(xml)).toEqual(NOTHING_DECODED);
});

describe('bad input names the field', () => {
  test.each([
    ['a bomb', '<!DOCTYPE a [<!ENTITY b "&b;">]><Envelope/>', 'body'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Envelope>&b;</Envelope>', 'body'],
    ['50 levels', `${'<a>'.repeat(50)}${'</a>'.repeat(50)}`, 'body'],
    ['another document', '<html></html>', 'Envelope.Body'],
    ['a fault', '<Envelope><Body><Fault/></Body></Envelope>', 'Envelope.Body'],
    ['a time that is none', notify(`<Message UtcTime="noon"><Data>${PLATE}</Data></Message>`), 'Message.UtcTime'],
    [
      'a picture that is a script',
      notify(`<Message><Data><SimpleItem Name="Image" Value="javascript:1"/>${PLATE}</Data></Message>`),
      'Image',
    ],
    [
      'a word for a number',
      notify(`<Message><Data><SimpleItem Name="Speed" Value="fast"/>${PLATE}</Data></Message>`),
      'Speed',
    ],
  ])('%s', (_name, body, field) => {
    expect(() => decodeXml(body)).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('windows-874 is read; clocks of 1970 and 2100 are handed on for the hub to judge', async () => {
    for (const year of ['1970', '2100']) {
      const text = notify(
        `<Message UtcTime="${year}-01-01T00:00:05Z"><Data>${PLATE.replace('A1', '1กก 1')}</Data></Message>`,
      );
      const { message } = await sampleOf(`POST /ingest/onvif HTTP/1.1\n\n${text}`, windows874);
      expect(plugin.decode(message, contextFor(plugin)).events[0]).toMatchObject({
        capturedAt: new Date(`${year}-01-01T00:00:05Z`),
        reads: [{ text: '1กก 1' }],
      });
    }
  });
});

test('a notification is answered by a status alone', () => {
  const said = (kind: keyof typeof OUTCOMES): unknown => plugin.reply(OUTCOMES[kind], wireMessage({}), null);
  const taken = { status: 202, body: '' };
  expect([said('stored'), said('held'), said('refused')]).toEqual([taken, taken, taken]);
  expect(said('later')).toEqual({ status: 503, headers: { 'retry-after': '30' }, body: '' });
});
