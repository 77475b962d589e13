import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { validate as isUuid } from 'uuid';
import { errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { Fields } from '../fields.ts';
import { maskConfig, sealConfig } from '../sealed-config.ts';
import { addBuiltIns } from './built-in-cameras.ts';
import { createRunners, FED, type RunnersDependencies } from './camera-runners.ts';
import type { CameraStore, StoredCamera } from './camera-store.ts';
import { differencesBetween, THE_HUB, type CameraContent } from './camera-versions.ts';
import { READ_AS_THE_FLOW_SAYS, type Camera, type Cameras, type DeviceState } from './cameras.ts';
import type { HealthStore } from './health-store.ts';
import { createHealthWatch } from './health-watch.ts';
import { probe } from './probe.ts';
import { createIngestKeys } from './ingest-keys.ts';
import { metricsOf } from './camera-metrics.ts';
import { driftBetween } from './device-state.ts';
import { createMaintenance, type MaintenanceStore } from './maintenance.ts';
import { createZones, type ZoneStore } from './zones.ts';

export interface CamerasDependencies extends Omit<RunnersDependencies, 'onError' | 'onAlive'> {
  readonly store: CameraStore;
  readonly healthStore: HealthStore;
  readonly zoneStore: ZoneStore;
  readonly maintenanceStore: MaintenanceStore;
  /** Where devices reach the hub, as far as settings say so. */
  readonly reach: { readonly publicUrl: string | null; readonly mqttPort: number | null };
  readonly events: Events;
  /** Midnight of today at the site. */
  readonly dayStart: () => Promise<Date>;
  readonly now?: () => Date;
}

const MOST_STATES = 500;
const DAY_MS = 86_400_000;
/** Another process may have changed them. */
const RELOAD_MS = 60_000;

export function createCameras(dependencies: CamerasDependencies): Cameras & {
  /** For ingest: whether frames of this camera are taken. */
  stateForIngest(cameraId: string): Promise<'enabled' | 'disabled' | 'unknown'>;
} {
  const { store, healthStore, zoneStore, maintenanceStore, plugins, secrets, events, log, dataDir, dayStart } =
    dependencies;
  const now = dependencies.now ?? (() => new Date());
  /** The registry in memory, for the question that every frame asks. */
  let known: Promise<Map<string, StoredCamera>> | null = null;
  let day = 0;
  let reloading: NodeJS.Timeout | undefined;
  let stopHearing: () => void = () => undefined;

  const maintenance = createMaintenance(
    maintenanceStore,
    () => zoneStore.zones(),
    now,
    () => {
      watch.tick();
    },
  );
  const zones = createZones(zoneStore, async (what) => {
    events.emit('places.changed', {});
    if (what === 'zones') await maintenance.reload();
  });
  const watch = createHealthWatch({
    ...{ store: healthStore, events, log, now },
    maintenanceOf: (cameraId, at) => maintenance.openFor(cameraId, at),
  });
  const runners = createRunners({
    ...dependencies,
    onError: (cameraId, error) => {
      watch.error(cameraId, error);
    },
    onAlive: (cameraId) => {
      watch.alive(cameraId);
    },
  });

  const registry = (): Promise<Map<string, StoredCamera>> => {
    known ??= store.list().then((cameras) => new Map(cameras.map((camera) => [camera.cameraId, camera])));
    known.catch(() => (known = null));
    return known;
  };

  /** Of a protocol whose plugin may be gone. */
  const knownFields = (protocol: string): Fields => plugins.find('cameraProtocol', protocol)?.fields ?? {};

  const shown = (camera: StoredCamera): Camera => ({
    ...camera,
    config: maskConfig(knownFields(camera.protocol), camera.config),
    health: { ...watch.healthOf(camera.cameraId), ...runners.passingOf(camera.cameraId) },
  });

  const begin = (camera: StoredCamera): void => {
    // The hub asks it by itself: silence without an error is a still street, not a lost camera.
    if (camera.protocol !== 'device') watch.link(camera.cameraId, FED.includes(camera.protocol) ? null : 'up');
    runners.start(camera);
  };

  const changed = async (camera: StoredCamera, before: StoredCamera | null): Promise<Camera> => {
    const { cameraId, desired } = camera;
    if (!isDeepStrictEqual(before?.desired ?? {}, desired)) events.emit('camera.desired', { cameraId, desired });
    known = null;
    await runners.halt(camera.cameraId);
    watch.registered(camera);
    watch.error(camera.cameraId, null);
    begin(camera);
    events.emit('camera.changed', { cameraId: camera.cameraId });
    return shown(camera);
  };

  const existing = async (cameraId: string): Promise<StoredCamera> => {
    const camera = isUuid(cameraId) ? await store.find(cameraId) : null;
    if (camera === null) throw new LprError('not_found', 'There is no such camera.');
    return camera;
  };

  const contentOf = async (cameraId: string, versionId: string): Promise<CameraContent> => {
    const content = isUuid(versionId) ? await store.versionContent(cameraId, versionId) : null;
    if (content === null) throw new LprError('not_found', 'This camera has no such version.');
    return content;
  };

  const countToday = async (): Promise<void> => {
    const since = await dayStart();
    day = since.getTime();
    runners.newDay();
    for (const stats of await store.frameStats(since)) watch.counted(stats);
  };

  const reported = async (cameraId: string, state: DeviceState): Promise<void> => {
    const { desired } = await existing(cameraId);
    const before = driftBetween(desired, (await healthStore.report(cameraId))?.reported ?? null);
    const after = driftBetween(desired, await healthStore.addReport(cameraId, state, now()));
    if (!isDeepStrictEqual(before, after)) events.emit('camera.changed', { cameraId });
  };
  /** A device has one set of settings for all its cameras. */
  const hearReports = (): (() => void) =>
    events.on('device.reported', ({ cameraIds, reported: state }) => {
      for (const cameraId of cameraIds) {
        reported(cameraId, state).catch((error: unknown) => {
          log.warn({ cameraId, err: errorMessage(error) }, 'what a device says of its settings could not be kept');
        });
      }
    });

  return {
    async list() {
      const since = (await dayStart()).getTime();
      if (since !== day) await countToday();
      return (await store.list()).map(shown);
    },
    async get(cameraId) {
      const camera = isUuid(cameraId) ? await store.find(cameraId) : null;
      return camera === null ? null : shown(camera);
    },
    async create(input, by = THE_HUB) {
      const config = sealConfig(runners.fieldsOf(input.protocol), input.config, {}, secrets);
      return changed(await store.add({ ...input, config, cameraId: randomUUID(), builtIn: null }, by), null);
    },
    async update(cameraId, input, by = THE_HUB) {
      const camera = await existing(cameraId);
      const protocol = input.protocol ?? camera.protocol;
      if (camera.builtIn !== null && protocol !== camera.protocol) {
        throw new LprError('conflict', 'A built-in camera keeps its protocol: add a camera of your own.');
      }
      // Switching off must work even when the camera's plugin is gone.
      if (input.config === undefined && protocol === camera.protocol) {
        return changed(await store.change(cameraId, input, 'changed', by), camera);
      }
      const stored = protocol === camera.protocol ? camera.config : {};
      const config = sealConfig(runners.fieldsOf(protocol), { ...stored, ...input.config }, stored, secrets);
      return changed(await store.change(cameraId, { ...input, config }, 'changed', by), camera);
    },
    async remove(cameraId, by = THE_HUB) {
      const camera = await existing(cameraId);
      if (camera.builtIn !== null) {
        throw new LprError('conflict', 'A built-in camera cannot be removed: switch it off instead.');
      }
      await store.remove(cameraId, by);
      known = null;
      await runners.halt(cameraId);
      watch.removed(cameraId);
      events.emit('camera.changed', { cameraId });
    },
    async versions(cameraId) {
      await existing(cameraId);
      const versions = await store.versions(cameraId);
      return versions.map(({ content, before, ...version }) => ({
        ...version,
        differences: differencesBetween(before, content, knownFields),
      }));
    },
    async compareVersions(cameraId, versionId, before) {
      await existing(cameraId);
      return differencesBetween(await contentOf(cameraId, before), await contentOf(cameraId, versionId), knownFields);
    },
    async restore(cameraId, versionId, by = THE_HUB) {
      const before = await existing(cameraId);
      return changed(await store.change(cameraId, await contentOf(cameraId, versionId), 'restored', by), before);
    },
    async test({ protocol, config, cameraId }) {
      const stored = cameraId === null ? {} : (await existing(cameraId)).config;
      return runners.test({ protocol, config, cameraId, stored });
    },
    probe({ seenUrl, ...input }) {
      const protocols = new Set(plugins.list('cameraProtocol').map(({ id }) => id));
      return probe({ ...input, hub: { ...dependencies.reach, seenUrl } }, protocols);
    },
    ...createIngestKeys(store, existing, now),
    readingOf: async (cameraId) => (await registry()).get(cameraId)?.reading ?? READ_AS_THE_FLOW_SAYS,
    frameArrived(cameraId, frame, at, capturedAt = null) {
      watch.frame(cameraId, frame, at, capturedAt);
    },
    alive(cameraId) {
      watch.alive(cameraId);
    },
    deviceLink(cameraId, link) {
      watch.link(cameraId, link);
    },
    async healthHistory(cameraId, since) {
      await existing(cameraId);
      await watch.flush();
      const [states, hours] = await Promise.all([
        healthStore.states(cameraId, since, MOST_STATES),
        healthStore.hours(cameraId, since),
      ]);
      return { states, hours };
    },
    async metrics(cameraId, days) {
      await existing(cameraId);
      await watch.flush();
      return metricsOf(await healthStore.metrics(cameraId, new Date(now().getTime() - days * DAY_MS)), days);
    },
    reported,
    async deviceStates(cameraId) {
      const { desired } = await existing(cameraId);
      const report = await healthStore.report(cameraId);
      const reported = report?.reported ?? null;
      return { desired, reported, reportedAt: report?.at ?? null, drift: driftBetween(desired, reported) };
    },
    ...zones,
    maintenance: (since) => maintenance.maintenance(since),
    addMaintenance: (input, by) => maintenance.addMaintenance(input, by),
    endMaintenance: (windowId) => maintenance.endMaintenance(windowId),
    async stateForIngest(cameraId) {
      const camera = (await registry()).get(cameraId);
      return camera === undefined ? 'unknown' : camera.enabled ? 'enabled' : 'disabled';
    },
    async start() {
      await addBuiltIns(store, plugins, secrets, dataDir);
      const all = await store.list();
      const since = await dayStart();
      day = since.getTime();
      await maintenance.reload();
      stopHearing = hearReports();
      const told = (error: unknown): void => {
        log.warn({ err: errorMessage(error) }, 'the maintenance windows could not be looked up; trying again');
      };
      reloading = setInterval(() => void maintenance.reload().catch(told), RELOAD_MS).unref();
      await watch.start(all, await store.frameStats(since));
      for (const camera of all) begin(camera);
    },
    async stop() {
      clearInterval(reloading);
      stopHearing();
      await runners.stop();
      await watch.stop();
    },
  };
}
