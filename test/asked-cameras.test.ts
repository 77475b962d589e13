/** Cameras that are asked, with a whole hub: what they read by themselves is stored once, also after they were asked anew. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { READ_AS_THE_FLOW_SAYS } from '../core/cameras/cameras.ts';
import { ACCOUNT, startStandIn, type StandIn } from './camera-stand-in.ts';
import { startTestHub, type TestHub } from './hub.ts';

let hub: TestHub;
let camera: StandIn;
const at = new Date(Math.floor(Date.now() / 1000) * 1000 - 30_000);
const compact = at.toISOString().replace(/[-:]|\.\d+Z/g, '');

beforeAll(async () => {
  // This firmware repeats its whole list at each question.
  const plate = `<Plate><captureTime>${compact}+0000</captureTime><plateNumber>1กก1234</plateNumber><picName>${compact.replace('T', '')}00001</picName><country>64</country></Plate>`;
  camera = await startStandIn((_asked, res) => void res.end(`<Plates>${plate}</Plates>`));
  hub = await startTestHub();
});
afterAll(async () => {
  await hub.stop();
  await camera.close();
});

test('a plate of the list is one read, however often it is told and the camera is started', async () => {
  const { cameraId } = await hub.hub.cameras.create({
    ...{ name: 'Asked', protocol: 'hikvision', enabled: true, reading: READ_AS_THE_FLOW_SAYS },
    ...{ checkpointId: null, latitude: null, longitude: null, heading: null },
    config: { address: camera.address, ...ACCOUNT, mode: 'plates', interval: 1 },
  });
  const reads = async (): Promise<readonly string[]> => {
    const query = { plate: '1กก1234', issuingEntity: null, countryCode: null, status: null, from: null, to: null };
    const { items } = await hub.hub.detections.search({
      ...query,
      cameraId,
      minConfidence: null,
      cursor: null,
      limit: 9,
    });
    const whole = await Promise.all(items.map(({ detectionId }) => hub.hub.detections.get(detectionId)));
    return whole.flatMap((one) => (one?.reads ?? []).map((read) => `${read.engine} ${read.capturedAt.toISOString()}`));
  };
  for (let i = 0; i < 200 && (await reads()).length === 0; i++) await sleep(50);
  const once = [`device:hikvision ${at.toISOString()}`];
  expect(await reads()).toEqual(once);
  await hub.hub.cameras.update(cameraId, { enabled: false });
  const before = camera.asked.length;
  await hub.hub.cameras.update(cameraId, { enabled: true });
  for (let i = 0; i < 100 && camera.asked.length < before + 2; i++) await sleep(50);
  expect(camera.asked.length).toBeGreaterThan(before);
  await sleep(300);
  expect(await reads()).toEqual(once);
});
