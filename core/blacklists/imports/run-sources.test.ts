import { generateKeyPairSync } from 'node:crypto';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import ssh2 from 'ssh2';
import folderSource from '../../../plugins/list-folder/plugin.ts';
import sftpSource from '../../../plugins/list-sftp/plugin.ts';
import standIn from '../../../plugins/list-stand-in/plugin.ts';
import urlSource from '../../../plugins/list-url/plugin.ts';
import { openTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { pluginsOf } from '../../../test/fake-plugins.ts';
import { openImports, type ImportBench } from '../../../test/list-imports.ts';
import { openSftpServer, type SftpServer } from '../../../test/sftp-server.ts';
import { createBlacklistImportStore } from '../../db/stores/blacklist-import-store.ts';
import type { BlacklistSource, BlacklistSourceInput } from '../imports.ts';
import { isOverdue, nextRun } from './source-schedule.ts';

let database: TestDatabase;
let bench: ImportBench;
beforeAll(async () => {
  database = await openTestDatabase();
  bench = await openImports(database, { plugins: pluginsOf(urlSource, sftpSource, folderSource, standIn) });
});
afterAll(async () => {
  await bench.close();
  await database.close();
});

const sourceOf = (
  plugin: string,
  config: BlacklistSourceInput['config'],
  more: Partial<BlacklistSourceInput> = {},
): BlacklistSourceInput => ({
  ...{ name: plugin, plugin, config, enabled: true, schedule: { every: 'minutes', count: 5 }, plan: {} },
  ...{ leaveOutFaulty: false, allowPrivate: true, ...more },
});

async function add(input: BlacklistSourceInput): Promise<BlacklistSource> {
  return bench.imports.createSource(await bench.addList(), input, bench.userId);
}
async function run(sourceId: string): Promise<BlacklistSource> {
  await bench.imports.runSource(sourceId);
  await bench.runJobs();
  return again(sourceId);
}
async function again(sourceId: string): Promise<BlacklistSource> {
  const { rows } = await database.pool.query<{ id: string }>(
    'select blacklist_id as id from blacklist_sources where source_id = $1',
    [sourceId],
  );
  const source = (await bench.imports.sources(rows[0]?.id ?? '')).find((one) => one.sourceId === sourceId);
  if (source === undefined) throw new Error('The source is gone.');
  return source;
}
const states = async (sourceId: string): Promise<readonly string[]> =>
  (await bench.imports.runs(sourceId)).map(({ state }) => state);

const LIST = 'ทะเบียน,จังหวัด\n1กก 1,กทม.\n1กก 2,เชียงใหม่\n1กก 3,ชลบุรี\n1กก 4,ชลบุรี\n1กก 5,ชลบุรี\n';

describe('an address', () => {
  let server: Server;
  let url: string;
  let content = LIST;
  let status = 200;
  let asked: IncomingHttpHeaders[] = [];
  beforeAll(async () => {
    server = createServer((req, res) => {
      asked.push(req.headers);
      const etag = `"${Buffer.from(content).length}"`;
      if (status !== 200) res.writeHead(status, { location: '/elsewhere' }).end();
      else if (req.headers['if-none-match'] === etag) res.writeHead(304).end();
      else if (req.url === '/bearer' && req.headers.authorization !== 'Bearer secret-token') res.writeHead(401).end();
      else res.writeHead(200, { etag, 'last-modified': 'Thu, 26 Nov 2026 06:00:00 GMT' }).end(content);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    [content, status, asked] = [LIST, 200, []];
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  test('is fetched, applied, and asked with what it said last; the age of the list follows also when nothing changed', async () => {
    const source = await add(sourceOf('url', { url: `${url}/list.csv` }));
    const first = await run(source.sourceId);
    expect(first.state.problem).toBeNull();
    expect(await bench.plates(source.blacklistId)).toHaveLength(5);
    await database.pool.query(`update blacklists set listed_at = '2020-01-01' where blacklist_id = $1`, [
      source.blacklistId,
    ]);
    await run(source.sourceId);
    expect(asked[1]).toMatchObject({ 'if-modified-since': 'Thu, 26 Nov 2026 06:00:00 GMT' });
    expect(await states(source.sourceId)).toEqual(['unchanged', 'applied']);
    const { rows } = await database.pool.query<{ isFresh: boolean }>(
      `select listed_at > now() - interval '1 minute' as "isFresh" from blacklists where blacklist_id = $1`,
      [source.blacklistId],
    );
    expect(rows).toEqual([{ isFresh: true }]);
    expect(bench.audited.filter(({ details }) => details['sourceId'] === source.sourceId)).toMatchObject([
      { action: 'blacklist_import.applied', details: { added: 5 } },
    ]);
  });

  test('with accounts: basic and bearer, sealed in the database, never shown', async () => {
    const basic = await add(sourceOf('url', { url, account: 'basic', username: 'hub', password: 'pass-word' }));
    await run(basic.sourceId);
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('hub:pass-word').toString('base64')}`);
    const bearer = await add(sourceOf('url', { url: `${url}/bearer`, account: 'bearer', token: 'secret-token' }));
    expect((await run(bearer.sourceId)).state.problem).toBeNull();
    expect(bearer.config).toMatchObject({ token: true });
    const { rows } = await database.pool.query<{ config: string }>('select config::text from blacklist_sources');
    expect(JSON.stringify(rows)).not.toMatch(/secret-token|pass-word/);
  });

  test('in the own network only where that is meant', async () => {
    const source = await add(sourceOf('url', { url }, { allowPrivate: false }));
    expect((await run(source.sourceId)).state.problem).toMatchObject({ code: 'list_source_private' });
    expect(asked).toHaveLength(0);
    await expect(bench.imports.testSource(source.sourceId)).rejects.toMatchObject({ code: 'list_source_private' });
  });

  test.each([
    [404, 'answers HTTP 404'],
    [401, 'refuses the account'],
    [302, 'sends on to another address'],
  ])('that answers %i', async (answer, words) => {
    const source = await add(sourceOf('url', { url }));
    status = answer;
    const { state } = await run(source.sourceId);
    expect(state.problem).toMatchObject({
      code: 'list_source_failed',
      message: expect.stringContaining(words) as unknown,
    });
    expect(await bench.imports.runs(source.sourceId)).toMatchObject([
      { state: 'failed', problem: { code: 'list_source_failed' } },
    ]);
    expect(state.lastSuccessAt).toBeNull();
  });

  test('with a list that shrinks waits for a person, and is fetched no more while it stays the same', async () => {
    const source = await add(sourceOf('url', { url }));
    await run(source.sourceId);
    content = 'ทะเบียน,จังหวัด\n1กก 1,กทม.\n';
    const { state } = await run(source.sourceId);
    expect(state.problem).toMatchObject({ code: 'list_shrinks' });
    const importId = state.waitingImportId ?? '';
    expect(await bench.imports.get(importId)).toMatchObject({ state: 'refused', counts: { removed: 4 } });
    expect(await bench.plates(source.blacklistId)).toHaveLength(5);
    const still = await run(source.sourceId);
    expect(still.state).toMatchObject({ waitingImportId: importId, problem: { code: 'list_shrinks' } });
    expect(still.state.lastSuccessAt).toEqual(state.lastSuccessAt);

    await bench.imports.apply(importId, { confirmRemoved: 4, leaveOutFaulty: false }, bench.userId);
    await bench.until(importId, 'applied');
    expect(await bench.plates(source.blacklistId)).toEqual(['1กก1']);
    expect((await again(source.sourceId)).state).toMatchObject({ problem: null, waitingImportId: null });
  });

  test('with faulty rows: waits, or is applied without them where the source says so', async () => {
    content = `${LIST}1กก 6,เมืองลับแล\n`;
    const strict = await add(sourceOf('url', { url }));
    expect((await run(strict.sourceId)).state.problem).toMatchObject({ code: 'list_faulty' });
    const lenient = await add(sourceOf('url', { url }, { leaveOutFaulty: true }));
    expect((await run(lenient.sourceId)).state.problem).toBeNull();
    expect(await bench.imports.runs(lenient.sourceId)).toMatchObject([{ state: 'applied', leftOut: 1 }]);
  });

  test('is asked at its time by whichever process is first, and once', async () => {
    const source = await add(sourceOf('url', { url }));
    await bench.runJobs(true);
    expect(asked).toHaveLength(0);
    await database.pool.query(
      `update blacklist_sources set next_run_at = date_trunc('second', now()) where source_id = $1`,
      [source.sourceId],
    );
    await bench.runJobs(true);
    await bench.runJobs(true);
    expect(asked).toHaveLength(1);
    const { nextRunAt } = (await again(source.sourceId)).state;
    expect(nextRunAt?.getTime()).toBeGreaterThan(Date.now() + 200_000);
    await bench.imports.updateSource(source.sourceId, { enabled: false });
    expect((await again(source.sourceId)).state.nextRunAt).toBeNull();
  });

  test('is tried without changing anything', async () => {
    const source = await add(sourceOf('url', { url: `${url}/list.csv` }));
    const tried = await bench.imports.testSource(source.sourceId);
    expect(tried).toMatchObject({ fileName: 'list.csv', preview: { found: { encoding: 'utf-8' } } });
    expect(tried.preview.rows).toHaveLength(5);
    expect(await bench.plates(source.blacklistId)).toEqual([]);
    expect(await states(source.sourceId)).toEqual([]);
  });

  test('a second source that replaces the same list is refused, one that adds is not', async () => {
    const source = await add(sourceOf('url', { url }));
    const other = sourceOf('url', { url }, { name: 'other' });
    await expect(bench.imports.createSource(source.blacklistId, other, bench.userId)).rejects.toMatchObject({
      code: 'conflict',
    });
    await bench.imports.createSource(source.blacklistId, { ...other, plan: { mode: 'add' } }, bench.userId);
    await expect(
      bench.imports.createSource(source.blacklistId, { ...other, plan: { mode: 'add' } }, bench.userId),
    ).rejects.toMatchObject({ code: 'name_taken' });
  });
});

describe('SFTP', () => {
  let server: SftpServer;
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const config = (
    more: Readonly<Record<string, unknown>> = { password: 'pass-word' },
  ): BlacklistSourceInput['config'] => ({
    ...{ host: '127.0.0.1', port: server.port, username: 'hub', path: '/out/list.csv' },
    ...more,
  });
  beforeAll(async () => {
    server = await openSftpServer({ username: 'hub', password: 'pass-word', privateKey });
    server.files.set('/out/list.csv', { bytes: Buffer.from(LIST), at: 1_795_000_000 });
  });
  afterAll(() => server.close());

  test('the key is pinned when it is first seen, and shown; an unchanged file is not fetched', async () => {
    const source = await add(sourceOf('sftp', config()));
    const { state } = await run(source.sourceId);
    expect(state).toMatchObject({ problem: null, hostKey: expect.stringMatching(/^SHA256:[\w+/]{43}$/) as unknown });
    expect(await bench.plates(source.blacklistId)).toHaveLength(5);
    const { opened } = server.counts;
    await run(source.sourceId);
    expect(server.counts.opened).toBe(opened);
    expect(await states(source.sourceId)).toEqual(['unchanged', 'applied']);
  });

  test('with a private key', async () => {
    const source = await add(sourceOf('sftp', config({ privateKey })));
    expect((await run(source.sourceId)).state.problem).toBeNull();
    expect(source.config).toMatchObject({ privateKey: true });
    expect(ssh2.utils.parseKey(privateKey)).not.toBeInstanceOf(Error);
  });

  test('another key is refused before anybody signs in, until the old one is forgotten', async () => {
    const source = await add(sourceOf('sftp', config()));
    await run(source.sourceId);
    const other = await openSftpServer({ username: 'hub', password: 'pass-word' });
    other.files.set('/out/list.csv', { bytes: Buffer.from(LIST), at: 1_795_000_001 });
    await bench.imports.updateSource(source.sourceId, { config: config({ port: other.port, password: true }) });
    const refused = await run(source.sourceId);
    expect(refused.state.problem).toMatchObject({
      code: 'list_source_failed',
      message: expect.stringContaining('shows another key than before') as unknown,
    });
    expect(other.counts.signIns).toBe(0);
    await bench.imports.forgetHostKey(source.sourceId);
    expect((await run(source.sourceId)).state.problem).toBeNull();
    await other.close();
  });

  test.each([
    ['a wrong password', { password: 'wrong' }, 'refuses the account'],
    ['a file that is not there', { password: 'pass-word', path: '/out/none.csv' }, 'has no file /out/none.csv'],
    ['a port where nobody is', { password: 'pass-word', port: 1 }, 'cannot be asked'],
  ])('%s', async (_name, more, words) => {
    const source = await add(sourceOf('sftp', config(more)));
    expect((await run(source.sourceId)).state.problem).toMatchObject({
      code: 'list_source_failed',
      message: expect.stringContaining(words) as unknown,
    });
  });

  test('in the own network only where that is meant', async () => {
    const source = await add(sourceOf('sftp', config(), { allowPrivate: false }));
    const { signIns } = server.counts;
    expect((await run(source.sourceId)).state.problem).toMatchObject({ code: 'list_source_private' });
    expect(server.counts.signIns).toBe(signIns);
  });
});

describe('a watched folder', () => {
  const put = async (name: string, content: string, secondsAgo: number): Promise<void> => {
    const folder = join(bench.dataDir, 'lists/police');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), content);
    const at = Date.now() / 1000 - secondsAgo;
    await utimes(join(folder, name), at, at);
  };

  test('the newest file that fits counts, once it is written', async () => {
    const source = await add(sourceOf('folder', { folder: 'police', pattern: '*.csv' }));
    expect((await run(source.sourceId)).state.problem).toMatchObject({ code: 'list_source_failed' });
    await put('old.csv', 'ทะเบียน\n9กก 9\n', 600);
    await put('new.csv', LIST, 60);
    await put('note.txt', 'x', 30);
    expect((await run(source.sourceId)).state.problem).toBeNull();
    expect(await bench.plates(source.blacklistId)).toHaveLength(5);
    expect(await bench.imports.runs(source.sourceId)).toMatchObject([{ fileName: 'new.csv' }, { state: 'failed' }]);
    await put('newer.csv', LIST, 0);
    expect((await run(source.sourceId)).state.problem?.message).toContain('still being written');
  });

  test('nothing outside of it', async () => {
    for (const folder of ['../../etc', '..', 'police/../../secrets']) {
      const source = await add(sourceOf('folder', { folder, pattern: '*' }));
      expect((await run(source.sourceId)).state.problem?.message).toMatch(/outside|no folder/);
    }
    await mkdir(join(bench.dataDir, 'lists'), { recursive: true });
    await symlink('/etc', join(bench.dataDir, 'lists/link'));
    const source = await add(sourceOf('folder', { folder: 'link', pattern: '*' }));
    expect((await run(source.sourceId)).state.problem?.message).toContain('outside');
  });
});

test('a connector: the stand-in gives a list of made-up plates', async () => {
  const source = await add(sourceOf('stand-in', { entries: 120 }));
  expect((await run(source.sourceId)).state.problem).toBeNull();
  expect(await bench.imports.runs(source.sourceId)).toMatchObject([
    { state: 'applied', counts: { rows: 120, faulty: 0 } },
  ]);
  await run(source.sourceId);
  expect((await states(source.sourceId))[0]).toBe('unchanged');
});

test('a list that somebody changes in the very moment of applying: compared anew, and applied', async () => {
  const store = createBlacklistImportStore(database);
  let isFirst = true;
  const busy = await openImports(database, {
    plugins: pluginsOf(standIn),
    store: {
      ...store,
      async apply(importId, options) {
        if (isFirst) {
          isFirst = false;
          await database.pool.query(
            `insert into blacklist_entries (entry_id, blacklist_id, plate_number)
             select gen_random_uuid(), blacklist_id, '9ฮฮ9' from blacklist_imports where import_id = $1`,
            [importId],
          );
        }
        return store.apply(importId, options);
      },
    },
  });
  const listId = await busy.addList();
  const { sourceId } = await busy.imports.createSource(listId, sourceOf('stand-in', { entries: 3 }), busy.userId);
  await busy.imports.runSource(sourceId);
  await busy.runJobs();
  expect(await busy.imports.runs(sourceId)).toMatchObject([{ state: 'applied', problem: null }]);
  expect(await busy.plates(listId)).toHaveLength(4);
  await busy.close();
});

test('what a removed source brought stays', async () => {
  const source = await add(sourceOf('stand-in', { entries: 3 }));
  await run(source.sourceId);
  await bench.imports.removeSource(source.sourceId);
  expect(await bench.plates(source.blacklistId)).toHaveLength(3);
  await expect(bench.imports.runs(source.sourceId)).rejects.toMatchObject({ code: 'not_found' });
});

test("a time of day is one of the site's clock", () => {
  const now = new Date('2026-11-26T06:00:00Z');
  expect(nextRun({ every: 'day', at: '03:30' }, now, 'Asia/Bangkok')).toEqual(new Date('2026-11-26T20:30:00Z'));
  expect(nextRun({ every: 'day', at: '13:30' }, now, 'Asia/Bangkok')).toEqual(new Date('2026-11-26T06:30:00Z'));
  expect(nextRun({ every: 'hours', count: 6 }, now, 'Asia/Bangkok')).toEqual(new Date('2026-11-26T12:00:00Z'));
  expect(nextRun({ every: 'never' }, now, 'Asia/Bangkok')).toBeNull();
});

test('a source that is silent for twice its interval is overdue', () => {
  const at = (hours: number): Date => new Date(Date.UTC(2026, 10, 26, hours));
  expect(isOverdue({ every: 'hours', count: 1 }, at(0), at(2))).toBe(false);
  expect(isOverdue({ every: 'hours', count: 1 }, at(0), at(3))).toBe(true);
  expect(isOverdue({ every: 'never' }, at(0), at(900))).toBe(false);
});
