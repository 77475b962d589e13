/**
 * `npm run -s audit:verify -- [--noted ID:HASH] [--json]`: is the audit trail whole? Beside a running hub or without one.
 * Exit code 1: it was changed; 2: it could not be looked at.
 */
import { parseArgs } from 'node:util';
import { verifyChain, type ChainHead, type ChainReport } from '../core/access/audit-chain.ts';
import { openDatabase } from '../core/db/database.ts';
import { createAuditChainStore } from '../core/db/stores/audit-chain-store.ts';
import { errorMessage } from '../core/errors.ts';
import { readSettings } from '../settings.ts';
import { reachDatabase } from './reach-database.ts';

const USAGE = `Usage: npm run -s audit:verify -- [--noted ID:HASH] [--json]
  --noted  a head that this command, or the hub's log, told before: the trail must still hold it
  --json   one JSON object on standard output`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function parseHead(text: string): ChainHead {
  const [, auditId, hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (auditId === undefined) throw new Error('--noted must be a number, a colon and 64 hexadecimal digits.');
  return { auditId: Number(auditId), hash };
}

function forPeople({ rows, head, fault }: ChainReport): string {
  const known = `${rows} rows follow from each other, head ${head.auditId}:${head.hash}`;
  switch (fault?.kind) {
    case undefined:
      return `The audit trail is whole.\n${known}\nNote the head elsewhere: with --noted it shows that nobody wrote the trail anew.`;
    case 'changed':
      return `The audit trail was changed: row ${fault.auditId} is not what was written, or a row before it is gone.\n${known}`;
    case 'cut_off':
      return `The audit trail was cut off: row ${fault.written} was the last one written, row ${fault.auditId} is the last one there.`;
    case 'rewritten':
      return `The audit trail was written anew: row ${fault.auditId} does not have the noted hash.`;
  }
}

async function main(): Promise<number> {
  let json: boolean;
  let noted: ChainHead | null;
  try {
    const { values } = parseArgs({ options: { noted: { type: 'string' }, json: { type: 'boolean', default: false } } });
    json = values.json;
    noted = values.noted === undefined ? null : parseHead(values.noted);
  } catch (error) {
    say(`${errorMessage(error)}\n${USAGE}`);
    return 2;
  }
  try {
    const { connection, leave } = await reachDatabase(readSettings(process.env));
    const database = openDatabase(connection, (error) => {
      say(error.message);
    });
    try {
      await database.ping();
      const report = await verifyChain(createAuditChainStore(database), noted);
      process.stdout.write(`${json ? JSON.stringify(report) : forPeople(report)}\n`);
      return report.fault === null ? 0 : 1;
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
