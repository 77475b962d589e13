/** Against a stand-in for a camera, made after the documented event interface: no real camera was at hand. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { contextOf, part, startStandIn, take, type StandIn } from '../../test/camera-stand-in.ts';
import { NOTHING_SEEN } from '../../core/plugins/define.ts';
import { eventsOf } from './event-text.ts';
import plugin from './plugin.ts';

const jpeg = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();

const EVENT = [
  'Events[0].EventBaseInfo.Code=TrafficJunction',
  'Events[0].GroupID=123',
  'Events[0].EventID=7',
  'Events[0].JunctionDirection=Obverse',
  'Events[0].Lane=1',
  'Events[0].RealUTC=1795669143',
  'Events[0].UTC=1795694343',
  'Events[0].UTCMS=305',
  'Events[0].Speed=32',
  ...[4096, 4096, 4736, 4369].map((value, place) => `Events[0].Object.BoundingBox[${place}]=${value}`),
  'Events[0].Object.Confidence=204',
  'Events[0].Object.Text=1กก 1234',
  'Events[0].TrafficCar.PlateNumber=1กก 1234',
  'Events[0].TrafficCar.Country=THA',
  'Events[0].TrafficCar.VehicleColor=Blue',
].join('\r\n');

let camera: StandIn;
let controller: AbortController;
beforeEach(() => {
  controller = new AbortController();
});
afterEach(async () => {
  controller.abort();
  await camera.close();
});

test('signs of life, and plates with scene and cut-out', async () => {
  const [scene, plate] = [await jpeg(640, 360), await jpeg(120, 60)];
  camera = await startStandIn((_asked, res) => {
    res.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=myboundary' });
    res.write(part({ 'Content-Type': 'text/plain' }, 'Heartbeat', 'myboundary'));
    res.write(part({ 'Content-Type': 'text/plain' }, EVENT, 'myboundary'));
    res.write(part({ 'Content-Type': 'image/jpeg' }, plate, 'myboundary'));
    res.write(part({ 'Content-Type': 'image/jpeg' }, scene, 'myboundary'));
    res.write(part({ 'Content-Type': 'text/plain' }, 'Heartbeat', 'myboundary'));
  });
  const context = await contextOf(plugin, { address: camera.address, channel: 2 }, controller.signal);
  const [first, second] = await take(plugin.frames(context), 2);
  expect(camera.asked).toEqual([
    {
      method: 'GET',
      url: '/cgi-bin/snapManager.cgi?action=attachFileProc&Flags[0]=Event&Events=[TrafficJunction]&channel=2&heartbeat=5',
      body: '',
    },
  ]);
  expect(first).toBe(NOTHING_SEEN);
  expect(second).toMatchObject({
    eventKey: `123.7@${Date.parse('2026-11-26T04:59:03.305Z')}`,
    capturedAt: new Date('2026-11-26T04:59:03.305Z'),
    frame: scene,
    reads: [
      {
        ...{ text: '1กก 1234', countryCode: 'TH', confidence: 0.8, box: [320, 180, 50, 12], patch: plate },
        motion: { direction: 'toward', speed: 32, lane: '1' },
      },
    ],
  });
});

test('silence is a fault', async () => {
  camera = await startStandIn((_asked, res) => void res.writeHead(503).end());
  const context = await contextOf(plugin, { address: camera.address }, controller.signal);
  await expect(take(plugin.frames(context), 1)).rejects.toThrow(/HTTP 503/);
});

test('the test button shows a picture, or nothing where there is none', async () => {
  camera = await startStandIn((_asked, res) => void res.writeHead(404).end());
  const context = await contextOf(plugin, { address: camera.address }, controller.signal);
  expect(await plugin.test?.(context)).toBeNull();
  expect(camera.asked[0]?.url).toBe('/cgi-bin/snapshot.cgi?channel=1');
});

test('texts become events; places that no event has are passed over', async () => {
  camera = await startStandIn((_asked, res) => void res.end());
  expect(eventsOf('Events[0].A.B=1=2\nEvents[1].List[1].C=x\r\nEvents[0].A.D=\nHeartbeat')).toEqual([
    { A: { B: '1=2', D: '' } },
    { List: [undefined, { C: 'x' }] },
  ]);
  expect(
    eventsOf(
      'Events[0].__proto__.polluted=1\nEvents[0].constructor.x=1\nEvents[999].A=1\nEvents[0].L[300]=1\nX[0].A=1',
    ),
  ).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  // What was a value does not become a tree of it twice over.
  expect(eventsOf('Events[0].A=1\nEvents[0].A.B=2')).toEqual([{ A: { B: '2' } }]);
});
