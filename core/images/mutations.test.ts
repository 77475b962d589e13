/** Hundreds of damaged files: each gets a clear answer, and memory does not grow. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

interface Outcome {
  readonly codes: Readonly<Record<string, number>>;
  readonly after100: number;
  readonly after500: number;
}

/** In a process of its own: only there is its memory its own. */
async function run(): Promise<Outcome> {
  const root = join(import.meta.dirname, '../..');
  const program = `
    const { inspectImage, decodePixels } = await import(${JSON.stringify(join(root, 'core/images/decode.ts'))});
    const { renderScene } = await import(${JSON.stringify(join(root, 'core/simulator/simulator.ts'))});
    const { default: sharp } = await import('sharp');
    const scene = await renderScene({ seed: 3, width: 640, height: 360 });
    const bases = [scene.bytes];
    for (const format of ['png', 'webp', 'tiff', 'gif']) bases.push(await sharp(scene.bytes).resize(320).toFormat(format).toBuffer());
    let state = 42;
    const random = (below) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor((state / 2 ** 32) * below); };
    const codes = {};
    let after100 = 0;
    const memory = () => { gc(); gc(); return process.memoryUsage().rss; };
    for (let n = 1; n <= 500; n++) {
      const bytes = Buffer.from(bases[n % bases.length]);
      for (let i = 0; i <= random(40); i++) bytes[random(bytes.length)] = random(256);
      const cut = random(3) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      let code = 'decoded';
      try {
        await inspectImage(cut);
        await decodePixels(cut, { maxSide: 800 });
      } catch (error) {
        code = String(error.code);
      }
      codes[code] = (codes[code] ?? 0) + 1;
      if (n === 100) after100 = memory();
    }
    console.log(JSON.stringify({ codes, after100, after500: memory() }));`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise((done) => child.once('close', done));
  expect(status).toBe(0);
  return JSON.parse(output) as Outcome;
}

test('500 damaged files: a picture or a code each, and memory within 10 % of that after 100', async () => {
  const { codes, after100, after500 } = await run();
  const known = ['decoded', 'image_empty', 'image_not_a_picture', 'image_truncated', 'image_too_many_pixels'];
  expect(Object.keys(codes).filter((code) => !known.includes(code))).toEqual([]);
  expect(codes['decoded']).toBeGreaterThan(50);
  expect(codes['image_truncated']).toBeGreaterThan(50);
  expect(after500 / after100).toBeLessThan(1.1);
});
