/** OpenCV's WASM build, loaded once per worker, and the two things that it needs: freeing and readable errors. */
import { loadOpenCV, type OpenCV } from '@opencvjs/node';
import { LprError } from '../../core/plugins/define.ts';

export type Cv = typeof OpenCV;

let loading: Promise<{ readonly cv: Cv }> | null = null;

/** In a box: the module has a `then` of its own that would be awaited for ever. */
export function openCv(): Promise<{ readonly cv: Cv }> {
  loading ??= loadOpenCV().then((cv) => ({ cv }));
  return loading;
}

interface Deletable {
  delete(): void;
}
export type Keep = <T extends Deletable>(thing: T) => T;

/**
 * Runs `work` and frees all that it kept: WASM memory is never collected by itself.
 * @throws engine_failed with OpenCV's own words: it throws bare numbers.
 */
export function withMats<T>(cv: Cv, work: (keep: Keep) => T): T {
  const kept: Deletable[] = [];
  try {
    return work((thing) => {
      kept.push(thing);
      return thing;
    });
  } catch (error) {
    if (typeof error !== 'number') throw error;
    const explain = cv as unknown as { exceptionFromPtr(pointer: number): { readonly msg: string } };
    throw new LprError('engine_failed', `OpenCV: ${explain.exceptionFromPtr(error).msg}`);
  } finally {
    for (const thing of kept) thing.delete();
  }
}
