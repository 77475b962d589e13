import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createJobs } from './jobs.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const until = async (is: () => boolean): Promise<void> => {
  for (let i = 0; i < 800 && !is(); i++) await sleep(25);
  expect(is()).toBe(true);
};

test('jobs wait for their time, outlive the process that sent them, and go to one process each', async () => {
  const sender = createJobs(database, quietLog);
  sender.work('test.things', () => new Promise(() => undefined));
  const early = new Date(Date.now() + 600_000);
  await sender.start();
  await sender.send('test.things', { n: 0 }, { at: early });
  await sender.stop();

  const done: number[] = [];
  const workers = [1, 2].map(() => {
    const jobs = createJobs(database, quietLog);
    jobs.work('test.things', ({ n }) => {
      done.push(n as number);
      return Promise.resolve();
    });
    return jobs;
  });
  for (const jobs of workers) await jobs.start();
  const [jobs] = workers;
  for (const n of [1, 2, 3]) await jobs?.send('test.things', { n });
  // One waits under its key; the second is not added.
  await jobs?.send('test.things', { n: 4 }, { key: 'same', at: new Date(Date.now() + 1_500) });
  await jobs?.send('test.things', { n: 5 }, { key: 'same', at: new Date(Date.now() + 1_500) });
  await until(() => done.length >= 4);
  await sleep(300);
  expect(done.sort()).toEqual([1, 2, 3, 4]);
  for (const one of workers) await one.stop();
}, 60_000);

test('a job that fails is tried again', async () => {
  const jobs = createJobs(database, quietLog);
  let tries = 0;
  jobs.work('test.failing', () => {
    tries++;
    return tries === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve();
  });
  await jobs.start();
  await jobs.send('test.failing', {});
  await until(() => tries === 2);
  await jobs.stop();
}, 60_000);
