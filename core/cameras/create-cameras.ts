import { randomUUID } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { Fields } from '../fields.ts';
import { maskConfig, sealConfig } from '../sealed-config.ts';
import { addBuiltIns } from './built-in-cameras.ts';
import { createRunners, type RunnersDependencies } from './camera-runners.ts';
import type { CameraStore, StoredCamera } from './camera-store.ts';
import { differencesBetween, THE_HUB, type CameraContent } from './camera-versions.ts';
import { READ_AS_THE_FLOW_SAYS, type Camera, type CameraHealth, type Cameras, type CameraState } from './cameras.ts';
import { createIngestKeys } from './ingest-keys.ts';

export interface CamerasDependencies extends Omit<RunnersDependencies, 'onError'> {
  readonly store: CameraStore;
  readonly events: Events;
  /** Midnight of today at the site. */
  readonly dayStart: () => Promise<Date>;
  readonly now?: () => Date;
}

/** A camera that sends at a set interval is late after three of them and this much. */
const LATE_GRACE_MS = 10_000;

type Health = Pick<CameraHealth, 'lastFrameAt' | 'lastFrame' | 'framesToday' | 'error'>;
const NO_FRAMES: Health = { lastFrameAt: null, lastFrame: null, framesToday: 0, error: null };

function stateOf(camera: StoredCamera, health: Health, now: Date): CameraState {
  if (!camera.enabled) return 'off';
  if (health.error !== null) return 'failing';
  if (health.lastFrameAt === null) return 'waiting';
  const interval = camera.config['interval'];
  if (typeof interval !== 'number') return 'online';
  return now.getTime() - health.lastFrameAt.getTime() > interval * 3_000 + LATE_GRACE_MS ? 'late' : 'online';
}

export function createCameras(dependencies: CamerasDependencies): Cameras & {
  /** For ingest: whether frames of this camera are taken. */
  stateForIngest(cameraId: string): Promise<'enabled' | 'disabled' | 'unknown'>;
} {
  const { store, plugins, secrets, events, dataDir, dayStart } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const health = new Map<string, Health>();
  /** The registry in memory, for the question that every frame asks. */
  let known: Promise<Map<string, StoredCamera>> | null = null;
  let day = 0;

  const setError = (cameraId: string, error: { code: string; message: string } | null): void => {
    const before = health.get(cameraId) ?? NO_FRAMES;
    if (error === null && before.error === null) return;
    const since = before.error?.since ?? now();
    const isSame = before.error?.code === error?.code && before.error?.message === error?.message;
    health.set(cameraId, { ...before, error: error === null ? null : { ...error, since } });
    if (!isSame) events.emit('camera.changed', { cameraId });
  };
  const runners = createRunners({ ...dependencies, onError: setError });

  const registry = (): Promise<Map<string, StoredCamera>> => {
    known ??= store.list().then((cameras) => new Map(cameras.map((camera) => [camera.cameraId, camera])));
    known.catch(() => (known = null));
    return known;
  };

  /** Of a protocol whose plugin may be gone. */
  const knownFields = (protocol: string): Fields => plugins.find('cameraProtocol', protocol)?.fields ?? {};

  const shown = (camera: StoredCamera): Camera => {
    const of = health.get(camera.cameraId) ?? NO_FRAMES;
    return {
      ...camera,
      config: maskConfig(knownFields(camera.protocol), camera.config),
      health: { ...of, state: stateOf(camera, of, now()) },
    };
  };

  const changed = async (camera: StoredCamera): Promise<Camera> => {
    known = null;
    await runners.halt(camera.cameraId);
    setError(camera.cameraId, null);
    runners.start(camera);
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

  const loadHealth = async (): Promise<void> => {
    const since = await dayStart();
    day = since.getTime();
    for (const { cameraId, framesToday, lastFrameAt, lastFrame } of await store.frameStats(since)) {
      health.set(cameraId, { ...(health.get(cameraId) ?? NO_FRAMES), framesToday, lastFrameAt, lastFrame });
    }
  };

  return {
    async list() {
      const since = (await dayStart()).getTime();
      if (since !== day) await loadHealth();
      return (await store.list()).map(shown);
    },
    async get(cameraId) {
      const camera = isUuid(cameraId) ? await store.find(cameraId) : null;
      return camera === null ? null : shown(camera);
    },
    async create(input, by = THE_HUB) {
      const config = sealConfig(runners.fieldsOf(input.protocol), input.config, {}, secrets);
      return changed(await store.add({ ...input, config, cameraId: randomUUID(), builtIn: null }, by));
    },
    async update(cameraId, input, by = THE_HUB) {
      const camera = await existing(cameraId);
      const protocol = input.protocol ?? camera.protocol;
      if (camera.builtIn !== null && protocol !== camera.protocol) {
        throw new LprError('conflict', 'A built-in camera keeps its protocol: add a camera of your own.');
      }
      // Switching off must work even when the camera's plugin is gone.
      if (input.config === undefined && protocol === camera.protocol) {
        return changed(await store.change(cameraId, input, 'changed', by));
      }
      const stored = protocol === camera.protocol ? camera.config : {};
      const config = sealConfig(runners.fieldsOf(protocol), { ...stored, ...input.config }, stored, secrets);
      return changed(await store.change(cameraId, { ...input, config }, 'changed', by));
    },
    async remove(cameraId, by = THE_HUB) {
      const camera = await existing(cameraId);
      if (camera.builtIn !== null) {
        throw new LprError('conflict', 'A built-in camera cannot be removed: switch it off instead.');
      }
      await store.remove(cameraId, by);
      known = null;
      await runners.halt(cameraId);
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
      await existing(cameraId);
      return changed(await store.change(cameraId, await contentOf(cameraId, versionId), 'restored', by));
    },
    async test({ protocol, config, cameraId }) {
      const stored = cameraId === null ? {} : (await existing(cameraId)).config;
      return runners.test({ protocol, config, cameraId, stored });
    },
    ...createIngestKeys(store, existing, now),
    readingOf: async (cameraId) => (await registry()).get(cameraId)?.reading ?? READ_AS_THE_FLOW_SAYS,
    frameArrived(cameraId, frame, at) {
      const before = health.get(cameraId) ?? NO_FRAMES;
      const wasWaiting = before.lastFrameAt === null || before.error !== null;
      health.set(cameraId, {
        lastFrameAt: at,
        lastFrame: frame ?? before.lastFrame,
        framesToday: before.framesToday + 1,
        error: null,
      });
      if (wasWaiting) events.emit('camera.changed', { cameraId });
    },
    checkpoints: () => store.checkpoints(),
    createCheckpoint: (input) => store.addCheckpoint({ ...input, checkpointId: randomUUID() }),
    async stateForIngest(cameraId) {
      const camera = (await registry()).get(cameraId);
      return camera === undefined ? 'unknown' : camera.enabled ? 'enabled' : 'disabled';
    },
    async start() {
      await addBuiltIns(store, plugins, secrets, dataDir);
      await loadHealth();
      for (const camera of await store.list()) runners.start(camera);
    },
    stop: () => runners.stop(),
  };
}
