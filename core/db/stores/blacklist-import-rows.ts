/** The rows of a file beside the list that they are for: staged, compared, looked at, applied. */
import type { PoolClient } from 'pg';
import type { EntryTexts, ImportChangeKind } from '../../blacklists/imports.ts';
import type { BlacklistImportStore, ChangeCounts, StoredChange } from '../../blacklists/imports/import-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { columnsOf, placeholders } from '../unnest.ts';
import { ENTRIES_TOLD, tellBlacklist } from './blacklist-news.ts';

type RowStore = Pick<
  BlacklistImportStore,
  | 'beginRows'
  | 'addRows'
  | 'hasRows'
  | 'compare'
  | 'changes'
  | 'apply'
  | 'confirmList'
  | 'dropRows'
  | 'sweepRows'
  | 'entries'
>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Sorts and joins of a million rows in memory instead of on the disk. */
const WORK_MEMORY = "set local work_mem = '128MB'";
const LEFT_OUT_KEPT = 1_000;
const EXPORT_BATCH = 2_000;

/** @throws internal: never is anything else part of a table's name */
function tableOf(kind: 'rows' | 'diff', importId: string): string {
  if (!UUID.test(importId)) throw new LprError('internal', 'This id is none.');
  return `blacklist_${kind}_${importId.replaceAll('-', '')}`;
}

/** What makes an entry one of its own, and what else it says. */
const KEY = ['plate_number', 'issuing_entity', 'country_code', 'plate_type'];
const SAID = ['valid_from', 'valid_to', 'review_at', 'reason', 'agency', 'reference', 'notes', 'confidence'];
const FIELDS = [...KEY, ...SAID];
const TYPES: readonly string[] = [
  ...['text', 'text', 'text', 'text', 'timestamptz', 'timestamptz', 'timestamptz'],
  ...['text', 'text', 'text', 'text', 'real'],
];
const TABLE_FIELDS = FIELDS.map((field, index) => `${field} ${TYPES[index] ?? 'text'}`).join(', ');

const of = (alias: string, fields: readonly string[]): string => fields.map((field) => `${alias}.${field}`).join(', ');
const keyOf = (alias: string): string =>
  `${alias}.plate_number collate "C", ${KEY.slice(1)
    .map((field) => `coalesce(${alias}.${field}, '') collate "C"`)
    .join(', ')}`;
const isSameKey = (a: string, b: string): string =>
  `${a}.plate_number = ${b}.plate_number and ${KEY.slice(1)
    .map((field) => `coalesce(${a}.${field}, '') = coalesce(${b}.${field}, '')`)
    .join(' and ')}`;
/** What a person has changed is that person's from then on. */
const isByHand = (alias: string): string => `(${alias}.origin = 'hand' or ${alias}.changed_by is not null)`;

const instant = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
/** As people are shown it. */
const texts = (alias: string): string => `jsonb_strip_nulls(jsonb_build_object(
  'plateNumber', ${alias}.plate_number, 'issuingEntity', ${alias}.issuing_entity, 'countryCode', ${alias}.country_code,
  'plateType', ${alias}.plate_type, 'validFrom', ${instant(`${alias}.valid_from`)}, 'validTo', ${instant(`${alias}.valid_to`)},
  'reviewAt', ${instant(`${alias}.review_at`)}, 'reason', ${alias}.reason, 'agency', ${alias}.agency,
  'reference', ${alias}.reference, 'notes', ${alias}.notes,
  'confidence', case when ${alias}.confidence < 1 then round(${alias}.confidence::numeric, 3)::text end))`;

async function difference(
  client: PoolClient,
  importId: string,
  blacklistId: string,
  { mode, isFileOwned, duplicates }: Parameters<RowStore['compare']>[1],
): Promise<void> {
  const [rows, diff] = [tableOf('rows', importId), tableOf('diff', importId)];
  await client.query(`drop table if exists ${diff}`);
  await client.query(
    `create unlogged table ${diff} (n bigint not null, row_no int, kind text not null, entry_id uuid, problems jsonb, ${TABLE_FIELDS})`,
  );
  // Tables that were just filled have no statistics yet: without them each row would look through all others.
  await client.query(`analyze ${rows}`);
  await client.query('set local enable_nestloop = off');
  const refuses = duplicates === 'refuse';
  await client.query(
    `insert into ${diff} (n, row_no, kind, entry_id, problems, ${FIELDS.join(', ')})
     select s.n, s.row_no,
            case when s.problems is not null then 'faulty' when s.twin_row is not null then $3
                 when e.entry_id is null then 'added' when ${isByHand('e')} and not $2 then 'byHand'
                 when (${of('e', SAID)}) is distinct from (${of('s', SAID)}) then 'changed' else 'unchanged' end,
            e.entry_id,
            coalesce(s.problems, case when s.twin_row is not null
              then jsonb_build_array(jsonb_build_object('field', 'plateNumber', 'problem', format($4, s.twin_row))) end),
            ${of('s', FIELDS)}
       from (select r.*, case when r.problems is null then ${refuses ? 'lag' : 'lead'}(r.row_no)
                           over (partition by r.problems is null, ${keyOf('r')} order by r.n) end as twin_row
               from ${rows} r) s
       left join blacklist_entries e on e.blacklist_id = $1 and e.twin = 0 and ${isSameKey('e', 's')}`,
    [
      ...[blacklistId, isFileOwned, refuses ? 'faulty' : 'duplicate'],
      refuses ? 'stands in row %s already' : 'stands in row %s again, which counts',
    ],
  );
  await client.query(`analyze ${diff}`);
  if (mode === 'replace') {
    // A plate whose row is faulty was not taken off: its entry stays as it is until the row is mended.
    await client.query(
      `insert into ${diff} (n, kind, entry_id, ${FIELDS.join(', ')})
       select (select coalesce(max(n), 0) from ${diff}) + row_number() over (order by e.entry_no), 'removed', e.entry_id,
              ${of('e', FIELDS)}
         from blacklist_entries e
        where e.blacklist_id = $1 and ($2 or not ${isByHand('e')})
          and not exists (select from ${diff} d where d.entry_id = e.entry_id)
          and not exists (select from ${diff} d where d.kind = 'faulty' and d.plate_number = e.plate_number)`,
      [blacklistId, isFileOwned],
    );
  }
  await client.query(`create index on ${diff} (kind, n)`);
  await client.query(`analyze ${diff}`);
}

async function countEntries(client: PoolClient, blacklistId: string, isFileOwned: boolean): Promise<[number, number]> {
  const { rows } = await client.query<{ all: number; fromFiles: number }>(
    `select count(*) as all, count(*) filter (where $2 or not ${isByHand('e')}) as "fromFiles"
       from blacklist_entries e where e.blacklist_id = $1`,
    [blacklistId, isFileOwned],
  );
  return [rows[0]?.all ?? 0, rows[0]?.fromFiles ?? 0];
}

async function listOf(client: Pick<PoolClient, 'query'>, importId: string, suffix = ''): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `select l.blacklist_id as id from blacklists l join blacklist_imports i using (blacklist_id) where i.import_id = $1 ${suffix}`,
    [importId],
  );
  const [list] = rows;
  if (list === undefined) throw new LprError('not_found', 'The blacklist was removed.');
  return list.id;
}

/** Whether the list is as it was when it was compared. */
async function isAsCompared(client: PoolClient, importId: string): Promise<boolean> {
  const { rows } = await client.query<{ same: boolean }>(
    `select not exists (select from blacklist_entries e where e.blacklist_id = i.blacklist_id
                           and (e.created_at > i.compared_at or e.changed_at > i.compared_at))
            and i.compared_entries = (select count(*) from blacklist_entries e where e.blacklist_id = i.blacklist_id) as same
       from blacklist_imports i where i.import_id = $1`,
    [importId],
  );
  return rows[0]?.same === true;
}

export function createImportRows(database: Database): RowStore {
  const { pool } = database;
  const hasTable = async (name: string): Promise<boolean> => {
    const { rows } = await pool.query<{ is: boolean }>('select to_regclass($1) is not null as is', [name]);
    return rows[0]?.is === true;
  };

  return {
    async beginRows(importId) {
      const rows = tableOf('rows', importId);
      await pool.query(`drop table if exists ${rows}, ${tableOf('diff', importId)}`);
      await pool.query(
        `create unlogged table ${rows} (n bigint generated always as identity, row_no int not null, problems jsonb, ${TABLE_FIELDS})`,
      );
    },
    async addRows(importId, all) {
      const types = ['int', 'jsonb', ...TYPES];
      await pool.query(
        `insert into ${tableOf('rows', importId)} (row_no, problems, ${FIELDS.join(', ')})
         select row_no, problems, ${FIELDS.join(', ')}
           from unnest(${placeholders(types)}) with ordinality as t(row_no, problems, ${FIELDS.join(', ')}, place) order by place`,
        columnsOf(
          all.map(({ row, entry, problems }) => [
            ...[row, problems.length === 0 ? null : JSON.stringify(problems)],
            ...[entry.plateNumber, entry.issuingEntity, entry.countryCode, entry.plateType, entry.validFrom],
            ...[entry.validTo, entry.reviewAt, entry.reason, entry.agency, entry.reference, entry.notes],
            entry.confidence,
          ]),
          types.length,
        ),
      );
    },
    async hasRows(importId, atLeast) {
      const diff = tableOf('diff', importId);
      if (!(await hasTable(diff)) || !(await hasTable(tableOf('rows', importId)))) return false;
      const { rows } = await pool.query<{ n: number }>(`select count(*) as n from (select from ${diff} limit $1) d`, [
        atLeast,
      ]);
      return (rows[0]?.n ?? 0) >= atLeast;
    },
    compare: (importId, options) =>
      database.transaction(async (client) => {
        await client.query(WORK_MEMORY);
        const blacklistId = await listOf(client, importId);
        const [entries, fromFiles] = await countEntries(client, blacklistId, options.isFileOwned);
        await client.query(
          'update blacklist_imports set compared_at = now(), compared_entries = $2 where import_id = $1',
          [importId, entries],
        );
        await difference(client, importId, blacklistId, options);
        const { rows } = await client.query<{ kind: ImportChangeKind; n: number }>(
          `select kind, count(*) as n from ${tableOf('diff', importId)} group by kind`,
        );
        const count = (kind: ImportChangeKind): number => rows.find((row) => row.kind === kind)?.n ?? 0;
        const counts: ChangeCounts = {
          ...{ added: count('added'), removed: count('removed'), changed: count('changed') },
          ...{ unchanged: count('unchanged'), faulty: count('faulty'), duplicates: count('duplicate') },
          byHand: count('byHand'),
        };
        return { counts, entries: fromFiles };
      }),
    async changes(importId, kind, after, limit) {
      const diff = tableOf('diff', importId);
      if (!(await hasTable(diff))) {
        throw new LprError('conflict', 'The file is not compared with the list (any more).');
      }
      const { rows } = await pool.query<{
        n: number;
        row: number | null;
        before: EntryTexts | null;
        after: EntryTexts;
        problems: StoredChange['problems'] | null;
      }>(
        `select d.n, d.row_no as row, case when e.entry_id is not null then ${texts('e')} end as before, ${texts('d')} as after,
                d.problems
           from (select * from ${diff} where kind = $1 and n > $2 order by n limit $3) d
           left join blacklist_entries e using (entry_id) order by d.n`,
        [kind, after, limit],
      );
      return rows.map((row) => ({
        ...{ n: row.n, kind, row: row.row, before: row.before, problems: row.problems ?? [] },
        after: kind === 'removed' ? null : row.after,
      }));
    },
    async apply(importId, { userId, leftOut }) {
      const isDone = await database.transaction(async (client) => {
        await client.query(WORK_MEMORY);
        const blacklistId = await listOf(client, importId, 'for update of l');
        if (!(await isAsCompared(client, importId))) return false;
        const diff = tableOf('diff', importId);
        // Few are told one by one, and every process has them at once; of many the list is read anew.
        const counted = await client.query<{ n: number }>(
          `select count(*) as n from ${diff} where kind in ('removed', 'changed', 'added')`,
        );
        const isFew = (counted.rows[0]?.n ?? 0) <= ENTRIES_TOLD;
        const told: number[] = [];
        const write = async (sql: string, values: unknown[], number: string): Promise<void> => {
          const { rows } = await client.query<{ no: number }>(isFew ? `${sql} returning ${number} as no` : sql, values);
          for (const { no } of rows) told.push(no);
        };
        await write(
          `delete from blacklist_entries e using ${diff} d where d.kind = 'removed' and e.entry_id = d.entry_id`,
          [],
          'e.entry_no',
        );
        // Whoever changed it before counts no more: it says what the file says.
        await write(
          `update blacklist_entries e set ${SAID.map((field) => `${field} = d.${field}`).join(', ')},
                  origin = 'file', import_id = $1, changed_at = now(), changed_by = null
             from ${diff} d where e.entry_id = d.entry_id and (d.kind = 'changed' or (d.kind = 'unchanged' and ${isByHand('e')}))`,
          [importId],
          'e.entry_no',
        );
        await write(
          `insert into blacklist_entries (entry_id, blacklist_id, origin, import_id, created_by, ${FIELDS.join(', ')})
           select gen_random_uuid(), $1, 'file', $2, $3, ${FIELDS.join(', ')} from ${diff} where kind = 'added' order by n
           -- somebody entered it by hand in this very moment
           on conflict do nothing`,
          [blacklistId, importId, userId],
          'entry_no',
        );
        await client.query('update blacklists set listed_at = now(), changed_at = now() where blacklist_id = $1', [
          blacklistId,
        ]);
        const { rowCount } = await client.query(
          `update blacklist_imports set state = 'applied', ended_at = now(), progress = null, problem = null, left_out = $2,
                  left_out_rows = (select jsonb_agg(jsonb_build_object('row', row_no, 'problems', problems) order by n)
                                     from (select * from ${diff} where kind = 'faulty' order by n limit ${LEFT_OUT_KEPT}) d)
            where import_id = $1 and state = 'applying'`,
          [importId, leftOut],
        );
        if (rowCount !== 1) throw new LprError('conflict', 'The import was discarded.');
        await client.query(
          `update blacklist_sources set last_success_at = now(), problem = null
            where source_id = (select source_id from blacklist_imports where import_id = $1)`,
          [importId],
        );
        // What other sources of this list have applied may be overwritten by now: they send all of it again.
        await client.query(
          `update blacklist_sources set validator = null where blacklist_id = $1
              and source_id is distinct from (select source_id from blacklist_imports where import_id = $2)`,
          [blacklistId, importId],
        );
        await tellBlacklist(client, blacklistId, isFew ? [0, ...told] : []);
        return true;
      });
      // The next comparison plans by how large the list is now, not by what it was.
      if (isDone) await pool.query('analyze blacklist_entries');
      return isDone;
    },
    async confirmList(blacklistId) {
      await database.transaction(async (client) => {
        await client.query('update blacklists set listed_at = now() where blacklist_id = $1', [blacklistId]);
        // No entry has this number: the list's own facts are read again, and none of its entries.
        await tellBlacklist(client, blacklistId, [0]);
      });
    },
    async dropRows(importId) {
      await pool.query(`drop table if exists ${tableOf('rows', importId)}, ${tableOf('diff', importId)}`);
    },
    async sweepRows() {
      const { rows: open } = await pool.query<{ id: string }>(
        `select import_id as id from blacklist_imports
          where state in ('uploaded', 'reading', 'ready', 'refused', 'applying')
             or (state = 'failed' and ended_at > now() - interval '1 day')`,
      );
      const kept = new Set(open.map(({ id }) => id.replaceAll('-', '')));
      const { rows: tables } = await pool.query<{ name: string }>(
        `select relname as name from pg_class where relkind = 'r' and relname ~ '^blacklist_(rows|diff)_[0-9a-f]{32}$'`,
      );
      for (const { name } of tables) {
        if (!kept.has(name.slice(-32))) await pool.query(`drop table if exists ${name}`);
      }
      return open.map(({ id }) => id);
    },
    async *entries(blacklistId) {
      const client = await pool.connect();
      let isDone = false;
      try {
        await client.query('begin isolation level repeatable read read only');
        await client.query(
          `declare listed no scroll cursor for select ${texts('e')} as entry, e.origin from blacklist_entries e
            where e.blacklist_id = '${UUID.test(blacklistId) ? blacklistId : ''}' order by e.plate_number, e.entry_no`,
        );
        for (;;) {
          const { rows } = await client.query<{ entry: EntryTexts; origin: string }>(
            `fetch ${EXPORT_BATCH} from listed`,
          );
          if (rows.length === 0) break;
          yield rows.map(({ entry, origin }) => ({ ...entry, origin }));
        }
        await client.query('commit');
        isDone = true;
      } finally {
        if (!isDone) await client.query('rollback').catch(() => undefined);
        client.release();
      }
    },
  };
}
