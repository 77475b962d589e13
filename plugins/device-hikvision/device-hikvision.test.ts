import { describe, expect, test } from '@jest/globals';
import { OUTCOMES, contextFor, readSample, sampleOf, windows874, wireMessage } from '../../test/device-samples.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import { countryOfIndex, provinceOfState } from './codes.ts';
import plugin from './plugin.ts';

const decode = async (name: string, config = {}): Promise<Decoded> =>
  plugin.decode((await readSample(import.meta.dirname, name)).message, contextFor(plugin, config));
const xml = (inner: string): string =>
  `<EventNotificationAlert><macAddress>02:00:00:00:00:01</macAddress><dateTime>2026-11-26T12:00:00+07:00</dateTime><eventType>ANPR</eventType><ANPR>${inner}</ANPR></EventNotificationAlert>`;
const decodeXml = (inner: string): Decoded =>
  plugin.decode(wireMessage({ body: Buffer.from(xml(inner)) }), contextFor(plugin));

describe('samples', () => {
  test('a form with plate and scene, Thai plate and province, box in thousandths', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'form');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      deviceRef: '02:a6:42:f3:2a:d7',
      deviceName: 'DS-TCG405-E 20260101AIJ00000001',
      events: [
        {
          eventKey: 'a0fe72d4-3652-464a-aebd-3f9190010236',
          cameraRef: '1',
          cameraName: 'ขาเข้า 1',
          capturedAt: new Date('2026-11-26T04:59:03.847Z'),
          isLate: false,
          frame: pictures[1],
          pull: null,
          reads: [
            {
              ...UNKNOWN_READ,
              text: '8กผ444',
              province: 'TH-50',
              countryCode: 'TH',
              confidence: 0.97,
              characterConfidences: [0.99, 0.99, 0.95, 0.99, 0.97, 0.98],
              box: [275.2, 99, 67.8, 23.4],
              patch: pictures[0],
              vehicle: { type: 'SUVMPV', make: null, model: null, colour: 'white' },
              motion: { direction: 'away', heading: null, speed: null, lane: '2' },
            },
          ],
          coerced: [],
        },
      ],
    });
  });

  test('XML alone in the other namespace, sent late; characters that do not count up are left out', async () => {
    const { events } = await decode('xml-alone');
    expect(events).toEqual([
      {
        eventKey: '2026112606100697300constructed1',
        cameraRef: '3',
        cameraName: 'Giris',
        capturedAt: new Date('2026-11-26T03:10:06.471Z'),
        isLate: true,
        frame: null,
        pull: null,
        reads: [
          {
            ...UNKNOWN_READ,
            text: '38AAP084',
            countryCode: 'TR',
            confidence: 0.98,
            vehicle: { type: 'bus', make: null, model: null, colour: 'green' },
            motion: { direction: 'toward', heading: null, speed: 41, lane: '1' },
          },
        ],
        coerced: ['plateCharBelieve left out: 7 values for 8 characters'],
      },
    ]);
  });

  test('an empty scene gives way to the vehicle’s picture, pixels are scaled, an unread plate has no text', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'vehicle-picture-empty-scene');
    const { deviceName, events } = plugin.decode(message, contextFor(plugin));
    expect(deviceName).toBeNull();
    expect(events).toEqual([
      {
        ...{ eventKey: null, cameraRef: '1', cameraName: null, isLate: false, pull: null, coerced: [] },
        // A clock without zone is of the site.
        capturedAt: new Date('2026-11-26T04:59:03Z'),
        frame: pictures[0],
        reads: [
          {
            ...UNKNOWN_READ,
            box: [150, 112.5, 25, 12.5],
            vehicle: { type: 'twoWheelVehicle', make: null, model: null, colour: null },
            motion: { direction: null, heading: null, speed: null, lane: '1' },
          },
        ],
      },
    ]);
  });

  test('a heartbeat is health', async () => {
    expect(await decode('heartbeat')).toEqual({
      ...NOTHING_DECODED,
      deviceRef: '02:a6:42:f3:2a:d7',
      deviceName: 'ขาเข้า 1',
      health: {
        isOnline: true,
        facts: { event: 'videoloss', state: 'inactive', channel: 'ขาเข้า 1', address: '192.0.2.40' },
        camerasDown: [],
        clock: new Date('2026-11-26T05:00:00Z'),
      },
    });
  });

  test('JSON instead of XML', async () => {
    const { deviceRef, events } = await decode('json');
    expect(deviceRef).toBe('02:00:00:00:00:42');
    expect(events[0]).toMatchObject({
      eventKey: 'constructed-json-1',
      capturedAt: new Date('2026-11-26T04:59:03.250Z'),
      reads: [{ text: 'กข 1234', province: 'TH-10', countryCode: 'TH', confidence: 0.88 }],
    });
  });
});

describe('the place of the plate', () => {
  test('is left out, and said so, when it is in pixels of a picture of unknown size', async () => {
    const { events } = await decode('form', { plateRect: 'pixels' });
    expect(events[0]?.reads[0]?.box).toBeNull();
    expect(events[0]?.coerced).toEqual([expect.stringMatching(/^plateRect left out/)]);
  });

  test('can be said to be thousandths', async () => {
    const { events } = await decode('vehicle-picture-empty-scene', { plateRect: 'thousandths' });
    expect(events[0]?.reads[0]?.box).toEqual([384, 180, 64, 20]);
  });
});

test('a picture that is a script stays what it is, without a box: the hub refuses it and keeps the read', async () => {
  const script = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const { message } = await readSample(import.meta.dirname, 'form');
  const parts = message.parts.map((part) =>
    part.name === 'detectionPicture.jpg' ? { ...part, bytes: Buffer.from(script) } : part,
  );
  const { events } = plugin.decode({ ...message, parts }, contextFor(plugin));
  expect(events[0]).toMatchObject({ frame: Buffer.from(script), reads: [{ text: '8กผ444', box: null }] });
});

describe('other messages', () => {
  test('the test button of the camera is a sign of life', () => {
    const { events, health } = plugin.decode(wireMessage({}), contextFor(plugin));
    expect([events, health?.isOnline]).toEqual([[], true]);
  });

  test('a lost picture names the camera', () => {
    const body = Buffer.from(
      '<EventNotificationAlert><channelID>4</channelID><eventType>videoloss</eventType><eventState>active</eventState></EventNotificationAlert>',
    );
    expect(plugin.decode(wireMessage({ body }), contextFor(plugin)).health?.camerasDown).toEqual(['4']);
  });

  test('unknown numbers of countries and provinces are said, not guessed', () => {
    const [event] = decodeXml(
      '<country>199</country><tailandStateID>79</tailandStateID><licensePlate>AB1</licensePlate>',
    ).events;
    expect(event?.reads[0]).toMatchObject({ countryCode: null, province: null });
    expect(event?.coerced).toEqual(['country 199 is not in the table', 'tailandStateID 79 is not in the table']);
  });

  test('the tables', () => {
    expect([64, 46, 30, 19, 1, 0].map(countryOfIndex)).toEqual(['TH', 'TR', 'KZ', 'HR', 'CZ', null]);
    expect([1, 14, 42, 77, 78, 79].map(provinceOfState)).toEqual([
      ...['TH-10', 'TH-50', 'TH-83', 'TH-37', 'TH-95-BETONG'],
      null,
    ]);
    expect(new Set(Array.from({ length: 78 }, (_, place) => provinceOfState(place + 1))).size).toBe(78);
  });
});

describe('bad input names the field', () => {
  test.each([
    ['a bomb', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "&b;&b;">]><EventNotificationAlert/>', 'body'],
    [
      'an external entity',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><EventNotificationAlert>&b;</EventNotificationAlert>',
      'body',
    ],
    ['50 levels', `${'<a>'.repeat(50)}${'</a>'.repeat(50)}`, 'body'],
    ['JSON of 50 levels', `{"a":${'['.repeat(50)}${']'.repeat(50)}}`, 'body'],
    ['half a document', '<EventNotificationAlert><ANPR>', 'body'],
    ['another document', '<Envelope/>', 'EventNotificationAlert'],
    ['no ANPR', '<EventNotificationAlert><eventType>ANPR</eventType></EventNotificationAlert>', 'ANPR'],
    [
      'a confidence of 200',
      xml('<confidenceLevel>200</confidenceLevel><licensePlate>A1</licensePlate>'),
      'confidenceLevel',
    ],
    [
      'a time that is none',
      '<EventNotificationAlert><dateTime>yesterday</dateTime><ANPR><line>1</line></ANPR></EventNotificationAlert>',
      'dateTime',
    ],
  ])('%s', (_name, body, field) => {
    expect(() => plugin.decode(wireMessage({ body: Buffer.from(body) }), contextFor(plugin))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('a form without XML', async () => {
    const { message } = await readSample(import.meta.dirname, 'form');
    expect(() => plugin.decode({ ...message, parts: message.parts.slice(1) }, contextFor(plugin))).toThrow(/anpr\.xml/);
  });

  test('windows-874 is read, clocks of 1970 and 2100 are handed on for the hub to judge', async () => {
    const request = 'POST /ingest/hikvision HTTP/1.1\nContent-Type: application/xml\n\n';
    const { message } = await sampleOf(request + xml('<licensePlate>1กก 1234</licensePlate>'), windows874);
    expect(plugin.decode(message, contextFor(plugin)).events[0]?.reads[0]?.text).toBe('1กก 1234');
    for (const year of [1970, 2100]) {
      const body = xml('<licensePlate>A1</licensePlate>').replace('2026', String(year));
      const { events } = plugin.decode(wireMessage({ body: Buffer.from(body) }), contextFor(plugin));
      expect(events[0]?.capturedAt?.getUTCFullYear()).toBe(year);
    }
  });
});

test('the camera is told OK unless it should send again', () => {
  const said = (kind: keyof typeof OUTCOMES): unknown => plugin.reply(OUTCOMES[kind], wireMessage({}), null);
  const ok = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'OK' };
  expect([said('stored'), said('held'), said('refused')]).toEqual([ok, ok, ok]);
  expect(said('later')).toEqual({
    status: 503,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '30' },
    body: 'The database is away.',
  });
});
