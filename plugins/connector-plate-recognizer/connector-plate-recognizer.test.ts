import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { contextFor, wireMessage } from '../../test/device-samples.ts';
import { contextOf, JPEG, outgoing } from '../../test/outgoing.ts';
import { openReceiver, type Receiver } from '../../test/receiver.ts';
import device from '../device-plate-recognizer/plugin.ts';
import plugin from './plugin.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
});

const send = (config: Record<string, unknown> = {}, detection = outgoing): Promise<void> =>
  plugin.send(detection, contextOf(plugin, { url: receiver.url, ...config }, { frame: JPEG }));
/** What came, as any receiver of forms reads it. */
async function form(): Promise<{ said: any; upload: Uint8Array | null; name: string | null; raw: string }> {
  const [{ headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  const parts = await new Response(new Uint8Array(body), {
    headers: { 'content-type': String(headers['content-type']) },
  }).formData();
  const [raw, file] = [parts.get('json'), parts.get('upload')];
  if (typeof raw !== 'string') throw new Error('There is no field json.');
  const isFile = file !== null && typeof file !== 'string';
  const upload = isFile ? new Uint8Array(await file.arrayBuffer()) : null;
  return { said: JSON.parse(raw), upload, name: isFile ? file.name : null, raw };
}

test('a detection is a form with json and upload, as Stream posts it', async () => {
  await send({ token: 'abc' });
  const { said, upload, name } = await form();
  expect(receiver.received[0]?.headers['authorization']).toBe('Token abc');
  const filename = 'ด่านเหนือ_screenshots/00000000-0000-7000-8000-000000000001.jpg';
  expect(said).toEqual({
    hook: { target: receiver.url, id: 'ด่านเหนือ', event: 'recognition', filename },
    data: {
      ...{ camera_id: 'ด่านเหนือ', filename, timestamp: '2026-11-23T08:15:30.250000Z' },
      timestamp_local: '2026-11-23 15:15:30.250000+07:00',
      results: [
        {
          ...{ box: { xmin: 100, ymin: 200, xmax: 340, ymax: 320 }, plate: '1กก1234', score: 0.939, dscore: 0.939 },
          region: { code: 'th', score: 1 },
          candidates: [
            { plate: '1กก1234', score: 0.939 },
            { plate: '1กก1284', score: 0.21 },
          ],
          vehicle: { type: 'Sedan', score: 0 },
          model_make: [{ make: 'Toyota', model: 'Camry', score: 1 }],
          color: [{ color: 'White', score: 1 }],
          ...{ orientation: [], direction: '', source_url: '', position_sec: 0 },
        },
      ],
    },
  });
  expect(upload).toEqual(new Uint8Array(JPEG));
  expect(name).toBe('00000000-0000-7000-8000-000000000001.jpg');
});

test('Latin letters are small; a picture that is removed is left out', async () => {
  await send({}, { ...outgoing, plateNumber: 'ABC123', candidates: [], countryCode: 'MY', frame: null });
  const { said, upload } = await form();
  expect(said.data.results[0]).toMatchObject({
    plate: 'abc123',
    candidates: [{ plate: 'abc123' }],
    region: { code: 'my' },
  });
  expect(upload).toBeNull();
});

test.each(['multipart', 'json'])('the hub’s own door understands it: %s', async (wanted) => {
  await send({ form: wanted });
  const { headers, body } = receiver.received[0]!;
  const parts =
    wanted === 'json'
      ? []
      : await form().then(({ raw, upload }) => [
          { name: 'json', fileName: null, mediaType: null, bytes: Buffer.from(raw) },
          { name: 'upload', fileName: 'a.jpg', mediaType: 'image/jpeg', bytes: upload ?? new Uint8Array() },
        ]);
  const message = wireMessage({
    ...(wanted === 'json' ? { body } : { parts }),
    headers: { 'content-type': String(headers['content-type']) },
  });
  expect(device.claims(message)).toBe(true);
  expect(device.decode(message, contextFor(device)).events).toMatchObject([
    {
      ...{ cameraRef: 'ด่านเหนือ', capturedAt: outgoing.capturedAt },
      reads: [{ text: '1กก1234', countryCode: 'TH', confidence: 0.939, box: [100, 200, 240, 120] }],
    },
  ]);
});
