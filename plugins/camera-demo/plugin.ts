/** Made-up traffic, so that a new install has something to show. */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineCameraProtocol, number } from '../../core/plugins/define.ts';

/** Who drives by here; some every day, some seldom. */
const FLEET = 300;
/** Nobody comes back before so many others have passed. */
const BEFORE_RETURN = 40;
/** Most vehicles are looked at twice. */
const TWICE = 0.8;
const LEAST_GAP_MS = 1_500;

export default defineCameraProtocol({
  id: 'demo',
  fields: { interval: number({ default: 8, min: 2, max: 3600, unit: 's' }) },
  async *frames({ config, renderScene, signal }) {
    // Begins elsewhere at each start: the same scenes again would only be known frames.
    let seed = 2 * Math.floor(Date.now() / 1000);
    const wait = (ms: number): Promise<unknown> => sleep(ms, undefined, { signal }).catch(() => undefined);
    const isOver = (): boolean => signal.aborted;
    let passed: readonly number[] = [];
    while (!isOver()) {
      let vehicle: number;
      do vehicle = Math.floor(FLEET * Math.random() ** 2);
      while (passed.includes(vehicle));
      passed = [...passed, vehicle].slice(-BEFORE_RETURN);
      const looks = Math.random() < TWICE ? 2 : 1;
      for (let look = 0; look < looks && !isOver(); look++) {
        const { bytes } = await renderScene(seed + look, vehicle);
        const name = `scene-${seed + look}`;
        yield { bytes, capturedAt: new Date(), capturedAtSource: 'device', eventKey: name, label: `${name}.jpg` };
        if (look + 1 < looks) await wait(400 + 600 * Math.random());
      }
      seed += 2;
      // Vehicles come at random: gaps are exponential, cut where they would bore.
      const gap = Math.min(3, -Math.log(1 - Math.random())) * config.interval * 1_000;
      await wait(Math.max(LEAST_GAP_MS, gap));
    }
  },
});
