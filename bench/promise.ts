/**
 * Acknowledged means stored: a hub is killed at random moments under load, and its database too; afterwards each event that
 * was acknowledged is exactly one detection or one dead letter.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LprError } from '../core/errors.ts';
import { streamOf } from '../core/simulator/random.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { assembleFleet, type Fleet } from './load/fleet.ts';
import { prepareHub, type HubProcess } from './load/hub-process.ts';
import { judge, type Verdict } from './load/verdict.ts';

export interface Trial {
  readonly kills: number;
  readonly databaseKills: number;
  readonly seed: number;
  /** Events a second of each kind of device. */
  readonly rate: number;
  readonly print: (line: string) => void;
}

/** Longest time between the moment from which on a kill may come and the kill. */
const MOST_WAIT_MS = 4_000;
/** Of the kills, those that meet a hub that is still starting. */
const WHILE_STARTING = 0.2;
const DRAIN_MS = 120_000;
const EMPTY_MS = 400_000;

async function untilEmpty(hub: HubProcess): Promise<void> {
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

export async function tryPromise({ kills, databaseKills, seed, rate, print }: Trial): Promise<Verdict> {
  const random = streamOf(seed, 'kills');
  const hub = await prepareHub();
  let fleet: Fleet | null = null;
  try {
    hub.start();
    await hub.untilReady();
    await quieten(hub);
    fleet = await assembleFleet({ hub, rate });
    fleet.start();
    const moments = [...Array<'hub'>(kills).fill('hub'), ...Array<'database'>(databaseKills).fill('database')];
    for (let n = moments.length - 1; n > 0; n--) {
      const other = Math.floor(random.next() * (n + 1));
      [moments[n], moments[other]] = [moments[other] as 'hub', moments[n] as 'hub'];
    }
    for (const [n, what] of moments.entries()) {
      const isStarting = what === 'hub' && random.next() < WHILE_STARTING;
      if (!isStarting) await hub.untilReady();
      await sleep(random.next() * MOST_WAIT_MS);
      const { acknowledged } = fleet.ledger.counts();
      print(
        `  ${n + 1}/${moments.length} kills the ${what}${isStarting ? ' while it starts' : ''}; ${acknowledged} acknowledged so far`,
      );
      if (what === 'hub') {
        await hub.kill();
        hub.start();
      } else {
        while (!(await hub.killDatabase())) await sleep(100);
        // Until it is noticed the hub still says that it is well.
        await sleep(500);
      }
    }
    await hub.untilReady();
    await sleep(1_000);
    const verdict = await concluded(hub, fleet);
    const code = await hub.stop();
    if (code !== 0) throw new LprError('internal', `The hub ended with ${code ?? 'a signal'}:\n${hub.said()}`);
    return verdict;
  } finally {
    await fleet?.stop();
    await hub.remove();
  }
}

export const lineOf = (verdict: Verdict): string =>
  `sent ${verdict.sent} (${verdict.attempts} attempts), acknowledged ${verdict.acknowledged}: ${verdict.detected} detections, ${verdict.dead} dead letters, ${verdict.held} held; lost ${verdict.lost}, doubled ${verdict.doubled}; stored without acknowledgement ${verdict.unacknowledged}, vehicles sharing a detection ${verdict.merged}`;

export default {
  about:
    'promise: hub and database killed at random moments under load; lost and doubled events [--kills 20] [--database-kills 5] [--rate 25] [--seed 1]',
  async run({ args, print }: BenchOptions): Promise<BenchResult> {
    const number = (name: string, fallback: number, least: number): number => {
      const value = Number(args[name] ?? fallback);
      if (Number.isInteger(value) && value >= least) return value;
      throw new LprError('invalid_input', `--${name}: give a whole number from ${least}.`);
    };
    const trial = {
      ...{ kills: number('kills', 20, 0), databaseKills: number('database-kills', 5, 0) },
      ...{ seed: number('seed', 1, 0), rate: number('rate', 25, 1), print },
    };
    const verdict = await tryPromise(trial);
    print(lineOf(verdict));
    return { figures: { ...verdict }, targets: { lost: { max: 0 }, doubled: { max: 0 } } };
  },
} satisfies Bench;
