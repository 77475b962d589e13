import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, sampleOf, windows874, wireMessage } from '../../test/device-samples.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const ADDRESS = { address: 'http://192.0.2.20' };
const decode = async (name: string, config = {}): Promise<Decoded> =>
  plugin.decode((await readSample(import.meta.dirname, name)).message, contextFor(plugin, config));
const decodeJson = (event: object, config = {}): Decoded =>
  plugin.decode(wireMessage({ body: Buffer.from(JSON.stringify(event)) }), contextFor(plugin, config));
const READ = {
  ...UNKNOWN_READ,
  ...{ text: '1กก1234', countryCode: 'TH', confidence: 0.719034, trackId: '1144696' },
  vehicle: { type: null, make: null, model: null, colour: null },
};

describe('samples', () => {
  test('the first look: all numbers are texts', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'new');
    expect(plugin.claims(message)).toBe(true);
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      ...{ deviceRef: 'ACCC8E000001', deviceName: 'AXIS P1445-LE-3' },
      events: [
        {
          ...{ cameraRef: '', cameraName: null, isLate: false, pull: null, coerced: [] },
          eventKey: '1144696.new.11890298@1795669143252',
          capturedAt: new Date('2026-11-26T04:59:03.252Z'),
          frame: pictures[0],
          reads: [
            {
              ...READ,
              box: [300, 180, 60, 24],
              motion: { direction: null, heading: null, speed: null, lane: '2' },
            },
          ],
        },
      ],
    });
  });

  test('the last word on the same passing', async () => {
    const { events } = await decode('lost');
    expect(events[0]?.reads[0]).toMatchObject({ trackId: '1144696', isFinal: true, motion: { direction: 'toward' } });
    expect(events[0]?.eventKey).toBe('1144696.lost.11890300@1795669153252');
  });

  test('JSON alone, time in µs: the picture is asked for', async () => {
    const { events } = await decode('update-json', ADDRESS);
    expect(events).toEqual([
      {
        ...{ cameraRef: '', cameraName: null, isLate: false, frame: null, coerced: [] },
        eventKey: '1144696.update.11890299@1795669145252',
        capturedAt: new Date('2026-11-26T04:59:05.252Z'),
        pull: { path: '/local/fflprapp/tools.cgi?action=getImage&name=26/20261126115903_1144696.jpg', afterMs: 0 },
        reads: [{ ...READ, motion: { direction: 'toward', heading: null, speed: null, lane: '2' } }],
      },
    ]);
  });
});

describe('pictures', () => {
  test('inside of the JSON, by their kind', async () => {
    const { pictures } = await readSample(import.meta.dirname, 'new');
    const BinaryImage = pictures[0]!.toString('base64');
    const { events } = decodeJson({
      plateUTF8: 'A1',
      ImageArray: [
        { ImageType: 'plate', BinaryImage },
        { ImageType: 'vehicle', BinaryImage },
      ],
    });
    expect([events[0]?.frame, events[0]?.reads[0]?.patch]).toEqual([pictures[0], pictures[0]]);
  });

  test('an image as small as the plate is the plate’s', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'new');
    const event = message.parts[0]!.bytes.toString().replace('[300,180,60,24]', '[900,800,400,200]');
    const parts = [{ ...message.parts[0]!, bytes: Buffer.from(event) }, message.parts[1]!];
    const { events } = plugin.decode({ ...message, parts }, contextFor(plugin, ADDRESS));
    expect([events[0]?.frame, events[0]?.reads[0]?.patch, events[0]?.pull?.path.slice(0, 6)]).toEqual([
      null,
      pictures[0],
      '/local',
    ]);
  });

  test('a box outside of the picture that came is left out and said', async () => {
    const { message } = await readSample(import.meta.dirname, 'new');
    const event = message.parts[0]!.bytes.toString().replace('[300,180,60,24]', '[1185,532,140,28]');
    const parts = [{ ...message.parts[0]!, bytes: Buffer.from(event) }, message.parts[1]!];
    const { events } = plugin.decode({ ...message, parts }, contextFor(plugin));
    expect([events[0]?.reads[0]?.box, events[0]?.coerced]).toEqual([
      null,
      [expect.stringMatching(/^plateCoordinates/)],
    ]);
  });

  test('is asked of the camera alone', () => {
    const pull = (uri: string): unknown => decodeJson({ plateUTF8: 'A1', imagesURI: [uri] }, ADDRESS).events[0]?.pull;
    expect(pull('http://elsewhere.invalid/a.jpg')).toBeNull();
    expect(pull('../a.jpg')).toBeNull();
    expect(pull('/a.jpg')).toEqual({ path: '/a.jpg', afterMs: 0 });
    expect(decodeJson({ plateUTF8: 'A1', imagesURI: ['/a.jpg'] }).events[0]?.pull).toBeNull();
  });
});

describe('other versions', () => {
  test('the clock with and without zone, the confidence of 100, a plate in ASCII', () => {
    const at = (datetime: string): unknown => decodeJson({ plateASCII: 'A1', datetime }).events[0]?.capturedAt;
    expect(at('20261126 115903252')).toEqual(new Date('2026-11-26T04:59:03.252Z'));
    expect(at('20261126 115903252+0000')).toEqual(new Date('2026-11-26T11:59:03.252Z'));
    const { events } = decodeJson({ plateASCII: 'A1', plateConfidence: '95.5', carState: 'updated' });
    expect(events[0]).toMatchObject({
      reads: [{ confidence: 0.955 }],
      coerced: ['plateConfidence came as one of 100'],
    });
  });

  test('a heartbeat is health', () => {
    expect(decodeJson({ camera_info: { SerialNumber: 'X' } })).toMatchObject({
      deviceRef: 'X',
      health: { isOnline: true },
      events: [],
    });
  });
});

describe('bad input names the field', () => {
  test.each([
    ['50 levels', `${'['.repeat(50)}${']'.repeat(50)}`, 'body'],
    ['a list', '[]', 'event'],
    ['a time that is none', '{"plateUTF8":"A1","datetime":"noon"}', 'datetime'],
    [
      'a picture that is a script',
      '{"plateUTF8":"A1","ImageArray":[{"BinaryImage":"<script>"}]}',
      'ImageArray.0.BinaryImage',
    ],
    ['a word for a number', '{"plateUTF8":"A1","plateConfidence":"high"}', 'plateConfidence'],
  ])('%s', (_name, body, field) => {
    expect(() => plugin.decode(wireMessage({ body: Buffer.from(body) }), contextFor(plugin))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('windows-874 is read', async () => {
    const { message } = await sampleOf('POST /ingest/axis HTTP/1.1\n\n{"plateUTF8":"1กก 1234"}', windows874);
    expect(plugin.decode(message, contextFor(plugin)).events[0]?.reads[0]?.text).toBe('1กก 1234');
  });

  test.each([
    ['1970', '0000000005000', 5000],
    ['2100', '4102444800000', Date.UTC(2100, 0, 1)],
  ])('a clock in %s is handed on for the hub to judge', (_year, count, instant) => {
    expect(decodeJson({ plateUTF8: 'A1', capture_timestamp: count }).events[0]?.capturedAt).toEqual(new Date(instant));
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
