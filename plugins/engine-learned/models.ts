/** The shipped networks: where they lie, what they say about themselves, and whether they are whole. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LprError } from '../../core/plugins/define.ts';

export interface LocatorFacts {
  readonly file: string;
  readonly sha256: string;
  /** Pixels of the picture per cell of the answer. */
  readonly cell: number;
  /** Sides of the input are multiples of this. */
  readonly multiple: number;
}

export interface ReaderFacts {
  readonly file: string;
  readonly sha256: string;
  readonly input: { readonly height: number; readonly width: number };
  readonly slots: number;
  /** What each output means; the first character is "none". */
  readonly characters: readonly string[];
  /** ISO 3166-2; the last, null, is a plate without a province line. */
  readonly provinces: readonly (string | null)[];
  readonly countries: readonly string[];
  readonly sheets: readonly string[];
  readonly inks: readonly string[];
  /** From this confidence on, so large a share of the texts is right; measured on plates that were held back. */
  readonly accept: { readonly precision: number; readonly confidence: number };
}

export interface ModelFacts {
  readonly locator: LocatorFacts;
  readonly reader: ReaderFacts;
}

export type ModelName = keyof ModelFacts;

export const MODELS = fileURLToPath(new URL('../../models', import.meta.url));

const broken = (path: string, what: string, cause?: unknown): LprError =>
  new LprError(
    'engine_unavailable',
    `The model file ${path} ${what}. Restore it (git checkout -- models, or from the release), or choose another engine.`,
    { file: path },
    cause,
  );

/** @throws `engine_unavailable` that names the file when it is missing or damaged. */
export async function loadModel<N extends ModelName>(
  name: N,
  folder: string = MODELS,
): Promise<{ readonly facts: ModelFacts[N]; readonly bytes: Uint8Array }> {
  const about = join(folder, name, 'model.json');
  const facts = await readFile(about, 'utf8').then(
    (text) => {
      try {
        return JSON.parse(text) as ModelFacts[N];
      } catch (error) {
        throw broken(about, 'is damaged', error);
      }
    },
    (error: unknown) => {
      throw broken(about, 'is missing', error);
    },
  );
  const path = join(folder, name, facts.file);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw broken(path, 'is missing', error);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== facts.sha256) throw broken(path, 'is damaged');
  return { facts, bytes };
}
