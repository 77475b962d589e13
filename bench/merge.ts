/** One hour of simulated traffic through merge and record on a real PostgreSQL, compared with the truth. */
import { mkdtemp, rm } from 'node:fs/promises';
import { mock } from 'node:test';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase, type Database } from '../core/db/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../core/db/embedded-postgres.ts';
import { migrate } from '../core/db/migrate.ts';
import { createDetectionStore } from '../core/db/stores/detection-store.ts';
import { createDetections } from '../core/detections/create-detections.ts';
import type { MergeOptions } from '../core/detections/detections.ts';
import { LprError } from '../core/errors.ts';
import { createEvents } from '../core/events.ts';
import type { Corners, LprMessage } from '../core/message.ts';
import { parsePlate } from '../core/plates/plates.ts';
import type { Log } from '../core/plugins/define.ts';
import { simulateTraffic, type SimulatedEvent, type Passing, type Traffic } from '../core/simulator/traffic.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { judgeMerge, type Judgement, type MergedRead } from './merge-judge.ts';

const DEFAULTS = { cameras: 8, vehicles: 4000, minutes: 60, seeds: '1,2,3' };
/** As the merge node has them. */
const MERGE: MergeOptions = { windowSeconds: 15, minSimilarity: 0.75, parkedMinutes: 10 };
/** What is on its way to the database may wait this long in simulated time. */
const DRAIN_MS = 5_000;
const PICTURE = { imageId: 'b'.repeat(64), width: 1920, height: 1080 };
const PATCH = { imageId: 'a'.repeat(64), width: 320, height: 140 };
const QUALITY = { sharpness: 0.8, glare: 0, contrast: 0.8, angle: 0, score: 0.8 };

const cameraUuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const readIdOf = (eventId: string): string => `${eventId}#0`;

/** What the reads come with. */
interface Extras {
  /** Pictures with the plate's place; without them a read is a bare text, as many devices send it. */
  readonly places: boolean;
  /** The device's own name of the pass. */
  readonly tracks: boolean;
}

function messageOf(event: SimulatedEvent, extras: Extras): LprMessage<'read'> {
  const { eventId, box, plateNumber, issuingEntity, countryCode, confidence, provinceConfidence } = event;
  const readId = readIdOf(eventId);
  const [x, y, width, height] = box;
  const corners: Corners = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  const patch = { readId, plateIndex: 0, image: PATCH, locatedBy: 'device', box, corners, confidence: 0.9 };
  const countries = countryCode === null ? [] : [countryCode];
  const [parsed] = parsePlate(plateNumber, { issuingEntity, countries });
  return {
    lpr: {
      ...{ frameId: eventId, cameraId: cameraUuid(event.camera.number), token: readId },
      capturedAt: event.deviceAt.toISOString(),
      capturedAtSource: 'device',
      receivedAt: event.sendAt.toISOString(),
      isLate: event.isLate,
      ...(extras.places ? { frame: PICTURE, patch } : {}),
      read: {
        ...{ readId, engine: 'device', plateNumber, issuingEntity, countryCode, confidence, provinceConfidence },
        series: parsed?.series ?? null,
        serial: parsed?.serial ?? null,
        plateType: parsed?.plateType ?? null,
        characters: event.characters.map((one) => ({ ...one, alternatives: [] })),
        ...{ candidates: [], reasons: [] },
        quality: extras.places ? { ...QUALITY, plateHeight: height } : null,
        device: {
          ...{ text: plateNumber, confidence, vehicle: null, motion: null },
          trackId: extras.tracks ? String(event.trackId) : null,
        },
      },
    },
  };
}

/** Feeds the events as they are sent, with the hub's clock going as the simulated one: an hour takes seconds. */
async function feed(
  database: Database,
  events: readonly SimulatedEvent[],
  merge: MergeOptions,
  extras: Extras,
): Promise<void> {
  const bus = createEvents((error) => {
    throw error;
  });
  const fail = (details: unknown, message?: string): never => {
    throw new LprError('internal', `${message ?? 'a message'}: ${JSON.stringify(details)}`);
  };
  const log: Log = { debug: () => undefined, info: () => undefined, warn: fail, error: fail };
  // Only what closes passes by the clock: the database's own timers must run as they are.
  mock.timers.enable({ apis: ['Date', 'setInterval'], now: events[0]?.sendAt ?? 0 });
  const detections = createDetections({ store: createDetectionStore(database), events: bus, log });
  try {
    await detections.start();
    let outstanding: Promise<unknown>[] = [];
    let drained = Date.now();
    for (const event of events) {
      mock.timers.tick(Math.max(0, event.sendAt.getTime() - Date.now()));
      if (Date.now() - drained > DRAIN_MS) {
        await Promise.all(outstanding);
        outstanding = [];
        drained = Date.now();
      }
      const message = messageOf(event, extras);
      const detection = await detections.merge(message, merge);
      outstanding.push(detections.record({ lpr: { ...message.lpr, detection } }));
    }
    await Promise.all(outstanding);
  } finally {
    await detections.stop();
    mock.timers.reset();
  }
}

async function merged(database: Database): Promise<readonly MergedRead[]> {
  const { rows } = await database.pool.query<MergedRead>(
    `select r.read_id as "readId", r.detection_id as "detectionId", d.plate_number as "plateNumber",
            d.issuing_entity as "issuingEntity", d.captured_at as "capturedAt"
       from reads r join detections d using (detection_id) order by r.captured_at, r.read_id`,
  );
  return rows;
}

async function runSeed(
  server: EmbeddedPostgres,
  seed: number,
  traffic: Traffic,
  merge: MergeOptions,
  extras: Extras,
): Promise<{ readonly judgement: Judgement; readonly seconds: number }> {
  const fail = (error: Error): void => {
    if (!/terminat|shut/i.test(error.message)) throw error;
  };
  const admin = openDatabase({ ...server.connection, database: 'postgres' }, fail);
  await admin.pool.query(`create database merge_${seed}`);
  await admin.close();
  const database = openDatabase({ ...server.connection, database: `merge_${seed}` }, fail);
  try {
    await migrate(database, resolve(import.meta.dirname, '../migrations'));
    for (const { number, name } of traffic.graph.cameras) {
      await database.pool.query(
        `insert into cameras (camera_id, name, name_key, protocol) values ($1, $2, $2, 'push')`,
        [cameraUuid(number), `${name} ${number}`],
      );
    }
    const started = performance.now();
    await feed(database, traffic.events, merge, extras);
    const seconds = (performance.now() - started) / 1000;
    return { judgement: judgeMerge(traffic, await merged(database), readIdOf), seconds };
  } finally {
    await database.close();
  }
}

function whole(args: BenchOptions['args'], key: 'cameras' | 'vehicles' | 'minutes'): number {
  const value = Number(args[key] ?? DEFAULTS[key]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new LprError('invalid_input', `--${key} ${args[key] ?? ''}: give a whole number from 1.`);
}

function seedsOf(args: BenchOptions['args']): readonly number[] {
  const words = (args['seeds'] ?? DEFAULTS.seeds).split(',');
  const seeds = words.map(Number);
  if (words.every((word) => /^\d+$/.test(word)) && new Set(seeds).size === seeds.length) return seeds;
  throw new LprError('invalid_input', `--seeds ${args['seeds'] ?? ''}: give whole numbers, each once, such as 1,2,3.`);
}

function flagOf(args: BenchOptions['args'], key: 'places' | 'tracks', usual: boolean): boolean {
  const word = args[key] ?? (usual ? 'yes' : 'no');
  if (word === 'yes' || word === 'no') return word === 'yes';
  throw new LprError('invalid_input', `--${key} ${word}: say yes or no.`);
}

const percent = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(2)} %`;
const spoken = ({ plate }: Passing): string => `${plate.plateNumber} ${plate.issuingEntity ?? plate.countryCode}`;

export default {
  about:
    'one vehicle, one detection? simulated traffic against its truth [--seeds 1,2,3] [--cameras 8] [--vehicles 4000] [--minutes 60] [--window 15] [--likeness 0.75] [--places yes] [--tracks no] [--show N]',
  async run({ args, print }: BenchOptions): Promise<BenchResult> {
    const seeds = seedsOf(args);
    const [cameras, vehicles, minutes] = [whole(args, 'cameras'), whole(args, 'vehicles'), whole(args, 'minutes')];
    const windowSeconds = Number(args['window'] ?? MERGE.windowSeconds);
    const minSimilarity = Number(args['likeness'] ?? MERGE.minSimilarity);
    const extras = { places: flagOf(args, 'places', true), tracks: flagOf(args, 'tracks', false) };
    const show = Number(args['show'] ?? 0);
    const folder = await mkdtemp(join(tmpdir(), 'lpr-bench-'));
    const server = await startEmbeddedPostgres(folder);
    const all: Judgement[] = [];
    try {
      print(`${cameras} cameras, ${minutes} minutes; seeds ${seeds.join(', ')}`);
      print(`  reads ${extras.places ? 'with' : 'without'} places, ${extras.tracks ? 'with' : 'without'} tracks`);
      print('  seed  passings  events  detections  duplicates      lost   mixed reads   text right     s');
      for (const seed of seeds) {
        const traffic = simulateTraffic({ seed, cameras, vehicles, minutes });
        const { judgement: one, seconds } = await runSeed(
          server,
          seed,
          traffic,
          { ...MERGE, windowSeconds, minSimilarity },
          extras,
        );
        all.push(one);
        print(
          `  ${String(seed).padStart(4)}  ${String(one.passings).padStart(8)}  ${String(traffic.events.length).padStart(6)}  ` +
            `${String(one.detections).padStart(10)}  ${percent(one.duplicates.length, one.passings).padStart(10)}  ` +
            `${percent(one.lost.length, one.readable).padStart(8)}  ${percent(one.mixedReads, one.reads).padStart(12)}  ` +
            `${percent(one.textRight, one.passings).padStart(11)}  ${seconds.toFixed(0).padStart(4)}`,
        );
        for (const { passing, cause, text } of one.duplicates.slice(0, show)) {
          print(`    twice (${cause}): ${spoken(passing)} at ${passing.at.toISOString()}, also as "${text}"`);
        }
        for (const { passing, into } of one.lost.slice(0, show)) {
          print(
            `    lost: ${spoken(passing)} at ${passing.at.toISOString()}, in ${into === null ? 'nothing' : spoken(into)}`,
          );
        }
      }
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
    const sum = (of: (one: Judgement) => number): number => all.reduce((total, one) => total + of(one), 0);
    const causes = Object.entries(
      Object.groupBy(
        all.flatMap(({ duplicates }) => duplicates),
        ({ cause }) => cause,
      ),
    );
    print(`  duplicates by cause: ${causes.map(([cause, of]) => `${cause} ${of.length}`).join(', ') || 'none'}`);
    const share = (part: number, total: number): number => Number((part / Math.max(1, total)).toFixed(5));
    const passings = sum((one) => one.passings);
    return {
      figures: {
        duplicate_rate: share(
          sum(({ duplicates }) => duplicates.length),
          passings,
        ),
        lost_rate: share(
          sum(({ lost }) => lost.length),
          sum(({ readable }) => readable),
        ),
        mixed_reads: share(
          sum(({ mixedReads }) => mixedReads),
          sum(({ reads }) => reads),
        ),
        text_right: share(
          sum(({ textRight }) => textRight),
          passings,
        ),
        passings,
        detections: sum(({ detections }) => detections),
      },
      targets: { duplicate_rate: { max: 0.01 }, lost_rate: { max: 0.005 } },
    };
  },
} satisfies Bench;
