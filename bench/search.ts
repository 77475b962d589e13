/** Does a page of detections stay quick when a million lie in the table? Figures are ratios of one run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase, type Database } from '../core/db/database.ts';
import { startEmbeddedPostgres } from '../core/db/embedded-postgres.ts';
import { migrate } from '../core/db/migrate.ts';
import { createDetectionStore } from '../core/db/stores/detection-store.ts';
import { createDetections } from '../core/detections/create-detections.ts';
import type { DetectionQuery } from '../core/detections/detections.ts';
import { createEvents } from '../core/events.ts';
import type { Bench, BenchResult } from './bench.ts';

const SMALL = 10_000;
const LARGE = 1_000_000;
const CHUNK = 100_000;
const RUNS = 21;
const CAMERAS = 20;
/** 90 days of traffic. */
const SPAN_SECONDS = 90 * 86_400;

const FILL = `
  with made as (
    select gen_random_uuid() as id, now() - make_interval(secs => random() * $2::float8) as at, (random() * $3)::int as camera,
           (1 + random() * 8)::int || substr('กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพฟภมยรลวศษสหฬอฮ', (1 + random() * 37)::int, 1)
             || substr('กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพฟภมยรลวศษสหฬอฮ', (1 + random() * 37)::int, 1) || (1 + random() * 9998)::int as plate,
           'TH-' || (10 + floor(power(random(), 2) * 70))::int as province
      from generate_series(1, $1)),
  keys as (insert into detection_keys select id, at from made)
  insert into detections (detection_id, captured_at, captured_at_source, received_at, camera_id, status, plate_number,
                          issuing_entity, country_code, plate_type, confidence, best_read_id, read_count, best_read)
  select id, at, 'device', at, ('00000000-0000-7000-8000-' || lpad(camera::text, 12, '0'))::uuid, 'confirmed', plate,
         province, 'TH', 'RY1', 0.9, id::text, 1,
         jsonb_build_object('frameId', id, 'plateNumber', plate, 'characters', '[]'::jsonb, 'box', '[1,2,3,4]'::jsonb,
           'corners', '[[1,2],[4,2],[4,6],[1,6]]'::jsonb, 'frame', jsonb_build_object('imageId', 'a', 'width', 1, 'height', 1),
           'patch', jsonb_build_object('imageId', 'b', 'width', 1, 'height', 1)) from made`;

const none: DetectionQuery = {
  ...{ plate: null, issuingEntity: null, countryCode: null, cameraId: null, status: null, from: null, to: null },
  ...{ minConfidence: null, cursor: null, limit: 50 },
};
const camera = '00000000-0000-7000-8000-000000000007';

const QUESTIONS: Readonly<Record<string, () => DetectionQuery>> = {
  unfiltered: () => none,
  plate_part: () => ({ ...none, plate: 'กข12' }),
  plate_two_letters: () => ({ ...none, plate: 'กข' }),
  plate_absent: () => ({ ...none, plate: 'ฬฬฬ9999' }),
  province: () => ({ ...none, issuingEntity: 'TH-55' }),
  camera: () => ({ ...none, cameraId: camera }),
  camera_and_plate: () => ({ ...none, cameraId: camera, plate: 'กข12' }),
  one_day: () => ({
    ...none,
    from: new Date(Date.now() - 40 * 86_400_000),
    to: new Date(Date.now() - 39 * 86_400_000),
  }),
};

async function fill(database: Database, count: number, print: (line: string) => void): Promise<void> {
  for (let done = 0; done < count; done += CHUNK) {
    await database.pool.query(FILL, [Math.min(CHUNK, count - done), SPAN_SECONDS, CAMERAS]);
    print(`  ${Math.min(count, done + CHUNK).toLocaleString('en')} detections`);
  }
  await database.pool.query('vacuum analyze detections');
}

async function measure(database: Database): Promise<Record<string, number>> {
  const events = createEvents((error) => {
    throw error;
  });
  const fail = (): never => {
    throw new Error('not used here');
  };
  const log = { debug: fail, info: fail, warn: fail, error: fail };
  const detections = createDetections({ store: createDetectionStore(database), events, log });
  const figures: Record<string, number> = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      await detections.search(question());
      times.push(performance.now() - started);
    }
    figures[name] = times.sort((a, b) => a - b)[RUNS >> 1] ?? 0;
  }
  return figures;
}

const bench: Bench = {
  about: 'first page of detections: 1,000,000 rows against 10,000, by filter',
  async run({ print }): Promise<BenchResult> {
    const folder = await mkdtemp(join(tmpdir(), 'lpr-bench-'));
    const server = await startEmbeddedPostgres(folder);
    const database = openDatabase(server.connection, () => undefined);
    try {
      await migrate(database, resolve(import.meta.dirname, '../migrations'));
      await fill(database, SMALL, print);
      const small = await measure(database);
      await fill(database, LARGE - SMALL, print);
      const large = await measure(database);
      print('  filter               10 k ms   1 M ms   ratio');
      const figures: Record<string, number> = {};
      for (const [name, before] of Object.entries(small)) {
        const after = large[name] ?? 0;
        figures[`${name}.ratio`] = Number((after / before).toFixed(2));
        figures[`${name}.ms`] = Number(after.toFixed(2));
        print(
          `  ${name.padEnd(20)} ${before.toFixed(2).padStart(7)} ${after.toFixed(2).padStart(8)} ${(after / before).toFixed(1).padStart(7)}`,
        );
      }
      const targets = Object.fromEntries(Object.keys(small).map((name) => [`${name}.ratio`, { max: 3 }]));
      return { figures, targets };
    } finally {
      await database.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
export default bench;
