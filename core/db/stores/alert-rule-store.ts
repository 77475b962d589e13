import type { RuleRefs, RuleStore } from '../../alerts/alert-store.ts';
import type { Rule, RuleInput, RuleState } from '../../alerts/rules.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { tellNews } from '../news.ts';
import { named } from './name-taken.ts';

const COLUMN = {
  name: 'name',
  enabled: 'enabled',
  match: 'match',
  groups: 'groups',
  title: 'title',
  priority: 'priority',
  channelIds: 'channel_ids',
  escalationId: 'escalation_id',
  confirmation: 'confirmation',
  rearmSeconds: 'rearm_seconds',
  digestMinutes: 'digest_minutes',
  quietCalendarId: 'quiet_calendar_id',
  urgentFrom: 'urgent_from',
  budgetPerDay: 'budget_per_day',
} as const satisfies Record<keyof RuleInput, string>;
const KEYS = Object.keys(COLUMN) as (keyof RuleInput)[];
const RULE = `rule_id as "ruleId", ${KEYS.map((key) => `${COLUMN[key]} as "${key}"`).join(', ')},
  created_at as "createdAt", updated_at as "updatedAt"`;

const SOURCES = {
  channels: ['alert_channels', 'channel_id'],
  cameras: ['cameras', 'camera_id'],
  zones: ['zones', 'zone_id'],
  checkpoints: ['checkpoints', 'checkpoint_id'],
  blacklists: ['blacklists', 'blacklist_id'],
  escalations: ['escalations', 'escalation_id'],
} as const satisfies Record<keyof RuleRefs, readonly [string, string]>;

const valuesOf = (input: RuleInput): unknown[] =>
  KEYS.map((key) => (key === 'groups' ? JSON.stringify(input.groups) : input[key]));

export function createRuleStore(database: Database): RuleStore {
  const { pool } = database;
  return {
    async all() {
      const { rows } = await pool.query<Rule>(`select ${RULE} from alert_rules order by name_key`);
      return rows;
    },
    async states() {
      const { rows } = await pool.query<RuleState & { ruleId: string }>(
        `select r.rule_id as "ruleId",
                (select max(raised_at) from alerts where rule_key = r.rule_id::text and not is_pending) as "lastRaisedAt",
                (select count(*) from alerts where rule_key = r.rule_id::text and not is_pending
                    and raised_at > now() - interval '1 day') as "raisedToday"
           from alert_rules r`,
      );
      return new Map(rows.map(({ ruleId, ...state }) => [ruleId, state]));
    },
    async add(ruleId, input) {
      const { rows } = await named(
        'rule',
        pool.query<Rule>(
          `insert into alert_rules (rule_id, name_key, ${KEYS.map((key) => COLUMN[key]).join(', ')})
           values ($1, $2, ${KEYS.map((_, i) => `$${i + 3}`).join(', ')}) returning ${RULE}`,
          [ruleId, input.name.toLowerCase(), ...valuesOf(input)],
        ),
      );
      const [rule] = rows;
      if (rule === undefined) throw new LprError('internal', 'The rule was not stored.');
      await tellNews(pool, 'rules', ruleId);
      return rule;
    },
    async change(ruleId, input) {
      const { rows } = await named(
        'rule',
        pool.query<Rule>(
          `update alert_rules set name_key = $2, updated_at = now(),
                  ${KEYS.map((key, i) => `${COLUMN[key]} = $${i + 3}`).join(', ')}
            where rule_id::text = $1 returning ${RULE}`,
          [ruleId, input.name.toLowerCase(), ...valuesOf(input)],
        ),
      );
      if (rows[0] !== undefined) await tellNews(pool, 'rules', ruleId);
      return rows[0] ?? null;
    },
    async remove(ruleId) {
      const { rowCount } = await pool.query('delete from alert_rules where rule_id::text = $1', [ruleId]);
      if (rowCount === 1) await tellNews(pool, 'rules', ruleId);
      return rowCount === 1;
    },
    async unknown(refs) {
      const unknown: { what: keyof RuleRefs; id: string }[] = [];
      for (const what of Object.keys(SOURCES) as (keyof RuleRefs)[]) {
        if (refs[what].length === 0) continue;
        const [table, column] = SOURCES[what];
        const { rows } = await pool.query<{ id: string }>(
          `select id from unnest($1::text[]) id where not exists (select from ${table} where ${column}::text = id)`,
          [refs[what]],
        );
        unknown.push(...rows.map(({ id }) => ({ what, id })));
      }
      return unknown;
    },
  };
}
