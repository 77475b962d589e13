/**
 * A list of a million entries from a file: how long reading, comparing and applying take, the first time and when the next file
 * differs in a few rows, and what memory that takes. One row more than the limit is refused.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { openDatabase } from '../core/db/database.ts';
import { startEmbeddedPostgres } from '../core/db/embedded-postgres.ts';
import { migrate } from '../core/db/migrate.ts';
import { MOST_ROWS } from '../core/blacklists/imports.ts';
import { openImports, type ImportBench } from '../test/list-imports.ts';
import type { Bench } from './bench.ts';

const ENTRIES = 1_000_000;
const SERIES = 'กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพฟภมยรลวศษสหฬอฮ';
const PROVINCES = [
  'กรุงเทพมหานคร',
  'เชียงใหม่',
  'ขอนแก่น',
  'ชลบุรี',
  'สงขลา',
  'ภูเก็ต',
  'นครราชสีมา',
  'อุดรธานี',
  'ระยอง',
  'ลำปาง',
];

/** Made-up plates, each another: the same number gives the same one. */
function row(index: number, isChanged: boolean): string {
  const number = 1 + (index % 9999);
  const pair = Math.floor(index / 9999);
  const letters = SERIES.charAt(pair % SERIES.length) + SERIES.charAt(Math.floor(pair / SERIES.length) % SERIES.length);
  const province = PROVINCES[index % PROVINCES.length] ?? '';
  return `${1 + (index % 9)}${letters} ${number},${province},${isChanged ? 'หมายจับ' : 'รถหาย'},31/12/2570,CASE-${index}\r\n`;
}

/** @param skip the first rows that are left out; as many new ones stand at the end */
function* csv(rows: number, skip = 0, changed = 0): Generator<Buffer> {
  yield Buffer.from('ทะเบียน,จังหวัด,ข้อหา,วันหมดอายุ,เลขคดี\r\n');
  const batch = 5_000;
  for (let at = skip; at < rows + skip; at += batch) {
    const end = Math.min(at + batch, rows + skip);
    let text = '';
    for (let index = at; index < end; index++) text += row(index, index < skip + changed);
    yield Buffer.from(text);
  }
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now();
  const made = await work();
  return [made, (performance.now() - began) / 1000];
}

async function importOnce(
  bench: ImportBench,
  listId: string,
  content: Iterable<Buffer>,
): Promise<{ staged: number; applied: number }> {
  const { importId } = await bench.imports.upload(
    listId,
    { name: 'list.csv', body: Readable.from(content) },
    bench.userId,
  );
  const { plan } = await bench.imports.preview(importId, {});
  await bench.imports.stage(importId, plan);
  const [ready, staged] = await timed(() => bench.until(importId, 'ready'));
  const confirmRemoved = ready.counts?.removed ?? 0;
  await bench.imports.apply(importId, { confirmRemoved, leaveOutFaulty: false }, bench.userId);
  const [, applied] = await timed(() => bench.until(importId, 'applied'));
  return { staged, applied };
}

export default {
  about: 'a list of a million entries from a file: seconds to read, compare and apply, and megabytes',
  async run({ args, print }) {
    const entries = Number(args['entries'] ?? ENTRIES);
    const folder = await mkdtemp(join(tmpdir(), 'lpr-bench-import-'));
    const postgres = await startEmbeddedPostgres(folder);
    const database = openDatabase({ ...postgres.connection, database: 'postgres' }, () => undefined);
    const before = process.memoryUsage.rss();
    let peak = before;
    const watching = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 100);
    try {
      await migrate(database, resolve(import.meta.dirname, '../migrations'));
      const bench = await openImports(database);
      const listId = await bench.addList('Bench');
      const first = await importOnce(bench, listId, csv(entries));
      print(
        `first file, ${entries} rows: read and compared in ${first.staged.toFixed(1)} s, applied in ${first.applied.toFixed(1)} s`,
      );
      const few = Math.floor(entries / 100);
      const next = await importOnce(bench, listId, csv(entries, few, few));
      print(
        `next file, 1 % removed, added and changed: ${next.staged.toFixed(1)} s, applied in ${next.applied.toFixed(1)} s`,
      );
      let refused = 0;
      if (args['entries'] === undefined) {
        const content = Readable.from(csv(MOST_ROWS + 1));
        const { importId } = await bench.imports.upload(listId, { name: 'long.csv', body: content }, bench.userId);
        await bench.imports.stage(importId, (await bench.imports.preview(importId, {})).plan);
        await bench.until(importId, 'ready').catch(() => undefined);
        refused = (await bench.imports.get(importId)).problem?.code === 'list_too_long' ? 1 : 0;
        print(`${MOST_ROWS + 1} rows: ${refused === 1 ? 'refused' : 'NOT refused'}`);
      }
      await bench.close();
      const grown = Math.round((peak - before) / 2 ** 20);
      print(`memory of the process grew by ${grown} MB at most`);
      return {
        figures: {
          ...{ firstReadSeconds: first.staged, firstApplySeconds: first.applied },
          ...{ nextReadSeconds: next.staged, nextApplySeconds: next.applied, grownMb: grown },
          ...(args['entries'] === undefined ? { tooLongRefused: refused } : {}),
        },
        targets: {
          ...{ firstReadSeconds: { max: 300 }, firstApplySeconds: { max: 300 }, grownMb: { max: 400 } },
          ...(args['entries'] === undefined ? { tooLongRefused: { min: 1 } } : {}),
        },
      };
    } finally {
      clearInterval(watching);
      await database.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
} satisfies Bench;
