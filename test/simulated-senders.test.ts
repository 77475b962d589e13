/** As `simulated-devices.test.ts`, for devices that speak over several doors: who, which camera, plate, time; and that a retry is a retry. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { loadPlugins, type Plugins } from '../core/plugins/plugins.ts';
import type { Decoded } from '../core/plugins/device-format.ts';
import { simulateTraffic, type SimulatedEvent } from '../core/simulator/traffic.ts';
import { WIRE_FORMATS, type EventPictures } from '../core/simulator/wire/wire.ts';
import { contextFor } from './device-samples.ts';
import { encodedMessage } from './event-samples.ts';

const { events } = simulateTraffic({ seed: 11, cameras: 3, vehicles: 30, minutes: 20 });
/** Whole seconds, in what these write. */
const COARSE = /predecessor\/g[012]/;
/** Constant or none. */
const UNMEASURED = /predecessor\/g[012]/;

/** Which device and which of its cameras, as each names them. */
const NAMES: Readonly<Record<string, (event: SimulatedEvent) => readonly [device: string, camera: string]>> = {
  'predecessor/g0': () => ['', ''],
  'predecessor/g1': ({ camera }) => [camera.cameraId, ''],
  'predecessor/g2': ({ camera }) => [String(camera.number), ''],
  'predecessor/g2-rest': ({ camera }) => [String(camera.number), ''],
  'predecessor/g3': ({ camera }) => [camera.cameraId, ''],
  'rekor/group': ({ camera }) => ['SIMULATEDAGENT00000000000000000000000000000000000000', String(camera.number)],
  'rekor/results': ({ camera }) => ['SIMULATEDAGENT00000000000000000000000000000000000000', String(camera.number)],
  'plate-recognizer/flat-form': ({ camera }) => ['', camera.cameraId.toLowerCase()],
  'plate-recognizer/flat-json': ({ camera }) => ['', camera.cameraId.toLowerCase()],
  'plate-recognizer/nested-form': ({ camera }) => ['', camera.cameraId.toLowerCase()],
  'plate-recognizer/nested-json': ({ camera }) => ['', camera.cameraId.toLowerCase()],
  'frigate/lpr': ({ camera }) => ['', camera.cameraId.toLowerCase().replace('-', '_')],
  'frigate/events': ({ camera }) => ['', camera.cameraId.toLowerCase().replace('-', '_')],
};

let plugins: Plugins;
let pictures: EventPictures;
beforeAll(async () => {
  plugins = await loadPlugins(`${import.meta.dirname}/../plugins`);
  const draw = (width: number, height: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
  pictures = { frame: await draw(320, 180), patch: await draw(120, 60) };
});

test('no variant of these formats is left out', () => {
  const known = ['predecessor', 'rekor', 'plate-recognizer', 'frigate'].flatMap((format) =>
    Object.keys(WIRE_FORMATS[format] ?? {}).map((variant) => `${format}/${variant}`),
  );
  expect(Object.keys(NAMES).sort()).toEqual(known.sort());
});

describe.each(Object.entries(NAMES))('%s', (name, namesOf) => {
  const [format = '', variant = ''] = name.split('/');
  const wire = WIRE_FORMATS[format]?.[variant];
  const decode = (event: SimulatedEvent): Decoded | null => {
    const encoded = wire?.encode(event, pictures);
    if (!encoded) return null;
    const plugin = plugins.find('deviceFormat', format)!;
    return plugin.decode(encodedMessage(format, encoded), contextFor(plugin));
  };

  test('who, where, when and what come through', () => {
    let seen = 0;
    for (const event of events.slice(0, 80)) {
      const decoded = decode(event);
      const [found] = decoded?.events ?? [];
      if (decoded === null || found === undefined) continue;
      seen++;
      expect(decoded.events).toHaveLength(1);
      expect([decoded.deviceRef, found.cameraRef]).toEqual(namesOf(event));
      expect(found.reads.map(({ text }) => text.toUpperCase())).toEqual([event.plateNumber.toUpperCase()]);
      const late = event.deviceAt.getTime() - (found.capturedAt?.getTime() ?? 0);
      expect(Math.abs(late)).toBeLessThan(COARSE.test(name) ? 1000 : 2);
      if (UNMEASURED.test(name)) expect(found.reads[0]?.confidence).toBeNull();
      else expect(found.reads[0]?.confidence).toBeCloseTo(event.confidence, 3);
    }
    // Frigate tells of an object only when its plate is news.
    expect(seen).toBeGreaterThan(20);
  });

  test('sent again it is the same event', () => {
    const [event] = events.filter((one) => one.plateNumber !== '' && one.isLastLook);
    const again = decode({ ...event!, attempt: 2, deviceSendAt: new Date(event!.deviceSendAt.getTime() + 61_000) });
    expect(again?.events).toEqual(decode(event!)?.events);
    expect(again?.events).toHaveLength(1);
  });

  test('a sign of life', () => {
    const encoded = wire?.heartbeat?.(events[0]!);
    if (encoded === undefined) return;
    const plugin = plugins.find('deviceFormat', format)!;
    const { health, events: none } = plugin.decode(encodedMessage(format, encoded), contextFor(plugin));
    expect(none).toEqual([]);
    expect(health?.isOnline).toBe(true);
  });
});
