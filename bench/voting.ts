/** What several looks at one vehicle gain over one: drawn plates seen badly several times, and the clips frame by frame. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import type { ReadRecord } from '../core/detections/detection-store.ts';
import { vote } from '../core/detections/vote.ts';
import { LprError } from '../core/errors.ts';
import type { PlateRead } from '../core/message.ts';
import { plateSimilarity } from '../core/plates/plates.ts';
import type { Log } from '../core/plugins/define.ts';
import { loadPlugins } from '../core/plugins/plugins.ts';
import { createComputePool, createRecogniser, type Recogniser } from '../core/recognition/recognition.ts';
import { createRandom } from '../core/simulator/random.ts';
import { renderPlate, renderScene } from '../core/simulator/simulator.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { readManifest } from './plates-data.ts';
import { shareInterval } from './statistics.ts';

const LOOKS = [1, 3, 5, 9] as const;
const MOST_LOOKS = 9;
/** Reads this like a clip's plate are looks at it. */
const SAME_PLATE = 0.6;
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const picture = { imageId: '', width: 0, height: 0 };

const record = (read: PlateRead): ReadRecord => ({
  ...read,
  ...{ frameId: '', frame: picture, patch: picture, box: [0, 0, 0, 0], capturedAt: new Date(0) },
  corners: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
});

const voted = (reads: readonly PlateRead[]): string => {
  const [first, ...rest] = reads.filter(({ plateNumber }) => plateNumber !== '').map(record);
  return first === undefined ? '' : vote([first, ...rest]).plateNumber;
};

/** The plate as a poor camera sees it: small, soft, noisy, each time in another way. */
async function poorLook(plate: Buffer, seed: number): Promise<Buffer> {
  const random = createRandom(seed);
  const width = random.whole(38, 60);
  const { data, info } = await sharp(plate)
    .resize({ width })
    .blur(random.between(0.5, 1.1))
    .rotate(random.between(-4, 4), { background: '#3a3c40' })
    .modulate({ brightness: random.between(0.4, 1.1) })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const noise = random.between(4, 22);
  for (let k = 0; k < data.length; k++) {
    data[k] = Math.min(255, Math.max(0, (data[k] ?? 0) + (random.next() + random.next() - 1) * noise));
  }
  const { width: w, height: h } = info;
  return sharp(data, { raw: { width: w, height: h, channels: 3 } })
    .jpeg({ quality: random.whole(45, 85) })
    .toBuffer();
}

async function drawn(
  recogniser: Recogniser,
  engine: string,
  count: number,
  options: BenchOptions,
): Promise<Record<string, number>> {
  const right = new Map<number, number>(LOOKS.map((looks) => [looks, 0]));
  const request = { engine, crop: true, countries: ['TH'], minPlateHeight: 6, maxPlates: 1 };
  for (let vehicle = 0; vehicle < count; vehicle++) {
    const [truth] = (await renderScene({ seed: vehicle * 2, width: 320, height: 180 })).plates;
    if (!truth) throw new LprError('internal', 'A drawn road has no plate.');
    const plate = await renderPlate(truth, { width: 340, seed: vehicle });
    const reads: PlateRead[] = [];
    for (let look = 0; look < MOST_LOOKS; look++) {
      const bytes = await poorLook(plate, vehicle * MOST_LOOKS + look);
      const [seen] = await recogniser.recognise(bytes, request, new AbortController().signal);
      if (seen) reads.push(seen.read);
    }
    for (const looks of LOOKS) {
      const isRight = voted(reads.slice(0, looks)) === truth.plateNumber;
      right.set(looks, (right.get(looks) ?? 0) + (isRight ? 1 : 0));
    }
  }
  options.print(`drawn plates seen badly: ${count} vehicles`);
  const figures: Record<string, number> = {};
  for (const [looks, hits] of right) {
    const { low, high } = shareInterval(hits, count);
    figures[`drawn.text_exact_${looks}`] = hits / count;
    options.print(
      `  ${looks} look${looks === 1 ? ' ' : 's'}  ${((100 * hits) / count).toFixed(1).padStart(5)} %  (${(low * 100).toFixed(1)} – ${(high * 100).toFixed(1)})`,
    );
  }
  return figures;
}

async function clips(
  recogniser: Recogniser,
  engine: string,
  data: string,
  options: BenchOptions,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const run = promisify(execFile);
  for (const clip of (await readManifest(data)).filter(({ kind }) => kind === 'video')) {
    const folder = await mkdtemp(join(tmpdir(), 'lpr-clip-'));
    try {
      await run('ffmpeg', [
        '-loglevel',
        'error',
        '-i',
        join(data, clip.file),
        '-vf',
        'fps=5',
        '-q:v',
        '2',
        join(folder, '%05d.jpg'),
      ]);
      const reads: PlateRead[] = [];
      for (const file of (await readdir(folder)).sort()) {
        const request = { engine, crop: false, countries: [], minPlateHeight: 12, maxPlates: 8 };
        const seen = await recogniser.recognise(
          await readFile(join(folder, file)),
          request,
          new AbortController().signal,
        );
        reads.push(...seen.map(({ read }) => read));
      }
      for (const { text } of clip.plates) {
        if (text === null) continue;
        const looks = reads.filter(({ plateNumber }) => plateSimilarity(plateNumber, text) >= SAME_PLATE);
        const exact = looks.filter(({ plateNumber }) => plateNumber === text).length;
        const isRight = voted(looks) === text;
        figures[`${clip.file}.${clip.plates.findIndex((plate) => plate.text === text)}.single`] =
          exact / Math.max(1, looks.length);
        figures[`${clip.file}.${clip.plates.findIndex((plate) => plate.text === text)}.voted`] = isRight ? 1 : 0;
        options.print(
          `${clip.file}: ${looks.length} looks, ${exact} of them right; voted: ${isRight ? 'right' : 'wrong'}`,
        );
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return figures;
}

export default {
  about: 'What voting over several looks gains [--engine learned] [--count 200]; clips need ffmpeg',

  async run(options: BenchOptions): Promise<BenchResult> {
    const { data, args, print } = options;
    const count = Number(args['count'] ?? 200);
    if (!Number.isInteger(count) || count < 1) {
      throw new LprError('invalid_input', `--count ${args['count'] ?? ''}: give a whole number from 1.`);
    }
    const plugins = await loadPlugins(fileURLToPath(new URL('../plugins', import.meta.url)));
    const compute = createComputePool({ size: 1, log: silent });
    const recogniser = createRecogniser({ plugins, compute, log: silent });
    try {
      const engine = await recogniser.engineId(args['engine'] ?? '');
      const figures = await drawn(recogniser, engine, count, options);
      const hasFfmpeg = await promisify(execFile)('ffmpeg', ['-version']).then(
        () => true,
        () => false,
      );
      if (data === null || !hasFfmpeg)
        print(`clips left out: ${data === null ? 'no photographs are there' : 'ffmpeg is not installed'}`);
      else Object.assign(figures, await clips(recogniser, engine, data, options));
      return { figures, targets: {} };
    } finally {
      await recogniser.close();
      await compute.close();
    }
  },
} satisfies Bench;
