import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { validate as isUuid } from 'uuid';
import { errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { Fields } from '../fields.ts';
import type { FrameInput } from '../ingest/ingest.ts';
import type { CameraContext, CameraProtocolPlugin, CapturedFrame, Log } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { maskConfig, openConfig, sealConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { RenderedScene } from '../simulator/simulator.ts';
import { createCameraHttp } from './camera-http.ts';
import { runCamera } from './camera-runner.ts';
import type { CameraStore, StoredCamera } from './camera-store.ts';
import { READ_AS_THE_FLOW_SAYS, type Camera, type CameraHealth, type Cameras, type CameraState } from './cameras.ts';

export interface CamerasDependencies {
  readonly store: CameraStore;
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly events: Events;
  readonly log: Log;
  readonly dataDir: string;
  readonly accept: (input: FrameInput) => Promise<unknown>;
  readonly renderScene: (seed: number) => Promise<RenderedScene>;
  /** Midnight of today at the site. */
  readonly dayStart: () => Promise<Date>;
  readonly now?: () => Date;
}

/** Fed by requests instead of a plugin that runs. */
const FED: readonly string[] = ['push', 'upload'];
/** A camera that sends at a set interval is late after three of them and this much. */
const LATE_GRACE_MS = 10_000;
const KEY_TOUCH_MS = 60_000;
const TEST_MS = 15_000;
const PREVIEW_WIDTH = 640;

type Health = Pick<CameraHealth, 'lastFrameAt' | 'lastFrame' | 'framesToday' | 'error'>;
const NO_FRAMES: Health = { lastFrameAt: null, lastFrame: null, framesToday: 0, error: null };

interface Runner {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest();

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
  const { store, plugins, secrets, events, log, dataDir, accept, renderScene, dayStart } = dependencies;
  const now = dependencies.now ?? (() => new Date());
  const health = new Map<string, Health>();
  const runners = new Map<string, Runner>();
  const keysUsed = new Map<string, number>();
  /** The registry in memory, for the question that every frame asks. */
  let known: Promise<Map<string, StoredCamera>> | null = null;
  let day = 0;
  let isStopping = false;

  const registry = (): Promise<Map<string, StoredCamera>> => {
    known ??= store.list().then((cameras) => new Map(cameras.map((camera) => [camera.cameraId, camera])));
    known.catch(() => (known = null));
    return known;
  };

  const fieldsOf = (protocol: string): Fields => {
    if (FED.includes(protocol)) return {};
    const plugin = plugins.find('cameraProtocol', protocol);
    if (plugin === null) {
      const problems = [{ field: 'protocol', problem: 'is none that the hub knows' }];
      throw new LprError('protocol_unknown', `There is no camera protocol "${protocol}".`, { problems });
    }
    return plugin.fields;
  };

  const shown = (camera: StoredCamera): Camera => {
    const of = health.get(camera.cameraId) ?? NO_FRAMES;
    const fields = plugins.find('cameraProtocol', camera.protocol)?.fields ?? {};
    return {
      ...camera,
      config: maskConfig(fields, camera.config),
      health: { ...of, state: stateOf(camera, of, now()) },
    };
  };

  const setError = (cameraId: string, error: { code: string; message: string } | null): void => {
    const before = health.get(cameraId) ?? NO_FRAMES;
    if (error === null && before.error === null) return;
    const since = before.error?.since ?? now();
    const isSame = before.error?.code === error?.code && before.error?.message === error?.message;
    health.set(cameraId, { ...before, error: error === null ? null : { ...error, since } });
    if (!isSame) events.emit('camera.changed', { cameraId });
  };

  const contextFor = (
    cameraId: string,
    fields: Fields,
    raw: Readonly<Record<string, unknown>>,
    stored: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): CameraContext<Fields> => ({
    cameraId,
    dataDir,
    config: openConfig(fields, raw, stored, secrets),
    signal,
    log: {
      debug: (f, message) => {
        log.debug({ cameraId, ...f }, message);
      },
      info: (f, message) => {
        log.info({ cameraId, ...f }, message);
      },
      warn: (f, message) => {
        log.warn({ cameraId, ...f }, message);
      },
      error: (f, message) => {
        log.error({ cameraId, ...f }, message);
      },
    },
    renderScene,
    ...createCameraHttp(signal),
  });

  const start = (camera: StoredCamera): void => {
    const plugin = plugins.find('cameraProtocol', camera.protocol);
    if (!camera.enabled || isStopping || FED.includes(camera.protocol)) return;
    if (plugin === null) {
      setError(camera.cameraId, { code: 'protocol_unknown', message: `The plugin "${camera.protocol}" is not there.` });
      return;
    }
    const controller = new AbortController();
    let context: CameraContext<Fields>;
    try {
      context = contextFor(camera.cameraId, plugin.fields, camera.config, camera.config, controller.signal);
    } catch (error) {
      setError(camera.cameraId, { code: 'invalid_input', message: errorMessage(error) });
      return;
    }
    const onError = (error: { code: string; message: string } | null): void => {
      setError(camera.cameraId, error);
    };
    const ended = runCamera({ cameraId: camera.cameraId, plugin, context, accept, onError });
    runners.set(camera.cameraId, { controller, ended });
  };

  const halt = async (cameraId: string): Promise<void> => {
    const runner = runners.get(cameraId);
    if (runner === undefined) return;
    runners.delete(cameraId);
    runner.controller.abort();
    await runner.ended;
  };

  const changed = async (camera: StoredCamera): Promise<Camera> => {
    known = null;
    await halt(camera.cameraId);
    setError(camera.cameraId, null);
    start(camera);
    events.emit('camera.changed', { cameraId: camera.cameraId });
    return shown(camera);
  };

  const existing = async (cameraId: string): Promise<StoredCamera> => {
    const camera = isUuid(cameraId) ? await store.find(cameraId) : null;
    if (camera === null) throw new LprError('not_found', 'There is no such camera.');
    return camera;
  };

  const addBuiltIns = async (): Promise<void> => {
    const cameras = await store.list();
    const drop = join(dataDir, 'drop');
    await mkdir(drop, { recursive: true });
    const wanted = [
      { builtIn: 'demo', name: 'Demo camera', protocol: 'demo', config: {} },
      { builtIn: 'folder', name: 'Watched folder', protocol: 'folder', config: { folder: drop } },
      { builtIn: 'upload', name: 'Uploads', protocol: 'upload', config: {} },
    ] as const;
    // Only on a new install: whoever removed or renamed nothing yet.
    if (cameras.some((camera) => camera.builtIn !== null)) return;
    for (const { builtIn, name, protocol, config } of wanted) {
      const fields = FED.includes(protocol) ? {} : (plugins.find('cameraProtocol', protocol)?.fields ?? {});
      const place = { checkpointId: null, latitude: null, longitude: null, heading: null };
      const reading = READ_AS_THE_FLOW_SAYS;
      const sealed = sealConfig(fields, config, {}, secrets);
      await store.add({
        cameraId: randomUUID(),
        builtIn,
        name,
        protocol,
        config: sealed,
        enabled: true,
        reading,
        ...place,
      });
    }
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
    async create(input) {
      const config = sealConfig(fieldsOf(input.protocol), input.config, {}, secrets);
      return changed(await store.add({ ...input, config, cameraId: randomUUID(), builtIn: null }));
    },
    async update(cameraId, input) {
      const camera = await existing(cameraId);
      const protocol = input.protocol ?? camera.protocol;
      if (camera.builtIn !== null && protocol !== camera.protocol) {
        throw new LprError('conflict', 'A built-in camera keeps its protocol: add a camera of your own.');
      }
      // Switching off must work even when the camera's plugin is gone.
      if (input.config === undefined && protocol === camera.protocol)
        return changed(await store.change(cameraId, input));
      const stored = protocol === camera.protocol ? camera.config : {};
      const config = sealConfig(fieldsOf(protocol), { ...stored, ...input.config }, stored, secrets);
      return changed(await store.change(cameraId, { ...input, config }));
    },
    async remove(cameraId) {
      const camera = await existing(cameraId);
      if (camera.builtIn !== null) {
        throw new LprError('conflict', 'A built-in camera cannot be removed: switch it off instead.');
      }
      await store.remove(cameraId);
      known = null;
      await halt(cameraId);
      events.emit('camera.changed', { cameraId });
    },
    async test({ protocol, config, cameraId }) {
      const fields = fieldsOf(protocol);
      const plugin = plugins.find('cameraProtocol', protocol);
      if (plugin === null) return { preview: null, width: 0, height: 0 };
      const stored = cameraId === null ? {} : (await existing(cameraId)).config;
      const signal = AbortSignal.timeout(TEST_MS);
      const context = contextFor(cameraId ?? 'test', fields, { ...config }, stored, signal);
      const frame = await tryOnce(plugin, context);
      if (frame === null) return { preview: null, width: 0, height: 0 };
      const image = sharp(frame.bytes, { autoOrient: true, failOn: 'none' });
      try {
        const { autoOrient } = await image.metadata();
        const preview = await image
          .resize({ width: PREVIEW_WIDTH, withoutEnlargement: true })
          .toColourspace('srgb')
          .jpeg({ quality: 80 })
          .toBuffer();
        return { preview, width: autoOrient.width, height: autoOrient.height };
      } catch (error) {
        throw new LprError(
          'camera_bad_answer',
          `What came is no picture (${errorMessage(error)}): check the address.`,
          {},
          error,
        );
      }
    },
    keys: async (cameraId) => store.keys((await existing(cameraId)).cameraId),
    async createKey(cameraId, label) {
      await existing(cameraId);
      const key = `lpr_${randomBytes(32).toString('base64url')}`;
      const stored = await store.addKey({
        keyId: randomUUID(),
        cameraId,
        keyHash: hashKey(key),
        prefix: key.slice(0, 10),
        label,
      });
      return { ...stored, key };
    },
    async revokeKey(cameraId, keyId) {
      await existing(cameraId);
      if (!(await store.revokeKey(cameraId, keyId))) throw new LprError('not_found', 'This camera has no such key.');
    },
    async authenticate(key) {
      const keyHash = hashKey(key);
      // Looked up by hash: the time it takes tells nothing about the key.
      const camera = /^lpr_[\w-]{43}$/.test(key) ? await store.cameraOfKey(keyHash) : null;
      if (camera === null) {
        throw new LprError(
          'ingest_key_wrong',
          'This ingest key is unknown or revoked: make a new one on the camera page.',
        );
      }
      if (!camera.enabled) throw new LprError('camera_disabled', 'This camera is switched off: switch it on first.');
      const id = keyHash.toString('base64url');
      const at = now();
      if (at.getTime() - (keysUsed.get(id) ?? 0) > KEY_TOUCH_MS) {
        keysUsed.set(id, at.getTime());
        await store.keyUsed(keyHash, at);
      }
      return { cameraId: camera.cameraId };
    },
    readingOf: async (cameraId) => (await registry()).get(cameraId)?.reading ?? READ_AS_THE_FLOW_SAYS,
    frameArrived(cameraId, lastFrame, at) {
      const before = health.get(cameraId) ?? NO_FRAMES;
      const wasWaiting = before.lastFrameAt === null || before.error !== null;
      health.set(cameraId, { lastFrameAt: at, lastFrame, framesToday: before.framesToday + 1, error: null });
      if (wasWaiting) events.emit('camera.changed', { cameraId });
    },
    checkpoints: () => store.checkpoints(),
    createCheckpoint: (input) => store.addCheckpoint({ ...input, checkpointId: randomUUID() }),
    async stateForIngest(cameraId) {
      const camera = (await registry()).get(cameraId);
      return camera === undefined ? 'unknown' : camera.enabled ? 'enabled' : 'disabled';
    },
    async start() {
      await addBuiltIns();
      await loadHealth();
      for (const camera of await store.list()) start(camera);
    },
    async stop() {
      isStopping = true;
      await Promise.all([...runners.keys()].map(halt));
    },
  };
}

/** The first frame, without telling the source that it was taken. */
async function tryOnce(plugin: CameraProtocolPlugin, context: CameraContext<Fields>): Promise<CapturedFrame | null> {
  if (plugin.test) return plugin.test(context);
  for await (const frame of plugin.frames(context)) return frame;
  return null;
}
