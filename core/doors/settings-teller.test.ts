import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeFormat } from '../../test/fake-devices.ts';
import { quietLog } from '../../test/quiet-log.ts';
import type { Camera } from '../cameras/cameras.ts';
import type { Device } from '../devices/devices.ts';
import { createEvents } from '../events.ts';
import { settingsOf, startSettingsTeller } from './settings-teller.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function start() {
  const events = createEvents(() => undefined);
  const published: [string, string][] = [];
  const known = {
    devices: [] as Partial<Device>[],
    cameras: [] as { cameraId: string; desired: Record<string, unknown> }[],
  };
  const stop = startSettingsTeller({
    ...{ events, formats: [fakeFormat()], log: quietLog },
    devices: { list: () => Promise.resolve(known.devices as Device[]) },
    cameras: { list: () => Promise.resolve(known.cameras as unknown as Camera[]) },
    publish(messages) {
      for (const { topic, payload } of messages) published.push([topic, payload]);
      return Promise.resolve();
    },
  });
  stops.push(stop);
  return { events, published, known };
}
const device = (deviceId: string, more: Partial<Device> = {}): Partial<Device> => ({
  ...{ deviceId, format: 'fake', ref: deviceId.toUpperCase(), state: 'approved' },
  cameras: [{ cameraRef: '', cameraId: `camera of ${deviceId}`, name: '' }],
  ...more,
});
const gathered = (): Promise<void> => sleep(700);

test('settings are told at the start, when they change, when asked for, and taken back', async () => {
  const { events, published, known } = start();
  known.devices.push(device('a'), device('b', { state: 'waiting' }), device('c'));
  known.cameras.push(
    { cameraId: 'camera of a', desired: { interval: 5 } },
    { cameraId: 'camera of b', desired: { interval: 6 } },
  );
  await gathered();
  expect(published.splice(0)).toEqual([['cams/A/config', '{"interval":5}']]);

  events.emit('device.changed', { deviceId: 'a' });
  await gathered();
  expect(published).toEqual([]);

  known.cameras[0]!.desired = { interval: 9 };
  for (let i = 0; i < 10; i++) events.emit('camera.desired', { cameraId: 'camera of a', desired: { interval: 9 } });
  await gathered();
  expect(published.splice(0)).toEqual([['cams/A/config', '{"interval":9}']]);

  events.emit('device.asks', { deviceId: 'a' });
  events.emit('device.asks', { deviceId: 'c' });
  await gathered();
  expect(published.splice(0)).toEqual([
    ['cams/A/config', '{"interval":9}'],
    ['cams/C/config', '{}'],
  ]);

  known.devices.splice(0, 1);
  events.emit('device.changed', { deviceId: 'a' });
  await gathered();
  expect(published.splice(0)).toEqual(expect.arrayContaining([['cams/A/config', '']]));
});

test('a device with several cameras is told of each by its own name', () => {
  const cameras = ['1', '2', '3'].map((cameraRef) => ({ cameraRef, cameraId: `c${cameraRef}`, name: '' }));
  const desired = new Map([
    ['c1', { interval: 1 }],
    ['c2', {}],
  ]);
  expect(settingsOf({ cameras }, desired)).toEqual({ 1: { interval: 1 } });
  expect(settingsOf({ cameras: [] }, desired)).toEqual({});
});
