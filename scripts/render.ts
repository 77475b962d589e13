/** `npm run render -- --count N --out DIR`: plates with known truth for training, as shards that `training/` reads. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { draws, type Face, type FontFace } from '../core/simulator/lettering.ts';
import { renderScene } from '../core/simulator/simulator.ts';
import { renderTrainingPlate, TRAINING_PLATE, type TrainingFaces } from '../core/simulator/training-plates.ts';

const USAGE = `usage: npm run render -- --count N --out DIR [--seed N] [--thai SHARE] [--scenes N] [--bundled-faces]

  --count N          plates to draw
  --out DIR          where the shards go: shard-0000.bin (pictures, 96 x 256 RGB bytes each) and shard-0000.jsonl (labels)
  --seed N           the same seed draws the same plates; default 1
  --thai SHARE       share of Thai plates, 0 to 1; default 0.4
  --scenes N         so many road scenes, too: scene-00000.jpg and scenes.jsonl (file and the four corners of each plate)
  --bundled-faces    only the typefaces that the hub itself brings, for a quick try`;

const SHARD = 5000;
const FONTS = join(dirname(fileURLToPath(import.meta.url)), '../training/node_modules/@expo-google-fonts');
/** Plates are lettered in strong strokes. */
const WEIGHTS = /^(500Medium|600SemiBold|700Bold)$/;
const ONLY_WEIGHT = '400Regular';
/** Handwriting: on plates it stands beside the number, never in it. */
const SCRIPTS = ['lobster', 'pacifico'];

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

async function trainingFaces(): Promise<TrainingFaces> {
  const families = await readdir(FONTS).catch(() =>
    fail('The typefaces are missing: run "npm ci --prefix training" first.'),
  );
  const thai: Face[] = [];
  const latin: Face[] = [];
  const print: Face[] = [];
  for (const family of families) {
    const entries = await readdir(join(FONTS, family));
    const strong = entries.filter((entry) => WEIGHTS.test(entry));
    for (const weight of strong.length > 0 ? strong : entries.filter((entry) => entry === ONLY_WEIGHT)) {
      for (const file of await readdir(join(FONTS, family, weight))) {
        if (!file.endsWith('.ttf')) continue;
        const face = `/${join(FONTS, family, weight, file).slice(1)}` as FontFace;
        if (draws(face, 'กขฮ0123456789')) thai.push(face);
        if (draws(face, 'ABCXYZ0123456789')) (SCRIPTS.includes(family) ? print : latin).push(face);
      }
    }
  }
  const [firstThai, ...moreThai] = thai;
  const [firstLatin, ...moreLatin] = latin;
  if (firstThai === undefined || firstLatin === undefined)
    fail(`No usable typefaces in ${FONTS}: run "npm ci --prefix training" again.`);
  return {
    thai: [firstThai, ...moreThai],
    latin: [firstLatin, ...moreLatin],
    print: [firstLatin, ...moreLatin, ...print, ...print],
  };
}

const BUNDLED: TrainingFaces = {
  thai: ['sarabun', 'looped', 'kanit'],
  latin: ['barlow', 'overpass', 'kanit'],
  print: ['overpass', 'kanit'],
};

const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    thai: { type: 'string', default: '0.4' },
    scenes: { type: 'string', default: '0' },
    'bundled-faces': { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const seed = Number(values.seed);
const scenes = Number(values.scenes);
const thaiShare = Number(values.thai);
if (!Number.isInteger(count) || count < 0) fail(`--count must be a whole number.\n\n${USAGE}`);
if (values.out === undefined) fail(`--out is missing.\n\n${USAGE}`);
if (!Number.isInteger(seed)) fail(`--seed must be a whole number.\n\n${USAGE}`);
if (!Number.isInteger(scenes) || scenes < 0) fail(`--scenes must be a whole number.\n\n${USAGE}`);
if (!(thaiShare >= 0 && thaiShare <= 1)) fail(`--thai must be between 0 and 1.\n\n${USAGE}`);

const out = resolve(values.out);
await mkdir(out, { recursive: true });
const faces = values['bundled-faces'] ? BUNDLED : await trainingFaces();
sharp.concurrency(1);
const started = performance.now();
for (let first = 0; first < count; first += SHARD) {
  const name = join(out, `shard-${String(first / SHARD).padStart(4, '0')}`);
  const pictures = createWriteStream(`${name}.bin`);
  const labels = createWriteStream(`${name}.jsonl`);
  for (let at = first; at < Math.min(count, first + SHARD); at += 8) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(8, count - at, first + SHARD - at) }, (_, k) =>
        renderTrainingPlate({ seed: seed * 10_000_000 + at + k, faces, thaiShare }),
      ),
    );
    for (const { pixels, label } of batch) {
      pictures.write(pixels);
      labels.write(`${JSON.stringify(label)}\n`);
    }
    if (pictures.writableNeedDrain) await once(pictures, 'drain');
    if (process.stderr.isTTY && at % 200 === 0) process.stderr.write(`\r${at} of ${count}`);
  }
  pictures.end();
  labels.end();
  await Promise.all([finished(pictures), finished(labels)]);
}
if (scenes > 0) {
  const truths: string[] = [];
  for (let k = 0; k < scenes; k++) {
    const file = `scene-${String(k).padStart(5, '0')}.jpg`;
    const scene = await renderScene({ seed: seed * 10_000_000 + k, width: 960, height: 540, distractors: true });
    await writeFile(join(out, file), scene.bytes);
    truths.push(JSON.stringify({ file, plates: scene.plates.map(({ corners }) => ({ corners })) }));
  }
  await writeFile(join(out, 'scenes.jsonl'), `${truths.join('\n')}\n`);
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${count} plates of ${TRAINING_PLATE.width} x ${TRAINING_PLATE.height} and ${scenes} scenes in ${out} after ${seconds.toFixed(0)} s\n`,
);
