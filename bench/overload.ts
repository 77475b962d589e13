/** Twice what the hub can take, for minutes: its memory stays flat, devices are slowed or refused in their words, nothing is lost. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage, LprError } from '../core/errors.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { assembleFleet, KINDS, type Fleet, type Kind } from './load/fleet.ts';
import { prepareHub, type HubProcess } from './load/hub-process.ts';
import { judge } from './load/verdict.ts';
import { quieten, untilEmpty } from './promise.ts';
import { quantile } from './statistics.ts';

const MEASURE_MS = 20_000;
const SAMPLE_MS = 5_000;
const TELL_EVERY = 6;
/** What each kind has of the load. The raw WebSocket has one message under way and cannot do more. */
const SHARES: Readonly<Record<Kind, number>> = { batch: 0.55, mqtt: 0.35, websocket: 0.03, rekor: 0.07 };
const WITHOUT_LIMIT: Readonly<Record<Kind, number>> = { batch: 1e9, mqtt: 1e9, websocket: 1e9, rekor: 1e9 };

interface Sample {
  readonly rssMb: number;
  readonly queued: number;
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
}

async function sampleOf(hub: HubProcess): Promise<Sample | null> {
  const pid = hub.pid();
  if (pid === null) throw new LprError('internal', `The hub ended by itself:\n${hub.said()}`);
  const rssMb = await rssOf(pid);
  try {
    const { framesQueued } = (await hub.ask('GET', '/status')) as { readonly framesQueued: number };
    return { rssMb, queued: framesQueued };
  } catch {
    // It is too busy to say how long the queue is; its memory still counts.
    return { rssMb, queued: NaN };
  }
}

/** Events a second that come through to a detection when devices send as fast as they are answered. */
async function capacityOf(hub: HubProcess): Promise<{ rate: number; sent: number }> {
  const fleet = await assembleFleet({ hub, rate: WITHOUT_LIMIT, atOnce: 'many' });
  const started = performance.now();
  fleet.start();
  await sleep(MEASURE_MS);
  await fleet.drain(60_000);
  await untilEmpty(hub);
  const { acknowledged } = fleet.ledger.counts();
  await fleet.stop();
  return { rate: acknowledged / ((performance.now() - started) / 1000), sent: fleet.ledger.entries().length };
}

const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

export default {
  about:
    'overload: twice the measured capacity; memory, queue, refusals in their words, nothing lost [--minutes 10] [--heap-mb 700]',
  async run({ args, print }: BenchOptions): Promise<BenchResult> {
    const minutes = Number(args['minutes'] ?? 10);
    if (!(minutes >= 1)) throw new LprError('invalid_input', '--minutes: give a number from 1.');
    const heap = Number(args['heap-mb'] ?? 700);
    if (!(heap >= 300)) throw new LprError('invalid_input', '--heap-mb: give a number from 300.');
    // On a machine with much memory V8 puts off collecting what nobody holds any more: that is no measure of what is held.
    const hub = await prepareHub({ env: { NODE_OPTIONS: `--max-old-space-size=${heap}` } });
    let fleet: Fleet | null = null;
    try {
      hub.start();
      await hub.untilReady();
      await quieten(hub);
      const capacity = await capacityOf(hub);
      const offered = 2 * capacity.rate;
      print(`capacity: ${capacity.rate.toFixed(0)} events/s settled; now ${offered.toFixed(0)}/s for ${minutes} min`);
      const rate = Object.fromEntries(KINDS.map((kind) => [kind, offered * SHARES[kind]])) as Record<Kind, number>;
      fleet = await assembleFleet({ hub, rate, atOnce: 'many', name: '-o', firstPlate: capacity.sent });
      const before = hub.said().length;
      fleet.start();
      const samples: Sample[] = [];
      const started = performance.now();
      for (let n = 0; performance.now() - started < minutes * 60_000; n++) {
        await sleep(SAMPLE_MS);
        const sample = await sampleOf(hub);
        if (sample === null) continue;
        samples.push(sample);
        if (n % TELL_EVERY !== 0) continue;
        const { acknowledged } = fleet.ledger.counts();
        const seconds = (performance.now() - started) / 1000;
        print(
          `  ${seconds.toFixed(0).padStart(4)} s: ${sample.rssMb.toFixed(0)} MB, ${sample.queued} queued, ${acknowledged} acknowledged (${(acknowledged / seconds).toFixed(0)}/s)`,
        );
      }
      const seconds = (performance.now() - started) / 1000;
      await fleet.drain(60_000);
      const database = await hub.openDatabase();
      const verdict = await judge(fleet.ledger, database).finally(() => database.close());
      const refusals = Object.entries(fleet.refusals());
      for (const [words, times] of refusals) print(`  ${times} times answered ${words}`);
      if (hub.said().length > before) print(`  the hub's log ends with: ${hub.said().slice(-300)}`);
      const third = Math.floor(samples.length / 3);
      const rss = samples.map(({ rssMb }) => rssMb);
      const [middle, last] = [median(rss.slice(third, 2 * third)), median(rss.slice(2 * third))];
      const wanted = offered * seconds;
      const figures = {
        capacity_per_s: Math.round(capacity.rate),
        offered_per_s: Math.round(offered),
        acknowledged_per_s: Math.round(verdict.acknowledged / seconds),
        rss_middle_mb: Math.round(middle),
        rss_last_mb: Math.round(last),
        rss_growth_percent: Math.round((last / middle - 1) * 1000) / 10,
        rss_most_mb: Math.round(Math.max(...rss)),
        queued_most: Math.max(...samples.map(({ queued }) => (Number.isNaN(queued) ? 0 : queued))),
        refused: refusals.reduce((sum, [, times]) => sum + times, 0),
        // What devices would have sent, had they not been slowed.
        slowed_percent: Math.max(0, Math.round((1 - verdict.sent / wanted) * 1000) / 10),
        ...{ acknowledged: verdict.acknowledged, detected: verdict.detected, waiting: verdict.waiting },
        ...{ dead: verdict.dead, lost: verdict.lost, doubled: verdict.doubled },
      };
      print(
        `acknowledged ${verdict.acknowledged} = ${verdict.detected} detections + ${verdict.waiting} waiting + ${verdict.dead} dead letters + ${verdict.held} held + ${verdict.lost} lost; doubled ${verdict.doubled}`,
      );
      return {
        figures,
        targets: { rss_growth_percent: { max: 15 }, lost: { max: 0 }, doubled: { max: 0 } },
      };
    } catch (error) {
      print(`the hub said last: ${hub.said().slice(-2_000)}`);
      throw new LprError('internal', errorMessage(error), {}, error);
    } finally {
      await fleet?.stop();
      await hub.remove();
    }
  },
} satisfies Bench;
