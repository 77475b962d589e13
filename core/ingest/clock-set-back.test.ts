/** The clock is set back by hours while entries wait, are in the flow, or have failed: nothing stalls, nothing comes twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createImageRecords } from '../db/stores/image-store.ts';
import { createIngestStore } from '../db/stores/ingest-store.ts';
import { createEvents } from '../events.ts';
import { createImageStore } from '../images/create-image-store.ts';
import type { LprMessage } from '../message.ts';
import { UNKNOWN_READ } from '../plugins/device-format.ts';
import { createIngest } from './create-ingest.ts';
import type { Ingest } from './ingest.ts';

const CAMERA = '00000000-0000-7000-8000-000000000001';
const HOURS = 3_600_000;

let database: TestDatabase;
let folder: string;
let ingest: Ingest;
let ahead = 0;
let seen: LprMessage[] = [];

const open = (): Ingest =>
  createIngest({
    store: createIngestStore(database),
    images: createImageStore({ dir: join(folder, 'images'), records: createImageRecords(database) }),
    events: createEvents((error) => {
      throw error;
    }),
    log: quietLog,
    cameraState: () => Promise.resolve('enabled'),
    frameArrived: () => undefined,
    limits: { backOffMs: 1 },
    now: () => new Date(Date.now() + ahead),
  });
const accept = (eventKey: string) =>
  ingest.acceptEvent({
    ...{ cameraId: CAMERA, deviceId: null, engine: 'device:test', capturedAt: null, capturedAtSource: 'received' },
    ...{ isLate: false, label: null, frame: null, pull: null, eventKey },
    reads: [{ ...UNKNOWN_READ, text: '1กก 1234' }],
  });
const settleAll = (): (() => void) =>
  ingest.consume({
    cameraIds: [],
    deliver(message) {
      seen.push(message);
      ingest.settle(message.lpr.token, 'recorded');
    },
  });
const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 400 && !(await is()); i++) await sleep(25);
  expect(await is()).toBe(true);
};
const isEmpty = async (): Promise<boolean> => {
  const { queued, running } = await ingest.counts();
  return queued + running === 0;
};

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-clock-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('delete from frames');
  [ahead, seen] = [5 * HOURS, []];
  ingest = open();
  await ingest.start();
});
afterEach(() => ingest.stop());

test('what waited for a flow is due', async () => {
  for (const key of ['a', 'b', 'c']) await accept(key);
  ahead = 0;
  settleAll();
  await until(isEmpty);
  expect(seen).toHaveLength(3);
  await accept('a');
  await sleep(100);
  expect(seen).toHaveLength(3);
});

test('what a killed hub had in its flow is taken again at the next start', async () => {
  const leave = ingest.consume({ cameraIds: [], deliver: () => undefined });
  await accept('a');
  await until(async () => (await ingest.counts()).running === 1);
  // As if killed: nothing is ended, and it takes nothing more.
  leave();
  const killed = ingest;
  ahead = 0;
  ingest = open();
  await ingest.start();
  settleAll();
  await until(isEmpty);
  expect(seen).toHaveLength(1);
  await killed.stop();
});

test('what failed is tried again', async () => {
  let tries = 0;
  ingest.consume({
    cameraIds: [],
    deliver(message) {
      if (++tries > 1) {
        ingest.settle(message.lpr.token, 'recorded');
        return;
      }
      ahead = 5 * HOURS;
      ingest.fail(message.lpr.token, new Error('once'));
      ahead = 0;
    },
  });
  await accept('a');
  await until(isEmpty);
  expect(tries).toBe(2);
});
