import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, sampleOf, windows874, wireMessage } from '../../test/device-samples.ts';
import { parseConfig } from '../../core/fields.ts';
import { NOTHING_DECODED, UNKNOWN_READ, type Decoded, type DeviceEvent } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const decode = async (name: string, config = {}): Promise<Decoded> =>
  plugin.decode((await readSample(import.meta.dirname, name)).message, contextFor(plugin, config));
const decodeJson = (body: unknown, config = {}): readonly DeviceEvent[] =>
  plugin.decode(wireMessage({ body: Buffer.from(JSON.stringify(body)) }), contextFor(plugin, config)).events;
const BARE = { eventKey: null, cameraRef: '', cameraName: null, isLate: false, frame: null, pull: null, coerced: [] };

describe('the hub’s own form works without any mapping', () => {
  test('one read with everything', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'own');
    expect(plugin.decode(message, contextFor(plugin))).toEqual({
      ...NOTHING_DECODED,
      deviceRef: 'gate-box-1',
      events: [
        {
          ...{ eventKey: 'pass-4711', cameraRef: 'in-1', cameraName: 'ทางเข้า', isLate: false, pull: null, coerced: [] },
          capturedAt: new Date('2026-11-26T04:59:03.250Z'),
          frame: pictures[0],
          reads: [
            {
              text: '1กก 1234',
              province: 'กรุงเทพมหานคร',
              countryCode: 'TH',
              confidence: 0.93,
              characterConfidences: [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93],
              candidates: [{ text: '1กถ 1234', confidence: 0.05 }],
              box: [300, 180, 60, 24],
              patch: pictures[1],
              trackId: '17',
              isFinal: true,
              vehicle: { type: 'car', make: 'Toyota', model: 'Yaris', colour: 'white' },
              motion: { direction: 'toward', heading: 90, speed: 34.5, lane: '2' },
            },
          ],
        },
      ],
    });
  });

  test('a batch: what stands beside the list is of all its events', async () => {
    const { events } = await decode('own-batch');
    expect(events).toEqual([
      {
        ...BARE,
        ...{ eventKey: 'b1', cameraRef: 'in-1', capturedAt: new Date(1795669143250) },
        reads: [
          { ...UNKNOWN_READ, text: 'กข 1', confidence: 0.9 },
          { ...UNKNOWN_READ, text: '' },
        ],
      },
      {
        ...BARE,
        ...{ eventKey: 'b2', cameraRef: 'in-2', isLate: true, capturedAt: new Date('2026-11-26T04:59:04Z') },
        reads: [{ ...UNKNOWN_READ, text: 'กข 2' }],
      },
    ]);
  });

  test('JSON lines', async () => {
    const { events } = await decode('own-lines');
    expect(events.map(({ eventKey, cameraRef, reads }) => [eventKey, cameraRef, reads[0]?.text])).toEqual([
      ['l1', 'in-9', 'กข 1'],
      ['l2', 'in-9', 'กข 2'],
    ]);
  });

  test('a sign of life', async () => {
    expect(await decode('own-heartbeat')).toEqual({
      ...NOTHING_DECODED,
      deviceRef: 'gate-box-1',
      health: {
        isOnline: true,
        facts: { deviceId: 'gate-box-1', heartbeat: true, cpu: 41.5, version: '2.0' },
        camerasDown: null,
        clock: null,
      },
    });
  });

  test('a picture without a plate is for the hub’s own engines', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'picture');
    expect(plugin.decode(message, contextFor(plugin)).events).toEqual([
      { ...BARE, eventKey: 'p1', cameraRef: 'in-1', capturedAt: null, frame: pictures[0], reads: [] },
    ]);
  });

  test('URL-encoded', async () => {
    expect((await decode('urlencoded')).events).toEqual([
      {
        ...BARE,
        ...{ cameraRef: 'south', capturedAt: new Date('2026-11-26T04:59:03Z'), coerced: ['confidence came as text'] },
        reads: [{ ...UNKNOWN_READ, text: 'กข 99', confidence: 0.5 }],
      },
    ]);
  });
});

describe('mapped', () => {
  test('nested names, a Buddhist date, confidence of 100, shares of the picture, words, constants, the query', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'nested');
    const config = {
      ...{ reads: 'result', plateNumber: 'lp.txt', issuingEntity: 'lp.prov', countryCode: '=TH', frame: 'img.full' },
      ...{ confidence: 'lp.conf', confidenceWhole: '100', capturedAt: 'msg.stamp', dateOrder: 'dmy' },
      ...{ cameraRef: 'msg.cam.no', cameraName: 'query.site', box: 'pos', boxUnit: 'shares' },
      ...{ direction: 'dir', towardWords: 'in', awayWords: 'out' },
    };
    expect(plugin.decode(message, contextFor(plugin, config)).events).toEqual([
      {
        ...{ eventKey: null, cameraRef: '4', cameraName: '7', isLate: false, pull: null },
        capturedAt: new Date('2026-11-26T04:59:03Z'),
        frame: pictures[0],
        reads: [
          {
            ...UNKNOWN_READ,
            ...{ text: '7กด9', province: 'ภูเก็ต', countryCode: 'TH', confidence: 0.88, box: [100, 100, 100, 50] },
            motion: { direction: 'toward', heading: null, speed: null, lane: null },
          },
        ],
        coerced: ['capturedAt was of the Buddhist era', 'confidence came as text'],
      },
    ]);
  });

  test('a form with a file; the name of a field may hold dots; the file’s own name plays no part', async () => {
    const { message, pictures } = await readSample(import.meta.dirname, 'form');
    expect(plugin.decode(message, contextFor(plugin, { capturedAt: 'meta.when' })).events).toEqual([
      {
        ...BARE,
        ...{ capturedAt: new Date('2026-11-26T04:59:03Z'), frame: pictures[0] },
        reads: [
          {
            ...UNKNOWN_READ,
            text: 'ฮภ 2222',
            vehicle: { type: 'pickup', make: null, model: null, colour: null },
          },
        ],
      },
    ]);
  });

  test('XML with attributes', async () => {
    const config = {
      ...{ plateNumber: 'Passing.Plate.#text', countryCode: 'Passing.Plate.@country', capturedAt: 'Passing.Time' },
      ...{ box: 'Passing.Box', boxLayout: 'xyxy', lane: 'Passing.@lane' },
    };
    const { events } = await decode('markup', config);
    expect(events[0]).toMatchObject({
      capturedAt: new Date('2026-11-26T04:59:03Z'),
      reads: [{ text: '1กก 99', countryCode: 'TH', box: [10, 20, 100, 40], motion: { lane: '3' } }],
    });
  });

  test.each<[string, unknown, Record<string, unknown>]>([
    ['four numbers', [10, 20, 100, 40], {}],
    ['corners in a row', [10, 20, 110, 60], { boxLayout: 'xyxy' }],
    ['text', '10, 20, 100, 40', {}],
    ['x, y, width, height', { x: 10, y: 20, width: 100, height: 40 }, {}],
    ['left, top, right, bottom', { left: '10', top: '20', right: '110', bottom: '60' }, {}],
    ['x_min and so on', { x_min: 10, y_min: 20, x_max: 110, y_max: 60 }, {}],
    [
      'corner points',
      [
        { x: 10, y: 22 },
        { x: 110, y: 20 },
        { x: 108, y: 60 },
        { x: 12, y: 58 },
      ],
      {},
    ],
  ])('a box as %s', (_name, box, config) => {
    expect(decodeJson({ plate: 'A1', box }, config)[0]?.reads[0]?.box).toEqual([10, 20, 100, 40]);
  });

  test('shares of a picture that did not come are left out and said', () => {
    const [event] = decodeJson({ plate: 'A1', box: [0.1, 0.1, 0.2, 0.2] }, { boxUnit: 'shares' });
    expect([event?.reads[0]?.box, event?.coerced]).toEqual([null, [expect.stringMatching(/^box left out/)]]);
  });

  test('month first, and years of both eras', () => {
    const at = (capturedAt: string, dateOrder: string): unknown =>
      decodeJson({ plate: 'A1', capturedAt }, { dateOrder })[0]?.capturedAt;
    expect(at('11/26/2026 11:59', 'mdy')).toEqual(new Date('2026-11-26T04:59:00Z'));
    expect(at('2569-11-26 11:59:00', 'ymd')).toEqual(new Date('2026-11-26T04:59:00Z'));
    expect(at('1970-01-01T00:00:01Z', 'ymd')).toEqual(new Date(1000));
    expect(at('2100-01-01T00:00:00Z', 'ymd')).toEqual(new Date('2100-01-01T00:00:00Z'));
  });
});

describe('what cannot be taken names the setting', () => {
  test.each<[string, string, Record<string, unknown>, string]>([
    ['a plate at another place', '{"data":{"lp":"A1"}}', { plateNumber: 'data.plate' }, 'plateNumber'],
    ['a second read without a plate', '{"reads":[{"plate":"A1"},{}]}', {}, 'plateNumber'],
    ['a confidence of another whole', '{"plate":"A1","confidence":88}', {}, 'confidence'],
    ['a time that is none', '{"plate":"A1","timestamp":"26/11/2026"}', {}, 'capturedAt'],
    ['a box that is none', '{"plate":"A1","box":{"x":1}}', {}, 'box'],
    ['a picture that is a script', '{"plate":"A1","frame":"<script>"}', {}, 'frame'],
    ['neither yes nor no', '{"plate":"A1","isLate":"perhaps"}', {}, 'isLate'],
    ['50 levels', `{"plate":${'['.repeat(50)}${']'.repeat(50)}}`, {}, 'body'],
    ['an XML bomb', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', {}, 'body'],
    ['no list', '{"events":[]}', {}, 'events'],
    ['too many events', `[${'{"plate":"A1"},'.repeat(1_000)}{"plate":"A1"}]`, {}, 'events'],
    ['nothing', '', {}, 'plateNumber'],
  ])('%s', (_name, body, config, field) => {
    expect(() => plugin.decode(wireMessage({ body: Buffer.from(body) }), contextFor(plugin, config))).toThrow(
      expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
    );
  });

  test('the second event of a list is not filled from the first', () => {
    expect(() => decodeJson([{ plate: 'A1' }, { camera: 'x' }])).toThrow(/plateNumber/);
  });

  test('names of the language itself are no values', () => {
    expect(() => decodeJson({ a: 1 }, { plateNumber: 'constructor.name' })).toThrow(/plateNumber/);
    expect(() => decodeJson({ a: 1 }, { plateNumber: '__proto__' })).toThrow(/plateNumber/);
  });

  test('a country that is none is left out and said', () => {
    const [event] = decodeJson({ plate: 'A1', country: 'Siam' });
    expect([event?.reads[0]?.countryCode, event?.coerced.length]).toEqual([null, 1]);
  });

  test('windows-874 is read', async () => {
    const { message } = await sampleOf('POST /ingest/generic HTTP/1.1\n\n{"plate":"1กก 1234"}', windows874);
    expect(plugin.decode(message, contextFor(plugin)).events[0]?.reads[0]?.text).toBe('1กก 1234');
  });
});

describe('the answer', () => {
  const said = (kind: keyof typeof OUTCOMES, config?: object): unknown =>
    plugin.reply(OUTCOMES[kind], wireMessage({}), null, config && parseConfig(plugin.fields, { ...config }));
  const type = { 'content-type': 'application/json' };

  test('says what became of the message', () => {
    expect(said('stored')).toEqual({
      ...{ status: 200, headers: type },
      body: '{"status":"stored","frameIds":["019abc00-0000-7000-8000-000000000001"]}',
    });
    expect(said('held')).toEqual({
      ...{ status: 200, headers: type },
      body: '{"status":"held","heldId":"019abc00-0000-7000-8000-00000000000a"}',
    });
    expect(said('refused')).toEqual({
      ...{ status: 422, headers: type },
      body: '{"status":"refused","code":"invalid_input","message":"The message is too large."}',
    });
    expect(said('later')).toEqual({
      ...{ status: 503, headers: { ...type, 'retry-after': '30' } },
      body: '{"status":"later","code":"database_unavailable","message":"The database is away."}',
    });
  });

  test('can be set', () => {
    expect(said('stored', { replyStatus: 201, replyBody: '{"ok":1,"ref":"{id}"}' })).toEqual({
      ...{ status: 201, headers: type },
      body: '{"ok":1,"ref":"019abc00-0000-7000-8000-000000000001"}',
    });
    expect(said('held', { replyBody: 'OK {outcome}' })).toEqual({
      ...{ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } },
      body: 'OK held',
    });
  });
});
