/** The settings that cameras should have go to their devices: when they change, and when a device asks. */
import type { Cameras, DeviceState } from '../cameras/cameras.ts';
import { errorMessage } from '../errors.ts';
import type { Events } from '../events.ts';
import type { Log, WireReply } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import type { Device, Devices } from './devices.ts';

export interface DeviceSettingsDependencies {
  readonly devices: Pick<Devices, 'list' | 'get'>;
  readonly cameras: Pick<Cameras, 'get'>;
  readonly plugins: Pick<Plugins, 'find'>;
  readonly events: Pick<Events, 'on'>;
  readonly log: Log;
  /** To the broker that devices listen to. */
  readonly publish: (messages: NonNullable<WireReply['publish']>) => Promise<void>;
}

/** Returns how to stop. */
export function linkDeviceSettings(dependencies: DeviceSettingsDependencies): () => void {
  const { devices, cameras, plugins, events, log, publish } = dependencies;
  const tell = async (device: Device): Promise<void> => {
    const plugin = plugins.find('deviceFormat', device.format);
    if (plugin?.tellSettings === undefined || device.ref === '' || device.state !== 'approved') return;
    const desired = await Promise.all(
      device.cameras.map(
        async ({ cameraRef, cameraId }) => [cameraRef, (await cameras.get(cameraId))?.desired ?? {}] as const,
      ),
    );
    const [only] = desired;
    // A device of several cameras gets each one's under its name.
    const settings: DeviceState = desired.length > 1 ? Object.fromEntries(desired) : (only?.[1] ?? {});
    await publish(plugin.tellSettings(device.ref, settings));
  };
  const run = (job: Promise<void>, deviceId: string): void => {
    job.catch((error: unknown) => {
      log.warn({ deviceId, err: errorMessage(error) }, 'the settings of a device could not be passed on');
    });
  };

  const off = [
    events.on('device.asks', ({ deviceId }) => {
      run(
        devices.get(deviceId).then((device) => (device === null ? undefined : tell(device))),
        deviceId,
      );
    }),
    events.on('camera.desired', ({ cameraId }) => {
      const job = devices.list().then(async (all) => {
        for (const device of all) {
          if (device.cameras.some((camera) => camera.cameraId === cameraId)) await tell(device);
        }
      });
      run(job, cameraId);
    }),
  ];
  return () => {
    for (const stop of off) stop();
  };
}
