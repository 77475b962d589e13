/** What the simulator says in each format is what the hub then knows: plate, time, camera, likeness, box. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { loadPlugins, type Plugins } from '../core/plugins/plugins.ts';
import type { Decoded, DeviceFormatPlugin } from '../core/plugins/device-format.ts';
import { simulateTraffic, type SimulatedEvent } from '../core/simulator/traffic.ts';
import { WIRE_FORMATS, type EventPictures } from '../core/simulator/wire/wire.ts';
import { contextFor, messageOf } from './device-samples.ts';

/** Those that come over HTTP as one message an event. */
const FORMATS = ['hikvision', 'dahua', 'generic', 'axis', 'milesight', 'onvif', 'genetec', 'codeproject'];

const { events } = simulateTraffic({ seed: 7, cameras: 3, vehicles: 30, minutes: 20 });
const thai = events.filter((event) => event.plateNumber !== '' && event.countryCode === 'TH');

let plugins: Plugins;
let pictures: EventPictures;
beforeAll(async () => {
  plugins = await loadPlugins(`${import.meta.dirname}/../plugins`);
  const draw = (width: number, height: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer();
  pictures = { frame: await draw(events[0]!.frame.width, events[0]!.frame.height), patch: await draw(120, 60) };
});

const decode = (format: string, variant: string, event: SimulatedEvent, withPictures: boolean): Decoded => {
  const plugin: DeviceFormatPlugin = plugins.find('deviceFormat', format)!;
  const encoded = WIRE_FORMATS[format]?.[variant]?.encode(event, withPictures ? pictures : null);
  if (!encoded) throw new Error('nothing was sent');
  return plugin.decode(messageOf(format, encoded), contextFor(plugin));
};

describe.each(FORMATS.flatMap((format) => Object.keys(WIRE_FORMATS[format] ?? {}).map((variant) => [format, variant])))(
  '%s/%s',
  (format = '', variant = '') => {
    test('plate, time and likeness come through', () => {
      for (const event of thai.slice(0, 40)) {
        const [found, ...more] = decode(format, variant, event, false).events;
        expect(more).toEqual([]);
        expect(found?.reads.map(({ text }) => text)).toEqual([event.plateNumber]);
        // Some write whole seconds.
        expect(Math.abs((found?.capturedAt?.getTime() ?? 0) - event.deviceAt.getTime())).toBeLessThan(1000);
        expect(found?.reads[0]?.confidence).toBeCloseTo(event.confidence, 1);
      }
    });

    test('pictures come through, and the box to a thousandth of the picture', () => {
      const [event] = thai;
      const [found] = decode(format, variant, event!, true).events;
      expect(found?.frame).toEqual(pictures.frame);
      const box = found?.reads[0]?.box ?? null;
      if (box === null) return;
      for (const [place, value] of box.entries()) {
        expect(Math.abs(value - (event!.box[place] ?? NaN))).toBeLessThan(3);
      }
    });
  },
);
