/** The photographs with known plates that benchmarks and tests use when they are there. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Box } from '../core/message.ts';

export interface LabelledPlate {
  /** Null: a box whose text nobody read. */
  readonly text: string | null;
  readonly province: string | null;
  /** Null for crops. */
  readonly box: Box | null;
}

export interface LabelledPicture {
  /** Relative to the folder of the manifest. */
  readonly file: string;
  readonly kind: 'scene' | 'crop' | 'video';
  readonly region: string;
  readonly plates: readonly LabelledPlate[];
}

const BESIDE_THE_PROJECT = fileURLToPath(new URL('../../shared/data/plates', import.meta.url));

/** `given`, else `LPR_PLATES`, else the folder beside the project; null when there is no manifest. */
export function platesFolder(given?: string): string | null {
  const named = given ?? process.env['LPR_PLATES'];
  const folder = named === undefined || named === '' ? BESIDE_THE_PROJECT : resolve(named);
  return existsSync(join(folder, 'manifest.jsonl')) ? folder : null;
}

export async function readManifest(folder: string): Promise<readonly LabelledPicture[]> {
  const lines = await readFile(join(folder, 'manifest.jsonl'), 'utf8');
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as LabelledPicture);
}

export const folderOf = ({ file }: LabelledPicture): string => file.slice(0, Math.max(0, file.indexOf('/')));

/**
 * Whether the shipped networks were never trained on it. Of the Thai crops a tenth was held back: those whose SHA-256 of text
 * and province is 0 modulo 10. The other folders are either evaluation only, or the locator learned from them.
 */
export function isUnseen(picture: LabelledPicture): boolean {
  const folder = folderOf(picture);
  if (['det_ro', 'vn_scenes', 'intl_scenes'].includes(folder)) return false;
  if (folder !== 'th_crops') return true;
  const [plate] = picture.plates;
  const hash = createHash('sha256')
    .update(`${plate?.text ?? ''}${plate?.province ?? ''}`)
    .digest('hex');
  return BigInt(`0x${hash}`) % 10n === 0n;
}

/** At most `count` pictures, always the same ones: those whose names hash lowest. */
export function sampled(pictures: readonly LabelledPicture[], count: number): readonly LabelledPicture[] {
  if (pictures.length <= count) return pictures;
  const hash = (name: string): string => createHash('sha256').update(name).digest('hex');
  return pictures
    .map((picture) => ({ picture, key: hash(picture.file) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, count)
    .map(({ picture }) => picture);
}
