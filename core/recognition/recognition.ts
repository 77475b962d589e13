/** Frame → reads: locate, straighten, measure, read, judge by formats. Engines are plugins; the heavy work runs in workers. */
import sharp from 'sharp';
import type { ImageStore } from '../images/images.ts';
import type { ImageHandle, Located, Patch, PlateRead } from '../message.ts';
import type { Pixels } from '../plugins/define.ts';
import { createRecogniser, type RecogniserDeps } from './recogniser.ts';

export { createComputePool, type ClosableComputePool, type ComputePoolOptions } from './compute-pool.ts';
export { judgeDeviceRead } from './judge-device.ts';
export { createEngineSettings } from './engine-settings.ts';
export { createRecogniser, type Recogniser, type RecogniserDeps } from './recogniser.ts';

export interface EngineInfo {
  readonly id: string;
  /** Whether it is the one that an empty choice stands for. */
  readonly isDefault: boolean;
  /** Its configuration as it may be shown. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly locates: boolean;
  readonly reads: boolean;
  /** Null when it works; else the code and what to do. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

export interface LocateRequest {
  /** Engine id; empty means the hub's default. */
  readonly engine: string;
  readonly minPlateHeight: number;
  readonly maxPlates: number;
}

export interface ReadRequest {
  readonly engine: string;
  readonly countries: readonly string[];
}

export interface RecogniseRequest extends LocateRequest, ReadRequest {
  /** The picture is the plate. */
  readonly crop: boolean;
  /** Gives every place that was found, read or not; else only what is sure enough to report. */
  readonly everything?: boolean;
}

export interface Recognised {
  readonly located: Located;
  readonly read: PlateRead;
}

export interface EngineChange {
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Makes it the default. */
  readonly isDefault?: true | undefined;
}

export interface Recognition {
  engines(): Promise<readonly EngineInfo[]>;
  /** Takes effect at the next picture. @throws not_found, invalid_input with every fault by field */
  configure(id: string, change: EngineChange): Promise<EngineInfo>;
  /**
   * Finds plates in a stored frame, best first, and stores a straightened patch of each.
   * @throws engine_unknown, engine_cannot (an engine that only reads), engine_unavailable, engine_failed, not_found
   */
  locate(frameId: string, frame: ImageHandle, request: LocateRequest, signal: AbortSignal): Promise<readonly Patch[]>;
  /** Reads one stored patch. The text may be empty: that is an answer, not an error. @throws as `locate` */
  read(patch: Patch, request: ReadRequest, signal: AbortSignal): Promise<PlateRead>;
  /** The whole way for encoded bytes, nothing stored: command line and bench. */
  recognise(bytes: Uint8Array, request: RecogniseRequest, signal: AbortSignal): Promise<readonly Recognised[]>;
  close(): Promise<void>;
}

export interface RecognitionDeps extends RecogniserDeps {
  readonly images: Pick<ImageStore, 'read' | 'put'>;
}

/** Patches are small and kept for years: visually lossless JPEG with full colour resolution is a fifth of a PNG. */
const encodePatch = ({ data, width, height }: Pixels): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();

/** `close` ends the engines; the compute pool belongs to who made it. */
export function createRecognition({ images, ...deps }: RecognitionDeps): Recognition {
  const recogniser = createRecogniser(deps);
  return {
    engines: () => recogniser.engines(),
    configure: (id, change) => recogniser.configure(id, change),
    recognise: (bytes, request, signal) => recogniser.recognise(bytes, request, signal),
    close: () => recogniser.close(),

    async locate(frameId, frame, request, signal) {
      const locatedBy = await recogniser.engineId(request.engine);
      const picture = await recogniser.decode(await images.read(frame.imageId));
      const found = await recogniser.find(picture, request, signal);
      return Promise.all(
        found.map(async ({ located, patch }, plateIndex): Promise<Patch> => {
          const { imageId, width, height } = await images.put(await encodePatch(patch), 'patch', 'marks');
          // Named by its place in the frame: a frame that is read again after a fall makes no second detection.
          return {
            ...located,
            readId: `${frameId}.${plateIndex}`,
            plateIndex,
            image: { imageId, width, height },
            locatedBy,
          };
        }),
      );
    },

    async read(patch, request, signal) {
      const pixels = await recogniser.decode(await images.read(patch.image.imageId));
      return recogniser.readPatch(pixels, patch.corners, patch.readId, request, signal);
    },
  };
}
