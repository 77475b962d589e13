/** Made-up traffic, so that a new install has something to show. */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCameraProtocol, number } from '../../core/plugins/define.ts';

export default defineCameraProtocol({
  id: 'demo',
  fields: { interval: number({ default: 8, min: 2, max: 3600, unit: 's' }) },
  async *frames({ config, renderScene, signal }) {
    // Begins elsewhere at each start: the same vehicles again would only be known frames.
    let seed = 2 * Math.floor(Date.now() / 1000);
    while (!signal.aborted) {
      const { bytes } = await renderScene(seed);
      yield {
        bytes,
        capturedAt: new Date(),
        capturedAtSource: 'device',
        eventKey: `scene-${seed}`,
        label: `scene-${seed}.jpg`,
      };
      seed++;
      // Two pictures of one vehicle come close together.
      const wait = seed % 2 === 1 ? 1_000 : config.interval * 1_000;
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  },
});
