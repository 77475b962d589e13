import { describe, expect, test } from '@jest/globals';
import { contextFor, OUTCOMES, wireMessage } from '../../test/device-samples.ts';
import { readWireSample } from '../../test/event-samples.ts';
import { UNKNOWN_READ, type Decoded, type Outcome, type WireReply } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const read = (file: string) => readWireSample(import.meta.dirname, file);
const decode = async (file: string): Promise<Decoded> => plugin.decode((await read(file)).message, contextFor(plugin));
const reply = async (file: string, outcome: Outcome): Promise<WireReply> => {
  const { message } = await read(file);
  return plugin.reply(outcome, message, plugin.decode(message, contextFor(plugin)));
};
const NOTHING = {
  deviceRef: '',
  deviceName: null,
  events: [],
  health: null,
  reported: null,
  asksForSettings: false,
} as const;
const EVENT = {
  eventKey: null,
  cameraRef: '',
  cameraName: null,
  capturedAt: null,
  isLate: false,
  frame: null,
  pull: null,
  reads: [],
  coerced: [],
} as const;
const KEY = /^g2:[0-9a-f]{64}$/;

describe('generation 0', () => {
  test('the name of the picture gives the time', async () => {
    const { pictures } = await read('g0.socketio');
    expect(await decode('g0.socketio')).toEqual({
      ...NOTHING,
      events: [
        {
          ...EVENT,
          capturedAt: new Date('2025-06-11T01:15:30Z'),
          frame: pictures[0],
          reads: [{ ...UNKNOWN_READ, text: 'กข1234' }],
          coerced: ['capture time taken from image_name'],
        },
      ],
      reported: { latitude: 13.75, longitude: 100.5 },
    });
  });

  test('of a name that climbs folders nothing but the time is taken; 0,0 is no place', async () => {
    const decoded = await decode('g0-lpr.socketio');
    expect(decoded.reported).toBeNull();
    expect(decoded.events[0]?.capturedAt).toEqual(new Date('2025-06-11T16:59:59Z'));
    expect(JSON.stringify(decoded)).not.toContain('cron');
  });

  test('a name without a time gives none', () => {
    const args = [{ license_plate: 'กข1', image_name: 'gate 12.jpg' }];
    const [event] = plugin.decode(
      wireMessage({ transport: 'socketio', path: 'lpr_detection', args }),
      contextFor(plugin),
    ).events;
    expect(event).toEqual({ ...EVENT, reads: [{ ...UNKNOWN_READ, text: 'กข1' }] });
  });

  test.each<[keyof typeof OUTCOMES, object]>([
    [
      'stored',
      {
        status: 'success',
        message: 'Detection stored',
        detection: { id: OUTCOMES.stored.frameIds[0], license_plate: 'กข1234', image_path: '' },
      },
    ],
    [
      'held',
      {
        status: 'success',
        message: 'Kept as it came; do not send it again',
        detection: { id: OUTCOMES.held.heldId, license_plate: 'กข1234', image_path: '' },
      },
    ],
    ['refused', { status: 'error', message: 'The message is too large.' }],
    ['later', { status: 'error', message: 'The database is away.' }],
  ])('%s', async (kind, answer) => {
    expect(await reply('g0.socketio', OUTCOMES[kind])).toEqual({
      emit: [{ event: 'lpr_response', args: [answer] }],
      ack: [answer],
    });
  });
});

describe('generation 1', () => {
  test('a row of its table', async () => {
    const { pictures } = await read('g1.websocket');
    expect(await decode('g1.websocket')).toEqual({
      ...NOTHING,
      deviceRef: 'aicamera1',
      deviceName: 'cp1/aicamera1',
      events: [
        {
          ...EVENT,
          capturedAt: new Date('2025-06-11T01:15:30Z'),
          frame: pictures[0],
          reads: [{ ...UNKNOWN_READ, text: 'กข1234' }],
        },
      ],
      reported: { checkpointId: 'cp1', latitude: 13.75, longitude: 100.5 },
    });
  });

  test('earlier software: another table, no host name, nowhere', async () => {
    expect(await decode('g1-nowhere.websocket')).toEqual({
      ...NOTHING,
      deviceRef: 'aicamera2',
      deviceName: 'aicamera2',
      events: [
        {
          ...EVENT,
          capturedAt: new Date('2025-06-11T01:15:30Z'),
          reads: [
            { ...UNKNOWN_READ, text: 'ฮล 7', vehicle: { type: 'pickup', make: null, model: null, colour: null } },
          ],
        },
      ],
      reported: { checkpointId: 'aicamera2' },
    });
  });

  test('the hourly status is health of the same device', async () => {
    expect(await decode('g1-status.socketio')).toEqual({
      ...NOTHING,
      deviceRef: 'aicamera1',
      deviceName: 'aicamera1',
      health: {
        isOnline: true,
        facts: {
          cpu_usage: 31.5,
          memory_usage: 44.2,
          camera_status: 'Camera not detected',
          hailo_status: 'ok',
          system_info: 'Raspberry Pi 5',
        },
        camerasDown: [''],
        clock: new Date('2025-06-11T02:00:00Z'),
      },
    });
    expect(await reply('g1-status.socketio', OUTCOMES.stored)).toEqual({
      ack: [{ success: true, message: 'Health status taken' }],
    });
  });

  test.each<[keyof typeof OUTCOMES, string]>([
    ['stored', '{"status":"success"}'],
    ['held', '{"status":"success"}'],
    ['refused', '{"status":"error","message":"The message is too large."}'],
    ['later', '{"status":"error","message":"The database is away."}'],
  ])('%s', async (kind, body) => {
    expect(await reply('g1.websocket', OUTCOMES[kind])).toEqual({ body });
  });

  test('software that takes any answer for success is given none when it shall keep the message', async () => {
    for (const file of ['g1-nowhere.websocket', 'g2-raw.websocket']) {
      expect(await reply(file, OUTCOMES.later)).toEqual({ close: true });
      expect(await reply(file, OUTCOMES.stored)).toEqual({ body: '{"status":"success"}' });
    }
  });

  test('is known by its table, whatever comes before', async () => {
    expect(plugin.claims((await read('g1.websocket')).message)).toBe(true);
    expect(plugin.claims(wireMessage({ transport: 'websocket', body: Buffer.from('{"type":"lpr"}') }))).toBe(false);
  });
});

describe('generation 2', () => {
  test('lists in texts, created_at is the time, the constant is no confidence, an unread plate is told', async () => {
    const { pictures } = await read('g2.socketio');
    expect(await decode('g2.socketio')).toEqual({
      ...NOTHING,
      deviceRef: '1',
      deviceName: '7/1',
      events: [
        {
          ...EVENT,
          eventKey: expect.stringMatching(KEY),
          capturedAt: new Date('2025-08-16T11:02:58Z'),
          frame: pictures[0],
          reads: [
            {
              ...UNKNOWN_READ,
              text: 'กข1234',
              box: [100, 200, 80, 40],
              patch: pictures[1],
              vehicle: { type: 'car', make: null, model: null, colour: null },
            },
            {
              ...UNKNOWN_READ,
              box: [20, 60, 30, 15],
              patch: pictures[2],
              vehicle: { type: 'motorcycle', make: null, model: null, colour: null },
            },
          ],
          coerced: [
            'ocr_results came as text',
            'plate_detections came as text',
            'vehicle_detections came as text',
            'confidence 0.8 is a constant of this device',
            'capture time taken from created_at',
          ],
        },
      ],
      reported: { checkpointId: '7' },
    });
  });

  test('sent again, and sent by the fall-back, it is the same event', async () => {
    const keys = await Promise.all(
      ['g2.socketio', 'g2-again.socketio', 'rest-detection.http'].map(
        async (file) => (await decode(file)).events[0]?.eventKey,
      ),
    );
    expect(new Set(keys).size).toBe(1);
    const other = await decode('g2-cuts.socketio');
    expect(keys).not.toContain(other.events[0]?.eventKey);
  });

  test('over a raw WebSocket too', async () => {
    expect(plugin.claims((await read('g2-raw.websocket')).message)).toBe(true);
    expect(await decode('g2-raw.websocket')).toMatchObject({
      deviceRef: '1',
      events: [{ eventKey: expect.stringMatching(KEY), capturedAt: new Date('2025-08-16T11:02:58Z') }],
    });
    expect((await decode('g2-raw-health.websocket')).health).toMatchObject({ facts: { camera: 'healthy: ok' } });
  });

  test('the documented form', async () => {
    const { pictures } = await read('g2-clean.socketio');
    const expected = {
      ...NOTHING,
      deviceRef: '1',
      deviceName: '1',
      events: [
        {
          ...EVENT,
          capturedAt: new Date('2024-12-19T10:00:00Z'),
          frame: pictures[0],
          reads: [{ ...UNKNOWN_READ, text: 'ABC1234', patch: pictures[1] }],
        },
      ],
      reported: { checkpointId: '1' },
    };
    expect(await decode('g2-clean.socketio')).toEqual(expected);
    expect(await decode('rest-clean.http')).toEqual(expected);
  });

  test('with a cut-out lost nobody knows whose the others are; a confidence that is no constant counts', async () => {
    const [event] = (await decode('g2-cuts.socketio')).events;
    expect(event?.reads).toEqual([
      { ...UNKNOWN_READ, box: [100, 2, 31, 12] },
      { ...UNKNOWN_READ, text: 'กข 2', confidence: 0.93, box: [1, 2, 30, 12] },
    ]);
    expect(event?.coerced).toContain('cropped_plates left out: fewer than plates');
  });

  test('a vehicle without a plate is a picture to read, and without a picture nothing', () => {
    const said = { type: 'detection_result', aicamera_id: '1', vehicles_count: 1, plates_count: 0, ocr_results: '[]' };
    const of = (more: object): Decoded =>
      plugin.decode(
        wireMessage({ transport: 'socketio', path: 'lpr_data', args: [{ ...said, ...more }] }),
        contextFor(plugin),
      );
    expect(of({}).events).toEqual([]);
    expect(of({ annotated_image: 'AAAA' }).events).toMatchObject([{ reads: [], frame: Buffer.alloc(3) }]);
  });

  test('health is told a component at a time', async () => {
    expect((await decode('g2-health.socketio')).health).toEqual({
      isOnline: true,
      facts: { camera: 'error: No frame for 30 s', 'camera.fps': 0, 'camera.temperature': 61.5 },
      camerasDown: [''],
      clock: new Date('2025-08-16T11:03:11.123Z'),
    });
    expect((await decode('g2-disk.socketio')).health).toEqual({
      isOnline: true,
      facts: { disk_space: 'healthy', 'disk_space.details': "{'free_gb': 12}" },
      camerasDown: null,
      clock: new Date('2025-08-16T11:03:11.123Z'),
    });
  });

  test('registration', async () => {
    expect(await decode('g2-register.socketio')).toMatchObject({
      deviceRef: '1',
      deviceName: '7/1',
      events: [],
      reported: { checkpointId: '7' },
    });
  });

  const timestamp = '2026-11-26T05:00:00.000Z';
  const camera = { camera_id: '1', checkpoint_id: '7' };
  test.each<[string, keyof typeof OUTCOMES, string, object]>([
    [
      'g2.socketio',
      'stored',
      'lpr_response',
      { success: true, message: 'Detection stored', detection_id: OUTCOMES.stored.frameIds[0], ...camera, timestamp },
    ],
    [
      'g2.socketio',
      'held',
      'lpr_response',
      {
        success: true,
        message: 'Kept as it came; do not send it again',
        detection_id: OUTCOMES.held.heldId,
        ...camera,
        timestamp,
      },
    ],
    ['g2.socketio', 'refused', 'error', { success: false, message: 'The message is too large.', ...camera, timestamp }],
    ['g2.socketio', 'later', 'error', { success: false, message: 'The database is away.', ...camera, timestamp }],
    [
      'g2-health.socketio',
      'stored',
      'health_response',
      {
        success: true,
        message: 'Health status taken',
        health_id: OUTCOMES.stored.frameIds[0],
        ...camera,
        timestamp,
      },
    ],
    [
      'g2-register.socketio',
      'stored',
      'camera_register',
      { success: true, message: 'Camera registered', ...camera, timestamp },
    ],
    [
      'g2-ping.socketio',
      'stored',
      'pong',
      { success: true, message: 'pong', original_message: 'Hello from AI Camera', timestamp },
    ],
  ])('%s %s', async (file, kind, event, answer) => {
    const given = await reply(file, OUTCOMES[kind]);
    expect(given).toEqual({ emit: [{ event, args: [answer] }], ack: [answer] });
  });
});

describe('the fall-back over REST', () => {
  const json = { 'content-type': 'application/json' };
  test.each<[string, keyof typeof OUTCOMES, number, string, object?]>([
    [
      'rest-detection.http',
      'stored',
      200,
      `{"success":true,"message":"Detection stored","detection_id":"${OUTCOMES.stored.frameIds[0]}"}`,
    ],
    [
      'rest-detection.http',
      'held',
      200,
      `{"success":true,"message":"Kept as it came; do not send it again","detection_id":"${OUTCOMES.held.heldId}"}`,
    ],
    ['rest-detection.http', 'refused', 400, '{"success":false,"message":"The message is too large."}'],
    [
      'rest-detection.http',
      'later',
      503,
      '{"success":false,"message":"The database is away."}',
      { 'retry-after': '30' },
    ],
    [
      'rest-clean.http',
      'stored',
      200,
      `{"success":true,"message":"Detection stored","detection_id":"${OUTCOMES.stored.frameIds[0]}"}`,
    ],
    ['rest-register.http', 'stored', 200, '{"success":true,"message":"Camera registered","camera_id":"1"}'],
    ['rest-test.http', 'stored', 200, '{"success":true,"message":"pong"}'],
    ['rest-probe.http', 'stored', 200, '{"success":true,"message":"The hub is running","data":{}}'],
    ['rest-probe.http', 'later', 503, '{"success":false,"message":"The database is away."}', { 'retry-after': '30' }],
  ])('%s %s', async (file, kind, status, body, headers = {}) => {
    expect(await reply(file, OUTCOMES[kind])).toEqual({ status, headers: { ...json, ...headers }, body });
  });

  test('health stores nothing and has no id', async () => {
    const outcome = { kind: 'stored', frameIds: [] } as const;
    const body = '{"success":true,"message":"Health status taken","health_id":null}';
    expect(await reply('rest-health.http', outcome)).toEqual({ status: 200, headers: json, body });
    expect(await reply('rest-clean-health.http', outcome)).toEqual({ status: 200, headers: json, body });
    expect((await decode('rest-clean-health.http')).health?.facts).toEqual({
      camera: 'healthy: Camera working normally',
      'camera.cpu_usage': 45.2,
      'camera.memory_usage': 67.8,
      'camera.disk_usage': 23.1,
    });
  });

  test('a probe and a test say nothing of anybody', async () => {
    expect(await decode('rest-probe.http')).toEqual(NOTHING);
    expect(await decode('rest-test.http')).toEqual({ ...NOTHING, deviceRef: '1' });
    expect(await decode('g2-ping.socketio')).toEqual(NOTHING);
  });

  test('is known without its path', async () => {
    expect(plugin.claims((await read('rest-detection.http')).message)).toBe(true);
    expect(plugin.claims(wireMessage({ body: Buffer.from('{"data_type":"alpr_group"}') }))).toBe(false);
  });
});

describe('generation 3', () => {
  test('a detection', async () => {
    expect(await decode('g3.mqtt')).toEqual({
      ...NOTHING,
      deviceRef: 'CAM001',
      deviceName: 'CP001/CAM001',
      events: [
        {
          ...EVENT,
          eventKey: 'g3:0f5c2b1e-0d2c-4a55-9a57-7f3f1f6f1a01',
          capturedAt: new Date('2024-01-15T10:30:00Z'),
          reads: [
            {
              ...UNKNOWN_READ,
              text: 'กข1234',
              province: 'Bangkok',
              countryCode: 'TH',
              confidence: 0.92,
              box: [150, 120, 30, 20],
              vehicle: { type: 'sedan', make: 'Toyota', model: 'Camry', colour: 'white' },
            },
          ],
        },
      ],
      reported: { checkpointId: 'CP001' },
    });
  });

  test('wrapped once more, a time without zone is UTC, boxes are corners', async () => {
    expect(await decode('g3-wrapped.mqtt')).toMatchObject({
      deviceRef: 'CAM005',
      events: [
        {
          eventKey: null,
          capturedAt: new Date('2024-01-15T10:30:00.250Z'),
          reads: [{ text: 'ABC1234', box: [150, 120, 30, 20] }],
        },
      ],
    });
  });

  test('health that the broker kept says nothing of the clock now', async () => {
    expect((await decode('g3-health.mqtt')).health).toMatchObject({
      isOnline: true,
      facts: { status: 'healthy', cpu_usage: 45.2, camera_status: 'active' },
      camerasDown: [],
      clock: null,
    });
  });

  test('settings are told, asked for and given', async () => {
    expect(await decode('g3-config.mqtt')).toMatchObject({
      deviceRef: 'CAM001',
      reported: { detection_interval: 1000, confidence_threshold: 0.8 },
    });
    expect(await decode('g3-config-request.mqtt')).toMatchObject({ deviceRef: 'CAM001', asksForSettings: true });
    expect(await decode('g3-control.mqtt')).toMatchObject({ deviceRef: 'CAM001', events: [], health: null });
    const [told] = plugin.tellSettings?.('CAM001', { detection_interval: 500 }) ?? [];
    expect(told).toMatchObject({ topic: 'lprserver/cameras/CAM001/config/update', qos: 2, retain: true });
    expect(JSON.parse(told?.payload ?? '')).toMatchObject({
      camera_id: 'CAM001',
      config_data: { detection_interval: 500 },
    });
  });

  const ack = (more: object): WireReply => ({
    publish: [
      {
        topic: 'lprserver/cameras/CAM001/detection/ack',
        payload: expect.any(String) as never,
        qos: 1,
        retain: false,
        ...more,
      },
    ],
  });
  test.each<[keyof typeof OUTCOMES, WireReply, object | null]>([
    ['stored', ack({}), { status: 'processed', detection_id: OUTCOMES.stored.frameIds[0] }],
    ['held', ack({}), { status: 'processed', detection_id: OUTCOMES.held.heldId }],
    ['refused', ack({}), { status: 'error', message: 'The message is too large.' }],
    ['later', {}, null],
  ])('%s', async (kind, expected, payload) => {
    const given = await reply('g3.mqtt', OUTCOMES[kind]);
    expect(given).toEqual(expected);
    if (payload === null) return;
    expect(JSON.parse(given.publish?.[0]?.payload ?? '')).toMatchObject({
      ...payload,
      original_message_id: '0f5c2b1e-0d2c-4a55-9a57-7f3f1f6f1a01',
      camera_id: 'CAM001',
    });
    expect(await reply('g3-health.mqtt', OUTCOMES[kind])).toEqual({});
  });
});

describe('what cannot be taken names its field', () => {
  const message = (args: unknown) => wireMessage({ transport: 'socketio', path: 'lpr_data', args: [args] });
  test.each<[string, ReturnType<typeof wireMessage>]>([
    ['aicamera_id', message({ type: 'detection_result', ocr_results: '["ก1"]' })],
    ['ocr_results', message({ aicamera_id: '1', ocr_results: 'none' })],
    ['created_at', message({ aicamera_id: '1', ocr_results: ['ก1'], created_at: 'yesterday' })],
    ['annotated_image', message({ aicamera_id: '1', annotated_image: '<script>' })],
    ['type', wireMessage({ path: '/api/statistics', body: Buffer.from('{"aicamera_id":"1"}') })],
    ['type', wireMessage({ transport: 'websocket', body: Buffer.from('{"data":{}}') })],
    ['table', wireMessage({ transport: 'websocket', body: Buffer.from('{"table":"","data":{}}') })],
    [
      'license_plate',
      wireMessage({ transport: 'websocket', body: Buffer.from('{"table":"lpr_detection","data":{}}') }),
    ],
    ['body', wireMessage({ transport: 'websocket', body: Buffer.from('[[[') })],
    [
      'detection_data',
      wireMessage({ transport: 'mqtt', path: 'lprserver/cameras/C/detection', body: Buffer.from('{}') }),
    ],
  ])('%s', (field, wire) => {
    expect(() => plugin.decode(wire, contextFor(plugin))).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        details: { problems: [expect.objectContaining({ field })] },
      }),
    );
    expect(() => plugin.reply(OUTCOMES.held, wire, null)).not.toThrow();
  });
});
