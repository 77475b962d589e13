/** Frame → reads on pixels alone: engines, straightening, quality, judging. Stores nothing. */
import { decodePixels } from '../images/decode.ts';
import { LprError, errorCode, errorMessage } from '../errors.ts';
import { parseConfig } from '../fields.ts';
import type { Corners, Located, PlateRead, Point, Quality } from '../message.ts';
import type { ComputePool, Log, OcrEngine, Pixels } from '../plugins/define.ts';
import type { Plugins } from '../plugins/plugins.ts';
import { judgeRead } from './judge.ts';
import type { EngineSettings } from './engine-settings.ts';
import type {
  EngineChange,
  EngineInfo,
  LocateRequest,
  ReadRequest,
  RecogniseRequest,
  Recognised,
} from './recognition.ts';
import { boxAround, cutOut, wholeCorners } from './straighten.ts';
import type { StraightenArgs, StraightenedPlate } from './straighten-task.ts';

/** Frames are searched and cut at no more than this: a 100 megapixel picture would need 300 MB. */
const MAX_FRAME_SIDE = 4096;
/**
 * What is reported of a whole picture: a text that is sure enough, or a doubtful one where surely a plate is. On labelled
 * road photographs most reads on things that are no plate lie below both.
 */
const LEAST_REPORTED = 0.3;
const SURELY_A_PLATE = 0.6;
export const isReported = ({ located, read }: Recognised): boolean =>
  read.plateNumber !== '' &&
  (located.confidence >= SURELY_A_PLATE || Math.min(located.confidence, read.confidence) >= LEAST_REPORTED);

const STRAIGHTEN = new URL('./straighten-task.ts', import.meta.url);

export interface FoundPlate {
  readonly located: Located;
  readonly patch: StraightenedPlate;
}

/** Decoded pixels and the size of the picture that they come from. */
export interface Frame extends Pixels {
  readonly fullWidth: number;
  readonly fullHeight: number;
}

export interface Recogniser {
  engines(): Promise<readonly EngineInfo[]>;
  configure(id: string, change: EngineChange): Promise<EngineInfo>;
  decode(bytes: Uint8Array): Promise<Frame>;
  /** Engine id that `''` stands for. @throws engine_unknown */
  engineId(wanted: string): Promise<string>;
  find(frame: Frame, request: LocateRequest, signal: AbortSignal): Promise<readonly FoundPlate[]>;
  straighten(frame: Frame, corners: Corners, signal: AbortSignal): Promise<StraightenedPlate>;
  readPatch(
    patch: Pixels,
    /** Where the plate was in its frame; null when nobody knows: then the patch itself is all there is. */
    corners: Corners | null,
    readId: string,
    request: ReadRequest,
    signal: AbortSignal,
  ): Promise<PlateRead>;
  recognise(bytes: Uint8Array, request: RecogniseRequest, signal: AbortSignal): Promise<readonly Recognised[]>;
  close(): Promise<void>;
}

export interface RecogniserDeps {
  readonly plugins: Plugins;
  readonly compute: ComputePool;
  readonly log: Log;
  /** What people chose; absent where nobody can (command line, bench): every engine as it comes. */
  readonly settings?: EngineSettings;
}

export function createRecogniser({ plugins, compute, log, settings }: RecogniserDeps): Recogniser {
  const stop = new AbortController();
  const running = new Map<string, Promise<OcrEngine>>();

  const ids = (): string[] => plugins.list('ocrEngine').map(({ id }) => id);

  /** Where nobody has chosen: our own networks. */
  const FIRST_CHOICE = 'learned';

  const engineId = async (wanted: string): Promise<string> => {
    const known = ids();
    const preferred =
      wanted || (await settings?.defaultEngine()) || (known.includes(FIRST_CHOICE) ? FIRST_CHOICE : known[0]);
    if (preferred !== undefined && known.includes(preferred)) return preferred;
    const choices = known.length === 0 ? 'none is installed' : `choose one of ${known.join(', ')}`;
    throw new LprError('engine_unknown', `There is no engine "${preferred ?? ''}": ${choices}.`, {
      engine: preferred ?? '',
      problems: [{ field: 'engine', problem: choices }],
    });
  };

  /** Set up once; a failed set-up is tried again at the next use. */
  const engine = (id: string): Promise<OcrEngine> => {
    const known = running.get(id);
    if (known) return known;
    const plugin = plugins.find('ocrEngine', id);
    if (!plugin) throw new LprError('engine_unknown', `There is no engine "${id}".`, { engine: id });
    const starting = (async (): Promise<OcrEngine> => {
      const config = settings ? await settings.configOf(plugin) : parseConfig(plugin.fields, {});
      return plugin.setup({ config, log, signal: stop.signal, compute });
    })();
    running.set(id, starting);
    starting.catch(() => running.delete(id));
    return starting;
  };

  const describe = async (id: string): Promise<EngineInfo> => {
    const plugin = plugins.find('ocrEngine', id);
    const shown = plugin && settings ? await settings.shown(plugin) : {};
    // Of a set of engines that lacks the chosen one, none is the default: reads say so.
    const isDefault = (await engineId('').catch(() => null)) === id;
    try {
      const ready = await engine(id);
      const [locates, reads] = [ready.locate !== undefined, ready.read !== undefined];
      return { id, isDefault, config: shown, locates, reads, problem: null };
    } catch (error) {
      const problem = { code: errorCode(error), message: errorMessage(error) };
      return { id, isDefault, config: shown, locates: false, reads: false, problem };
    }
  };

  const cannot = (id: string, verb: string): LprError =>
    new LprError('engine_cannot', `The engine "${id}" cannot ${verb} plates: choose another one for this step.`, {
      engine: id,
      problems: [{ field: 'engine', problem: `cannot ${verb}` }],
    });

  /** What an engine throws keeps its code when it is one of ours, and is `engine_failed` otherwise. */
  const guarded = async <T>(id: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const either = AbortSignal.any([signal, stop.signal]);
    if (either.aborted) throw new LprError('stopping', 'The work was given up because it is no longer wanted.');
    try {
      return await work(either);
    } catch (error) {
      if (errorCode(error) !== 'internal') throw error;
      throw new LprError('engine_failed', `The engine "${id}" failed: ${errorMessage(error)}`, { engine: id }, error);
    }
  };

  const straighten = (frame: Frame, corners: Corners, signal: AbortSignal): Promise<StraightenedPlate> => {
    const toX = frame.width / frame.fullWidth;
    const toY = frame.height / frame.fullHeight;
    const inPixels = corners.map(([x, y]): Point => [x * toX, y * toY]) as unknown as Corners;
    const [x, y, width, height] = boxAround(inPixels);
    const piece = cutOut(frame, [x - 2, y - 2, width + 4, height + 4]);
    const args: StraightenArgs = {
      data: piece.data,
      width: piece.width,
      height: piece.height,
      corners: inPixels.map(([px, py]): Point => [px - piece.left, py - piece.top]) as unknown as Corners,
    };
    return compute.run(STRAIGHTEN, 'straightenPlate', args, { transfer: [piece.data.buffer as ArrayBuffer], signal });
  };

  const find = async (frame: Frame, request: LocateRequest, signal: AbortSignal): Promise<readonly FoundPlate[]> => {
    const id = await engineId(request.engine);
    const toFull = frame.fullWidth / frame.width;
    return guarded(id, signal, async (either) => {
      const ready = await engine(id);
      if (!ready.locate) throw cannot(id, 'locate');
      const { minPlateHeight, maxPlates } = request;
      const seen = await ready.locate(
        { data: frame.data, width: frame.width, height: frame.height },
        { minPlateHeight: minPlateHeight / toFull, maxPlates },
        either,
      );
      return Promise.all(
        [...seen]
          .sort((a, b) => b.confidence - a.confidence)
          .slice(0, maxPlates)
          .map(async (plate): Promise<FoundPlate> => {
            const located = enlarged(plate, frame);
            return { located, patch: await straighten(frame, located.corners, either) };
          }),
      );
    });
  };

  const readPatch: Recogniser['readPatch'] = async (patch, corners, readId, request, signal) => {
    const id = await engineId(request.engine);
    return guarded(id, signal, async (either) => {
      const ready = await engine(id);
      if (!ready.read) throw cannot(id, 'read');
      const { countries } = request;
      const { width, height, data } = patch;
      const [seen, quality] = await Promise.all([
        ready.read({ data, width, height }, { countries }, either),
        compute.run<Quality>(
          STRAIGHTEN,
          'measurePatch',
          { data, width, height, corners: corners ?? wholeCorners(width, height) },
          { signal: either },
        ),
      ]);
      return judgeRead(seen, { readId, engine: id, quality, countries });
    });
  };

  const decode = (bytes: Uint8Array): Promise<Frame> => decodePixels(bytes, { maxSide: MAX_FRAME_SIDE });

  return {
    engineId,
    decode,
    find,
    straighten,
    readPatch,

    engines: () => Promise.all(ids().map(describe)),

    async configure(id, { config, isDefault }) {
      const plugin = plugins.find('ocrEngine', id);
      if (!plugin || !settings) throw new LprError('not_found', `There is no engine "${id}".`, { engine: id });
      if (config !== undefined) {
        await settings.save(plugin, config);
        const before = running.get(id);
        running.delete(id);
        // What it is reading now it reads to the end.
        if (before) await before.then((one) => one.close?.()).catch(() => undefined);
      }
      if (isDefault) await settings.makeDefault(id);
      return describe(id);
    },

    async recognise(bytes, request, signal) {
      const frame = await decode(bytes);
      const found = request.crop ? [await wholePicture(frame, straighten, signal)] : await find(frame, request, signal);
      const reads = await Promise.all(
        found.map(async ({ located, patch }, index) => ({
          located,
          read: await readPatch(patch, located.corners, String(index), request, signal),
        })),
      );
      // With `crop` the caller says that it is a plate: the one read is the answer, whatever it holds.
      return request.crop || request.everything ? reads : reads.filter(isReported);
    },

    async close() {
      stop.abort();
      const engines = await Promise.allSettled(running.values());
      running.clear();
      for (const one of engines) if (one.status === 'fulfilled') await one.value.close?.();
    },
  };
}

async function wholePicture(
  frame: Frame,
  straighten: Recogniser['straighten'],
  signal: AbortSignal,
): Promise<FoundPlate> {
  const { fullWidth, fullHeight } = frame;
  const corners = wholeCorners(fullWidth, fullHeight);
  const located: Located = { box: [0, 0, fullWidth, fullHeight], corners, confidence: 1 };
  return { located, patch: await straighten(frame, corners, signal) };
}

/** From the pixels that were searched to those of the whole picture, clipped to it. */
function enlarged({ corners, confidence }: Located, { width, height, fullWidth, fullHeight }: Frame): Located {
  const scaled = corners.map(([x, y]): Point => [(x * fullWidth) / width, (y * fullHeight) / height]);
  const four = scaled as unknown as Corners;
  const [x, y, w, h] = boxAround(four);
  const left = Math.min(fullWidth - 1, Math.max(0, x));
  const top = Math.min(fullHeight - 1, Math.max(0, y));
  const right = Math.max(left + 1, Math.min(fullWidth, x + w));
  const bottom = Math.max(top + 1, Math.min(fullHeight, y + h));
  return { box: [left, top, right - left, bottom - top], corners: four, confidence };
}
