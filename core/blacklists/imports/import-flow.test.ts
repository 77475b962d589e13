import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { openImports, type ImportBench } from '../../../test/list-imports.ts';
import { quietLog } from '../../../test/quiet-log.ts';
import { createNews } from '../../db/news.ts';

let database: TestDatabase;
let bench: ImportBench;
beforeAll(async () => {
  database = await openTestDatabase();
  bench = await openImports(database);
});
afterAll(async () => {
  await bench.close();
  await database.close();
});

const THREE = 'ทะเบียน,จังหวัด,ข้อหา\n1กก 1,กรุงเทพมหานคร,รถหาย\n1กก 2,เชียงใหม่,รถหาย\n1กก 3,ชลบุรี,หมายจับ\n';

async function byHand(blacklistId: string, plate: string, province: string | null = null): Promise<void> {
  await database.pool.query(
    `insert into blacklist_entries (entry_id, blacklist_id, plate_number, issuing_entity, country_code, created_by)
     values ($1, $2, $3, $4, 'TH', $5)`,
    [randomUUID(), blacklistId, plate, province, bench.userId],
  );
}

test('a file is looked at, compared, and applied; the second one shows what changes', async () => {
  const listId = await bench.addList();
  const { importId, state, bytes } = await bench.upload(listId, THREE);
  expect({ state, bytes }).toEqual({ state: 'uploaded', bytes: Buffer.byteLength(THREE) });
  const preview = await bench.imports.preview(importId, {});
  expect(preview.plan.map).toEqual({ plateNumber: ['ทะเบียน'], issuingEntity: ['จังหวัด'], reason: ['ข้อหา'] });
  expect(preview.isRemembered).toBe(false);
  await bench.imports.stage(importId, preview.plan);
  const ready = await bench.until(importId, 'ready');
  expect(ready.counts).toMatchObject({ rows: 3, added: 3, removed: 0, changed: 0, faulty: 0 });
  // Nothing of it stands in the list yet.
  expect(await bench.plates(listId)).toEqual([]);
  await bench.imports.apply(importId, { confirmRemoved: null, leaveOutFaulty: false }, bench.userId);
  expect((await bench.until(importId, 'applied')).createdBy).toBe('Somchai');
  expect(await bench.plates(listId)).toEqual(['1กก1', '1กก2', '1กก3']);

  await bench.imports.changeSettings(listId, { shrinkLimit: 1 });
  const next = await bench.compared(listId, THREE.replace('1กก 2', '1กก 22').replace('หมายจับ', 'ติดตาม'));
  expect(next.counts).toMatchObject({ added: 1, removed: 1, changed: 1, unchanged: 1 });
  const changed = await bench.imports.changes(next.importId, { kind: 'changed', cursor: null, limit: 10 });
  expect(changed).toMatchObject({
    items: [{ row: 4, changedFields: ['reason'], before: { reason: 'หมายจับ' }, after: { reason: 'ติดตาม' } }],
    nextCursor: null,
  });
  const removed = await bench.imports.changes(next.importId, { kind: 'removed', cursor: null, limit: 10 });
  expect(removed.items).toMatchObject([
    { row: null, before: { plateNumber: '1กก2', issuingEntity: 'TH-50' }, after: null },
  ]);
});

test('the map is remembered for the list', async () => {
  const listId = await bench.addList();
  const file = 'a,b\n1กก 1,x\n';
  const first = await bench.applied(listId, file, { map: { plateNumber: ['a'], notes: ['b'] } });
  expect(first.plan?.map).toEqual({ plateNumber: ['a'], notes: ['b'] });
  const { importId } = await bench.upload(listId, file);
  expect(await bench.imports.preview(importId, {})).toMatchObject({
    isRemembered: true,
    plan: { map: { plateNumber: ['a'], notes: ['b'] } },
  });
});

test('pages of a difference follow each other without a gap', async () => {
  const listId = await bench.addList();
  const rows = Array.from({ length: 25 }, (_, i) => `2ขข ${i + 1}`);
  const { importId } = await bench.compared(listId, `ทะเบียน\n${rows.join('\n')}\n`);
  const seen: (string | undefined)[] = [];
  let cursor: string | null = null;
  do {
    const page = await bench.imports.changes(importId, { kind: 'added', cursor, limit: 10 });
    seen.push(...page.items.map(({ after }) => after?.plateNumber));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(rows.map((row) => row.replace(' ', '')));
});

describe('what stays', () => {
  test('entries by hand, unless the list is wholly owned by its file', async () => {
    const listId = await bench.addList();
    await byHand(listId, '9ฮฮ9');
    await byHand(listId, '1กก1', 'TH-10');
    const added = await bench.applied(listId, THREE);
    expect(added.counts).toMatchObject({ added: 2, byHand: 1, removed: 0 });
    expect(await bench.plates(listId)).toEqual(['1กก1', '1กก2', '1กก3', '9ฮฮ9']);

    await bench.imports.changeSettings(listId, { isFileOwned: true });
    const owned = await bench.compared(listId, THREE);
    expect(owned.counts).toMatchObject({ removed: 1, byHand: 0 });
    await bench.imports.apply(owned.importId, { confirmRemoved: 1, leaveOutFaulty: false }, bench.userId);
    await bench.until(owned.importId, 'applied');
    expect(await bench.plates(listId)).toEqual(['1กก1', '1กก2', '1กก3']);
  });

  test('an entry from a file that somebody changed by hand', async () => {
    const listId = await bench.addList();
    await bench.applied(listId, THREE);
    await database.pool.query(
      `update blacklist_entries set reason = 'checked', changed_by = $2, changed_at = now()
        where blacklist_id = $1 and plate_number = '1กก1'`,
      [listId, bench.userId],
    );
    const { counts } = await bench.compared(listId, THREE);
    expect(counts).toMatchObject({ byHand: 1, unchanged: 2, changed: 0 });
  });

  test('everything that an increment does not name', async () => {
    const listId = await bench.addList();
    await bench.applied(listId, THREE);
    const { counts } = await bench.applied(listId, 'ทะเบียน\n5กก 5\n', { mode: 'add' });
    expect(counts).toMatchObject({ added: 1, removed: 0 });
    expect(await bench.plates(listId)).toHaveLength(4);
  });
});

describe('a list that shrinks', () => {
  test('is refused unless the very number is confirmed', async () => {
    const listId = await bench.addList();
    await bench.applied(listId, THREE);
    const row = await bench.compared(listId, 'ทะเบียน,จังหวัด,ข้อหา\n1กก 1,กรุงเทพมหานคร,รถหาย\n');
    expect(row.shrink).toEqual({ share: 0.666667, limit: 0.2, isTooMuch: true });
    const apply = (confirmRemoved: number | null): Promise<unknown> =>
      bench.imports.apply(row.importId, { confirmRemoved, leaveOutFaulty: false }, bench.userId);
    await expect(apply(null)).rejects.toMatchObject({ code: 'list_shrinks' });
    await expect(apply(3)).rejects.toMatchObject({
      code: 'list_shrinks',
      details: { problems: [{ field: 'confirmRemoved', problem: 'must be 2, the number of entries that go' }] },
    });
    expect(await bench.plates(listId)).toHaveLength(3);
    await apply(2);
    await bench.until(row.importId, 'applied');
    expect(await bench.plates(listId)).toEqual(['1กก1']);
  });
});

describe('faulty rows', () => {
  const FAULTY =
    'ทะเบียน,จังหวัด,วันหมดอายุ\n1กก 1,กรุงเทพมหานคร,31/02/2570\n1กก 2,เมืองลับแล,31/12/2570\n???,,\n1กก 4,ชลบุรี,31/12/2570\n';

  test('are named by row and field, and refuse all; left out when somebody chooses, and that is recorded', async () => {
    const listId = await bench.addList();
    await bench.applied(listId, 'ทะเบียน,จังหวัด\n1กก 1,กรุงเทพมหานคร\n');
    const row = await bench.compared(listId, FAULTY);
    expect(row.counts).toMatchObject({ rows: 4, faulty: 3, added: 1, removed: 0 });
    const { items } = await bench.imports.changes(row.importId, { kind: 'faulty', cursor: null, limit: 10 });
    expect(items.map(({ row: at, problems }) => [at, problems.map(({ field }) => field)])).toEqual([
      [2, ['validTo']],
      [3, ['issuingEntity']],
      [4, ['plateNumber']],
    ]);
    expect(items[0]?.problems[0]?.problem).toBe('is no day of the calendar: "31/02/2570"');
    const apply = (leaveOutFaulty: boolean): Promise<unknown> =>
      bench.imports.apply(row.importId, { confirmRemoved: null, leaveOutFaulty }, bench.userId);
    await expect(apply(false)).rejects.toMatchObject({ code: 'list_faulty' });
    await apply(true);
    expect((await bench.until(row.importId, 'applied')).leftOut).toBe(3);
    // The plate of a faulty row was not taken off the list.
    expect(await bench.plates(listId)).toEqual(['1กก1', '1กก4']);
    const { rows } = await database.pool.query<{ rows: unknown[] }>(
      'select left_out_rows as rows from blacklist_imports where import_id = $1',
      [row.importId],
    );
    expect(rows[0]?.rows).toHaveLength(3);
  });
});

describe('the same plate twice in a file', () => {
  const TWICE = 'ทะเบียน,จังหวัด,ข้อหา\n1กก 1,กรุงเทพมหานคร,a\n1กก-1,กทม.,b\n1กก 1,เชียงใหม่,c\n';

  test('merged: the last row counts, and the earlier is told', async () => {
    const listId = await bench.addList();
    const row = await bench.compared(listId, TWICE);
    expect(row.counts).toMatchObject({ rows: 3, added: 2, duplicates: 1, faulty: 0 });
    const { items } = await bench.imports.changes(row.importId, { kind: 'duplicate', cursor: null, limit: 10 });
    expect(items).toMatchObject([
      { row: 2, problems: [{ field: 'plateNumber', problem: 'stands in row 3 again, which counts' }] },
    ]);
  });

  test('refused: the later row is faulty', async () => {
    const listId = await bench.addList();
    const values = { dateOrder: 'auto', countryCode: null, categories: [], duplicates: 'refuse' } as const;
    const row = await bench.compared(listId, TWICE, { values });
    expect(row.counts).toMatchObject({ added: 2, duplicates: 0, faulty: 1 });
    const { items } = await bench.imports.changes(row.importId, { kind: 'faulty', cursor: null, limit: 10 });
    expect(items).toMatchObject([{ row: 3, problems: [{ problem: 'stands in row 2 already' }] }]);
  });
});

test('only rows of the categories that are wanted', async () => {
  const listId = await bench.addList();
  const values = { dateOrder: 'auto', countryCode: null, categories: ['Stolen'], duplicates: 'merge' } as const;
  const row = await bench.compared(listId, 'Stolen;TH-10;1กข1;;\nWanted;TH-10;1กข2;;\n', { values });
  expect(row.counts).toMatchObject({ rows: 2, added: 1, filtered: 1 });
});

test('a list that changed since it was compared is compared again, and nothing is applied', async () => {
  const listId = await bench.addList();
  const row = await bench.compared(listId, THREE);
  await byHand(listId, '1กก1', 'TH-10');
  await bench.imports.apply(row.importId, { confirmRemoved: null, leaveOutFaulty: false }, bench.userId);
  const again = await bench.until(row.importId, 'ready');
  expect(again).toMatchObject({ problem: { code: 'conflict' }, counts: { added: 2, byHand: 1 } });
  expect(await bench.plates(listId)).toEqual(['1กก1']);
});

test('the news of a list comes once, when all of it is there', async () => {
  const listId = await bench.addList();
  const news = createNews(database, quietLog);
  await news.start();
  const heard: (string | null)[] = [];
  const counts: Promise<number>[] = [];
  news.on('blacklists', (subject) => {
    heard.push(subject);
    counts.push(bench.plates(listId).then((plates) => plates.length));
  });
  await bench.applied(listId, THREE);
  for (let i = 0; i < 200 && heard.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  // With the numbers of the three, so that nobody has to read the whole list.
  expect(heard.map((subject) => subject?.split(' ').length)).toEqual([5]);
  expect(heard[0]).toMatch(new RegExp(`^${listId} 0 `));
  expect(await Promise.all(counts)).toEqual([3]);
  await news.stop();
});

describe('files that are refused', () => {
  test('one row more than the limit', async () => {
    const small = await openImports(database, { mostRows: 100 });
    const listId = await small.addList();
    const file = (rows: number): string =>
      `plate\n${Array.from({ length: rows }, (_, i) => `AB ${i + 1}`).join('\n')}\n`;
    expect((await small.compared(listId, file(100))).counts).toMatchObject({ added: 100 });
    const { importId } = await small.upload(listId, file(101));
    await small.imports.stage(importId, (await small.imports.preview(importId, {})).plan);
    await expect(small.until(importId, 'ready')).rejects.toThrow('more than 100 rows');
    expect(await small.imports.get(importId)).toMatchObject({ state: 'failed', problem: { code: 'list_too_long' } });
    await small.close();
  });

  test('more plates with wildcards than a list has room for', async () => {
    const listId = await bench.addList();
    const file = (wildcards: number): string =>
      `plate\nAB 1\n${Array.from({ length: wildcards }, (_, i) => `${i + 10}กก*`).join('\n')}\n`;
    expect((await bench.compared(listId, file(10_000))).counts).toMatchObject({ added: 10_001, faulty: 0 });
    const { importId } = await bench.upload(listId, file(10_001));
    await bench.imports.stage(importId, (await bench.imports.preview(importId, {})).plan);
    await expect(bench.until(importId, 'ready')).rejects.toThrow('more than 10000 plates with * or ?');
    expect(await bench.imports.get(importId)).toMatchObject({ state: 'failed', problem: { code: 'invalid_input' } });
  });

  test('too many bytes, and none', async () => {
    const small = await openImports(database, { mostBytes: 1_000 });
    const listId = await small.addList();
    await expect(small.upload(listId, 'x'.repeat(1_001))).rejects.toMatchObject({ code: 'list_too_long' });
    await expect(small.upload(listId, '')).rejects.toMatchObject({ code: 'invalid_input' });
    await small.close();
  });

  test('a map that names columns which are not there', async () => {
    const listId = await bench.addList();
    const { importId } = await bench.upload(listId, THREE);
    const { plan } = await bench.imports.preview(importId, {});
    await expect(bench.imports.stage(importId, { ...plan, map: { plateNumber: ['nowhere'] } })).rejects.toMatchObject({
      code: 'invalid_input',
      details: { problems: [{ field: 'map.plateNumber' }] },
    });
  });
});

describe('an end in the middle', () => {
  test('an apply that breaks changes nothing, and can be done again', async () => {
    const listId = await bench.addList();
    await bench.applied(listId, THREE);
    await bench.imports.changeSettings(listId, { shrinkLimit: 1 });
    const row = await bench.compared(listId, 'ทะเบียน,จังหวัด\n7กก 7,ชลบุรี\n');
    // The last step of the transaction fails, after the entries were swapped.
    await database.pool.query(
      `alter table blacklists add constraint broken check (changed_at < '2000-01-01') not valid`,
    );
    await bench.imports.apply(row.importId, { confirmRemoved: null, leaveOutFaulty: false }, bench.userId);
    const back = await bench.until(row.importId, 'ready');
    expect(back.problem).not.toBeNull();
    expect(await bench.plates(listId)).toEqual(['1กก1', '1กก2', '1กก3']);
    await database.pool.query('alter table blacklists drop constraint broken');
    await bench.imports.apply(row.importId, { confirmRemoved: null, leaveOutFaulty: false }, bench.userId);
    await bench.until(row.importId, 'applied');
    expect(await bench.plates(listId)).toEqual(['7กก7']);
  });

  test('what a killed process was reading is read at the next start; what it was applying is ready again', async () => {
    const listId = await bench.addList();
    const reading = await bench.compared(listId, THREE);
    const applying = await bench.compared(listId, THREE);
    const lost = await bench.compared(listId, THREE);
    // As a SIGKILL leaves them: the states say so, and unlogged tables are empty after PostgreSQL has recovered.
    await database.pool.query(`update blacklist_imports set state = 'reading' where import_id = $1`, [
      reading.importId,
    ]);
    await database.pool.query(`update blacklist_imports set state = 'applying' where import_id = $1`, [
      applying.importId,
    ]);
    const hex = lost.importId.replaceAll('-', '');
    await database.pool.query(`truncate blacklist_rows_${hex}, blacklist_diff_${hex}`);
    const next = await openImports(database, { at: bench.dataDir });
    for (const { importId } of [reading, applying, lost]) {
      const row = await next.until(importId, 'ready');
      expect(row.counts).toMatchObject({ rows: 3, added: 3 });
    }
    await next.imports.apply(lost.importId, { confirmRemoved: null, leaveOutFaulty: false }, next.userId);
    await next.until(lost.importId, 'applied');
    expect(await next.plates(listId)).toHaveLength(3);
    await next.close();
  });
});

test('what is discarded leaves no rows and no file', async () => {
  const listId = await bench.addList();
  const row = await bench.compared(listId, THREE);
  await bench.imports.discard(row.importId);
  expect((await bench.imports.get(row.importId)).state).toBe('discarded');
  const { rows } = await database.pool.query(`select from pg_class where relname like $1`, [
    `%${row.importId.replaceAll('-', '')}`,
  ]);
  expect(rows).toHaveLength(0);
  await expect(bench.imports.preview(row.importId, {})).rejects.toMatchObject({ code: 'conflict' });
  await expect(bench.imports.changes(row.importId, { kind: 'added', cursor: null, limit: 10 })).rejects.toMatchObject({
    code: 'conflict',
  });
});
