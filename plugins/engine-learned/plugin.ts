/** Our own networks, trained by `training/`: a locator with four corners per plate and a reader for Thai and foreign plates. */
import { defineOcrEngine, type EngineRead, type Located } from '../../core/plugins/define.ts';
import type { LocateArgs } from './locate.ts';
import { loadModel } from './models.ts';

const LOCATE = new URL('./locate.ts', import.meta.url);
const READ = new URL('./read.ts', import.meta.url);

export default defineOcrEngine({
  id: 'learned',
  fields: {},
  async setup({ compute }) {
    // Told at once and by name, not at the first picture.
    await Promise.all([loadModel('locator'), loadModel('reader')]);
    return {
      locate({ data, width, height }, options, signal) {
        const args: LocateArgs = { data, width, height, options };
        return compute.run<readonly Located[]>(LOCATE, 'locate', args, { signal });
      },
      read({ data, width, height }, _options, signal) {
        return compute.run<EngineRead>(READ, 'read', { data, width, height }, { signal });
      },
    };
  },
});
