import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createNews, tellNews } from './news.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const until = async (is: () => boolean): Promise<void> => {
  for (let i = 0; i < 400 && !is(); i++) await sleep(25);
  expect(is()).toBe(true);
};

test('what one process tells the others hear, once it is committed', async () => {
  const [one, other] = [createNews(database, quietLog), createNews(database, quietLog)];
  await Promise.all([one.start(), other.start()]);
  const heard: (string | null)[] = [];
  other.on('blacklists', (subject) => heard.push(subject));
  const forget = other.on('blacklists', () => heard.push('once'));
  forget();
  await one.tell('rules', 'nobody listens');
  await one.tell('blacklists', 'a list');
  await until(() => heard.length === 1);
  await database.transaction(async (client) => {
    await tellNews(client, 'blacklists', 'another list');
    await sleep(100);
    expect(heard).toEqual(['a list']);
  });
  await until(() => heard.length === 2);
  await expect(
    database.transaction(async (client) => {
      await tellNews(client, 'blacklists', 'taken back');
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await one.tell('blacklists');
  await until(() => heard.length === 3);
  expect(heard).toEqual(['a list', 'another list', '']);
  await Promise.all([one.stop(), other.stop()]);
});

test('after a broken connection everything is to be loaded anew', async () => {
  const news = createNews(database, quietLog);
  await news.start();
  const heard: (string | null)[] = [];
  news.on('geofences', (subject) => heard.push(subject));
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen lpr_news%'`,
  );
  await until(() => heard.length === 1);
  expect(heard).toEqual([null]);
  await news.tell('geofences', 'again');
  await until(() => heard.length === 2);
  await news.stop();
});
