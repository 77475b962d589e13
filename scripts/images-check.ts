/**
 * `npm run -s images:check -- [--hashes] [--repair] [--json]`: are all pictures there that the database knows, and does the
 * store hold none that it does not? Beside a running hub or without one. Exit code 1: something is wrong; 2: it could not
 * be looked at.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../core/db/database.ts';
import { createImageCheckStore } from '../core/db/stores/image-check-store.ts';
import { errorMessage } from '../core/errors.ts';
import { checkImages, type ImageCheck } from '../core/images/check-images.ts';
import { createDiskStore } from '../core/images/disk-store.ts';
import { createS3Store } from '../core/images/s3-store.ts';
import { readSettings } from '../settings.ts';
import { reachDatabase } from './reach-database.ts';

const USAGE = `Usage: npm run -s images:check -- [--hashes] [--repair] [--json]
  --hashes  read every picture whole and compare its hash (slow)
  --repair  take away bytes that no record names, when they are older than a day
  --json    one JSON object on standard output`;
/** Of each kind of fault; the counts are whole. */
const SHOWN = 20;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function forPeople({ pictures, bytes, orphans, missing, damaged, lost, repaired }: ImageCheck): string {
  const some = <T>(title: string, all: readonly T[], line: (one: T) => string): string[] =>
    all.length === 0
      ? []
      : [
          `${title}: ${all.length}`,
          ...all.slice(0, SHOWN).map((one) => `  ${line(one)}`),
          ...(all.length > SHOWN ? [`  … and ${all.length - SHOWN} more`] : []),
        ];
  const itself = (text: string): string => text;
  const faults = [
    ...some('recorded, but not in the store', missing, itself),
    ...some('not what was stored', damaged, itself),
    ...some('named, but never stored', lost, (one) => `${one.imageId} in ${one.in} ${one.id}`),
    ...some('in the store, but not recorded', orphans, (one) => `${one.name} (${one.bytes} bytes)`),
    ...some('taken away', repaired, itself),
  ];
  const total = `${pictures} pictures, ${(bytes / 1e9).toFixed(3)} GB recorded`;
  return [total, ...(faults.length > 0 ? faults : ['All are there, and nothing else is.'])].join('\n');
}

async function main(): Promise<number> {
  let options: { hashes: boolean; repair: boolean; json: boolean };
  try {
    const flag = { type: 'boolean', default: false } as const;
    options = parseArgs({ options: { hashes: flag, repair: flag, json: flag } }).values;
  } catch (error) {
    say(`${errorMessage(error)}\n${USAGE}`);
    return 2;
  }
  try {
    const settings = readSettings(process.env);
    const store =
      settings.s3 === null
        ? createDiskStore(join(settings.dataDir, 'images/original'))
        : await createS3Store(settings.s3);
    await store.check();
    const { connection, leave } = await reachDatabase(settings);
    const database = openDatabase(connection, (error) => {
      say(error.message);
    });
    try {
      await database.ping();
      const result = await checkImages(store, createImageCheckStore(database), options);
      process.stdout.write(`${options.json ? JSON.stringify(result) : forPeople(result)}\n`);
      const left = result.orphans.length - result.repaired.length;
      return left + result.missing.length + result.damaged.length + result.lost.length > 0 ? 1 : 0;
    } finally {
      await database.close();
      await leave();
    }
  } catch (error) {
    say(errorMessage(error));
    return 2;
  }
}

process.exitCode = await main();
