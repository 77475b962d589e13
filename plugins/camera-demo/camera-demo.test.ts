import { expect, test } from '@jest/globals';
import { quietLog } from '../../test/quiet-log.ts';
import type { CameraContext } from '../../core/plugins/define.ts';
import plugin from './plugin.ts';

test('vehicles pass in a look or two, come back later, and stop with the signal', async () => {
  const stop = new AbortController();
  const drawn: { seed: number; vehicle: number | undefined }[] = [];
  const unused = (): never => {
    throw new Error('not used here');
  };
  const context: CameraContext<typeof plugin.fields> = {
    config: { interval: 2 },
    cameraId: 'demo',
    dataDir: '/nowhere',
    log: quietLog,
    signal: stop.signal,
    fetchBytes: unused,
    openStream: unused,
    instantOf: unused,
    decode: unused,
    renderScene(seed, vehicle) {
      drawn.push({ seed, vehicle });
      return Promise.resolve({ bytes: Buffer.from([seed & 255]), width: 1, height: 1, plates: [] });
    },
  };
  const keys: (string | null)[] = [];
  for await (const { eventKey, capturedAtSource } of plugin.frames(context)) {
    expect(capturedAtSource).toBe('device');
    keys.push(eventKey);
    if (keys.length === 4) stop.abort();
  }
  expect(new Set(keys).size).toBe(4);
  const passes = Map.groupBy(drawn, ({ seed }) => Math.floor(seed / 2));
  for (const looks of passes.values()) {
    expect(new Set(looks.map(({ vehicle }) => vehicle)).size).toBe(1);
    expect(looks.length).toBeLessThanOrEqual(2);
  }
  expect(new Set(drawn.map(({ vehicle }) => vehicle)).size).toBe(passes.size);
}, 60_000);
