import type {
  Acknowledgement,
  AcknowledgementStore,
  Figure,
  FigureBy,
  StoredLink,
} from '../../alerts/acknowledgements.ts';
import { OUTCOMES } from '../../alerts/acknowledgements.ts';
import type { Database } from '../database.ts';
import { dropEscalationNotices, type Query } from './alert-rows.ts';

const ACKNOWLEDGEMENT = `k.alert_id as "alertId", k.at, k.name as by, k.user_id as "userId", k.how, k.outcome, k.note,
  k.judged_at as "judgedAt", k.judged_by as "judgedBy", k.undone_at as "undoneAt", k.undone_by as "undoneBy"`;

/** By what figures are counted: key, name, and what has to be joined. */
const GROUPS: Readonly<Record<FigureBy, { readonly key: string; readonly name: string }>> = {
  all: { key: 'null::text', name: `''` },
  rule: { key: 'a.rule_id::text', name: `coalesce(a.rule_name, '')` },
  list: { key: `a.hit->>'blacklistId'`, name: `coalesce(a.hit->>'blacklistName', '')` },
  camera: { key: 'a.camera_id::text', name: `coalesce(c.name, '')` },
  day: {
    key: `to_char(a.raised_at at time zone $2, 'YYYY-MM-DD')`,
    name: `to_char(a.raised_at at time zone $2, 'YYYY-MM-DD')`,
  },
};

export function createAcknowledgementStore(database: Database): AcknowledgementStore {
  const { pool } = database;
  const standing = async (client: Query, alertId: string): Promise<Acknowledgement | null> => {
    const { rows } = await client.query<Acknowledgement>(
      `select ${ACKNOWLEDGEMENT} from alert_acknowledgements k where k.alert_id = $1 and k.undone_at is null`,
      [alertId],
    );
    return rows[0] ?? null;
  };

  return {
    acknowledge: (alertId, { by, userId, how, outcome, note }, at, link) =>
      database.transaction(async (client) => {
        // Whoever answers the same alert, or escalates it, waits here.
        const { rows } = await client.query<{ retracted: boolean }>(
          'select retracted_at is not null as retracted from alerts where alert_id = $1 for update',
          [alertId],
        );
        const [alert] = rows;
        if (alert === undefined) return null;
        if (alert.retracted) return 'retracted';
        const before = await standing(client, alertId);
        if (before !== null) return { acknowledgement: before, isFirst: false };
        if (link !== null) {
          const { rowCount } = await client.query(
            `update alert_links set used_at = $2
              where token_hash = $1 and alert_id = $3 and used_at is null and expires_at > $2`,
            [link, at, alertId],
          );
          if (rowCount === 0) return 'link';
        }
        await client.query(
          `insert into alert_acknowledgements (alert_id, at, name, user_id, how, outcome, note)
           values ($1, $2, $3, $4, $5, $6, $7)`,
          [alertId, at, by, userId, how, outcome, note],
        );
        await client.query('update alerts set acknowledged_at = $2, acknowledged_by = $3 where alert_id = $1', [
          alertId,
          at,
          userId,
        ]);
        await client.query(
          `update alert_escalations set state = 'stopped', stopped_by = 'acknowledged', stopped_at = $2
            where alert_id = $1 and state = 'running'`,
          [alertId, at],
        );
        await dropEscalationNotices(client, alertId);
        const acknowledgement = await standing(client, alertId);
        if (acknowledgement === null) throw new Error('The acknowledgement was not stored.');
        return { acknowledgement, isFirst: true };
      }),
    async judge(alertId, outcome, note, at, by) {
      const { rows } = await pool.query<Acknowledgement>(
        `update alert_acknowledgements k
            set outcome = $2, note = case when $3 = '' then k.note else $3 end, judged_at = $4, judged_by = $5
          where k.alert_id = $1 and k.undone_at is null returning ${ACKNOWLEDGEMENT}`,
        [alertId, outcome, note, at, by],
      );
      return rows[0] ?? null;
    },
    async unjudge(hitIds) {
      const { rows } = await pool.query<{ alertId: string }>(
        `update alert_acknowledgements k set outcome = null, judged_at = null, judged_by = null
           from alerts a
          where a.hit_id = any($1::uuid[]) and k.alert_id = a.alert_id and k.undone_at is null and k.outcome is not null
         returning k.alert_id as "alertId"`,
        [hitIds],
      );
      return rows.map(({ alertId }) => alertId);
    },
    undo: (alertId, by, at, since) =>
      database.transaction(async (client) => {
        await client.query('select from alerts where alert_id = $1 for update', [alertId]);
        const before = await standing(client, alertId);
        if (before === null) return null;
        if (before.at <= since) return false;
        await client.query(
          `update alert_acknowledgements set undone_at = $2, undone_by = $3 where alert_id = $1 and undone_at is null`,
          [alertId, at, by],
        );
        await client.query(`update alerts set acknowledged_at = null, acknowledged_by = null where alert_id = $1`, [
          alertId,
        ]);
        await client.query(
          `update alert_escalations set state = 'running', stopped_by = null, stopped_at = null
            where alert_id = $1 and stopped_by = 'acknowledged' and stopped_at >= $2`,
          [alertId, before.at],
        );
        // Steps that ran and were not ordered yet are.
        await client.query(
          `update alert_escalation_steps s set state = 'open'
             from alert_escalations r
            where r.alert_id = $1 and r.state = 'running' and s.run_id = r.run_id and s.state = 'dropped'`,
          [alertId],
        );
        await client.query(
          `update alert_deliveries set state = 'waiting', error_code = null, held_by = null, updated_at = now()
            where alert_id = $1 and kind = 'escalation' and state = 'dropped' and error_code = 'acknowledged'`,
          [alertId],
        );
        return true;
      }),
    async history(alertId) {
      const { rows } = await pool.query<Acknowledgement>(
        `select ${ACKNOWLEDGEMENT} from alert_acknowledgements k where k.alert_id = $1 order by k.acknowledgement_id`,
        [alertId],
      );
      return rows;
    },
    async alertsOf(hitIds) {
      const { rows } = await pool.query<{ alertId: string }>(
        `select alert_id as "alertId" from alerts where hit_id = any($1::uuid[]) and retracted_at is null order by raised_at`,
        [hitIds],
      );
      return rows.map(({ alertId }) => alertId);
    },
    async hitOf(alertId) {
      const { rows } = await pool.query<{ hit_id: string | null }>('select hit_id from alerts where alert_id = $1', [
        alertId,
      ]);
      return rows[0]?.hit_id ?? null;
    },
    async addLink({ tokenHash, alertId, deliveryId, createdAt, expiresAt }) {
      await pool.query(
        `insert into alert_links (token_hash, alert_id, delivery_id, told, language, created_at, expires_at)
         select $1, $2, $3::uuid, coalesce(d.person, nullif(d.address, ''), ch.name, ''), coalesce(d.language, ch.language, s.language), $4, $5
           from site s left join alert_deliveries d on d.delivery_id = $3::uuid
           left join alert_channels ch on ch.channel_id = d.channel_id`,
        [tokenHash, alertId, deliveryId, createdAt, expiresAt],
      );
    },
    async link(tokenHash) {
      const { rows } = await pool.query<StoredLink>(
        `select l.alert_id as "alertId", l.delivery_id as "deliveryId", l.told, l.language, l.expires_at as "expiresAt",
                l.used_at as "usedAt", a.title, a.plate_number as "plateNumber", coalesce(c.name, '') as "cameraName",
                coalesce(a.captured_at, a.raised_at) as at, a.retracted_at is not null as "isRetracted"
           from alert_links l join alerts a using (alert_id) left join cameras c on c.camera_id = a.camera_id
          where l.token_hash = $1`,
        [tokenHash],
      );
      return rows[0] ?? null;
    },
    async figures(by, since, timeZone, withCovert) {
      const { key, name } = GROUPS[by];
      const seconds = 'extract(epoch from k.at - a.raised_at)';
      const counts = OUTCOMES.map((outcome) => `'${outcome}', count(*) filter (where k.outcome = '${outcome}')`).join(
        ', ',
      );
      const { rows } = await pool.query<Figure>(
        `select ${key} as key, max(${name}) as name, count(*) as alerts, count(k.at) as acknowledged,
                percentile_cont(0.5) within group (order by ${seconds}) as "medianSeconds",
                percentile_cont(0.9) within group (order by ${seconds}) as "p90Seconds",
                jsonb_build_object(${counts}) as outcomes
           from alerts a left join alert_acknowledgements k on k.alert_id = a.alert_id and k.undone_at is null
           left join cameras c on c.camera_id = a.camera_id
          where a.raised_at >= $1 and a.cause <> 'late' and not a.is_pending and $2::text <> ''
            and ($3 or coalesce(a.hit->>'isCovert', 'false') = 'false')
          group by 1 order by ${by === 'day' ? '1 desc' : '3 desc, 2'} limit 500`,
        [since, timeZone, withCovert],
      );
      return rows;
    },
    async removeLinks(before) {
      await pool.query('delete from alert_links where expires_at < $1', [before]);
    },
    async untold(since) {
      const { rows } = await pool.query<{ alertId: string; at: Date }>(
        `select alert_id as "alertId", at from alert_acknowledgements
          where not is_taken_told and undone_at is null and at >= $1 order by at limit 1000`,
        [since],
      );
      return rows;
    },
    async takenTold(alertId, at) {
      await pool.query('update alert_acknowledgements set is_taken_told = true where alert_id = $1 and at = $2', [
        alertId,
        at,
      ]);
    },
    async undecided(since) {
      const { rows } = await pool.query<Awaited<ReturnType<AcknowledgementStore['undecided']>>[number]>(
        `select a.hit_id as "hitId", k.outcome, k.user_id as "userId", k.note
           from alert_acknowledgements k join alerts a using (alert_id) join hits h on h.hit_id = a.hit_id
          where k.outcome is not null and k.undone_at is null and coalesce(k.judged_at, k.at) >= $1
            and (h.outcome is null or h.outcome <> k.outcome and h.decided_at < coalesce(k.judged_at, k.at))`,
        [since],
      );
      return rows;
    },
  };
}
