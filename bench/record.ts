/** What merging and recording cost: every read another vehicle, made by devices; and whether more open passes make it dearer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { openDatabase } from '../core/db/database.ts';
import { startEmbeddedPostgres } from '../core/db/embedded-postgres.ts';
import { migrate } from '../core/db/migrate.ts';
import { createDetectionStore } from '../core/db/stores/detection-store.ts';
import { createDetections } from '../core/detections/create-detections.ts';
import { createPasses } from '../core/detections/passes.ts';
import { LprError } from '../core/errors.ts';
import { createEvents } from '../core/events.ts';
import type { LprMessage } from '../core/message.ts';
import { UNKNOWN_READ, type Log } from '../core/plugins/define.ts';
import { judgeDeviceRead } from '../core/recognition/recognition.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { cpuOfChildren } from './load/processor-time.ts';
import { plateOf } from './load/traffic.ts';

const MERGE = { windowSeconds: 15, minSimilarity: 0.75, parkedMinutes: 10 };
const WARM_UP = 2_000;
/** As ingest has them in the flow. */
const IN_FLIGHT = 1_000;

const cameraUuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

function messageOf(number: number, cameras: number): LprMessage<'read'> {
  const frameId = uuidv7();
  const text = plateOf(number);
  const said = {
    ...UNKNOWN_READ,
    text,
    province: 'TH-10',
    confidence: 0.93,
    characterConfidences: Array.from(text, () => 0.93),
  };
  const now = new Date().toISOString();
  return {
    lpr: {
      ...{
        frameId,
        cameraId: cameraUuid(number % cameras),
        capturedAt: now,
        capturedAtSource: 'device',
        receivedAt: now,
      },
      ...{ isLate: false, token: `${frameId}#0` },
      read: judgeDeviceRead(said, { readId: `${frameId}.0`, engine: 'device:bench', notes: [] }),
    },
  };
}

/** Passes that each of the last thousand reads was compared with in earnest, with so many passes open before one camera. */
async function comparisons(open: number): Promise<number> {
  const nothing = { near: () => Promise.resolve([]), passesOf: () => Promise.resolve([]) };
  const passes = createPasses({ ...nothing, ofReads: (ids) => Promise.resolve(ids.map(() => null)) });
  const counts: number[] = [];
  for (let number = 0; number < open + 1000; number++) {
    const { lpr } = messageOf(number, 1);
    const read = { ...lpr.read, frameId: lpr.frameId, frame: null, patch: null, box: null, corners: null };
    const before = passes.counts().compared;
    await passes.merge({ ...read, capturedAt: new Date(lpr.capturedAt) }, lpr, MERGE);
    if (number >= open) counts.push(passes.counts().compared - before);
  }
  return counts.reduce((sum, one) => sum + one, 0) / counts.length;
}

export default {
  about:
    'merge and record: reads a second, CPU a read, comparisons with many open passes [--reads 20000] [--cameras 20]',
  async run({ args, print }: BenchOptions): Promise<BenchResult> {
    const reads = Number(args['reads'] ?? 20_000);
    const cameras = Number(args['cameras'] ?? 20);
    if (!Number.isInteger(reads) || reads < 1000) {
      throw new LprError('invalid_input', `--reads ${args['reads'] ?? ''}: give a whole number from 1000.`);
    }
    const fail = (error: unknown): never => {
      throw error instanceof Error ? error : new LprError('internal', String(error));
    };
    const folder = await mkdtemp(join(tmpdir(), 'lpr-bench-'));
    const server = await startEmbeddedPostgres(folder);
    const database = openDatabase(server.connection, (error) => {
      if (!/terminat|shut/i.test(error.message)) throw error;
    });
    const silent: Log = { debug: () => undefined, info: () => undefined, warn: fail, error: fail };
    const figures: Record<string, number> = {};
    try {
      await migrate(database, resolve(import.meta.dirname, '../migrations'));
      for (let number = 0; number < cameras; number++) {
        await database.pool.query(
          `insert into cameras (camera_id, name, name_key, protocol) values ($1, $2, $2, 'push')`,
          [cameraUuid(number), `camera ${number}`],
        );
      }
      const detections = createDetections({
        store: createDetectionStore(database),
        events: createEvents(fail),
        log: silent,
      });
      await detections.start();
      let next = 0;
      const lane = async (until: number): Promise<void> => {
        while (next < until) {
          const { lpr } = messageOf(next++, cameras);
          const detection = await detections.merge({ lpr }, MERGE);
          await detections.record({ lpr: { ...lpr, detection } });
        }
      };
      const all = (until: number): Promise<unknown> =>
        Promise.all(Array.from({ length: IN_FLIGHT }, () => lane(until)));
      await all(WARM_UP);
      const cpuBefore = await cpuOfChildren(server.pid);
      const own = process.cpuUsage();
      const started = performance.now();
      await all(WARM_UP + reads);
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(own);
      const cpuAfter = await cpuOfChildren(server.pid);
      figures['reads_per_second'] = Math.round(reads / seconds);
      figures['hub_cpu_us'] = Math.round((user + system) / reads);
      print(`${reads} reads, each another vehicle, before ${cameras} cameras: ${figures['reads_per_second']} a second`);
      print(`  of the hub ${figures['hub_cpu_us']} µs CPU a read (making the read included)`);
      if (cpuBefore !== null && cpuAfter !== null) {
        figures['database_cpu_us'] = Math.round(((cpuAfter - cpuBefore) * 1000) / reads);
        print(`  of PostgreSQL ${figures['database_cpu_us']} µs CPU a read`);
      }
      await detections.stop();
    } finally {
      await database.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
    for (const open of [100, 1_000, 10_000]) {
      figures[`compared_at_${open}`] = await comparisons(open);
      print(
        `  compared in earnest with ${open} open passes: ${(figures[`compared_at_${open}`] ?? 0).toFixed(2)} a read (mean)`,
      );
    }
    return { figures, targets: { compared_at_10000: { max: 10 } } };
  },
} satisfies Bench;
