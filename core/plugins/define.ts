/**
 * The one door for plugins: a plugin imports this file and nothing else of core.
 * A plugin is a folder `plugins/<name>/` with `plugin.ts` (its default export is what one of the `define…` functions
 * returns), `en-US.json` and `th.json` (`name`, `description`, `field.<key>.label|help`, `field.<key>.option.<value>`).
 * The hub owns retry, back-off, rate limits, timeouts, health and clean stop; the plugin owns one protocol.
 */
import type { ConfigOf, Fields } from '../fields.ts';
import type { RenderedScene } from '../simulator/simulator.ts';
import type { CharacterRead, ClockSource, Located } from '../message.ts';
import { LIVE_FIELDS } from './live-fields.ts';
import type { AlertChannelPlugin } from './alert-channel.ts';
import type { ConnectorPlugin } from './connector.ts';
import type { ListSourcePlugin } from './list-source.ts';
import type { DeviceEvent, DeviceFormatPlugin, WireMessage } from './device-format.ts';

export { errorMessage, LprError } from '../errors.ts';
export { choice, flag, number, path, ref, secret, text, url } from '../fields.ts';
export type { ConfigOf, Fields } from '../fields.ts';
export type {
  Box,
  CharacterRead,
  ClockSource,
  Corners,
  ImageHandle,
  Located,
  Point,
  SeenMotion,
  SeenVehicle,
} from '../message.ts';
export * from './alert-channel.ts';
export * from './connector.ts';
export * from './device-format.ts';
export * from './country-codes.ts';
export * from './list-source.ts';
export * from './part-stream.ts';
export * from './picture-size.ts';
export * from './wire.ts';

/** Decoded pixels: 8-bit sRGB, interleaved RGB, row by row, `data.length === width * height * 3`. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Structured lines; never plate texts or secrets. */
export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** Runs exported functions of a module in the hub's worker threads. */
export interface ComputePool {
  /** How many workers there are. */
  readonly size: number;
  /**
   * Calls `exportName(args)` of `module` in a worker and gives what it returns. Typed arrays in `args` are copied, those in
   * `transfer` are moved. Module state lives as long as the worker, so a model is loaded once per worker.
   * @throws what the function threw (code and message survive), or `stopping`.
   */
  run<T>(
    module: URL,
    exportName: string,
    args: unknown,
    options?: { readonly transfer?: readonly ArrayBuffer[]; readonly signal?: AbortSignal },
  ): Promise<T>;
}

interface PluginContext<F extends Fields> {
  readonly config: ConfigOf<F>;
  readonly log: Log;
  /** Fires when the hub stops or the plugin's configuration changes. */
  readonly signal: AbortSignal;
}

// ---- engines -------------------------------------------------------------------------------------------------------

export interface LocateOptions {
  /** Smallest plate worth finding, pixels of height in the frame. */
  readonly minPlateHeight: number;
  readonly maxPlates: number;
}

export interface ReadOptions {
  /** Expected countries, ISO 3166-1 alpha-2, likeliest first; empty means any. A prior, not a filter. */
  readonly countries: readonly string[];
}

/** What an engine saw, before the hub's formats judge it. */
export interface EngineRead {
  /** As seen, line by line from the top, without the province line; empty when nothing was read. */
  readonly text: string;
  readonly confidence: number;
  readonly characters: readonly CharacterRead[];
  /** The province line as the text that was seen, or as the code of the province (ISO 3166-2); null when none was seen. */
  readonly province:
    | { readonly text: string; readonly confidence: number }
    | { readonly code: string; readonly confidence: number }
    | null;
  readonly alternatives: readonly { readonly text: string; readonly confidence: number }[];
  /** Whether confidences are probabilities: of the texts said with 0.9, nine in ten are right. Default false. */
  readonly isCalibrated?: boolean;
  /** Reads at least this sure are right as often as the engine promises; less sure ones are marked. Default 0.3. */
  readonly acceptFrom?: number;
  /** What the plate looks like, where the engine can tell. */
  readonly country?: { readonly code: string; readonly confidence: number };
  /** Colours of sheet and letters as in the table of plate classes; the sheet may also be `picture`. */
  readonly colour?: { readonly background: string; readonly text: string; readonly confidence: number };
}

/** An engine locates, reads, or both. Methods may be called concurrently, as often as the pool has workers. */
export interface OcrEngine {
  locate?(frame: Pixels, options: LocateOptions, signal: AbortSignal): Promise<readonly Located[]>;
  /** `patch` is straightened: the plate fills it, upright. */
  read?(patch: Pixels, options: ReadOptions, signal: AbortSignal): Promise<EngineRead>;
  close?(): Promise<void>;
}

export interface OcrEngineContext<F extends Fields> extends PluginContext<F> {
  readonly compute: ComputePool;
}

export interface OcrEnginePlugin<F extends Fields = Fields> {
  readonly kind: 'ocrEngine';
  /** The name that flows, the API and `npm run read -- --engine` use. */
  readonly id: string;
  readonly fields: F;
  /** @throws `engine_unavailable` naming what is missing and the remedy. */
  setup(context: OcrEngineContext<F>): Promise<OcrEngine>;
}

export const defineOcrEngine = <const F extends Fields>(
  plugin: Omit<OcrEnginePlugin<F>, 'kind'>,
): OcrEnginePlugin<F> => ({
  kind: 'ocrEngine',
  ...plugin,
});

// ---- camera protocols ----------------------------------------------------------------------------------------------

/** One picture as a camera gave it. */
export interface CapturedFrame {
  readonly bytes: Uint8Array;
  readonly capturedAt: Date | null;
  readonly capturedAtSource: ClockSource;
  /** The source's own name of this event: the same key twice is one frame. Null: the picture's content is the key. */
  readonly eventKey: string | null;
  /** What the source calls it, for people (a file name). */
  readonly label: string | null;
  /** Called once the frame is stored for good; e.g. moves the file away. */
  accepted?(): Promise<void>;
  /** Called when the hub refuses the frame for ever (not a picture, too large), with the code and an English reason. */
  refused?(reason: { readonly code: string; readonly message: string }): Promise<void>;
}

export interface Account {
  /** Empty: none. */
  readonly username: string;
  readonly password: string;
}

export interface CameraRequest {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: string;
  /** Until the answer is there. Default: 10 s; more for an answer that is held back until something happens. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Signs in as the camera asks (basic or digest); a refusal is thrown, saying what to enter. */
  readonly account?: Account;
}

export interface FetchedBytes {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
  readonly status: number;
}

/** A body as it comes. Leaving the loop over it closes the connection. */
export interface CameraStream {
  readonly headers: Headers;
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface CameraContext<F extends Fields> extends PluginContext<F> {
  readonly cameraId: string;
  /** `LPR_DATA_DIR`, absolute. */
  readonly dataDir: string;
  /**
   * A made-up scene with known truth; the same seed gives the same scene, seeds 2n and 2n+1 one pass, the second time nearer.
   * With `vehicle` it shows that one of a made-up fleet: the same number has the same plate whenever it comes.
   */
  readonly renderScene: (seed: number, vehicle?: number) => Promise<RenderedScene>;
  /** What the site's clock on the wall shows, as if it were UTC (ms), as an instant. */
  readonly instantOf: (wall: number) => Promise<Date>;
  /**
   * Events of a message as the device format of this id reads it, with that format's defaults: for cameras that say, when
   * asked, what others of their kind push. @throws invalid_input naming the field
   */
  readonly decode: (format: string, message: Partial<WireMessage>) => Promise<readonly DeviceEvent[]>;
  /** HTTP with the hub's limits: 10 s (or `timeoutMs`), 20 MB, no redirects to another host. */
  readonly fetchBytes: (url: string, init?: CameraRequest) => Promise<FetchedBytes>;
  /** An answer that does not end; `signal` ends it beside the camera's own. 10 s until it begins. */
  readonly openStream: (url: string, init?: CameraRequest & { readonly signal?: AbortSignal }) => Promise<CameraStream>;
}

export interface CameraProtocolPlugin<
  F extends Fields = Fields,
  Item extends CapturedFrame | DeviceEvent = CapturedFrame | DeviceEvent,
> {
  readonly kind: 'cameraProtocol';
  readonly id: string;
  readonly fields: F;
  /**
   * Its pictures show what is before the camera now, and one that waits loses its worth. The hub then passes over pictures
   * of a still street and drops the oldest when the workers fall behind; fields for that stand beside the protocol's own.
   * Otherwise (files, events) each picture is kept and the source waits. Default false.
   */
  readonly isLive?: boolean;
  /**
   * Yields frames, or reads that the camera made itself, until `signal` fires. Throws on trouble and never retries by itself:
   * the hub calls it again after a back-off and shows the code on the camera. A live protocol yields frames alone.
   */
  frames(context: CameraContext<F>): AsyncIterable<Item>;
  /** Stands as engine of the reads: `device:<reader>`. Default: the protocol's id. */
  readonly reader?: string;
  /** One try for the test button: a picture, or the error that explains what to mend. Default: the first of `frames`. */
  test?(context: CameraContext<F>): Promise<CapturedFrame | null>;
}

export const defineCameraProtocol = <const F extends Fields, Item extends CapturedFrame | DeviceEvent>(
  plugin: Omit<CameraProtocolPlugin<F, Item>, 'kind'>,
): CameraProtocolPlugin<F, Item> => ({
  kind: 'cameraProtocol',
  ...plugin,
  fields: plugin.isLive === true ? { ...plugin.fields, ...LIVE_FIELDS } : plugin.fields,
});

export type Plugin =
  OcrEnginePlugin | CameraProtocolPlugin | AlertChannelPlugin | DeviceFormatPlugin | ConnectorPlugin | ListSourcePlugin;
export type PluginKind = Plugin['kind'];

export type { PluginContext };
