import { describe, expect, test } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { simulateTraffic, type SimulatedEvent } from '../traffic.ts';
import { WIRE_FORMATS, wireVariant, type EncodedMessage, type EventPictures } from './wire.ts';

const { events } = simulateTraffic({ seed: 1, cameras: 2, vehicles: 40, minutes: 30 });
const EVENT: SimulatedEvent = {
  ...events.find(({ camera }) => camera.number === 1)!,
  eventId: '01234567-89ab-4cde-8f01-23456789abcd',
  plateNumber: '1กก1234',
  issuingEntity: 'TH-10',
  countryCode: 'TH',
  confidence: 0.9387,
  provinceConfidence: 0.81,
  characters: Array.from('1กก1234', (char) => ({ char, confidence: 0.99 })),
  // 18:03:11.123 in Bangkok; sent a minute later.
  deviceAt: new Date('2026-08-16T11:03:11.123Z'),
  deviceSendAt: new Date('2026-08-16T11:04:11.500Z'),
  box: [960, 540, 150, 66],
  look: 0,
  isLastLook: false,
  direction: 'approach',
};
const UNREAD = { ...EVENT, plateNumber: '', issuingEntity: null, countryCode: null, confidence: 0, characters: [] };
const PICTURES: EventPictures = { frame: Buffer.from('scene picture'), patch: Buffer.from('plate picture') };
const B64 = PICTURES.frame.toString('base64');

const encode = (name: string, event = EVENT, pictures: EventPictures | null = PICTURES): EncodedMessage | null =>
  wireVariant(name)!.wire.encode(event, pictures);
const body = (name: string, event = EVENT, pictures: EventPictures | null = PICTURES): any => {
  const message = encode(name, event, pictures);
  if (message?.transport === 'http') return JSON.parse(message.body.toString());
  if (message?.transport === 'mqtt') return JSON.parse(message.payload);
  if (message?.transport === 'websocket') return JSON.parse(message.text);
  return message?.args[0];
};
/** Parts of a form, by name. */
const parts = async (name: string, event = EVENT): Promise<Map<string, Buffer>> => {
  const message = encode(name, event);
  if (message?.transport !== 'http') throw new Error('no HTTP');
  const form = await new Response(new Uint8Array(message.body), { headers: message.headers }).formData();
  const found = new Map<string, Buffer>();
  for (const [key, value] of form) {
    found.set(key, typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer()));
  }
  return found;
};

const everyVariant = Object.entries(WIRE_FORMATS).flatMap(([format, variants]) =>
  Object.keys(variants).map((variant) => `${format}/${variant}`),
);

describe.each(everyVariant)('%s', (name) => {
  const { wire } = wireVariant(name)!;
  const textOf = (message: EncodedMessage | null): string =>
    message === null ? '' : message.transport === 'http' ? message.body.toString() : JSON.stringify(message);

  test('goes over the transport that it names, with and without pictures', () => {
    for (const pictures of [PICTURES, null]) {
      const message = wire.encode(EVENT, pictures);
      expect(message?.transport).toBe(wire.transport);
      expect(textOf(message)).toContain('1กก1234');
    }
  });

  test('the same event gives the same bytes', () => {
    expect(wire.encode(EVENT, PICTURES)).toEqual(wire.encode(EVENT, PICTURES));
  });

  test('tells neither the truth nor the true time', () => {
    for (const event of events.slice(0, 50)) {
      const wrong = { ...event, deviceAt: new Date(0), deviceSendAt: new Date(0) };
      const text = textOf(wire.encode(wrong, null));
      expect(text).not.toContain(event.passingId);
      expect(text).not.toContain(event.at.toISOString().slice(0, 16));
    }
  });

  test('takes a plate that nobody could read', () => {
    expect(textOf(wire.encode(UNREAD, PICTURES))).not.toContain('null-');
  });
});

test('an unknown format or variant has no encoder', () => {
  expect([wireVariant('fax'), wireVariant('predecessor/g9'), wireVariant('constructor')]).toEqual([null, null, null]);
  expect(wireVariant('predecessor')).toMatchObject({ format: 'predecessor', variant: 'g3' });
});

describe('the quirks of the predecessor', () => {
  test('G0 has a binary picture and no time but its name', () => {
    const message = encode('predecessor/g0');
    expect(message).toMatchObject({ event: 'lpr_detection', namespace: '/' });
    expect(body('predecessor/g0')).toMatchObject({
      license_plate: '1กก1234',
      image_name: 'image_20260816_180311.jpg',
      image_binary: PICTURES.frame,
    });
  });

  test('G1 writes local time without zone, and coordinates as text', () => {
    const { table, data } = body('predecessor/g1');
    expect(table).toBe('lpr_detection');
    expect(data).toMatchObject({ timestamp: '20260816_180311', vehicle_type: ' ', image: B64 });
    expect(data.longitude).toBe(` ${EVENT.camera.longitude}`);
  });

  test('G2 has JSON in texts, the time of sending, and the true time in UTC as created_at', () => {
    const message = body('predecessor/g2');
    expect(message).toMatchObject({
      type: 'detection_result',
      aicamera_id: '1',
      camera_id: '1',
      timestamp: '2026-08-16T18:04:11.500000',
      created_at: '2026-08-16 11:03:11',
    });
    expect(JSON.parse(message.ocr_results)).toEqual([
      expect.objectContaining({ text: '1กก1234', confidence: 0.8, bbox: [960, 540, 1110, 606] }),
    ]);
    expect(JSON.parse(body('predecessor/g2', UNREAD).ocr_results)).toEqual([]);
  });

  test('the fall-back of G2 goes to the statistics, without camera_id', () => {
    expect(encode('predecessor/g2-rest')).toMatchObject({ method: 'POST', path: '/api/statistics' });
    expect(Object.keys(body('predecessor/g2-rest'))).not.toContain('camera_id');
  });

  test('G3 publishes at QoS 1 with a message id', () => {
    expect(encode('predecessor/g3')).toMatchObject({
      topic: 'lprserver/cameras/SIM-001/detection',
      qos: 1,
      retain: false,
    });
    expect(body('predecessor/g3')).toMatchObject({
      message_id: EVENT.eventId,
      timestamp: '2026-08-16T11:03:11.123Z',
      detection_data: { plates: [{ plate_number: '1กก1234', country: 'TH', province: 'Bangkok' }] },
    });
  });
});

test('Rekor: epochs in ms, confidence of 100, region with the province', () => {
  expect(body('rekor/group')).toMatchObject({
    data_type: 'alpr_group',
    epoch_end: EVENT.deviceAt.getTime(),
    best_uuid: EVENT.eventId,
    best_confidence: 93.87,
    best_region: 'th-10',
  });
  expect(body('rekor/results').results).toHaveLength(1);
});

test('Plate Recognizer: lower case, both shapes, both as form and as JSON', async () => {
  const latin = { ...EVENT, plateNumber: 'WXY1234', issuingEntity: null, countryCode: 'MY' };
  expect(body('plate-recognizer/flat-json', latin).data.results[0]).toMatchObject({
    plate: 'wxy1234',
    region: { code: 'my' },
  });
  const form = await parts('plate-recognizer/nested-form');
  expect(form.get('upload')).toEqual(PICTURES.frame);
  const { data } = JSON.parse(form.get('json')!.toString());
  expect(data.results[0].plate.props.plate[0]).toEqual({ value: '1กก1234', score: 0.9387 });
});

test('Frigate: seconds with a fraction, corners in pixels, one id a pass', () => {
  expect(encode('frigate/lpr')).toMatchObject({ topic: 'frigate/tracked_object_update', qos: 0 });
  const update = body('frigate/lpr');
  expect(update).toMatchObject({ type: 'lpr', timestamp: 1786878191.123, plate_box: [960, 540, 1110, 606] });
  expect(update.id).toMatch(/^\d{10}\.\d{6}-[a-z]{6}$/);
  expect(body('frigate/events')).toMatchObject({
    type: 'new',
    after: { id: update.id, recognized_license_plate: '1กก1234' },
  });
  expect(body('frigate/events', { ...EVENT, look: 1, isLastLook: true })).toMatchObject({ type: 'end' });
  expect(body('frigate/events', { ...EVENT, isLastLook: true }).before.recognized_license_plate).toBeNull();
});

test('Hikvision: a form with XML, the box in thousandths of the picture, late data marked', async () => {
  const form = await parts('hikvision', { ...EVENT, isLate: true });
  expect([...form.keys()]).toEqual(['anpr.xml', 'licensePlatePicture.jpg', 'detectionPicture.jpg']);
  const { EventNotificationAlert: alert } = new XMLParser({ parseTagValue: false }).parse(form.get('anpr.xml')!);
  expect(alert).toMatchObject({
    dateTime: '2026-08-16T18:03:11+07:00',
    UUID: EVENT.eventId,
    isDataRetransmission: 'true',
    ANPR: {
      country: '64',
      tailandStateID: '1',
      licensePlate: '1กก1234',
      confidenceLevel: '94',
      plateCharBelieve: '99,99,99,99,99,99,99',
    },
  });
  expect(alert.ANPR.pictureInfoList.pictureInfo).toMatchObject({
    absTime: '20260816180311123',
    plateRect: { X: '500', Y: '500' },
  });
});

test('Dahua: its own path, local times beside a zone', () => {
  expect(encode('dahua')).toMatchObject({ path: '/NotificationInfo/TollgateInfo' });
  expect(body('dahua').Picture).toMatchObject({
    NormalPic: { Content: B64 },
    Plate: { PlateNumber: '1กก1234', Confidence: 94, BoundingBox: [960, 540, 1110, 606], Region: 'THA' },
    SnapInfo: { AccurateTime: '2026-08-16 18:03:11.123', TimeZone: 7, DeviceID: 'SIM-001' },
  });
});

test('Axis: numbers as texts, and lost at the end', async () => {
  const form = await parts('axis', { ...EVENT, isLastLook: true });
  expect(JSON.parse(form.get('event')!.toString())).toMatchObject({
    capture_timestamp: '1786878191123',
    datetime: '20260816 180311123',
    plateConfidence: '0.938700',
    plateASCII: '11234',
    carState: 'lost',
    plateCoordinates: [960, 540, 150, 66],
  });
});

test('Milesight: a word for no plate, a field with a blank', () => {
  expect(body('milesight')).toMatchObject({ time: '2026-08-16 18:03:11', confidence: '0.94', coordinate_x2: '1110' });
  expect(body('milesight')['Vehicle Brand']).toBe(EVENT.make);
  expect(body('milesight', UNREAD).plate).toBe('No Plates');
});

test('ONVIF: the province is the issuing entity, boxes go from -1 to 1', () => {
  const message = encode('onvif');
  if (message?.transport !== 'http') throw new Error('no HTTP');
  const text = message.body.toString();
  expect(text).toContain('<tt:IssuingEntity Likelihood="0.81">Bangkok</tt:IssuingEntity>');
  expect(text).toContain('UtcTime="2026-08-16T11:03:11.123Z"');
  expect(text).toContain('left="0.0000" top="0.0000"');
  const { 'SOAP-ENV:Envelope': envelope } = new XMLParser().parse(text);
  expect(envelope['SOAP-ENV:Body']['wsnt:Notify']['wsnt:NotificationMessage']['wsnt:Topic']).toContain('LicensePlate');
});

test('Genetec: the day first, in UTC, confidence as text', () => {
  expect(body('genetec')).toMatchObject({ DateUtc: '16/08/2026', TimeUtc: '11:03:11', ConfidenceScore: '94' });
  expect(body('genetec/analytics')).toMatchObject({ PlateRead: '1กก1234' });
});

test('Blue Iris: predictions in a list in a list', () => {
  expect(body('codeproject').ai_dump[0].found.predictions[0]).toMatchObject({ plate: '1กก1234', x_max: 1110 });
});

test('the generic form writes naive time where the clock does', () => {
  const at = (writes: 'naive' | 'zoned'): string =>
    body('generic', { ...EVENT, clock: { ...EVENT.clock, writes } }).capturedAt;
  expect([at('naive'), at('zoned')]).toEqual(['2026-08-16T18:03:11.123', '2026-08-16T18:03:11.123+07:00']);
});
