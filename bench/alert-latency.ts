/**
 * From a device's read to the hand-over at an alert channel, through all that lies between: HTTP, the durable inbox, the default
 * flow (merge, record, blacklist, alert) and the outbox, to a webhook on this machine. Beside it come reads that are on no list.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXACT_POLICY } from '../core/blacklists/match-policy.ts';
import { errorMessage, LprError } from '../core/errors.ts';
import type { Log } from '../core/plugins/define.ts';
import { startHub } from '../core/start.ts';
import { readSettings } from '../settings.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import { plateOf, PROVINCE } from './load/traffic.ts';

const WARM_UP = 20;
const PATIENCE_MS = 30_000;

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

interface StandIn {
  readonly url: string;
  /** When a notice of this plate came for the first time. */
  readonly cameAt: ReadonlyMap<string, number>;
  close(): void;
}

async function openStandIn(): Promise<StandIn> {
  const cameAt = new Map<string, number>();
  const server = createServer((req, res) => {
    const at = performance.now();
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { plateNumber } = JSON.parse(Buffer.concat(chunks).toString()) as { plateNumber: string };
      if (!cameAt.has(plateNumber)) cameAt.set(plateNumber, at);
      res.end();
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    cameAt,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export default {
  about:
    'alert-latency: from a device-made read to the hand-over at an alert channel, whole hub, default flow [--hits 200] [--rate 40] reads a second, [--share 4] every so manyth is a hit',
  async run({ args, print }: BenchOptions): Promise<BenchResult> {
    const [hits, rate, share] = [Number(args['hits'] ?? 200), Number(args['rate'] ?? 40), Number(args['share'] ?? 4)];
    for (const [name, value] of Object.entries({ hits, rate, share })) {
      if (Number.isInteger(value) && value > 0) continue;
      throw new LprError('invalid_input', `--${name}: give a whole number from 1.`);
    }
    const folder = await mkdtemp(join(tmpdir(), 'lpr-bench-'));
    const nothing = (): void => undefined;
    const told = ({ err }: Record<string, unknown>, message: string): void => {
      print(`  ! ${message} ${typeof err === 'string' ? err : ''}`);
    };
    const log: Log = { debug: nothing, info: nothing, warn: told, error: told };
    const standIn = await openStandIn();
    const settings = readSettings({ LPR_DATA_DIR: folder, PORT: '0', LPR_WORKERS: '1' });
    const running = await startHub(settings, { log });
    try {
      const { access, alerts, blacklists, cameras, devices } = running.hub;
      for (const camera of await cameras.list()) {
        if (camera.builtIn !== null) await cameras.update(camera.cameraId, { enabled: false });
      }
      const { userId } = await access.setUp({
        ...{ name: 'admin', password: 'correct horse battery', code: running.setupCode },
      });
      const { deviceId } = await devices.create({
        ...{ name: 'gate', format: 'generic', ref: 'gate', config: {}, timeZone: null },
      });
      const { token } = await devices.makeToken(deviceId);
      const { channelId } = await alerts.channels.create({
        ...{ name: 'Stand-in', plugin: 'webhook', config: { url: standIn.url, allowPrivate: true } },
        ...{ enabled: true, language: null, perMinute: null },
      });
      for (const { ruleId } of await alerts.rules.list())
        await alerts.rules.update(ruleId, { channelIds: [channelId] });
      const { blacklistId } = await blacklists.create({
        ...{ name: 'Stolen', category: 'stolen', priority: 90, colour: null, sound: null, isCovert: false },
        ...{ policy: EXACT_POLICY, defaultValidityDays: null, warnDays: 14, needsReason: 'none' },
      });
      const all = hits + WARM_UP;
      for (let i = 0; i < all; i++) {
        await blacklists.addEntry(
          blacklistId,
          {
            ...{ plateNumber: plateOf(i * share), issuingEntity: 'TH-10', countryCode: 'TH', plateType: null },
            ...{ reason: null, validFrom: null, validTo: null, reviewAt: null, confidence: 1, agency: null },
            ...{ reference: null, notes: null },
          },
          userId,
        );
      }
      await blacklists.idle();

      const sentAt = new Map<string, number>();
      const acknowledged: number[] = [];
      const sending: Promise<void>[] = [];
      const send = async (number: number): Promise<void> => {
        const plateNumber = plateOf(number);
        const read = {
          ...{ eventId: `bench-${number}`, cameraId: String(number % 20), plateNumber, issuingEntity: PROVINCE },
          ...{ confidence: 0.93, capturedAt: new Date().toISOString() },
        };
        const at = performance.now();
        sentAt.set(plateNumber, at);
        const answer = await fetch(`${running.url}/ingest/generic`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ events: [read] }),
        });
        await answer.arrayBuffer();
        if (!answer.ok) throw new LprError('internal', `The hub answered ${answer.status}.`);
        acknowledged.push(performance.now() - at);
      };
      print(
        `${all * share} reads at ${rate} a second, every ${share}th is a hit; the first ${WARM_UP} hits do not count`,
      );
      const started = performance.now();
      for (let number = 0; number < all * share; number++) {
        const due = started + (number * 1000) / rate - performance.now();
        if (due > 0) await sleep(due);
        sending.push(
          send(number).catch((error: unknown) => {
            print(`  ! ${errorMessage(error)}`);
          }),
        );
      }
      await Promise.all(sending);
      const wanted = Array.from({ length: all }, (_, i) => plateOf(i * share));
      const isMissing = (): boolean => wanted.some((plate) => !standIn.cameAt.has(plate));
      for (const end = Date.now() + PATIENCE_MS; isMissing() && Date.now() < end;) await sleep(20);

      const times = wanted
        .slice(WARM_UP)
        .flatMap((plate) => {
          const [from, to] = [sentAt.get(plate), standIn.cameAt.get(plate)];
          return from === undefined || to === undefined ? [] : [to - from];
        })
        .sort((a, b) => a - b);
      acknowledged.sort((a, b) => a - b);
      const figures = {
        hits,
        missing: hits - times.length,
        handover_p50_ms: quantile(times, 0.5),
        handover_p99_ms: quantile(times, 0.99),
        handover_max_ms: times.at(-1) ?? NaN,
        acknowledged_p50_ms: quantile(acknowledged, 0.5),
        acknowledged_p99_ms: quantile(acknowledged, 0.99),
      };
      for (const [name, value] of Object.entries(figures)) print(`${name.padEnd(20)} ${value.toFixed(1)}`);
      return { figures, targets: { handover_p99_ms: { max: 1_000 }, missing: { max: 0 } } };
    } finally {
      await running.stop();
      standIn.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
} satisfies Bench;
