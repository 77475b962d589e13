import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ConnectorDetection } from '../../core/plugins/define.ts';
import { contextFor, wireMessage } from '../../test/device-samples.ts';
import { contextOf, JPEG, outgoing, PNG } from '../../test/outgoing.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import device from '../device-rekor/plugin.ts';
import plugin, { cameraNumber } from './plugin.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
});

const UUID = '00000000-0000-7000-8000-000000000001-1795421730250';
async function sent(
  detection: ConnectorDetection,
  config: Record<string, unknown> = {},
  pictures: Record<string, Uint8Array> = { patch: JPEG, frame: JPEG },
): Promise<Record<string, any>> {
  await plugin.send(detection, contextOf(plugin, { url: receiver.url, ...config }, pictures));
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
  return JSON.parse(receiver.received[0]!.body.toString()) as Record<string, any>;
}

test('a detection is a group, as an agent posts it', async () => {
  const camera = cameraNumber(outgoing.camera.cameraId);
  expect(await sent(outgoing)).toMatchObject({
    ...{ data_type: 'alpr_group', version: 2, epoch_start: 1795421730250, epoch_end: 1795421733000 },
    ...{ agent_uid: 'LPRHUB', camera_id: camera, gps_latitude: 13.75, gps_longitude: 100.5, country: 'th' },
    ...{ uuids: [UUID], plate_indexes: [0], best_uuid: UUID, best_plate_number: '1กก1234', best_confidence: 93.87 },
    ...{ best_region: 'th-10', best_image_width: 1280, best_image_height: 720, is_parked: false, is_preview: false },
    candidates: [
      { plate: '1กก1234', confidence: 93.87, matches_template: 1 },
      { plate: '1กก1284', confidence: 21, matches_template: 0 },
    ],
    best_plate: {
      coordinates: [
        { x: 100, y: 200 },
        { x: 340, y: 200 },
        { x: 340, y: 320 },
        { x: 100, y: 320 },
      ],
      plate_crop_jpeg: JPEG.toString('base64'),
    },
    vehicle: {
      ...{ color: [{ name: 'white', confidence: 100 }], make: [{ name: 'toyota', confidence: 100 }] },
      ...{ make_model: [{ name: 'toyota_camry', confidence: 100 }], body_type: [{ name: 'sedan', confidence: 100 }] },
    },
  });
  expect(Number.isInteger(camera) && camera >= 0 && camera < 2 ** 31).toBe(true);
});

test('what more reads may change is a preview of the same uuid', async () => {
  expect(await sent({ ...outgoing, status: 'provisional' })).toMatchObject({ is_preview: true, best_uuid: UUID });
});

test('without pictures, place and province nothing is made up', async () => {
  const bare = { ...outgoing, frame: null, patch: null, box: null, vehicle: null, issuingEntity: null, candidates: [] };
  const said = await sent({ ...bare, camera: { ...outgoing.camera, latitude: null, longitude: null } });
  expect(said).toMatchObject({ best_region: 'th', gps_latitude: -1, vehicle: { color: [], make: [] } });
  expect(said['best_plate']).toMatchObject({ coordinates: [] });
  expect(said['candidates']).toHaveLength(1);
  expect(JSON.stringify(said)).not.toContain('jpeg');
});

test('a picture that is no JPEG, or is removed, is not called one', async () => {
  expect(JSON.stringify(await sent(outgoing, { scene: true }, { patch: PNG }))).not.toContain('jpeg');
});

test('the hub’s own Rekor door understands it: same plate, province, time, picture', async () => {
  await sent(outgoing, { scene: true });
  const decoded = device.decode(wireMessage({ body: receiver.received[0]!.body }), contextFor(device));
  expect(decoded.deviceRef).toBe('LPRHUB');
  expect(decoded.events).toMatchObject([
    {
      ...{ eventKey: `group:${UUID}`, capturedAt: outgoing.capturedAt, frame: JPEG },
      reads: [
        {
          ...{ text: '1กก1234', countryCode: 'TH', province: 'TH-10', isFinal: true, patch: JPEG },
          confidence: expect.closeTo(0.9387, 6),
          vehicle: { type: 'sedan', make: 'toyota', model: 'camry', colour: 'white' },
        },
      ],
    },
  ]);
});
