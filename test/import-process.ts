/** A process that imports a list and applies it, to be killed in the midst: connection, data folder, list and file as arguments. */
import { createReadStream } from 'node:fs';
import { openDatabase, type Connection } from '../core/db/database.ts';
import { openImports } from './list-imports.ts';

const [connection = '', at = '', listId = '', file = ''] = process.argv.slice(2);
const database = openDatabase(JSON.parse(connection) as Connection, () => undefined);
const bench = await openImports(database, { at });
const { importId } = await bench.imports.upload(
  listId,
  { name: 'list.csv', body: createReadStream(file) },
  bench.userId,
);
await bench.imports.stage(importId, (await bench.imports.preview(importId, {})).plan);
const { counts } = await bench.until(importId, 'ready');
await bench.imports.apply(importId, { confirmRemoved: counts?.removed ?? 0, leaveOutFaulty: false }, bench.userId);
await bench.until(importId, 'applied');
process.exit(0);
