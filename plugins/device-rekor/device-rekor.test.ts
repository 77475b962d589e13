import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, readSample, wireMessage } from '../../test/device-samples.ts';
import { UNKNOWN_READ, type Decoded } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const read = (name: string) => readSample(import.meta.dirname, name);
const decode = async (name: string, config: object = {}): Promise<Decoded> =>
  plugin.decode((await read(name)).message, contextFor(plugin, config as Record<string, unknown>));
const decodeText = (said: object): Decoded =>
  plugin.decode(wireMessage({ body: Buffer.from(JSON.stringify(said)) }), contextFor(plugin));
const AGENT = {
  deviceRef: 'AGENT1',
  deviceName: null,
  events: [],
  health: null,
  reported: null,
  asksForSettings: false,
};
const UUID = 'AGENT1-2090267338-1538924513600';
const GROUP_READ = {
  ...UNKNOWN_READ,
  text: '6PK132',
  countryCode: 'US',
  province: 'US-MO',
  confidence: 0.9025,
  candidates: [
    { text: '6PK132', confidence: 0.9025 },
    { text: '6PKI32', confidence: expect.closeTo(0.703, 6) },
  ],
  trackId: 'AGENT1-2090267338-1538924513527',
  isFinal: true,
  vehicle: { type: 'sedan-standard', make: 'toyota', model: 'camry', colour: 'black' },
};

describe('a group', () => {
  test('without the agent’s address its picture is the vehicle’s cut-out, in which no box fits', async () => {
    const { pictures } = await read('group');
    expect(await decode('group')).toEqual({
      ...AGENT,
      events: [
        {
          eventKey: `group:${UUID}`,
          cameraRef: '2090267338',
          cameraName: null,
          capturedAt: new Date(1538924513600),
          isLate: false,
          frame: pictures[1],
          pull: null,
          reads: [{ ...GROUP_READ, patch: pictures[0] }],
          coerced: ['the picture is the cut-out of the vehicle'],
        },
      ],
    });
  });

  test('with it the whole scene is fetched, in which the box fits', async () => {
    const [event] = (await decode('group', { address: 'http://192.0.2.5:8355' })).events;
    expect(event).toMatchObject({
      frame: null,
      pull: { path: `/img/${UUID}.jpg`, afterMs: 0 },
      reads: [{ box: [61, 217, 54, 30] }],
      coerced: [],
    });
  });

  test('a preview is an event of its own of the same pass, and not the last word', async () => {
    expect((await decode('preview')).events).toMatchObject([
      { eventKey: `preview:${UUID}`, reads: [{ trackId: GROUP_READ.trackId, isFinal: false }] },
    ]);
  });

  test('an alert repeats its group under the same key, with the camera’s name', async () => {
    const alert = await decode('alert');
    expect(alert).toMatchObject({ deviceRef: 'AGENT1', deviceName: 'North gate' });
    const [group] = (await decode('group')).events;
    expect(alert.events).toEqual([{ ...group, cameraName: 'Lane 2' }]);
  });

  test('a Thai plate; a name that tells no time', async () => {
    expect((await decode('thai', { address: 'http://192.0.2.5:8355' })).events).toMatchObject([
      {
        cameraRef: '1234',
        capturedAt: new Date(1562681124479),
        reads: [{ text: '1กก1234', countryCode: 'TH', province: 'TH-10', box: null, vehicle: null }],
      },
    ]);
  });
});

test('results are one event a frame, with every plate in it', async () => {
  expect(await decode('results', { address: 'http://192.0.2.5:8355' })).toEqual({
    ...AGENT,
    events: [
      {
        eventKey: 'result:unspecified-cam16488027-1490574589596',
        cameraRef: '16488027',
        cameraName: null,
        capturedAt: new Date(1490574589596),
        isLate: false,
        frame: null,
        pull: { path: '/img/unspecified-cam16488027-1490574589596.jpg', afterMs: 0 },
        reads: [
          {
            ...UNKNOWN_READ,
            text: 'AE1T3E',
            countryCode: 'US',
            province: 'US-MO',
            confidence: expect.closeTo(0.93904076, 8),
            candidates: [{ text: 'AE1T3E', confidence: expect.closeTo(0.93904076, 8) }],
            box: [110, 295, 117, 57],
          },
          { ...UNKNOWN_READ, text: 'B2', countryCode: 'US', confidence: 0.61, box: [10, 30, 40, 15] },
        ],
        coerced: [],
      },
    ],
  });
});

test.each<[string, string | null, string | null, string | null]>([
  ['us-mo', null, 'US', 'US-MO'],
  ['gb', null, 'GB', null],
  ['eu-de', null, 'DE', null],
  ['de', 'eu', 'DE', null],
  ['mo', 'us', 'US', 'US-MO'],
  ['', 'th', 'TH', null],
  ['', null, null, null],
])('region %s of country %s', (best_region, country, countryCode, province) => {
  const said = { data_type: 'alpr_group', best_plate_number: 'A1', best_region, country, epoch_end: 1562681124479 };
  expect(decodeText(said).events[0]?.reads[0]).toMatchObject({ countryCode, province });
});

test('the heartbeat tells health, without keys and without the addresses of cameras', async () => {
  const decoded = await decode('heartbeat');
  expect(decoded).toMatchObject({ deviceRef: 'AGENT1', deviceName: 'mymachine', events: [] });
  expect(decoded.health).toEqual({
    isOnline: true,
    facts: {
      agent_version: '2.6.101',
      openalpr_version: '2.6.101',
      os: 'linux',
      license_valid: true,
      beanstalk_queue_size: 0,
      daemon_uptime_seconds: 35,
      cpu_cores: 8,
      cpu_usage_percent: 54.1,
      memory_consumed_bytes: 67061047296,
      memory_total_bytes: 67475775488,
      disk_quota_consumed_bytes: 524288000,
      disk_quota_total_bytes: 2147483648,
      processing_threads_active: 1,
      'fps gate': 30,
      'fps yard': 0,
    },
    camerasDown: ['7'],
    clock: new Date(1538925244693),
  });
});

test('a vehicle without a plate is acknowledged and not kept', () => {
  expect(decodeText({ data_type: 'vehicle', agent_uid: 'AGENT1', camera_id: 1 })).toEqual(AGENT);
});

const json = { 'content-type': 'application/json' };
test.each<[keyof typeof OUTCOMES, number, string, object]>([
  ['stored', 200, '{"success":true}', {}],
  ['held', 200, '{"success":true}', {}],
  ['refused', 400, '{"success":false,"message":"The message is too large."}', {}],
  ['later', 500, '{"success":false,"message":"The database is away."}', { 'retry-after': '30' }],
])('%s', async (kind, status, body, headers) => {
  const { message } = await read('group');
  expect(plugin.reply(OUTCOMES[kind], message, null)).toEqual({ status, headers: { ...json, ...headers }, body });
});

test('is known by its data_type', async () => {
  expect(plugin.claims((await read('heartbeat')).message)).toBe(true);
  expect(plugin.claims(wireMessage({ body: Buffer.from('{"hook":{}}') }))).toBe(false);
});

test.each<[string, object]>([
  ['data_type', { data_type: 'alpr_something' }],
  ['best_plate_number', { data_type: 'alpr_group' }],
  ['best_confidence', { data_type: 'alpr_group', best_plate_number: 'A1', best_confidence: 101 }],
  ['results', { data_type: 'alpr_results' }],
  ['group', { data_type: 'alpr_alert' }],
  [
    'best_plate.plate_crop_jpeg',
    { data_type: 'alpr_group', best_plate_number: 'A1', best_plate: { plate_crop_jpeg: '<' } },
  ],
])('what cannot be taken names %s', (field, said) => {
  expect(() => decodeText(said)).toThrow(
    expect.objectContaining({ code: 'invalid_input', details: { problems: [expect.objectContaining({ field })] } }),
  );
});
