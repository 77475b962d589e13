/** How many pictures a second one and two workers read, what a second worker costs in memory, and whether memory stays flat. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { LprError } from '../core/errors.ts';
import type { Log } from '../core/plugins/define.ts';
import { loadPlugins } from '../core/plugins/plugins.ts';
import { createComputePool, createRecogniser, type Recogniser } from '../core/recognition/recognition.ts';
import { renderScene } from '../core/simulator/simulator.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { calibrationMs } from './calibration.ts';
import { folderOf, readManifest, sampled } from './plates-data.ts';
import { quantile } from './statistics.ts';

const REQUEST = { crop: false, countries: [], minPlateHeight: 12, maxPlates: 16 } as const;
const SIDE = 1280;
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const memory = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};

/** JPEG of 1280 pixels' width: photographs where there are some, else drawn roads. */
async function pictures(data: string | null): Promise<readonly Buffer[]> {
  if (data === null) {
    return Promise.all(Array.from({ length: 12 }, async (_, seed) => Buffer.from((await renderScene({ seed })).bytes)));
  }
  const all = (await readManifest(data)).filter((one) => ['openalpr_us', 'openalpr_br'].includes(folderOf(one)));
  return Promise.all(
    sampled(all, 40).map(async ({ file }) =>
      sharp(await readFile(join(data, file)), { autoOrient: true })
        .resize({ width: SIDE })
        .jpeg({ quality: 88 })
        .toBuffer(),
    ),
  );
}

async function readAll(
  recogniser: Recogniser,
  engine: string,
  frames: readonly Buffer[],
  count: number,
  lanes: number,
): Promise<number[]> {
  const ms: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const frame = frames[next++ % frames.length];
      if (!frame) return;
      const started = performance.now();
      await recogniser.recognise(frame, { engine, ...REQUEST }, new AbortController().signal);
      ms.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return ms;
}

export default {
  about: 'Pictures a second with 1 and 2 workers, memory over many pictures [--engine learned] [--count 5000]',

  async run({ data, args, print }: BenchOptions): Promise<BenchResult> {
    const count = Number(args['count'] ?? 5000);
    if (!Number.isInteger(count) || count < 100) {
      throw new LprError('invalid_input', `--count ${args['count'] ?? ''}: give a whole number from 100.`);
    }
    const engineName = args['engine'] ?? 'learned';
    const plugins = await loadPlugins(fileURLToPath(new URL('../plugins', import.meta.url)));
    const frames = await pictures(data);
    sharp.concurrency(1);
    const figures: Record<string, number> = {};
    const before = calibrationMs();
    const settled: number[] = [];
    for (const workers of [1, 2]) {
      const compute = createComputePool({ size: workers, log: silent });
      const recogniser = createRecogniser({ plugins, compute, log: silent });
      const engine = await recogniser.engineId(engineName);
      try {
        const part = Math.floor(count / 2);
        // Twice as many as workers: decoding of one picture overlaps with the search of another. The allocator's pools fill
        // over the first two thousand pictures; flat means flat after them.
        await readAll(recogniser, engine, frames, count - part, workers * 2);
        const start = memory();
        const started = performance.now();
        // One at a time where the time of one is told.
        const lanes = workers === 1 ? 1 : workers * 2;
        const ms = (await readAll(recogniser, engine, frames, part, lanes)).sort((a, b) => a - b);
        const rate = part / ((performance.now() - started) / 1000);
        const end = memory();
        settled.push(end);
        figures[`pictures_per_second_${workers}`] = rate;
        figures[`ms_median_${workers}`] = quantile(ms, 0.5);
        figures[`memory_growth_mb_${workers}`] = end - start;
        print(
          `${workers} worker${workers === 1 ? ' ' : 's'}: ${rate.toFixed(1)} pictures a second; a picture ${quantile(ms, 0.5).toFixed(1)} ms median, ${quantile(ms, 0.95).toFixed(1)} ms p95; memory ${start.toFixed(0)} → ${end.toFixed(0)} MB over ${part} pictures`,
        );
        if (workers === 1) {
          const [frame] = frames;
          if (!frame) throw new LprError('invalid_input', 'There are no pictures to read.');
          const decoded = await recogniser.decode(frame);
          const signal = new AbortController().signal;
          const [w, h] = [decoded.fullWidth, decoded.fullHeight];
          const corners = [
            [w * 0.4, h * 0.5],
            [w * 0.55, h * 0.5],
            [w * 0.55, h * 0.58],
            [w * 0.4, h * 0.58],
          ] as const;
          const each: number[] = [];
          for (let k = 0; k < 200; k++) {
            const from = performance.now();
            const patch = await recogniser.straighten(decoded, corners, signal);
            await recogniser.readPatch(patch, corners, 'x', { engine, countries: [] }, signal);
            each.push(performance.now() - from);
          }
          figures['ms_further_plate'] = quantile(
            each.sort((a, b) => a - b),
            0.5,
          );
          print(`a further plate: ${(figures['ms_further_plate'] ?? 0).toFixed(1)} ms`);
        }
      } finally {
        await recogniser.close();
        await compute.close();
      }
    }
    figures['second_worker_mb'] = (settled[1] ?? 0) - (settled[0] ?? 0);
    figures['speed_up'] = (figures['pictures_per_second_2'] ?? 0) / (figures['pictures_per_second_1'] ?? 1);
    print(
      `a second worker adds ${(figures['second_worker_mb'] ?? 0).toFixed(0)} MB and makes it ${(figures['speed_up'] ?? 0).toFixed(2)} times as fast`,
    );
    print(`calibration loop ${before.toFixed(1)} ms before, ${calibrationMs().toFixed(1)} ms after`);
    return {
      figures,
      targets: {
        ms_median_1: { max: 20 },
        ms_further_plate: { max: 4 },
        second_worker_mb: { max: 250 },
        memory_growth_mb_2: { max: 60 },
      },
    };
  },
} satisfies Bench;
