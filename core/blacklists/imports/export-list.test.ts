import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import ExcelJS from 'exceljs';
import { openFakeApi } from '../../../test/fake-api.ts';
import { openTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { openImports, type ImportBench } from '../../../test/list-imports.ts';

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

const RUNNING = ['=HYPERLINK("http://x")', '+1+2', '-2+3', '@SUM(A1)', '\t=1', '\r=1'];

async function listWith(notes: readonly string[], name: string): Promise<string> {
  const listId = await bench.addList(name);
  for (const [index, note] of notes.entries()) {
    await database.pool.query(
      `insert into blacklist_entries (entry_id, blacklist_id, plate_number, issuing_entity, country_code, notes, valid_to)
       values ($1, $2, $3, 'TH-10', 'TH', $4, '2027-01-31T17:00:00Z')`,
      [randomUUID(), listId, `1กก${index + 1}`, note],
    );
  }
  return listId;
}

test('CSV: Thai for spreadsheets, nothing in it runs, and it can be imported again without a change', async () => {
  const listId = await listWith([...RUNNING, 'a "quoted", <b>note</b>'], 'รถหาย / ทดสอบ');
  const { name, body } = await bench.imports.exportList(listId, 'csv');
  expect(name).toBe('รถหาย _ ทดสอบ.csv');
  const bytes = await buffer(body);
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  const text = bytes.toString('utf8');
  expect(text.split('\r\n')[1]).toBe(`1กก1,TH-10,TH,,,2027-01-31T17:00:00.000Z,,,,,"'=HYPERLINK(""http://x"")",`);
  expect(text).toContain('"a ""quoted"", <b>note</b>"');
  expect(text).not.toMatch(/[,"\n][=+\-@\t]/);

  const copy = await bench.addList();
  const { counts } = await bench.applied(copy, bytes);
  expect(counts).toMatchObject({ rows: 7, added: 7, faulty: 0 });
});

test('XLSX: texts, no formulas', async () => {
  const listId = await listWith(RUNNING, 'XLSX');
  const { body } = await bench.imports.exportList(listId, 'xlsx');
  const book = new ExcelJS.Workbook();
  await book.xlsx.load((await buffer(body)) as unknown as ArrayBuffer);
  const sheet = book.worksheets[0];
  expect(sheet?.rowCount).toBe(RUNNING.length + 1);
  const values = sheet?.getColumn(11).values ?? [];
  expect(values[2]).toBe(`'=HYPERLINK("http://x")`);
  for (const value of values.slice(2)) expect(value).toEqual(expect.stringMatching(/^'/));
});

test('by the API: a file through the form, its difference, apply, export; who did what is written down', async () => {
  const api = await openFakeApi({ blacklistImports: bench.imports });
  await database.pool.query(
    `insert into users (user_id, name, name_key, password_hash, role)
     values ('00000000-0000-4000-8000-000000000020', 'api', 'api', 'x', 'administrator') on conflict do nothing`,
  );
  const client = api.client();
  const headers = { cookie: api.hub.signIn('administrator') };
  const listId = await bench.addList();
  const form = new FormData();
  form.set('file', new Blob(['ทะเบียน,จังหวัด\n1กก 1,กทม.\n']), 'รถหาย.csv');
  const uploaded = await client('POST', `/v1/blacklists/${listId}/imports`, form, headers);
  expect(uploaded).toMatchObject({ status: 201, body: { state: 'uploaded', fileName: 'รถหาย.csv' } });
  const { importId } = uploaded.body as { importId: string };
  const preview = await client('POST', `/v1/blacklist-imports/${importId}/preview`, {}, headers);
  expect(preview.body).toMatchObject({ rows: [{ row: 2, entry: { plateNumber: '1กก1', issuingEntity: 'TH-10' } }] });
  const { plan } = preview.body as { plan: unknown };
  const staged = await client('POST', `/v1/blacklist-imports/${importId}/stage`, { plan }, headers);
  expect(staged.status).toBe(200);
  await bench.until(importId, 'ready');
  const changes = await client('GET', `/v1/blacklist-imports/${importId}/changes?kind=added`, undefined, headers);
  expect(changes.body).toMatchObject({ items: [{ row: 2, after: { plateNumber: '1กก1' } }], nextCursor: null });
  expect((await client('POST', `/v1/blacklist-imports/${importId}/apply`, {}, headers)).status).toBe(200);
  await bench.until(importId, 'applied');
  const file = await client('POST', `/v1/blacklists/${listId}/export`, { format: 'csv', reason: 'Case 12' }, headers);
  expect(file.headers.get('content-disposition')).toContain("attachment; filename*=UTF-8''");
  expect(String(file.body)).toContain('1กก1,TH-10');
  const nameless = await client('POST', `/v1/blacklists/${listId}/export`, { format: 'csv' }, headers);
  expect(nameless.status).toBe(400);
  expect(api.hub.audited).toEqual([
    ...['blacklist_import.uploaded', 'blacklist_import.staged', 'blacklist_import.viewed', 'blacklist_import.applied'],
    'blacklist.exported',
  ]);
  const wrong = new FormData();
  wrong.set('other', new Blob(['x']), 'x.csv');
  expect(await client('POST', `/v1/blacklists/${listId}/imports`, wrong, headers)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_input' } },
  });
  const json = await client('POST', `/v1/blacklists/${listId}/imports`, { file: 'x' }, headers);
  expect(json.body).toMatchObject({ error: { problems: [{ field: 'Content-Type' }] } });
  await api.close();
});
