/** What the motion gate costs per picture, and whether it lets the simulator's vehicles through. */
import sharp from 'sharp';
import { createMotionGate } from '../core/cameras/motion-gate.ts';
import { renderScene } from '../core/simulator/simulator.ts';
import type { Bench, BenchResult } from './bench.ts';

const PASSES = 40;
const LOOKS = 200;
const SIZES = [
  [1280, 720],
  [1920, 1080],
  [3840, 2160],
] as const;

const bench: Bench = {
  about: 'motion gate: processor time per picture at three sizes, and vehicles seen',
  async run({ print }): Promise<BenchResult> {
    const figures: Record<string, number> = {};
    for (const [width, height] of SIZES) {
      const { bytes } = await renderScene({ seed: 2, width, height });
      const gate = createMotionGate('high');
      const from = process.cpuUsage();
      for (let i = 0; i < LOOKS; i++) await gate.moves(bytes, i * 200);
      const { user, system } = process.cpuUsage(from);
      const cost = Math.round((user + system) / LOOKS / 10) / 100;
      figures[`cpuMs${height}p`] = cost;
      print(`${width}x${height}, ${Math.round(bytes.length / 1024)} kB: ${cost} ms of processor per picture`);
    }
    // Both pictures of a pass show one vehicle on one road: the second must be seen as a change against the first.
    let seen = 0;
    for (let pass = 0; pass < PASSES; pass++) {
      const gate = createMotionGate('high');
      const [first, second] = await Promise.all([renderScene({ seed: 2 * pass }), renderScene({ seed: 2 * pass + 1 })]);
      await gate.moves(first.bytes, 0);
      const softened = await sharp(first.bytes).jpeg({ quality: 60 }).toBuffer();
      await gate.moves(softened, 200);
      if (await gate.moves(second.bytes, 400)) seen++;
    }
    figures['vehiclesSeen'] = seen / PASSES;
    print(`${seen} of ${PASSES} vehicles seen when they came nearer`);
    return { figures, targets: { cpuMs1080p: { max: 15 }, vehiclesSeen: { min: 1 } } };
  },
};
export default bench;
