/** Ends the compute pool while the locator runs in it: a process of its own, since a fault there would take the tests along. */
import { createComputePool } from '../core/recognition/recognition.ts';
import { quietLog } from './quiet-log.ts';

const compute = createComputePool({ size: 1, log: quietLog });
const [width, height] = [640, 480];
const args = { data: new Uint8Array(width * height * 3), width, height, options: { minPlateHeight: 12, maxPlates: 4 } };
const locate = (): Promise<unknown> =>
  compute.run(new URL('../plugins/engine-learned/locate.ts', import.meta.url), 'locate', args);
await locate();
const running = [locate(), locate()].map((one) => one.catch((error: unknown) => error));
await new Promise((resume) => setTimeout(resume, Number(process.argv[2])));
await compute.close();
await Promise.all(running);
