import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { picture } from '../../test/pictures.ts';
import { quietLog } from '../../test/quiet-log.ts';
import { createImageRecords } from '../db/stores/image-store.ts';
import { createIngestStore } from '../db/stores/ingest-store.ts';
import { createEvents } from '../events.ts';
import { createImageStore } from '../images/create-image-store.ts';
import type { LprMessage } from '../message.ts';
import { createIngest } from './create-ingest.ts';
import { importReads, type ImportOptions, type ImportResult } from './import-reads.ts';
import type { Ingest } from './ingest.ts';

const GATE = '00000000-0000-7000-8000-000000000001';
const YARD = '00000000-0000-7000-8000-000000000002';

let database: TestDatabase;
let folder: string;
let ingest: Ingest;
let seen: LprMessage[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'lpr-import-'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.pool.query('delete from frames');
  seen = [];
  ingest = createIngest({
    store: createIngestStore(database),
    images: createImageStore({ dir: join(folder, 'images'), records: createImageRecords(database) }),
    events: createEvents((error) => {
      throw error;
    }),
    log: quietLog,
    cameraState: () => Promise.resolve('enabled'),
    frameArrived: () => undefined,
  });
  await ingest.start();
  ingest.consume({
    cameraIds: [],
    deliver(message) {
      seen.push(message);
      ingest.settle(message.lpr.token, 'recorded');
    },
  });
});
afterEach(() => ingest.stop());

/** Cut in places that no line ends at. */
async function* pieces(bytes: Buffer, size = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
const run = async (text: string | Buffer, more: Partial<ImportOptions> = {}, size = 7): Promise<ImportResult[]> => {
  const results: ImportResult[] = [];
  const options = {
    format: 'ndjson',
    encoding: 'utf-8',
    cameraId: null,
    signal: new AbortController().signal,
    ...more,
  } as const;
  for await (const one of importReads(pieces(Buffer.from(text), size), options, {
    ingest,
    cameras: () =>
      Promise.resolve([
        { cameraId: GATE, name: 'Gate' },
        { cameraId: YARD, name: 'ลาน' },
      ]),
    instantOf: (wall) => Promise.resolve(new Date(wall - 7 * 3_600_000)),
  }))
    results.push(one);
  return results;
};
const lines = (...values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');
const rows = async (): Promise<readonly Record<string, unknown>[]> =>
  (
    await database.pool.query<Record<string, unknown>>(
      `select camera_id as camera, captured_at as at, is_late as late, image_id is not null as pictured,
              reads->0->'read'->>'plateNumber' as plate, reads->0->'read'->>'issuingEntity' as province
         from frames order by captured_at`,
    )
  ).rows;

test('lines become reads at their time, told as late', async () => {
  const image = (await picture(1)).toString('base64');
  const results = await run(
    lines(
      {
        plate: '1กก 1234',
        province: 'กรุงเทพมหานคร',
        camera: 'gate',
        capturedAt: '2024-03-01T08:00:00+07:00',
        confidence: 0.9,
      },
      { plate: 'กย899', camera: 'ลาน', capturedAt: '2024-03-01 09:00:00', image },
      { plate: 'ABC123', country: 'my', camera: YARD, capturedAt: 1_709_260_000, id: 'x1' },
    ),
  );
  expect(results.map(({ line, duplicate, error }) => [line, duplicate, error])).toEqual([
    [1, false, null],
    [2, false, null],
    [3, false, null],
  ]);
  expect(await rows()).toEqual([
    {
      camera: GATE,
      at: new Date('2024-03-01T01:00:00Z'),
      late: true,
      pictured: false,
      plate: '1กก1234',
      province: 'TH-10',
    },
    { camera: YARD, at: new Date('2024-03-01T02:00:00Z'), late: true, pictured: true, plate: 'กย899', province: null },
    { camera: YARD, at: new Date(1_709_260_000_000), late: true, pictured: false, plate: 'ABC123', province: null },
  ]);
});

test('the same file again adds nothing', async () => {
  const text = lines(
    { plate: 'กย899', camera: 'gate', capturedAt: '2024-03-01T08:00:00Z' },
    { plate: 'กย899', camera: 'gate', capturedAt: '2024-03-01T08:00:01Z', id: 'a' },
  );
  await run(text);
  expect((await run(text)).map(({ duplicate }) => duplicate)).toEqual([true, true]);
  expect(await rows()).toHaveLength(2);
});

test('a line that cannot be used is told by number and field, the others count', async () => {
  const good = { plate: 'กย899', camera: 'gate', capturedAt: '2024-03-01T08:00:00Z' };
  const results = await run(
    [
      JSON.stringify(good),
      'nonsense',
      '[1]',
      '',
      JSON.stringify({ ...good, plate: ' ', capturedAt: '2024-03-01T08:00', confidence: 90 }),
      JSON.stringify({ ...good, camera: 'nowhere' }),
      JSON.stringify({ ...good, capturedAt: 'yesterday', plat: 1 }),
      JSON.stringify({ plate: 'กย899', capturedAt: '2024-03-01T08:00:00Z' }),
      JSON.stringify({ ...good, plate: 'a\0b' }),
      JSON.stringify({ ...good, id: 'last' }),
    ].join('\r\n'),
  );
  expect(results.map(({ line, error }) => [line, error?.problems.map(({ field }) => field)])).toEqual([
    [1, undefined],
    [2, ['']],
    [3, ['']],
    [5, ['plate', 'confidence']],
    [6, ['camera']],
    [7, ['plat', 'capturedAt']],
    [8, ['camera']],
    [9, ['plate', 'plate']],
    [10, undefined],
  ]);
});

describe('CSV', () => {
  test('with quotes, commas, line ends inside, a byte order mark and empty cells', async () => {
    const text =
      '\uFEFFplate,province,capturedAt,camera,label\r\n"1กก 1234",,"2024-03-01 08:00:00",gate,"a, ""b""\nc"\r\nกย899,เชียงใหม่,2024-03-01T09:00:00Z,gate,\r\nshort,row\r\n';
    const results = await run(text, { format: 'csv' });
    expect(results.map(({ line, error }) => [line, error?.message])).toEqual([
      [2, undefined],
      [3, undefined],
      [4, expect.stringMatching(/2 fields where the header has 5/)],
    ]);
    expect((await rows()).map(({ plate, province }) => [plate, province])).toEqual([
      ['1กก1234', null],
      ['กย899', 'TH-50'],
    ]);
    expect((await database.pool.query('select label from frames order by captured_at')).rows[0]).toEqual({
      label: 'a, "b"\nc',
    });
  });

  test('in windows-874, for a camera that is named once', async () => {
    // plate "กย899" as windows-874 has it.
    const text = Buffer.concat([
      Buffer.from('plate,capturedAt\n'),
      Buffer.from([0xa1, 0xc2]),
      Buffer.from('899,2024-03-01 08:00:00\n'),
    ]);
    const results = await run(text, { format: 'csv', encoding: 'windows-874', cameraId: GATE });
    expect(results[0]?.error).toBeNull();
    expect((await rows())[0]).toMatchObject({ plate: 'กย899', camera: GATE });
  });
});

test('a line without an end is given up, what came before is stored', async () => {
  const good = lines({ plate: 'กย899', camera: 'gate', capturedAt: '2024-03-01T08:00:00Z' });
  const endless = Buffer.concat([Buffer.from(`${good}\n`), Buffer.alloc(29 * 1024 * 1024, 0x61)]);
  await expect(run(endless, {}, 1024 * 1024)).rejects.toMatchObject({ code: 'body_too_large' });
  expect(await rows()).toHaveLength(1);
});

test('thousands of lines go in together, not one by one', async () => {
  const count = 5_000;
  const text = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ plate: `กข${1000 + i}`, province: 'ชลบุรี', camera: 'gate', capturedAt: 1_709_260_000 + i }),
  ).join('\n');
  const from = performance.now();
  const results = await run(text, {}, 64 * 1024);
  const perSecond = Math.round((count / (performance.now() - from)) * 1_000);
  expect(results.filter(({ error }) => error !== null)).toEqual([]);
  expect(new Set(results.map(({ frameId }) => frameId)).size).toBe(count);
  // One commit a line would be some dozens a second.
  expect(perSecond).toBeGreaterThan(150);
});
