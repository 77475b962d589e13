import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../test/database.ts';
import { createAccessStore } from '../db/stores/access-store.ts';
import { createAuditChainStore } from '../db/stores/audit-chain-store.ts';
import { verifyChain, type ChainReport } from './audit-chain.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const write = (action: string): Promise<void> =>
  createAccessStore(database).addAudit({
    userId: null,
    action,
    subject: 'x',
    details: { n: 1, ก: 'ข' },
    address: null,
  });
const verify = (noted: ChainReport['head'] | null = null): Promise<ChainReport> =>
  verifyChain(createAuditChainStore(database), noted);
/** As one who owns the database would do it. */
const tamper = async (sql: string): Promise<void> => {
  await database.pool.query(`alter table audit disable trigger user; ${sql}; alter table audit enable trigger user`);
};

beforeEach(async () => {
  await tamper(`truncate audit; update audit_head set audit_id = 0, hash = decode(repeat('00', 32), 'hex')`);
  // At once: the chain puts them in a line.
  await Promise.all(Array.from({ length: 20 }, (_, i) => write(`test.row_${i % 7}`)));
});

test('rows written at the same moment follow from each other, without gaps', async () => {
  const { rows } = await database.pool.query('select array_agg(audit_id order by audit_id) as ids from audit');
  expect((rows[0] as { ids: unknown }).ids).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)));
  expect(await verify()).toMatchObject({ rows: 20, fault: null, head: { auditId: 20 } });
});

test.each<[string, string, object]>([
  ['a changed word', `update audit set action = 'test.other' where audit_id = 7`, { kind: 'changed', auditId: 7 }],
  ['another time', `update audit set at = at - interval '1 s' where audit_id = 3`, { kind: 'changed', auditId: 3 }],
  ['a row taken out', 'delete from audit where audit_id = 12', { kind: 'changed', auditId: 13 }],
  [
    'a row slipped in',
    `insert into audit (audit_id, action, details, hash) values (0, 'test.new', '{}', sha256('x'))`,
    { kind: 'changed', auditId: 0 },
  ],
  ['the last rows cut off', 'delete from audit where audit_id > 17', { kind: 'cut_off', auditId: 17, written: 20 }],
  ['all rows gone', 'delete from audit', { kind: 'cut_off', auditId: 0, written: 20 }],
])('%s is found', async (_what, sql, fault) => {
  await tamper(sql);
  expect((await verify()).fault).toEqual(fault);
});

test('a trail that was written anew does not have the head that was noted', async () => {
  const { head } = await verify();
  expect((await verify(head)).fault).toBeNull();
  await write('test.later');
  expect((await verify(head)).fault).toBeNull();
  await tamper(`truncate audit; update audit_head set audit_id = 0, hash = decode(repeat('00', 32), 'hex')`);
  for (let i = 0; i < 21; i++) await write('test.invented');
  expect((await verify()).fault).toBeNull();
  expect((await verify(head)).fault).toEqual({ kind: 'rewritten', auditId: 20 });
});

test('nobody changes rows by ordinary means', async () => {
  await expect(database.pool.query(`update audit set action = 'x'`)).rejects.toThrow(/append-only/);
  await expect(database.pool.query('delete from audit_head')).rejects.toThrow(/append-only/);
});
