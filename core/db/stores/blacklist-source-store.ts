/** Sources of lists: where a list comes from by itself, when next, and how it went. */
import type { BlacklistImportStore, SourceOutcome, StoredSource } from '../../blacklists/imports/import-store.ts';
import type { BlacklistSourceInput } from '../../blacklists/imports.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { nameTaken } from './name-taken.ts';

type SourceStore = Pick<
  BlacklistImportStore,
  'sources' | 'findSource' | 'addSource' | 'changeSource' | 'removeSource' | 'dueSources' | 'claimRun' | 'learn'
>;

const FOREIGN_KEY_VIOLATION = '23503';

const SOURCE = `select s.source_id as "sourceId", s.blacklist_id as "blacklistId", s.name, s.plugin, s.config, s.enabled, s.schedule,
  s.plan, s.leave_out_faulty as "leaveOutFaulty", s.allow_private as "allowPrivate", s.created_by as "createdBy",
  s.created_at as "createdAt", s.next_run_at as "nextRunAt", s.last_run_at as "lastRunAt", s.last_success_at as "lastSuccessAt",  s.validator, s.host_key as "hostKey",
  case when s.problem is not null then s.problem end as problem,
  (select i.import_id from blacklist_imports i where i.source_id = s.source_id and i.state in ('ready', 'refused')
    order by i.created_at desc limit 1) as "waitingImportId",
  exists (select from blacklist_imports i where i.source_id = s.source_id and i.state in ('reading', 'applying')) as "isRunning"
  from blacklist_sources s`;

const withDates = (source: StoredSource): StoredSource => ({
  ...source,
  problem: source.problem === null ? null : { ...source.problem, at: new Date(source.problem.at) },
});

function inOurWords(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === FOREIGN_KEY_VIOLATION || code === '22P02')
    return new LprError('not_found', 'There is no such blacklist.');
  return nameTaken('source of the list', error);
}

const settingsOf = (source: BlacklistSourceInput & { readonly nextRunAt: Date | null }): unknown[] => [
  ...[source.name, JSON.stringify(source.config), source.enabled, JSON.stringify(source.schedule)],
  ...[JSON.stringify(source.plan), source.leaveOutFaulty, source.allowPrivate, source.nextRunAt],
];

const LEARNED: Readonly<Record<keyof SourceOutcome, readonly [column: string, isJson: boolean]>> = {
  lastRunAt: ['last_run_at', false],
  lastSuccessAt: ['last_success_at', false],
  nextRunAt: ['next_run_at', false],
  validator: ['validator', false],
  hostKey: ['host_key', false],
  problem: ['problem', true],
};

export function createSourceStore({ pool }: Pick<Database, 'pool'>): SourceStore {
  return {
    async sources(blacklistId) {
      const { rows } = await pool.query<StoredSource>(
        `${SOURCE} where $1::text is null or s.blacklist_id::text = $1 order by s.name`,
        [blacklistId],
      );
      return rows.map(withDates);
    },
    async findSource(sourceId) {
      const { rows } = await pool.query<StoredSource>(`${SOURCE} where s.source_id::text = $1`, [sourceId]);
      return rows[0] === undefined ? null : withDates(rows[0]);
    },
    async addSource(source) {
      await pool
        .query(
          `insert into blacklist_sources (source_id, blacklist_id, plugin, created_by, name, name_key, config, enabled, schedule,
             plan, leave_out_faulty, allow_private, next_run_at)
           values ($1, $2, $3, $4, $5, lower($5), $6, $7, $8, $9, $10, $11, $12)`,
          [source.sourceId, source.blacklistId, source.plugin, source.userId, ...settingsOf(source)],
        )
        .catch((error: unknown) => {
          throw inOurWords(error);
        });
    },
    async changeSource(sourceId, source) {
      const { rowCount } = await pool
        .query(
          `update blacklist_sources set name = $2, name_key = lower($2), config = $3, enabled = $4, schedule = $5, plan = $6,
             leave_out_faulty = $7, allow_private = $8, next_run_at = $9, validator = null
            where source_id::text = $1`,
          [sourceId, ...settingsOf(source)],
        )
        .catch((error: unknown) => {
          throw inOurWords(error);
        });
      return rowCount === 1;
    },
    async removeSource(sourceId) {
      const { rowCount } = await pool.query('delete from blacklist_sources where source_id::text = $1', [sourceId]);
      return rowCount === 1;
    },
    async dueSources(now) {
      const { rows } = await pool.query<StoredSource>(
        `${SOURCE} where s.enabled and s.next_run_at <= $1 order by s.next_run_at`,
        [now],
      );
      return rows.map(withDates);
    },
    async claimRun(sourceId, due, next) {
      const { rowCount } = await pool.query(
        'update blacklist_sources set next_run_at = $3 where source_id = $1 and next_run_at = $2',
        [sourceId, due, next],
      );
      return rowCount === 1;
    },
    async learn(sourceId, outcome) {
      const parts = Object.entries(outcome) as [keyof SourceOutcome, unknown][];
      if (parts.length === 0) return;
      await pool.query(
        `update blacklist_sources set ${parts.map(([key], index) => `${LEARNED[key][0]} = $${index + 2}`).join(', ')}
          where source_id = $1`,
        [sourceId, ...parts.map(([key, value]) => (LEARNED[key][1] && value !== null ? JSON.stringify(value) : value))],
      );
    },
  };
}
