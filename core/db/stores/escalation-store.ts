import type { Escalation, EscalationStore, Run, StepRecord } from '../../alerts/escalations.ts';
import type { Database } from '../database.ts';
import { nameTaken } from './name-taken.ts';

const RUN = `r.run_id as "runId", r.alert_id as "alertId", r.escalation_id as "escalationId", r.name, r.steps, r.repeats,
  not exists (select from escalations e where e.escalation_id = r.escalation_id) as "isRemoved",
  r.repeat_after_seconds as "repeatAfterSeconds", r.tells_taken as "tellsTaken", r.started_at as "startedAt",
  r.started_by as "startedBy", r.state, r.stopped_by as "stoppedBy", r.stopped_at as "stoppedAt", r.round,
  r.round_began_at as "roundBeganAt", r.step, r.next_at as "nextAt"`;
const STEP = `s.run_id as "runId", s.round, s.step, s.ran_at as "ranAt", s.orders, s.troubles, s.state`;

/** What keeps an alert from being escalated; null: it is open. */
const CLOSED = `case when a.acknowledged_at is not null then 'acknowledged' when a.retracted_at is not null then 'retracted' end`;

export function createEscalationStore(database: Database): EscalationStore {
  const { pool } = database;
  return {
    async list() {
      const { rows } = await pool.query<Escalation>(
        `select e.escalation_id as "escalationId", e.name, e.steps, e.repeats, e.repeat_after_seconds as "repeatAfterSeconds",
                e.tells_taken as "tellsTaken", e.created_at as "createdAt",
                (select count(*) from alert_escalations r
                  where r.escalation_id = e.escalation_id and r.state = 'running') as running
           from escalations e order by e.name_key`,
      );
      return rows;
    },
    async save({ escalationId, name, steps, repeats, repeatAfterSeconds, tellsTaken }) {
      try {
        await pool.query(
          `insert into escalations (escalation_id, name, name_key, steps, repeats, repeat_after_seconds, tells_taken)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (escalation_id) do update
             set name = excluded.name, name_key = excluded.name_key, steps = excluded.steps, repeats = excluded.repeats,
                 repeat_after_seconds = excluded.repeat_after_seconds, tells_taken = excluded.tells_taken`,
          [escalationId, name, name.toLowerCase(), JSON.stringify(steps), repeats, repeatAfterSeconds, tellsTaken],
        );
      } catch (error) {
        throw nameTaken('escalation', error);
      }
    },
    async remove(escalationId) {
      await pool.query('delete from escalations where escalation_id = $1', [escalationId]);
    },
    async rulesNaming(escalationId) {
      const { rows } = await pool.query<{ name: string }>(
        'select name from alert_rules where escalation_id = $1 order by name_key',
        [escalationId],
      );
      return rows.map(({ name }) => name);
    },
    begin: (run) =>
      database.transaction(async (client) => {
        // Whoever answers the alert now waits, or is waited for.
        const { rows } = await client.query<{ closed: string | null; cause: string; round: number }>(
          `select ${CLOSED} as closed, a.cause, a.round from alerts a where a.alert_id = $1 for share`,
          [run.alertId],
        );
        const [alert] = rows;
        if (alert === undefined) return null;
        if (alert.closed !== null || alert.cause === 'late') return false;
        const { rowCount } = await client.query(
          `insert into alert_escalations as r (run_id, alert_id, escalation_id, name, steps, repeats, repeat_after_seconds,
                                          tells_taken, started_at, started_by, round_began_at, next_at, alert_round)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $11, $12)
           on conflict (alert_id, escalation_id) do update
             -- Further rounds of the same one: what it told before stays apart from what it tells now.
             set round = r.round + 1, repeats = r.round + 1 + excluded.repeats, step = 0, steps = excluded.steps,
                 name = excluded.name, repeat_after_seconds = excluded.repeat_after_seconds,
                 tells_taken = excluded.tells_taken, round_began_at = excluded.round_began_at, next_at = excluded.next_at,
                 state = 'running', stopped_by = null, stopped_at = null, alert_round = excluded.alert_round
           where r.alert_round < excluded.alert_round`,
          [
            ...[run.runId, run.alertId, run.escalationId, run.name, JSON.stringify(run.steps), run.repeats],
            ...[run.repeatAfterSeconds, run.tellsTaken, run.startedAt, run.startedBy, run.nextAt],
            alert.round,
          ],
        );
        return rowCount === 1;
      }),
    async due(now, limit) {
      const { rows } = await pool.query<Run>(
        `select ${RUN} from alert_escalations r where r.state = 'running' and r.next_at <= $1 order by r.next_at limit $2`,
        [now, limit],
      );
      return rows;
    },
    advance: ({ runId, alertId, round, step }, { ranAt, orders, troubles }, next) =>
      database.transaction(async (client) => {
        // The alert first, then its run, as whoever answers it does.
        const { rows: alerts } = await client.query<{ closed: string | null }>(
          `select ${CLOSED} as closed from alerts a where a.alert_id = $1 for share`,
          [alertId],
        );
        const { rowCount } = await client.query(
          `select from alert_escalations
            where run_id = $1 and round = $2 and step = $3 and state = 'running' for update`,
          [runId, round, step],
        );
        if (rowCount === 0) return false;
        const closed = alerts[0]?.closed ?? null;
        if (closed !== null) {
          await client.query(
            `update alert_escalations set state = 'stopped', stopped_by = $2, stopped_at = $3 where run_id = $1`,
            [runId, closed, ranAt],
          );
          return false;
        }
        await client.query(
          `insert into alert_escalation_steps (run_id, round, step, ran_at, orders, troubles)
           values ($1, $2, $3, $4, $5, $6)`,
          [runId, round, step, ranAt, JSON.stringify(orders), JSON.stringify(troubles)],
        );
        await client.query(
          `update alert_escalations
              set state = case when $2 then 'done' else 'running' end, round = coalesce($3, round),
                  step = coalesce($4, step + 1), round_began_at = coalesce($5, round_began_at),
                  next_at = coalesce($6, next_at)
            where run_id = $1`,
          [
            ...[runId, next === null, next?.round ?? null, next?.step ?? null],
            ...[next?.roundBeganAt ?? null, next?.nextAt ?? null],
          ],
        );
        return true;
      }),
    async openSteps(limit) {
      await pool.query(
        `update alert_escalation_steps s set state = 'dropped'
           from alert_escalations r
          where s.state = 'open' and r.run_id = s.run_id and r.state = 'stopped'`,
      );
      const { rows } = await pool.query<StepRecord & Pick<Run, 'alertId' | 'escalationId'>>(
        `select ${STEP}, r.alert_id as "alertId", r.escalation_id as "escalationId"
           from alert_escalation_steps s join alert_escalations r using (run_id)
          where s.state = 'open' order by s.ran_at limit $1`,
        [limit],
      );
      return rows;
    },
    async ordered({ runId, round, step }) {
      await pool.query(
        `update alert_escalation_steps set state = 'ordered' where run_id = $1 and round = $2 and step = $3`,
        [runId, round, step],
      );
    },
    async runs(alertId) {
      const { rows } = await pool.query<Run>(
        `select ${RUN} from alert_escalations r where r.alert_id = $1 order by r.started_at`,
        [alertId],
      );
      return rows;
    },
    async steps(alertId) {
      const { rows } = await pool.query<StepRecord>(
        `select ${STEP} from alert_escalation_steps s join alert_escalations r using (run_id)
          where r.alert_id = $1 order by s.ran_at, s.round, s.step`,
        [alertId],
      );
      return rows;
    },
  };
}
