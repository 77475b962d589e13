/**
 * Reads a second that the whole way takes (a device's message → inbox → acknowledgement → default flow → detection), beside
 * what the same PostgreSQL takes of the same rows by `unnest` and what the disk takes of the same files, all in one run.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { Session, type Profiler } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { v7 as uuidv7 } from 'uuid';
import { openDatabase, type Database } from '../core/db/database.ts';
import { runningPostgres } from '../core/db/embedded-postgres.ts';
import { migrate } from '../core/db/migrate.ts';
import { createDetectionStore } from '../core/db/stores/detection-store.ts';
import { createIngestStore } from '../core/db/stores/ingest-store.ts';
import type { DetectionRecord } from '../core/detections/detection-store.ts';
import { LprError } from '../core/errors.ts';
import { writeDurably } from '../core/images/disk-store.ts';
import { entryOfEvent } from '../core/ingest/inbox-entry.ts';
import { UNKNOWN_READ, type Log } from '../core/plugins/define.ts';
import { startHub, type RunningHub } from '../core/start.ts';
import { readSettings } from '../settings.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import type { Findings, Orders } from './load/generator.ts';
import { cpuOfChildren } from './load/processor-time.ts';
import { ownPicture, plateOf, PROVINCE } from './load/traffic.ts';

const BATCH = 500;
const DEVICES = 10;
const PICTURE_BYTES = 50 * 1024;

/** What a file's time counts as, first match. */
const STAGES: readonly (readonly [stage: string, file: RegExp])[] = [
  [
    'door and decoding',
    /core\/(devices|doors|plugins|api)\/|plugins\/device|\/aedes|mqtt-packet|\/express|body-parser|raw-body/,
  ],
  ['naming the plate', /core\/(plates|recognition)\//],
  ['inbox and settling', /core\/ingest\/|core\/batcher|stores\/ingest-store/],
  ['merge and record', /core\/detections\/|stores\/detection-store/],
  ['blacklists, alerts', /core\/(blacklists|alerts)\//],
  ['flow', /\/nodes\/|@node-red|node_modules\/node-red|lodash|rfdc/],
  ['pictures', /core\/images\/|\/sharp\//],
  ['live updates', /socket\.io|engine\.io|\/ws\//],
  ['database client', /node_modules\/pg|core\/db\//],
];

function shares(profile: Profiler.Profile): string {
  const own = new Map<number, number>();
  const { nodes, samples = [], timeDeltas = [] } = profile;
  for (const [i, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + (timeDeltas[i] ?? 0));
  const byStage = new Map<string, number>();
  for (const { id, callFrame } of nodes) {
    if (callFrame.functionName === '(idle)' || callFrame.functionName === '(program)') continue;
    const stage =
      callFrame.functionName === '(garbage collector)'
        ? 'memory'
        : (STAGES.find(([, file]) => file.test(callFrame.url))?.[0] ?? 'Node.js itself');
    byStage.set(stage, (byStage.get(stage) ?? 0) + (own.get(id) ?? 0));
  }
  const total = [...byStage.values()].reduce((sum, value) => sum + value, 0);
  return [...byStage]
    .sort((a, b) => b[1] - a[1])
    .map(([stage, value]) => `${stage} ${((value / total) * 100).toFixed(0)} %`)
    .join(', ');
}

/** CPU time of all processes of the server in this folder so far, ms. */
async function cpuOfPostgres(folder: string): Promise<number> {
  const [pid] = (await readFile(join(folder, 'db/postmaster.pid'), 'utf8')).split('\n', 1);
  return (await cpuOfChildren(Number(pid))) ?? NaN;
}

function generate(orders: Orders): Promise<Findings> {
  return new Promise((resolve_, reject) => {
    const file = join(import.meta.dirname, 'load/generator.ts');
    const child = spawn(process.execPath, [file, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('close', (code) => {
      if (code === 0) resolve_(JSON.parse(said) as Findings);
      else reject(new LprError('internal', `The load generator ended with ${code ?? 'a signal'}.`));
    });
  });
}

async function untilSettled({ hub }: RunningHub): Promise<void> {
  for (;;) {
    const { queued, running } = await hub.ingest.counts();
    if (queued + running === 0) return;
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function prepare(running: RunningHub, format: string): Promise<string[]> {
  const tokens: string[] = [];
  for (let n = 0; n < DEVICES; n++) {
    const ref = `load-${n}`;
    const { deviceId } = await running.hub.devices.create({
      name: `${format} ${n}`,
      format,
      ref,
      config: {},
      timeZone: null,
    });
    tokens.push((await running.hub.devices.makeToken(deviceId)).token);
  }
  return tokens;
}

async function signIn({ url, setupCode }: RunningHub): Promise<string> {
  const answer = await fetch(`${url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin', password: 'correct horse battery', code: setupCode }),
  });
  if (!answer.ok) throw new LprError('internal', `The hub's set-up answered ${answer.status}.`);
  return (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
}

/** The same rows, by the same statements, with nothing around them. @returns reads a second */
async function rawRows(database: Database, reads: number, from: number): Promise<number> {
  const inbox = createIngestStore(database);
  const detections = createDetectionStore(database);
  const cameraIds = Array.from({ length: 20 }, (_, n) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`);
  for (const [n, cameraId] of cameraIds.entries()) {
    await database.pool.query(
      `insert into cameras (camera_id, name, name_key, protocol) values ($1, $2, $2, 'device') on conflict do nothing`,
      [cameraId, `camera ${n}`],
    );
  }
  const batchOf = (start: number): Parameters<typeof inbox.add>[0] =>
    Array.from({ length: BATCH }, (_, i) => {
      const read = { ...UNKNOWN_READ, text: plateOf(start + i), province: PROVINCE, confidence: 0.93 };
      const event = {
        ...{ cameraId: cameraIds[(start + i) % 20] ?? '', deviceId: null, engine: 'device:bench', reads: [read] },
        ...{ capturedAt: new Date(), capturedAtSource: 'device' as const, isLate: false, eventKey: `raw-${start + i}` },
        ...{ label: null, frame: null, pull: null },
      };
      return { ...entryOfEvent(event, { frame: null, patches: [null], problem: null }, new Date()), takenAt: null };
    });
  const batches = Array.from({ length: Math.ceil(reads / BATCH) }, (_, n) => batchOf(from + n * BATCH));
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
      await inbox.add(batch);
      await detections.write(
        batch.map(({ frameId, cameraId, capturedAt, capturedAtSource, receivedAt, reads: held }) => {
          const judged = held?.[0]?.read;
          if (judged === undefined) throw new LprError('internal', 'A made-up read is missing.');
          const read = { ...judged, frameId, frame: null, patch: null, box: null, corners: null, capturedAt };
          const { plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence } = judged;
          return {
            read,
            drops: [],
            detection: {
              ...{
                detectionId: uuidv7(),
                cameraId,
                capturedAt,
                capturedAtSource,
                receivedAt,
                status: 'provisional' as const,
              },
              ...{
                plateNumber,
                series,
                serial,
                issuingEntity,
                countryCode,
                plateType,
                confidence,
                readCount: 1,
                best: read,
              },
              ...rawExtras(capturedAt),
            },
          };
        }),
      );
    }
  };
  await Promise.all([lane(), lane()]);
  return (batches.length * BATCH) / ((performance.now() - started) / 1000);
}

/** What a detection of one read says beside its text. */
const rawExtras = (at: Date): Pick<DetectionRecord, 'lastSeenAt' | 'settlesAt' | 'isParked' | 'reasons'> => ({
  lastSeenAt: at,
  settlesAt: new Date(at.getTime() + 15_000),
  isParked: false,
  reasons: [],
});

/** @returns files a second */
async function rawFiles(folder: string, jpeg: Uint8Array, files: number, atOnce: number): Promise<number> {
  await mkdir(folder, { recursive: true });
  const pictures = Array.from({ length: files }, (_, n) => ownPicture(jpeg, 900_000_000 + n));
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let n = next++; n < files; n = next++) {
      const bytes = pictures[n];
      if (bytes !== undefined) await writeDurably(join(folder, String(n % 256), `${n}.jpg`), bytes);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return files / ((performance.now() - started) / 1000);
}

/** A picture that compresses to about the wanted size. */
async function jpegOf(bytes: number): Promise<Buffer> {
  let best = Buffer.alloc(0);
  for (let quality = 30; quality <= 95 && best.length < bytes; quality += 5) {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 18 };
    best = await sharp({ create: { width: 640, height: 360, channels: 3, background: '#888', noise } })
      .jpeg({ quality })
      .toBuffer();
  }
  return best;
}

export default {
  about:
    'ingest: reads a second by MQTT, HTTP batch and with pictures, beside the raw rate of the same PostgreSQL and disk [--reads 20000] [--pictures 600]',
  async run({ args, print }: BenchOptions): Promise<BenchResult> {
    const reads = Number(args['reads'] ?? 20_000);
    const pictures = Number(args['pictures'] ?? 600);
    for (const [name, value, least] of [
      ['reads', reads, BATCH * 4],
      ['pictures', pictures, 100],
    ] as const) {
      if (Number.isInteger(value) && value >= least) continue;
      throw new LprError('invalid_input', `--${name}: give a whole number from ${least}.`);
    }
    const folder = await mkdtemp(join(tmpdir(), 'lpr-bench-'));
    const nothing = (): void => undefined;
    const told = ({ err }: Record<string, unknown>, message: string): void => {
      print(`  ! ${message} ${typeof err === 'string' ? err : ''}`);
    };
    const log: Log = { debug: nothing, info: nothing, warn: told, error: told };
    const settings = readSettings({
      LPR_DATA_DIR: folder,
      PORT: '0',
      MQTT_PORT: args['mqtt-port'] ?? '18830',
      LPR_WORKERS: '1',
    });
    const running = await startHub(settings, { log });
    const figures: Record<string, number> = {};
    let numbers = 0;
    const numbersFor = (count: number): number => {
      const from = numbers;
      numbers += count + BATCH;
      return from;
    };
    try {
      for (const camera of await running.hub.cameras.list()) {
        if (camera.builtIn !== null) await running.hub.cameras.update(camera.cameraId, { enabled: false });
      }
      const cookie = await signIn(running);
      const generic = await prepare(running, 'generic');
      const predecessor = await prepare(running, 'predecessor');
      const jpeg = await jpegOf(PICTURE_BYTES);
      const common = {
        ...{ url: running.url, mqttPort: settings.mqtt !== null && 'port' in settings.mqtt ? settings.mqtt.port : 0 },
        ...{ batchSize: BATCH, jpeg: jpeg.toString('base64'), cookie: null, rate: null },
      };
      const windows = { batch: 4, single: 400, picture: 64 } as const;

      const measure = async (
        how: Orders['how'],
        count: number,
        rate: number | null = null,
      ): Promise<Findings & { rate: number }> => {
        const session = new Session();
        session.connect();
        await session.post('Profiler.enable');
        await session.post('Profiler.start');
        const cpu = process.cpuUsage();
        const postgres = await cpuOfPostgres(join(folder, 'postgres'));
        const tokens = how === 'single' ? predecessor : generic;
        const orders: Orders = {
          ...{ ...common, how, tokens, from: numbersFor(count), reads: count, rate, window: windows[how] },
          cookie: rate === null ? null : cookie,
        };
        const before = performance.now();
        const found = await generate(orders);
        const unsent = performance.now() - before - found.seconds * 1000;
        await untilSettled(running);
        const seconds = (performance.now() - before - unsent) / 1000;
        const { profile } = await session.post('Profiler.stop');
        session.disconnect();
        if (rate === null) {
          const { user, system } = process.cpuUsage(cpu);
          const perRead = (ms: number): string => ((ms * 1000) / count).toFixed(0);
          const ofPostgres = (await cpuOfPostgres(join(folder, 'postgres'))) - postgres;
          print(
            `  CPU a read: hub ${perRead((user + system) / 1000)} µs, PostgreSQL ${perRead(ofPostgres)} µs; of the hub's: ${shares(profile)}`,
          );
        }
        if (found.refused > 0) print(`  ! ${found.refused} were refused`);
        return { ...found, rate: found.acknowledged / seconds };
      };

      const connection = await runningPostgres(join(folder, 'postgres'));
      if (connection === null) throw new LprError('database_unavailable', 'The embedded PostgreSQL is not running.');
      const admin = openDatabase(connection, told.bind(null, {}) as never);
      await admin.pool.query('create database raw');
      await admin.close();
      const raw = openDatabase({ ...connection, database: 'raw' }, told.bind(null, {}) as never);
      try {
        await migrate(raw, resolve(import.meta.dirname, '../migrations'));
        await measure('batch', BATCH * 4);
        await rawRows(raw, BATCH * 4, numbersFor(BATCH * 4));
        print('raw rows, before…');
        const rawBefore = await rawRows(raw, reads, numbersFor(reads));
        print('HTTP, batches of 500…');
        const batch = await measure('batch', reads);
        print('MQTT, single messages at QoS 1…');
        const single = await measure('single', reads);
        print('raw rows, after…');
        const rawAfter = await rawRows(raw, reads, numbersFor(reads));
        const rawRate = (rawBefore + rawAfter) / 2;
        print('raw files, HTTP with pictures…');
        const filesBefore = await rawFiles(join(folder, 'raw-before'), jpeg, pictures, windows.picture);
        const picture = await measure('picture', pictures);
        const filesAfter = await rawFiles(join(folder, 'raw-after'), jpeg, pictures, windows.picture);
        const rawPictures = (filesBefore + filesAfter) / 2;
        print('MQTT at half load, a console watching…');
        const half = single.rate / 2;
        const calm = await measure('single', Math.round(Math.min(reads, half * 15)), half);

        const round = (value: number): number => Math.round(value * 10) / 10;
        Object.assign(figures, {
          raw_rows_per_s: Math.round(rawRate),
          batch_per_s: Math.round(batch.rate),
          mqtt_per_s: Math.round(single.rate),
          raw_files_per_s: Math.round(rawPictures),
          picture_per_s: Math.round(picture.rate),
          batch_share: round((batch.rate / rawRate) * 100),
          mqtt_share: round((single.rate / rawRate) * 100),
          picture_share: round((picture.rate / rawPictures) * 100),
          half_ack_p50_ms: round(calm.ack.p50),
          half_ack_p99_ms: round(calm.ack.p99),
          half_console_p50_ms: round(calm.console.p50),
          half_console_p99_ms: round(calm.console.p99),
          refused: batch.refused + single.refused + picture.refused + calm.refused,
        });
        print(
          `raw rows: ${figures['raw_rows_per_s'] ?? 0}/s (before ${rawBefore.toFixed(0)}, after ${rawAfter.toFixed(0)}); raw files of ${Math.round(jpeg.length / 1024)} kB: ${figures['raw_files_per_s'] ?? 0}/s`,
        );
        print(
          `HTTP batches of ${BATCH}: ${figures['batch_per_s'] ?? 0}/s, ${figures['batch_share'] ?? 0} % of raw; to the acknowledgement p50 ${round(batch.ack.p50)} p99 ${round(batch.ack.p99)} ms a batch`,
        );
        print(
          `MQTT QoS 1, single: ${figures['mqtt_per_s'] ?? 0}/s, ${figures['mqtt_share'] ?? 0} % of raw; p50 ${round(single.ack.p50)} p99 ${round(single.ack.p99)} ms`,
        );
        print(
          `HTTP with a picture: ${figures['picture_per_s'] ?? 0}/s, ${figures['picture_share'] ?? 0} % of raw files; p50 ${round(picture.ack.p50)} p99 ${round(picture.ack.p99)} ms`,
        );
        print(
          `half load (${half.toFixed(0)}/s): acknowledged p50 ${figures['half_ack_p50_ms'] ?? 0} p99 ${figures['half_ack_p99_ms'] ?? 0} ms; on the console p50 ${figures['half_console_p50_ms'] ?? 0} p99 ${figures['half_console_p99_ms'] ?? 0} ms (${calm.console.seen} seen)`,
        );
      } finally {
        await raw.close();
      }
    } finally {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    }
    return {
      figures,
      targets: {
        batch_share: { min: 40 },
        mqtt_share: { min: 15 },
        picture_share: { min: 50 },
        half_ack_p99_ms: { max: 150 },
        half_console_p99_ms: { max: 150 },
        refused: { max: 0 },
      },
    };
  },
} satisfies Bench;
