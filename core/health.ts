/** What `GET /health` asks: does everything that is needed work, and if not, what would mend it. */
import type { Database } from './db/database.ts';
import { errorMessage, LprError } from './errors.ts';
import type { HealthPart, Hub } from './hub.ts';
import type { ImageStore } from './images/images.ts';
import type { Retention } from './images/retention.ts';
import type { Recognition } from './recognition/recognition.ts';

export interface HealthOf {
  readonly database: Pick<Database, 'ping'>;
  readonly images: Pick<ImageStore, 'freeBytes' | 'check'>;
  readonly recognition: Pick<Recognition, 'engines'>;
  readonly retention: Pick<Retention, 'problem'>;
  readonly flows: () => HealthPart;
  /** The doors that can be shut although the hub runs. */
  readonly doors: () => Readonly<Record<string, HealthPart>>;
}

/** Below this the hub still works, but somebody should know. */
const LEAST_FREE_BYTES = 500 * 1024 * 1024;
/** A part that does not answer does not work. */
const PATIENCE_MS = 5_000;

async function part(check: () => Promise<void>): Promise<HealthPart> {
  const slow = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    slow.reject(new LprError('internal', `There was no answer within ${PATIENCE_MS / 1000} s.`));
  }, PATIENCE_MS);
  try {
    await Promise.race([check(), slow.promise]);
    return { ok: true, problem: null };
  } catch (error) {
    return { ok: false, problem: errorMessage(error) };
  } finally {
    clearTimeout(timer);
  }
}

export const createHealth =
  ({ database, images, recognition, retention, flows, doors }: HealthOf): Hub['health'] =>
  async () => {
    const [databasePart, pictures, engines] = await Promise.all([
      part(() => database.ping()),
      part(async () => {
        await images.check();
        const room = await images.freeBytes();
        if (room !== null && room.free < LEAST_FREE_BYTES) {
          throw new LprError('storage_full', 'Less than 500 MB are free where pictures lie: make room.');
        }
        const problem = retention.problem();
        if (problem !== null) throw new LprError('storage_full', problem);
      }),
      part(async () => {
        const all = await recognition.engines();
        const inUse = all.find(({ isDefault }) => isDefault);
        if (inUse?.problem === null) return;
        throw new LprError('engine_unavailable', inUse?.problem?.message ?? 'No recognition engine is installed.');
      }),
    ]);
    const parts = { database: databasePart, pictures, recognition: engines, flows: flows(), ...doors() };
    return { ok: Object.values(parts).every(({ ok }) => ok), parts };
  };
