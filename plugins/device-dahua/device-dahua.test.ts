import { describe, expect, test } from '@jest/globals';
import {
  contextFor,
  OUTCOMES,
  readSample,
  RECEIVED_AT,
  sampleOf,
  windows874,
  wireMessage,
} from '../../test/device-samples.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const decode = (body: unknown, config = {}, path = '/NotificationInfo/TollgateInfo'): Decoded =>
  plugin.decode(wireMessage({ path, body: Buffer.from(JSON.stringify(body)) }), contextFor(plugin, config));
const ofSnap = (snap: object, zone = 'Asia/Bangkok'): Decoded['events'][number] => {
  const body = { Picture: { Plate: { PlateNumber: 'A1' }, SnapInfo: snap } };
  const message = wireMessage({ body: Buffer.from(JSON.stringify(body)) });
  return plugin.decode(message, { ...contextFor(plugin), timeZone: zone }).events[0]!;
};

describe('samples', () => {
  test('TollgateInfo: scene, cut-out, Thai plate, local time, box in parts of 8192', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'tollgate');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      deviceRef: '8M049B2PAJF0001',
      events: [
        {
          ...{ eventKey: null, cameraRef: '', cameraName: null, isLate: false, pull: null, coerced: [] },
          capturedAt: new Date('2026-11-26T04:59:03.123Z'),
          frame: pictures[0],
          reads: [
            {
              ...UNKNOWN_READ,
              text: 'กข1234',
              countryCode: 'TH',
              confidence: 0.9,
              box: [320, 180, 50, 12],
              patch: pictures[1],
              vehicle: { type: 'PassengerCar', make: 'Toyota', model: null, colour: 'Black' },
              motion: { direction: 'toward', heading: null, speed: null, lane: '2' },
            },
          ],
        },
      ],
    });
  });

  test('a plate that was not read, with the vehicle’s picture alone', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'tollgate-unread');
    expect(plugin.decode(message, contextFor(plugin)).events).toEqual([
      {
        ...{ eventKey: null, cameraRef: '2', cameraName: null, isLate: false, pull: null, coerced: [] },
        capturedAt: new Date('2026-11-26T04:59:03Z'),
        frame: pictures[0],
        reads: [
          {
            ...UNKNOWN_READ,
            vehicle: { type: null, make: null, model: null, colour: null },
            motion: { direction: 'away', heading: null, speed: null, lane: null },
          },
        ],
      },
    ]);
  });

  test.each([
    ['keep-alive', null, { Active: 'keepAlive' }],
    [
      'device-info',
      'ทางเข้า',
      { DeviceName: 'ทางเข้า', DeviceType: 'ITC', Manufacturer: 'Dahua', IPAddress: '192.0.2.50' },
    ],
  ])('%s is health', async (name, deviceName, facts) => {
    const { message } = await readSample(import.meta.dirname, name);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      ...{ deviceRef: '8M049B2PAJF0001', deviceName },
      health: { isOnline: true, facts, camerasDown: null, clock: null },
    });
  });

  test('an event of the event interface: RealUTC counts, other events are passed over', async () => {
    const { message } = await readSample(import.meta.dirname, 'event');
    const { deviceRef, events } = plugin.decode(message, contextFor(plugin, { confidenceWhole: '255' }));
    expect(deviceRef).toBe('8M049B2PAJF0001');
    expect(events).toEqual([
      {
        ...{ cameraRef: '', cameraName: null, isLate: false, frame: null, pull: null, coerced: [] },
        eventKey: `175706653.516@${Date.parse('2026-11-26T04:59:03.305Z')}`,
        capturedAt: new Date('2026-11-26T04:59:03.305Z'),
        reads: [
          {
            ...UNKNOWN_READ,
            text: '1กก 1234',
            countryCode: 'TH',
            confidence: 0.8,
            vehicle: { type: 'SaloonCar', make: 'Honda', model: null, colour: 'Blue' },
            motion: { direction: 'away', heading: null, speed: null, lane: '2' },
          },
        ],
      },
    ]);
  });
});

describe('times', () => {
  const utcAlone = (utc: number): Decoded['events'][number] =>
    decode({ Events: [{ Code: 'TrafficJunction', Data: { UTC: utc, TrafficCar: { PlateNumber: 'A1' } } }] }).events[0]!;
  const now = RECEIVED_AT.getTime() / 1000;

  test('UTC that stands alone is the instant when it lies near, else the wall clock', () => {
    expect(utcAlone(now - 20)).toMatchObject({ capturedAt: new Date((now - 20) * 1000), coerced: [] });
    expect(utcAlone(now - 20 + 7 * 3600)).toMatchObject({
      capturedAt: new Date((now - 20) * 1000),
      coerced: ['UTC was taken for the wall clock, as such cameras write it'],
    });
  });

  test.each([
    ['hours', 7, 'Asia/Bangkok', []],
    ['the index of GMT+7', 12, 'Asia/Bangkok', []],
    ['the index of GMT+5:45', 9, 'Asia/Kathmandu', []],
    ['another', 8, 'Asia/Bangkok', ['TimeZone 8 is not the zone set for this device, which counts']],
  ])('TimeZone as %s', (_name, TimeZone, zone, coerced) => {
    const { capturedAt, ...event } = ofSnap({ AccurateTime: '2026-11-26 11:59:03', TimeZone }, zone);
    expect(event.coerced).toEqual(coerced);
    expect(capturedAt).toEqual(new Date(zone === 'Asia/Kathmandu' ? '2026-11-26T06:14:03Z' : '2026-11-26T04:59:03Z'));
  });

  test('clocks of 1970 and 2100 are handed on for the hub to judge', () => {
    expect(ofSnap({ AccurateTime: '1970-01-01 07:00:05' }).capturedAt).toEqual(new Date(5000));
    expect(ofSnap({ AccurateTime: '2100-01-01 07:00:00' }).capturedAt).toEqual(new Date('2100-01-01T00:00:00Z'));
  });
});

describe('figures and pictures', () => {
  test('a confidence beyond its whole is left out and said', () => {
    const { events } = decode({ Picture: { Plate: { PlateNumber: 'A1', Confidence: 204 } } });
    expect(events[0]).toMatchObject({
      reads: [{ confidence: null }],
      coerced: [expect.stringMatching(/^Plate\.Confidence 204/)],
    });
    const whole = decode({ Picture: { Plate: { PlateNumber: 'A1', Confidence: 204 } } }, { confidenceWhole: '255' });
    expect(whole.events[0]?.reads[0]?.confidence).toBe(0.8);
  });

  test('a box inside of the picture is in pixels unless it is said to be of the grid', async () => {
    const { message } = await readSample(import.meta.dirname, 'tollgate');
    const body = Buffer.from(
      message.body.toString().replace(/"BoundingBox":\[[^\]]*\]/, '"BoundingBox":[64,36,128,72]'),
    );
    const boxIn = (boxUnit: string): unknown =>
      plugin.decode({ ...message, body }, contextFor(plugin, { boxUnit })).events[0]?.reads[0]?.box;
    expect([boxIn('auto'), boxIn('pixels'), boxIn('grid')]).toEqual([
      [64, 36, 64, 36],
      [64, 36, 64, 36],
      [5, 1.6, 5, 1.6],
    ]);
  });

  test('two pictures in one are parted', async () => {
    const { pictures } = await readSample(import.meta.dirname, 'tollgate');
    const [vehicle, patch] = pictures;
    const Content = Buffer.concat([vehicle!, patch!]).toString('base64');
    const { events } = decode({ Picture: { VehiclePic: { Content }, Plate: { PlateNumber: 'A1' } } });
    expect(events[0]?.frame).toEqual(vehicle);
    expect(events[0]?.reads[0]?.patch).toEqual(patch);
  });
});

describe('bad input names the field', () => {
  test.each([
    ['50 levels', `{"Picture":${'['.repeat(50)}${']'.repeat(50)}}`, 'body'],
    ['no JSON', '<xml/>', 'body'],
    ['a list', '[]', 'body'],
    ['no Picture', '{"Foo":1}', 'Picture'],
    [
      'a picture that is a script',
      '{"Picture":{"NormalPic":{"Content":"<script>"},"Plate":{}}}',
      'Picture.NormalPic.Content',
    ],
    ['a time that is none', '{"Picture":{"SnapInfo":{"AccurateTime":"noon"}}}', 'SnapInfo.AccurateTime'],
    ['a word for a number', '{"Picture":{"Plate":{"PlateNumber":"A1","Confidence":"high"}}}', 'Plate.Confidence'],
  ])('%s', (_name, body, field) => {
    const message = wireMessage({ path: '/NotificationInfo/TollgateInfo', body: Buffer.from(body) });
    expect(() => plugin.decode(message, contextFor(plugin))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('windows-874 is read', async () => {
    const { message } = await sampleOf(
      'POST /NotificationInfo/TollgateInfo HTTP/1.1\n\n{"Picture":{"Plate":{"PlateNumber":"1กก 1234"}}}',
      windows874,
    );
    expect(plugin.decode(message, contextFor(plugin)).events[0]?.reads[0]?.text).toBe('1กก 1234');
  });
});

test('the camera is told "result":"true" unless it should send again', () => {
  const said = (kind: keyof typeof OUTCOMES): unknown => plugin.reply(OUTCOMES[kind], wireMessage({}), null);
  const headers = { 'content-type': 'application/json' };
  const done = { status: 200, headers, body: '{"result":"true","Result":true}' };
  expect([said('stored'), said('held'), said('refused')]).toEqual([done, done, done]);
  expect(said('later')).toEqual({
    status: 503,
    headers: { ...headers, 'retry-after': '30' },
    body: '{"result":"false","Result":false,"Message":"The database is away."}',
  });
});
