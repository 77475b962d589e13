/** Imports of lists: each file's rows in an unlogged table of its own, compared and applied by set-wise SQL. */
import type { BlacklistImport, ImportSettings } from '../../blacklists/imports.ts';
import type { BlacklistImportStore, ImportChangeOf, Remembered } from '../../blacklists/imports/import-store.ts';
import type { Database } from '../database.ts';
import { createImportRows } from './blacklist-import-rows.ts';
import { createSourceStore } from './blacklist-source-store.ts';

const IMPORT = `i.import_id as "importId", i.blacklist_id as "blacklistId", i.source_id as "sourceId", i.state,
  i.file_name as "fileName", i.bytes, u.name as "createdBy", i.created_at as "createdAt", i.ended_at as "endedAt", i.plan, i.found,
  i.progress, i.counts, i.shrink, i.left_out as "leftOut", i.problem`;
const FROM = 'from blacklist_imports i left join users u on u.user_id = i.created_by';

/** Column of each part of a change, and whether it is JSON. */
const COLUMNS: Readonly<Record<keyof ImportChangeOf, readonly [column: string, isJson: boolean]>> = {
  state: ['state', false],
  fileName: ['file_name', false],
  bytes: ['bytes', false],
  plan: ['plan', true],
  found: ['found', true],
  progress: ['progress', true],
  counts: ['counts', true],
  shrink: ['shrink', true],
  problem: ['problem', true],
  endedAt: ['ended_at', false],
};

export function createBlacklistImportStore(database: Database): BlacklistImportStore {
  const { pool } = database;
  return {
    ...createImportRows(database),
    ...createSourceStore(database),
    async settings(blacklistId) {
      const { rows } = await pool.query<Omit<ImportSettings, 'plan'> & { name: string }>(
        `select l.name, coalesce(s.shrink_limit, 0.2)::float8 as "shrinkLimit", coalesce(s.is_file_owned, false) as "isFileOwned"
           from blacklists l left join blacklist_import_settings s using (blacklist_id) where l.blacklist_id::text = $1`,
        [blacklistId],
      );
      const [row] = rows;
      // 0.2 as a real is 0.2000000029802322
      return row === undefined ? null : { ...row, shrinkLimit: Math.round(row.shrinkLimit * 1e4) / 1e4 };
    },
    async changeSettings(blacklistId, { shrinkLimit, isFileOwned }) {
      await pool.query(
        `insert into blacklist_import_settings as s (blacklist_id, shrink_limit, is_file_owned)
         values ($1, coalesce($2::real, 0.2), coalesce($3::boolean, false))
         on conflict (blacklist_id) do update set shrink_limit = coalesce($2::real, s.shrink_limit),
           is_file_owned = coalesce($3::boolean, s.is_file_owned)`,
        [blacklistId, shrinkLimit, isFileOwned],
      );
    },
    async lastRead(of) {
      const [where, id] =
        'sourceId' in of
          ? ['source_id = $1', of.sourceId]
          : ['blacklist_id = $1 and source_id is null', of.blacklistId];
      const { rows } = await pool.query<Remembered>(
        `select plan, found->'columns' as columns from blacklist_imports
          where ${where} and plan is not null and found is not null and state <> 'failed' order by created_at desc limit 1`,
        [id],
      );
      return rows[0] ?? null;
    },
    async add({ importId, blacklistId, sourceId, state, fileName, bytes, userId }) {
      await pool.query(
        `insert into blacklist_imports (import_id, blacklist_id, source_id, state, file_name, bytes, created_by)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [importId, blacklistId, sourceId, state, fileName, bytes, userId],
      );
    },
    async find(importId) {
      const { rows } = await pool.query<BlacklistImport>(`select ${IMPORT} ${FROM} where i.import_id::text = $1`, [
        importId,
      ]);
      return rows[0] ?? null;
    },
    async list(of, limit) {
      const [column, id] = 'sourceId' in of ? ['source_id', of.sourceId] : ['blacklist_id', of.blacklistId];
      const { rows } = await pool.query<BlacklistImport>(
        `select ${IMPORT} ${FROM} where i.${column} = $1 order by i.created_at desc limit $2`,
        [id, limit],
      );
      return rows;
    },
    async change(importId, from, change) {
      const parts = Object.entries(change) as [keyof ImportChangeOf, unknown][];
      const values = parts.map(([key, value]) => (COLUMNS[key][1] && value !== null ? JSON.stringify(value) : value));
      const sets = parts.map(([key], index) => `${COLUMNS[key][0]} = $${index + 3}`);
      const { rowCount } = await pool.query(
        `update blacklist_imports set ${sets.join(', ')} where import_id = $1 and state = any($2::text[])`,
        [importId, from, ...values],
      );
      return rowCount === 1;
    },
    async forgetOld() {
      await pool.query(
        `delete from blacklist_imports where ended_at < now() - interval '7 days' and state = 'unchanged'
             or ended_at < now() - interval '1 year'`,
      );
    },
    async inStates(states) {
      const { rows } = await pool.query<BlacklistImport>(
        `select ${IMPORT} ${FROM} where i.state = any($1::text[]) order by i.created_at`,
        [states],
      );
      return rows;
    },
  };
}
