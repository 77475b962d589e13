import { validate as isUuid } from 'uuid';
import { READ_AS_THE_FLOW_SAYS, type Cameras } from '../cameras/cameras.ts';
import { errorCode, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import { parseConfig, type ConfigOf, type Fields } from '../fields.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type {
  CameraRequest,
  Decoded,
  DeviceEvent,
  DeviceFormatPlugin,
  FetchedBytes,
  FormatContext,
  Log,
} from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { maskConfig, openConfig, sealConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { DeviceStore } from './device-store.ts';
import type { Device, DeviceInput, Devices } from './devices.ts';
import { createHeldReplay } from './held-replay.ts';
import { createHolding } from './holding.ts';
import { unpackMessage } from './packed-message.ts';
import { createReception } from './reception.ts';
import { createRegistry, hashToken, newToken, type Known } from './registry.ts';
import { createSessions } from './sessions.ts';

export interface DevicesDependencies {
  readonly store: DeviceStore;
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly events: Events;
  readonly log: Log;
  readonly cameras: Pick<Cameras, 'list' | 'get' | 'create' | 'alive' | 'deviceLink'>;
  readonly ingest: Pick<Ingest, 'accept' | 'acceptEvent' | 'counts'>;
  /** IANA name of the site's zone. */
  readonly siteZone: () => Promise<string>;
  /** HTTP with the hub's limits and sign-in. */
  readonly fetchBytes: (url: string, init?: CameraRequest) => Promise<FetchedBytes>;
  readonly now?: () => Date;
  readonly catchUpMs?: number;
}

const ZONE_MS = 5_000;
const MOST_NAMES = 50;

const isZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
};

export function createDevices(dependencies: DevicesDependencies): Devices {
  const {
    store,
    plugins,
    secrets,
    events,
    log,
    cameras,
    ingest,
    siteZone,
    fetchBytes,
    now = () => new Date(),
    catchUpMs,
  } = dependencies;
  const registry = createRegistry({ store, log });
  const holding = createHolding({ store, now });
  const changed = (one: Known): void => {
    events.emit('device.changed', { deviceId: one.stored.deviceId });
  };
  const sessions = createSessions({
    now,
    linked(one, isUp) {
      const link = isUp === null ? null : isUp ? 'up' : 'down';
      for (const cameraId of Object.values(one.stored.cameras)) cameras.deviceLink(cameraId, link);
      changed(one);
    },
  });

  const pluginOf = (format: string): DeviceFormatPlugin => {
    const plugin = plugins.find('deviceFormat', format);
    if (plugin !== null) return plugin;
    const problems = [{ field: 'format', problem: 'is none that the hub knows' }];
    throw new LprError('protocol_unknown', `There is no device format "${format.slice(0, 40)}".`, { problems });
  };

  /** Asked for by every message: looked up now and then. */
  let zone: { readonly name: Promise<string>; readonly at: number } | null = null;
  const zoneOfSite = (): Promise<string> => {
    const at = performance.now();
    if (zone === null || at - zone.at > ZONE_MS) {
      const name = siteZone();
      zone = { name, at };
      name.catch(() => (zone = null));
    }
    return zone.name;
  };

  /** Opened once for each set of settings: a changed device has another object. */
  const opened = new WeakMap<object, ConfigOf<Fields>>();
  const configOf = (plugin: DeviceFormatPlugin, stored: Device['config']): ConfigOf<Fields> => {
    const isSet = Object.keys(stored).length > 0;
    const key = isSet ? stored : plugin;
    const known = opened.get(key);
    if (known !== undefined) return known;
    const config = isSet
      ? openConfig(plugin.fields, stored, stored, secrets)
      : parseConfig(loosened(plugin.fields), {});
    opened.set(key, config);
    return config;
  };

  const contextOf = async (plugin: DeviceFormatPlugin, one: Known | null): Promise<FormatContext<Fields>> => {
    return {
      config: configOf(plugin, one?.stored.config ?? {}),
      timeZone: one?.stored.timeZone ?? (await zoneOfSite()),
    };
  };

  /** The device's cameras are made as they turn up; two messages that bring one up together make it once. */
  const making = new Map<string, Promise<string>>();
  const makeCamera = async (
    one: Known,
    { cameraRef, cameraName }: Pick<DeviceEvent, 'cameraRef' | 'cameraName'>,
  ): Promise<string> => {
    const { name: deviceName } = one.stored;
    const own = cameraName ?? (cameraRef === '' ? '' : cameraRef);
    const wanted = (own === '' || own === deviceName ? deviceName : `${deviceName} · ${own}`).slice(0, 90);
    for (let n = 1; ; n++) {
      try {
        const camera = await cameras.create({
          name: n === 1 ? wanted : `${wanted} (${n})`,
          protocol: 'device',
          config: {},
          enabled: true,
          ...{ checkpointId: null, latitude: null, longitude: null, heading: null },
          reading: READ_AS_THE_FLOW_SAYS,
        });
        await registry.addCamera(one, cameraRef, camera.cameraId);
        cameras.deviceLink(camera.cameraId, one.isOnline === null ? null : one.isOnline ? 'up' : 'down');
        changed(one);
        return camera.cameraId;
      } catch (error) {
        if (errorCode(error) !== 'name_taken' || n >= MOST_NAMES) throw error;
      }
    }
  };
  const cameraOf = (one: Known, event: Pick<DeviceEvent, 'cameraRef' | 'cameraName'>): Promise<string> => {
    const known = one.stored.cameras[event.cameraRef];
    if (known !== undefined) return Promise.resolve(known);
    const key = JSON.stringify([one.stored.deviceId, event.cameraRef]);
    const job = making.get(key) ?? makeCamera(one, event).finally(() => making.delete(key));
    making.set(key, job);
    return job;
  };

  /** By device: many say the same settings with every message. */
  const lastReported = new Map<string, string>();
  const told = (one: Known, decoded: Decoded): void => {
    const { deviceId, cameras: ofDevice } = one.stored;
    const { health, reported, asksForSettings } = decoded;
    if (health !== null) {
      const wasOnline = one.isOnline;
      registry.told(one, health);
      for (const [ref, cameraId] of Object.entries(ofDevice)) {
        const isUp = health.isOnline && one.stored.health?.camerasDown?.includes(ref) !== true;
        if (isUp) cameras.alive(cameraId);
        // One that is well and has no standing connection may fall silent: only its silence will then tell.
        cameras.deviceLink(cameraId, isUp ? (sessions.isConnected(deviceId) ? 'up' : null) : 'down');
      }
      if (wasOnline !== health.isOnline) changed(one);
    }
    if (reported !== null) {
      const cameraIds = Object.values(ofDevice);
      const said = JSON.stringify([cameraIds, reported]);
      if (lastReported.get(deviceId) !== said) events.emit('device.reported', { deviceId, cameraIds, reported });
      lastReported.set(deviceId, said);
    }
    if (asksForSettings) events.emit('device.asks', { deviceId });
  };

  const reception = createReception({
    registry,
    holding,
    sessions,
    plugins,
    ingest,
    log,
    cameraOf,
    contextOf,
    told,
    changed,
    now,
  });

  const cameraNames = async (): Promise<ReadonlyMap<string, string>> =>
    new Map((await cameras.list()).map(({ cameraId, name }) => [cameraId, name]));
  const shown = (one: Known, names: ReadonlyMap<string, string>): Device => {
    const fields = plugins.find('deviceFormat', one.stored.format)?.fields ?? {};
    return registry.shown(one, names, maskConfig(fields, one.stored.config));
  };
  const show = async (one: Known): Promise<Device> => shown(one, await cameraNames());

  const existing = (deviceId: string): Known => {
    if (!isUuid(deviceId)) throw new LprError('not_found', 'There is no such device.');
    return registry.existing(deviceId);
  };

  const checked = (input: Pick<DeviceInput, 'name' | 'timeZone'>): void => {
    if (input.timeZone === null || isZone(input.timeZone)) return;
    const problem = 'is no time zone: give an IANA name such as Asia/Bangkok';
    throw new LprError('invalid_input', `The device cannot be saved: timeZone ${problem}.`, {
      problems: [{ field: 'timeZone', problem }],
    });
  };

  const kept = createHeldReplay({ store, registry, reception, log, catchUpMs });

  return {
    receive: (message, options) => reception.receive(message, options),
    turnAway: (head, options, error) => reception.turnAway(head, options, error),
    sessionEnded(sessionId) {
      sessions.ended(sessionId);
    },
    identify(token) {
      const one = registry.withToken(token);
      if (one === null || one.stored.state === 'blocked') return Promise.resolve(null);
      const { deviceId, format, ref } = one.stored;
      return Promise.resolve({ deviceId, format, ref });
    },

    async list() {
      const names = await cameraNames();
      return registry.all().map((one) => shown(one, names));
    },
    async get(deviceId) {
      const one = isUuid(deviceId) ? registry.get(deviceId) : null;
      return one === null ? null : show(one);
    },
    async create(input) {
      checked(input);
      const { name, format, ref, timeZone } = input;
      const config = sealConfig(pluginOf(format).fields, input.config, {}, secrets);
      // It must prove itself from the start: its token is made in the next step.
      const one = await registry.add({
        ...{ format, ref, name, timeZone, config, state: 'approved', address: '' },
        tokenHash: hashToken(newToken()),
      });
      changed(one);
      return show(one);
    },
    async update(deviceId, change) {
      const one = existing(deviceId);
      checked({ name: change.name ?? one.stored.name, timeZone: change.timeZone ?? null });
      const { config, ...rest } = change;
      const fields = pluginOf(one.stored.format).fields;
      const sealed =
        config === undefined
          ? {}
          : { config: sealConfig(fields, { ...one.stored.config, ...config }, one.stored.config, secrets) };
      const after = await registry.change(deviceId, { ...rest, ...sealed });
      changed(after);
      return show(after);
    },
    async approve(deviceId, { name, cameraId }) {
      const waiting = existing(deviceId);
      const { format, ref } = waiting.stored;
      if (cameraId !== null && (await cameras.get(cameraId)) === null) {
        throw new LprError('invalid_input', 'There is no such camera.', {
          problems: [{ field: 'cameraId', problem: 'names no camera' }],
        });
      }
      const moved = registry.namesake(format, ref, deviceId);
      // The same device at another address: its cameras come with it, and the old place ends.
      if (moved !== null && moved.stored.tokenHash === null) {
        for (const [cameraRef, known] of Object.entries(moved.stored.cameras))
          await registry.addCamera(waiting, cameraRef, known);
        const { config, timeZone, name: movedName } = moved.stored;
        await registry.change(deviceId, { config, timeZone, name: movedName });
        // What was acknowledged there and not understood yet comes along.
        await store.moveHeld(moved.stored.deviceId, deviceId);
        await registry.remove(moved.stored.deviceId);
      }
      if (cameraId !== null) await registry.addCamera(waiting, await kept.firstCameraRef(waiting), cameraId);
      const one = await registry.change(deviceId, { state: 'approved', ...(name === null ? {} : { name }) });
      await holding.idle();
      await kept.replayAll(deviceId);
      changed(one);
      return show(one);
    },
    async block(deviceId) {
      existing(deviceId);
      const one = await registry.change(deviceId, { state: 'blocked' });
      sessions.cut(deviceId, 'this device was blocked');
      await holding.idle();
      await store.dropHeldOf(deviceId);
      await registry.recount();
      changed(one);
      return show(one);
    },
    async remove(deviceId) {
      const one = existing(deviceId);
      sessions.cut(deviceId, 'this device was removed');
      await holding.idle();
      await registry.remove(deviceId);
      changed(one);
    },
    async makeToken(deviceId) {
      existing(deviceId);
      const token = newToken();
      changed(await registry.change(deviceId, { tokenHash: hashToken(token) }));
      return { token };
    },
    async removeToken(deviceId) {
      existing(deviceId);
      changed(await registry.change(deviceId, { tokenHash: null }));
    },

    held: (query) => store.held(query),
    async heldContent(heldId) {
      const found = isUuid(heldId) ? await store.heldMessage(heldId) : null;
      if (found === null) throw new LprError('not_found', 'There is no such message.');
      return { held: found.held, message: unpackMessage(found.packed) };
    },
    replay: (heldIds) => (heldIds === 'all' ? kept.replayAll(null) : kept.replay(heldIds.filter((id) => isUuid(id)))),
    async discard(heldIds) {
      const count = await store.dropHeld(heldIds.filter((id) => isUuid(id)));
      await registry.recount();
      return count;
    },
    async tryOut({ format, config, timeZone, message }) {
      const plugin = pluginOf(format);
      checked({ name: '', timeZone });
      // Decoding asks for no address and no password: a trial does not either, and a kept secret comes as `true`.
      const given = Object.entries(config).filter(
        ([key, value]) => plugin.fields[key]?.kind !== 'secret' || value !== true,
      );
      const context = {
        config: parseConfig(loosened(plugin.fields), Object.fromEntries(given)),
        timeZone: timeZone ?? (await siteZone()),
      };
      const decoded = plugin.decode(message, context);
      const outcome = {
        kind: 'stored',
        frameIds: decoded.events.map(() => '00000000-0000-0000-0000-000000000000'),
      } as const;
      return { decoded, reply: plugin.reply(outcome, message, decoded, context.config) };
    },
    async pullPicture(deviceId, { path }) {
      const one = registry.existing(deviceId);
      const { config } = await contextOf(pluginOf(one.stored.format), one);
      const base = config['address'];
      if (typeof base !== 'string' || base === '') {
        const problems = [{ field: 'address', problem: 'is not set' }];
        throw new LprError('invalid_input', 'Set the address of this device: its pictures are fetched from there.', {
          problems,
        });
      }
      const url = new URL(path.replace(/^\/+/, ''), base.endsWith('/') ? base : `${base}/`);
      if (url.origin !== new URL(base).origin) {
        throw new LprError('camera_bad_answer', 'The device names a picture at another address: it is not fetched.');
      }
      const { username, password } = config;
      const hasAccount = typeof username === 'string' && username !== '' && typeof password === 'string';
      const { bytes, status } = await fetchBytes(url.href, hasAccount ? { account: { username, password } } : {});
      if (status !== 200)
        throw new LprError('camera_bad_answer', `${url.host} answers HTTP ${status} instead of a picture.`);
      return bytes;
    },
    async start() {
      await registry.start();
      reception.start();
      kept.start();
    },
    async stop() {
      reception.stop();
      await kept.stop();
      await holding.idle();
      await registry.stop();
    },
  };
}

/** Required fields of a device that nobody has set up yet are simply empty. */
const loosened = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, { ...field, required: false }]));
