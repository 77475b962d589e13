/** Runs the protocols of the cameras that the hub asks by itself, and tries one once. */
import sharp from 'sharp';
import { errorCode, errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { Fields } from '../fields.ts';
import type { EventInput, FrameInput } from '../ingest/ingest.ts';
import type { CameraContext, CameraProtocolPlugin, CapturedFrame, DeviceEvent, Log } from '../plugins/define.ts';
import type { LiveConfig } from '../plugins/live-fields.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { openConfig } from '../sealed-config.ts';
import type { SecretBox } from '../secrets.ts';
import type { RenderedScene } from '../simulator/simulator.ts';
import { createCameraHttp } from './camera-http.ts';
import { isEvent, runCamera, type StoredFrame } from './camera-runner.ts';
import { createEventReader } from './event-reader.ts';
import type { StoredCamera } from './camera-store.ts';
import type { CameraPassing, Cameras } from './cameras.ts';
import { runLiveCamera } from './live-camera.ts';
import { createPacing } from './pacing.ts';

export interface RunnersDependencies {
  readonly plugins: Plugins;
  readonly secrets: SecretBox;
  readonly log: Log;
  readonly dataDir: string;
  readonly events: Pick<Events, 'on'>;
  readonly accept: (input: FrameInput) => Promise<StoredFrame>;
  readonly acceptEvent: (input: EventInput) => Promise<StoredFrame>;
  readonly renderScene: (seed: number, vehicle?: number) => Promise<RenderedScene>;
  /** What the site's clock on the wall shows, as if it were UTC (ms), as an instant. */
  readonly instantOf: (wall: number) => Promise<Date>;
  readonly siteZone: () => Promise<string>;
  /** Null once a frame came through again. */
  readonly onError: (cameraId: string, error: { readonly code: string; readonly message: string } | null) => void;
  /** A picture came and was passed over. */
  readonly onAlive: (cameraId: string) => void;
}

export interface CameraRunners {
  /** @throws protocol_unknown */
  fieldsOf(protocol: string): Fields;
  start(camera: StoredCamera): void;
  /** Resolves when its protocol has ended. */
  halt(cameraId: string): Promise<void>;
  /** What became of a live camera's pictures before the inbox, since `newDay` was called or the hub started. */
  passingOf(cameraId: string): CameraPassing;
  newDay(): void;
  /** @param stored lends its secrets */
  test(input: {
    readonly protocol: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly cameraId: string | null;
    readonly stored: Readonly<Record<string, unknown>>;
  }): ReturnType<Cameras['test']>;
  stop(): Promise<void>;
}

/** Fed by requests or by a device instead of a plugin that runs. */
export const FED: readonly string[] = ['push', 'upload', 'device'];
const TEST_MS = 15_000;
const PREVIEW_WIDTH = 640;
const NOTHING_PASSED: CameraPassing = { framesSkipped: 0, framesDropped: 0 };
const NO_PICTURE = { preview: null, width: 0, height: 0 } as const;

interface Runner {
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** The first frame, without telling the source that it was taken. */
async function tryOnce(
  plugin: CameraProtocolPlugin,
  context: CameraContext<Fields>,
): Promise<CapturedFrame | DeviceEvent | null> {
  if (plugin.test) return plugin.test(context);
  for await (const frame of plugin.frames(context)) return frame;
  return null;
}

async function previewOf(bytes: Uint8Array): ReturnType<Cameras['test']> {
  const image = sharp(bytes, { autoOrient: true, failOn: 'none' });
  try {
    const { autoOrient } = await image.metadata();
    const preview = await image
      .resize({ width: PREVIEW_WIDTH, withoutEnlargement: true })
      .toColourspace('srgb')
      .jpeg({ quality: 80 })
      .toBuffer();
    return { preview, width: autoOrient.width, height: autoOrient.height };
  } catch (error) {
    const message = `What came is no picture (${errorMessage(error)}): check the address.`;
    throw new LprError('camera_bad_answer', message, {}, error);
  }
}

export function createRunners(dependencies: RunnersDependencies): CameraRunners {
  const { plugins, secrets, log, dataDir, accept, acceptEvent, renderScene, instantOf, onError, onAlive } =
    dependencies;
  const decode = createEventReader(plugins, dependencies.siteZone);
  const runners = new Map<string, Runner>();
  const pacing = createPacing(dependencies.events);
  const passing = new Map<string, CameraPassing>();
  let isStopping = false;

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
    instantOf,
    decode,
    ...createCameraHttp(signal),
  });

  const fieldsOf = (protocol: string): Fields => {
    if (FED.includes(protocol)) return {};
    const plugin = plugins.find('cameraProtocol', protocol);
    if (plugin === null) {
      const problems = [{ field: 'protocol', problem: 'is none that the hub knows' }];
      throw new LprError('protocol_unknown', `There is no camera protocol "${protocol}".`, { problems });
    }
    return plugin.fields;
  };

  const count = (cameraId: string, what: keyof CameraPassing): void => {
    const known = passing.get(cameraId) ?? NOTHING_PASSED;
    passing.set(cameraId, { ...known, [what]: known[what] + 1 });
  };

  const halt = async (cameraId: string): Promise<void> => {
    const runner = runners.get(cameraId);
    if (runner === undefined) return;
    runners.delete(cameraId);
    runner.controller.abort();
    await runner.ended;
  };

  return {
    fieldsOf,
    start(camera) {
      const { cameraId, protocol, config: stored } = camera;
      const plugin = plugins.find('cameraProtocol', protocol);
      if (!camera.enabled || isStopping || FED.includes(protocol)) return;
      if (plugin === null) {
        onError(cameraId, { code: 'protocol_unknown', message: `The plugin "${protocol}" is not there.` });
        return;
      }
      const controller = new AbortController();
      let context: CameraContext<Fields>;
      try {
        context = contextFor(cameraId, plugin.fields, stored, stored, controller.signal);
      } catch (error) {
        onError(cameraId, { code: 'invalid_input', message: errorMessage(error) });
        return;
      }
      const told = (error: { code: string; message: string } | null): void => {
        onError(cameraId, error);
      };
      const common = { cameraId, plugin, context, accept, acceptEvent, onError: told };
      const counts = {
        skipped: () => {
          count(cameraId, 'framesSkipped');
          onAlive(cameraId);
        },
        dropped: () => {
          count(cameraId, 'framesDropped');
        },
      };
      // A live protocol's fields hold the hub's own: see `defineCameraProtocol`.
      const config = context.config as LiveConfig;
      const ended = plugin.isLive === true ? runLiveCamera({ ...common, config, pacing, counts }) : runCamera(common);
      runners.set(cameraId, { controller, ended });
    },
    halt,
    passingOf: (cameraId) => passing.get(cameraId) ?? NOTHING_PASSED,
    newDay() {
      passing.clear();
    },
    async test({ protocol, config, cameraId, stored }) {
      const fields = fieldsOf(protocol);
      const plugin = plugins.find('cameraProtocol', protocol);
      if (plugin === null) return NO_PICTURE;
      const signal = AbortSignal.timeout(TEST_MS);
      const context = contextFor(cameraId ?? 'test', fields, { ...config }, stored, signal);
      const item = await tryOnce(plugin, context).catch((error: unknown) => {
        if (!signal.aborted || errorCode(error) !== 'internal') throw error;
        return null;
      });
      if (item === null && signal.aborted) {
        const message = `It gave no picture within ${TEST_MS / 1000} s: is it switched on and is the address right?`;
        throw new LprError('camera_timeout', message);
      }
      const bytes = item === null ? null : isEvent(item) ? item.frame : item.bytes;
      return bytes === null ? NO_PICTURE : previewOf(bytes);
    },
    async stop() {
      isStopping = true;
      await Promise.all([...runners.keys()].map(halt));
      pacing.stop();
    },
  };
}
