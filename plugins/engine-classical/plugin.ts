/** Plates without a trained detector: OpenCV finds rows of characters on a sheet, Tesseract reads them. */
import { defineOcrEngine, type EngineRead, type Located } from '../../core/plugins/define.ts';
import type { LocateArgs } from './locate.ts';
import type { ReadArgs } from './read.ts';

const LOCATE = new URL('./locate.ts', import.meta.url);
const READ = new URL('./read.ts', import.meta.url);

export default defineOcrEngine({
  id: 'classical',
  fields: {},
  setup({ compute }) {
    return Promise.resolve({
      locate({ data, width, height }, options, signal) {
        const args: LocateArgs = { data, width, height, options };
        return compute.run<readonly Located[]>(LOCATE, 'locate', args, { signal });
      },
      read({ data, width, height }, options, signal) {
        const args: ReadArgs = { data, width, height, options };
        return compute.run<EngineRead>(READ, 'read', args, { signal });
      },
    });
  },
});
