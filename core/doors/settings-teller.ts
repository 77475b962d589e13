/** Tells devices over MQTT which settings they should have: retained, so that one that comes later hears them too. */
import type { Cameras } from '../cameras/cameras.ts';
import type { Device } from '../devices/devices.ts';
import type { Events } from '../events.ts';
import type { DeviceFormatPlugin, Log, WireReply } from '../plugins/define.ts';
import { faultOf, type DoorDevices } from './wire-message.ts';

type Messages = NonNullable<WireReply['publish']>;
type Settings = Readonly<Record<string, unknown>>;

export interface SettingsTellerOptions {
  readonly devices: Pick<DoorDevices, 'list'>;
  readonly cameras: Pick<Cameras, 'list'>;
  readonly events: Events;
  readonly formats: readonly DeviceFormatPlugin[];
  readonly log: Log;
  readonly publish: (messages: Messages) => Promise<void>;
}

/** Many changes at once (an import, a group of cameras) are told together. */
const GATHER_MS = 500;

/** Of a device that is one camera that camera's settings; of one with several theirs, by the device's names of them. */
export function settingsOf(device: Pick<Device, 'cameras'>, desired: ReadonlyMap<string, Settings>): Settings {
  const [first, ...others] = device.cameras;
  if (first !== undefined && others.length === 0) return desired.get(first.cameraId) ?? {};
  const each = device.cameras.map(({ cameraRef, cameraId }) => [cameraRef, desired.get(cameraId) ?? {}] as const);
  const set = each.filter(([, settings]) => Object.keys(settings).length > 0);
  return Object.fromEntries(set);
}

/** Returns how to stop. */
export function startSettingsTeller(options: SettingsTellerOptions): () => Promise<void> {
  const { devices, cameras, events, formats, log, publish } = options;
  const tellers = new Map(formats.flatMap((format) => (format.tellSettings ? [[format.id, format] as const] : [])));
  /** What stands at the broker, by device. */
  const told = new Map<string, Messages>();
  const asking = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let running = Promise.resolve();
  let isStopped = false;

  const tell = async (): Promise<void> => {
    const [all, seen] = await Promise.all([devices.list(), cameras.list()]);
    const desired = new Map(seen.map((camera) => [camera.cameraId, camera.desired]));
    const now = new Map<string, Messages>();
    for (const device of all) {
      const format = tellers.get(device.format);
      if (format?.tellSettings === undefined || device.state !== 'approved' || device.ref === '') continue;
      const settings = settingsOf(device, desired);
      // A device that asks is answered, even that there is nothing to set.
      if (Object.keys(settings).length === 0 && !asking.has(device.deviceId)) continue;
      now.set(device.deviceId, format.tellSettings(device.ref, settings));
    }
    for (const [deviceId, messages] of now) {
      const before = told.get(deviceId);
      if (!asking.has(deviceId) && JSON.stringify(before) === JSON.stringify(messages)) continue;
      await publish(messages);
    }
    // What nobody should have any more is taken away: an empty retained message does that (MQTT 3.1.1, 3.3.1.3).
    const topics = new Set([...now.values()].flat().map(({ topic }) => topic));
    const gone = [...told.values()].flat().filter(({ topic, retain }) => retain && !topics.has(topic));
    await publish(gone.map((message) => ({ ...message, payload: '' })));
    asking.clear();
    told.clear();
    for (const [deviceId, messages] of now) told.set(deviceId, messages);
  };
  const soon = (): void => {
    if (isStopped) return;
    timer ??= setTimeout(() => {
      timer = null;
      running = tell().catch((error: unknown) => {
        log.warn({ err: faultOf(error) }, 'devices could not be told their settings; they are with the next change');
      });
    }, GATHER_MS).unref();
  };

  const stops =
    tellers.size === 0
      ? []
      : [
          events.on('camera.desired', soon),
          events.on('device.changed', soon),
          events.on('device.asks', ({ deviceId }) => {
            asking.add(deviceId);
            soon();
          }),
        ];
  if (tellers.size > 0) soon();
  return async () => {
    isStopped = true;
    for (const stop of stops) stop();
    if (timer !== null) clearTimeout(timer);
    await running;
  };
}
