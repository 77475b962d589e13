/**
 * Acknowledged means stored: a hub is killed at random moments under load, and its database too; afterwards each event that
 * was acknowledged is exactly one detection or one dead letter.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LprError } from '../core/errors.ts';
import { streamOf, type Random } from '../core/simulator/random.ts';
import { startMosquitto } from '../test/mosquitto-process.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { assembleFleet, type Fleet } from './load/fleet.ts';
import { prepareHub, type HubProcess } from './load/hub-process.ts';
import { mountSmallDisk } from './load/small-disk.ts';
import { judge, type Verdict } from './load/verdict.ts';

export interface Trial {
  readonly kills: number;
  readonly databaseKills: number;
  /** How often the disk is full for some seconds. */
  readonly fullDisks?: number;
  /** How often somebody else's broker, by which the MQTT devices then come, is restarted. */
  readonly brokerRestarts?: number;
  readonly seed: number;
  /** Events a second of each kind of device. */
  readonly rate: number;
  readonly print: (line: string) => void;
}

/** Longest time between the moment from which on a kill may come and the kill. */
const MOST_WAIT_MS = 4_000;
/** Of the kills, those that meet a hub that is still starting. */
const WHILE_STARTING = 0.2;
/** Room for a fresh hub, its database's log, and what a hub wants free. */
const DISK_MB = 1_500;
const FULL_MS = 6_000;
const DRAIN_MS = 120_000;
const EMPTY_MS = 400_000;

export async function untilEmpty(hub: HubProcess): Promise<void> {
  for (const end = Date.now() + EMPTY_MS; Date.now() < end;) {
    const { framesQueued, framesRunning } = (await hub.ask('GET', '/status')) as {
      readonly framesQueued: number;
      readonly framesRunning: number;
    };
    if (framesQueued + framesRunning === 0) return;
    await sleep(200);
  }
  throw new LprError('internal', `The inbox was not empty after ${EMPTY_MS / 1000} s:\n${hub.said()}`);
}

/** Everything that was sent has come to its end. */
export async function concluded(hub: HubProcess, fleet: Fleet): Promise<Verdict> {
  await fleet.drain(DRAIN_MS);
  await untilEmpty(hub);
  const database = await hub.openDatabase();
  try {
    return await judge(fleet.ledger, database);
  } finally {
    await database.close();
  }
}

/** The demo camera draws pictures of its own; here only devices send. */
export async function quieten(hub: HubProcess): Promise<void> {
  const { items } = (await hub.ask('GET', '/cameras')) as {
    readonly items: readonly { readonly cameraId: string; readonly builtIn: string | null }[];
  };
  for (const { cameraId, builtIn } of items) {
    if (builtIn !== null) await hub.ask('PATCH', `/cameras/${cameraId}`, { enabled: false });
  }
}

type Blow = 'kills the hub' | 'kills the database' | 'fills the disk' | 'restarts the broker';

function shuffled(blows: Readonly<Record<Blow, number>>, random: Random): readonly Blow[] {
  const all = (Object.entries(blows) as [Blow, number][]).flatMap(([blow, times]) => Array<Blow>(times).fill(blow));
  return all
    .map((blow) => ({ blow, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ blow }) => blow);
}

export async function tryPromise(trial: Trial): Promise<Verdict> {
  const { kills, databaseKills, fullDisks = 0, brokerRestarts = 0, seed, rate, print } = trial;
  const random = streamOf(seed, 'kills');
  const disk = fullDisks > 0 ? await mountSmallDisk(DISK_MB) : null;
  const broker = brokerRestarts > 0 ? await startMosquitto() : null;
  const hub = await prepareHub({
    ...(disk === null ? {} : { folder: join(disk.folder, 'data') }),
    ...(broker === null ? {} : { env: { MQTT_URL: broker.url } }),
  });
  let fleet: Fleet | null = null;
  let isFull = false;
  const strike: Readonly<Record<Blow, () => Promise<void>>> = {
    async 'kills the hub'() {
      await hub.kill();
      hub.start();
    },
    async 'kills the database'() {
      while (!(await hub.killDatabase())) await sleep(100);
      // Until it is noticed the hub still says that it is well.
      await sleep(500);
    },
    async 'fills the disk'() {
      // To the last byte, and to where the hub still runs but takes no more.
      await disk?.fill(isFull ? 0 : 100 * 1024 * 1024);
      isFull = !isFull;
      await sleep(FULL_MS);
      await disk?.clear();
      await sleep(500);
    },
    async 'restarts the broker'() {
      await broker?.restart();
    },
  };
  try {
    hub.start();
    await hub.untilReady();
    await quieten(hub);
    fleet = await assembleFleet({ hub, rate, ...(broker === null ? {} : { broker: broker.url }) });
    fleet.start();
    const blows = shuffled(
      {
        ...{ 'kills the hub': kills, 'kills the database': databaseKills },
        ...{ 'fills the disk': fullDisks, 'restarts the broker': brokerRestarts },
      },
      random,
    );
    for (const [n, blow] of blows.entries()) {
      const isStarting = blow === 'kills the hub' && random.next() < WHILE_STARTING;
      if (!isStarting) await hub.untilReady();
      await sleep(random.next() * MOST_WAIT_MS);
      const { acknowledged } = fleet.ledger.counts();
      print(
        `  ${n + 1}/${blows.length} ${blow}${isStarting ? ' while it starts' : ''}; ${acknowledged} acknowledged so far`,
      );
      await strike[blow]();
    }
    await hub.untilReady();
    await sleep(1_000);
    const verdict = await concluded(hub, fleet);
    for (const [words, times] of Object.entries(fleet.refusals())) print(`  ${times} times answered ${words}`);
    const code = await hub.stop();
    if (code !== 0) throw new LprError('internal', `The hub ended with ${code ?? 'a signal'}:\n${hub.said()}`);
    return verdict;
  } finally {
    await fleet?.stop();
    await hub.remove();
    await broker?.stop();
    await disk?.remove();
  }
}

export const lineOf = (verdict: Verdict): string =>
  `sent ${verdict.sent} (${verdict.attempts} attempts), acknowledged ${verdict.acknowledged}: ${verdict.detected} detections, ${verdict.dead} dead letters, ${verdict.held} held; lost ${verdict.lost}, doubled ${verdict.doubled}; stored without acknowledgement ${verdict.unacknowledged}, vehicles sharing a detection ${verdict.merged}`;

export default {
  about:
    'promise: hub and database killed at random moments under load; lost and doubled events [--kills 20] [--database-kills 5] [--full-disks 0] [--broker-restarts 0] [--rate 25] [--seed 1]',
  async run({ args, print }: BenchOptions): Promise<BenchResult> {
    const number = (name: string, fallback: number, least: number): number => {
      const value = Number(args[name] ?? fallback);
      if (Number.isInteger(value) && value >= least) return value;
      throw new LprError('invalid_input', `--${name}: give a whole number from ${least}.`);
    };
    const trial = {
      ...{ kills: number('kills', 20, 0), databaseKills: number('database-kills', 5, 0) },
      ...{ fullDisks: number('full-disks', 0, 0), brokerRestarts: number('broker-restarts', 0, 0) },
      ...{ seed: number('seed', 1, 0), rate: number('rate', 25, 1), print },
    };
    const verdict = await tryPromise(trial);
    print(lineOf(verdict));
    return { figures: { ...verdict }, targets: { lost: { max: 0 }, doubled: { max: 0 } } };
  },
} satisfies Bench;
