/** Against a stand-in for a camera, made after ISAPI as documented: no real camera was at hand. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ACCOUNT, contextOf, part, startStandIn, take, type Asked, type StandIn } from '../../test/camera-stand-in.ts';
import { readSample } from '../../test/device-samples.ts';
import { NOTHING_SEEN, type DeviceEvent } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

const FORMAT = join(import.meta.dirname, '../device-hikvision');

let camera: StandIn;
let controller: AbortController;
beforeEach(() => {
  controller = new AbortController();
});
afterEach(async () => {
  controller.abort();
  await camera.close();
});
const frames = async (config: object): Promise<AsyncIterable<DeviceEvent>> =>
  plugin.frames(await contextOf(plugin, { address: camera.address, ...config }, controller.signal));

describe('the event stream', () => {
  const heartbeat =
    '<EventNotificationAlert><eventType>videoloss</eventType><eventState>inactive</eventState></EventNotificationAlert>';
  const stream = async (isNamed: boolean): Promise<readonly [xml: Buffer, plate: Buffer, scene: Buffer]> => {
    const { message } = await readSample(FORMAT, 'form');
    const [xml, plate, scene] = message.parts.map(({ bytes }) => Buffer.from(bytes));
    if (!xml || !plate || !scene) throw new Error('the sample has changed');
    camera = await startStandIn((_asked, res) => {
      res.writeHead(200, { 'content-type': 'multipart/mixed; boundary=boundary' });
      const send = (type: string, bytes: Uint8Array | string, name: string): void => {
        const naming: Record<string, string> =
          isNamed && name !== '' ? { 'Content-Disposition': `form-data; name="${name}"; filename="${name}"` } : {};
        res.write(part({ 'Content-Type': type, ...naming }, bytes, 'boundary'));
      };
      send('application/xml; charset="UTF-8"', heartbeat, '');
      send('application/xml; charset="UTF-8"', xml, 'anpr.xml');
      send('image/jpeg', plate, 'licensePlatePicture.jpg');
      send('image/jpeg', scene, 'detectionPicture.jpg');
    });
    return [xml, plate, scene];
  };

  test.each([true, false])('gives signs of life, and plates with their pictures (named: %s)', async (isNamed) => {
    const [, plate, scene] = await stream(isNamed);
    const [first, second] = await take(await frames({}), 2);
    expect(camera.asked).toEqual([{ method: 'GET', url: '/ISAPI/Event/notification/alertStream', body: '' }]);
    expect(first).toBe(NOTHING_SEEN);
    expect(second).toMatchObject({
      eventKey: 'a0fe72d4-3652-464a-aebd-3f9190010236',
      frame: scene,
      reads: [{ text: '8กผ444', province: 'TH-50', patch: plate, box: [275.2, 99, 67.8, 23.4] }],
    });
  });

  test('an end or a page is a fault: the hub asks again', async () => {
    camera = await startStandIn(
      (_asked, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    );
    await expect(take(await frames({}), 1)).rejects.toMatchObject({ code: 'camera_bad_answer' });
    await camera.close();
    camera = await startStandIn((_asked, res) => {
      res.writeHead(200, { 'content-type': 'multipart/mixed; boundary=boundary' });
      res.end(part({ 'Content-Type': 'application/xml' }, heartbeat, 'boundary'));
    });
    await expect(take(await frames({}), 2)).rejects.toMatchObject({ code: 'camera_unreachable' });
  });

  test('a wrong password is named', async () => {
    camera = await startStandIn((_asked, res) => void res.end());
    await expect(take(await frames({ ...ACCOUNT, password: 'wrong' }), 1)).rejects.toThrow(
      /refuses the user name or the password/,
    );
  });
});

describe('the list of plates', () => {
  const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+Z|T/g, '');
  const plateXml = (ms: number, number: string, plate: string): string =>
    `<Plate><captureTime>${new Date(ms).toISOString().replace(/[-:]|\.\d+Z/g, '')}+0000</captureTime><plateNumber>${plate}</plateNumber>` +
    `<picName>${stamp(ms)}${number}</picName><country>64</country><laneNo>1</laneNo><direction>forward</direction></Plate>`;
  const now = Math.floor(Date.now() / 1000) * 1000;
  const list = (...plates: readonly string[]): string =>
    `<?xml version="1.0" encoding="UTF-8"?><Plates version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">${plates.join('')}</Plates>`;
  const cursorOf = ({ body }: Asked): string => /<picTime>([^<]*)<\/picTime>/.exec(body)?.[1] ?? '';

  test('is asked from the newest name on, and each plate is given once, however often it comes', async () => {
    const [old, first, second] = [
      plateXml(now - 3 * 3_600_000, '00000', 'OLD1'),
      plateXml(now - 20_000, '00001', '1กก1234'),
      plateXml(now - 10_000, '00002', 'กข9'),
    ];
    // This firmware repeats what it told before.
    const answers = [list(old, first), list(old, first), list(old, first, second), list()];
    camera = await startStandIn(
      (_asked, res) => void res.end(answers[Math.min(camera.asked.length, answers.length) - 1]),
    );
    const items = await take(await frames({ mode: 'plates', interval: 1, channel: 2 }), 5);
    expect(items.map(({ reads }) => reads[0]?.text ?? null)).toEqual([null, '1กก1234', null, null, 'กข9']);
    expect(items[1]).toMatchObject({
      eventKey: `${stamp(now - 20_000)}00001`,
      cameraRef: '2',
      capturedAt: new Date(now - 20_000),
      reads: [{ countryCode: 'TH', motion: { direction: 'toward', lane: '1' } }],
    });
    expect(camera.asked[0]).toMatchObject({ method: 'POST', url: '/ISAPI/Traffic/channels/2/vehicleDetect/plates' });
    expect(cursorOf(camera.asked[0]!)).toMatch(/^\d{8}T\d{6}Z$/);
    expect(cursorOf(camera.asked[1]!)).toBe(`${stamp(now - 20_000)}00001`);
  });

  test('an entry that cannot be read does not stand before the others', async () => {
    const broken = plateXml(now, '00001', 'BAD').replace(/<captureTime>[^<]*/, '<captureTime>noon');
    camera = await startStandIn((_asked, res) => void res.end(list(broken, plateXml(now, '00002', 'A1'))));
    expect((await take(await frames({ mode: 'plates' }), 2))[1]?.reads[0]?.text).toBe('A1');
  });

  test('one plate is a list of one; what the camera refuses is explained', async () => {
    camera = await startStandIn((_asked, res) => void res.end(list(plateXml(now, '00009', 'A1'))));
    expect((await take(await frames({ mode: 'plates' }), 2))[1]?.reads[0]?.text).toBe('A1');
    await camera.close();
    camera = await startStandIn((_asked, res) => void res.writeHead(404).end());
    await expect(take(await frames({ mode: 'plates' }), 1)).rejects.toThrow(/HTTP 404/);
  });
});

test('the test button shows a picture', async () => {
  const { pictures } = await readSample(FORMAT, 'form');
  camera = await startStandIn(
    (_asked, res) => void res.writeHead(200, { 'content-type': 'image/jpeg' }).end(pictures[1]),
  );
  const context = await contextOf(plugin, { address: camera.address }, controller.signal);
  expect((await plugin.test?.(context))?.bytes).toEqual(pictures[1]);
  expect(camera.asked[0]?.url).toBe('/ISAPI/Streaming/channels/101/picture');
});
