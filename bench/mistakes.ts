/** What readers get wrong: which characters they mix up, and the plates themselves as one picture. */
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import type { Box } from '../core/message.ts';
import { setLine } from '../core/simulator/lettering.ts';

export interface Mistake {
  /** Relative to the folder of the manifest. */
  readonly file: string;
  readonly box: Box | null;
  readonly wanted: string;
  readonly said: string;
  readonly confidence: number;
}

const NOTHING = '·';

/** `truth read` for each character that was read wrong; `·` stands for one that was lost or made up (least edits). */
export function confusionsOf(wanted: string, said: string): string[] {
  const [a, b] = [Array.from(wanted), Array.from(said)];
  const cost: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) (cost[0] ?? [])[j] = j;
  const at = (i: number, j: number): number => cost[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const swap = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      (cost[i] ?? [])[j] = Math.min(swap, at(i - 1, j) + 1, at(i, j - 1) + 1);
    }
  }
  const pairs: string[] = [];
  let [i, j] = [a.length, b.length];
  while (i > 0 || j > 0) {
    const [x, y] = [a[i - 1] ?? NOTHING, b[j - 1] ?? NOTHING];
    if (i > 0 && j > 0 && at(i, j) === at(i - 1, j - 1) + (x === y ? 0 : 1)) {
      if (x !== y) pairs.push(`${x} ${y}`);
      [i, j] = [i - 1, j - 1];
    } else if (i > 0 && at(i, j) === at(i - 1, j) + 1) {
      pairs.push(`${x} ${NOTHING}`);
      i -= 1;
    } else {
      pairs.push(`${NOTHING} ${y}`);
      j -= 1;
    }
  }
  return pairs;
}

const [WIDTH, HEIGHT, LINE, COLUMNS] = [300, 120, 34, 5];

/** One picture with every mistake: the plate, what stands there, what was read. PNG bytes. */
export async function drawMistakes(data: string, mistakes: readonly Mistake[]): Promise<Buffer> {
  const rows = Math.max(1, Math.ceil(mistakes.length / COLUMNS));
  const layers: OverlayOptions[] = [];
  for (const [index, { file, box, wanted, said, confidence }] of mistakes.entries()) {
    const left = (index % COLUMNS) * WIDTH;
    const top = Math.floor(index / COLUMNS) * (HEIGHT + LINE * 2);
    let picture = sharp(join(data, file), { autoOrient: true });
    if (box !== null) {
      const { autoOrient: full } = await sharp(join(data, file)).metadata();
      const x = Math.max(0, Math.floor(box[0] - box[2] * 0.1));
      const y = Math.max(0, Math.floor(box[1] - box[3] * 0.2));
      const width = Math.min(full.width - x, Math.ceil(box[2] * 1.2));
      const height = Math.min(full.height - y, Math.ceil(box[3] * 1.4));
      picture = picture.extract({ left: x, top: y, width, height });
    }
    const fitted = await picture
      .resize({ width: WIDTH - 8, height: HEIGHT - 8, fit: 'contain', background: '#22252a' })
      .toBuffer();
    const line = (text: string, row: number, colour: string): string =>
      setLine('sarabun', text, { centre: WIDTH / 2, baseline: LINE * row - 9, size: 24, width: WIDTH - 12 }, colour);
    const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${LINE * 2}">${line(wanted, 1, '#ffffff')}${line(`${said || '-'}  ${confidence.toFixed(2)}`, 2, '#ff9d8a')}</svg>`;
    layers.push(
      { input: fitted, left: left + 4, top: top + 4 },
      { input: Buffer.from(words), left, top: top + HEIGHT },
    );
  }
  return sharp({
    create: { width: WIDTH * COLUMNS, height: rows * (HEIGHT + LINE * 2), channels: 3, background: '#22252a' },
  })
    .composite(layers)
    .png()
    .toBuffer();
}
