import type { Alert, AlertChannel } from '../../alerts/alerts.ts';
import type { AlertStore } from '../../alerts/alert-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';

const ALERT = `a.alert_id as "alertId", a.hit_id as "hitId", a.detection_id as "detectionId", a.title, a.category, a.priority,
  a.plate_number as "plateNumber", a.issuing_entity as "issuingEntity", a.camera_id as "cameraId",
  coalesce(c.name, '') as "cameraName", a.raised_at as "raisedAt", a.acknowledged_at as "acknowledgedAt",
  a.cause, a.retracted_at as "retractedAt",
  u.name as "acknowledgedBy"`;
const JOINS = `left join cameras c on c.camera_id = a.camera_id left join users u on u.user_id = a.acknowledged_by`;
const CHANNEL = `channel_id as "channelId", name, plugin, config, enabled`;

export function createAlertStore(database: Database): AlertStore {
  const { pool } = database;
  const alertsWhere = async (condition: string, values: readonly unknown[], rest = ''): Promise<Alert[]> => {
    const { rows } = await pool.query<Alert>(`select ${ALERT} from alerts a ${JOINS} where ${condition} ${rest}`, [
      ...values,
    ]);
    return rows;
  };
  return {
    async raise(alert, channelId) {
      const isNew = await database.transaction(async (client) => {
        const { rowCount } = await client.query(
          `insert into alerts (alert_id, hit_id, detection_id, camera_id, title, category, priority, plate_number, issuing_entity,
                               cause)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (hit_id) do update set retracted_at = null where alerts.retracted_at is not null`,
          [
            alert.alertId,
            alert.hitId,
            alert.detectionId,
            alert.cameraId,
            alert.title,
            alert.category,
            alert.priority,
            alert.plateNumber,
            alert.issuingEntity,
            alert.cause,
          ],
        );
        await client.query(
          `insert into alert_deliveries (alert_id, channel_id)
           select a.alert_id, c.channel_id from alerts a, alert_channels c
            where a.hit_id = $1 and c.channel_id::text = $2 and c.enabled on conflict do nothing`,
          [alert.hitId, channelId],
        );
        return rowCount === 1;
      });
      const [stored] = await alertsWhere('a.hit_id = $1', [alert.hitId]);
      if (stored === undefined) throw new LprError('internal', 'The alert was not stored.');
      return { alert: stored, isNew };
    },
    async retract(hitIds) {
      const ids = await database.transaction(async (client) => {
        const { rows } = await client.query<{ alert_id: string }>(
          `update alerts set retracted_at = now() where hit_id = any($1::uuid[]) and retracted_at is null returning alert_id`,
          [hitIds],
        );
        const retracted = rows.map((row) => row.alert_id);
        await client.query(`delete from alert_deliveries where alert_id = any($1::uuid[]) and state = 'waiting'`, [
          retracted,
        ]);
        return retracted;
      });
      return alertsWhere('a.alert_id = any($1::uuid[])', [ids]);
    },
    list: (open, limit) =>
      alertsWhere(
        `$1::boolean is null or (a.acknowledged_at is null and a.retracted_at is null and a.cause <> 'late') = $1`,
        [open, limit],
        'order by a.raised_at desc limit $2',
      ),
    async countOpen() {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*) as n from alerts where acknowledged_at is null and retracted_at is null and cause <> 'late'`,
      );
      return rows[0]?.n ?? 0;
    },
    async acknowledge(alertId, userId) {
      await pool.query(
        `update alerts set acknowledged_at = now(), acknowledged_by = $2
          where alert_id::text = $1 and acknowledged_at is null`,
        [alertId, userId],
      );
      return (await alertsWhere('a.alert_id::text = $1', [alertId]))[0] ?? null;
    },
    async channels() {
      const { rows } = await pool.query<AlertChannel>(`select ${CHANNEL} from alert_channels order by name`);
      return rows;
    },
    async addChannel({ channelId, name, plugin, config, enabled }) {
      const { rows } = await pool.query<AlertChannel>(
        `insert into alert_channels (channel_id, name, plugin, config, enabled) values ($1, $2, $3, $4, $5)
         on conflict (name) do nothing returning ${CHANNEL}`,
        [channelId, name, plugin, JSON.stringify(config), enabled],
      );
      const [channel] = rows;
      if (channel !== undefined) return channel;
      throw new LprError('name_taken', 'Another channel has this name: choose another.', {
        problems: [{ field: 'name', problem: 'is taken' }],
      });
    },
    async removeChannel(channelId) {
      const { rowCount } = await pool.query('delete from alert_channels where channel_id::text = $1', [channelId]);
      return rowCount === 1;
    },
    async takeDeliveries(limit, leaseSeconds) {
      const { rows } = await pool.query<{ alertId: string; channel: AlertChannel; attempts: number }>(
        `with due as (
           update alert_deliveries d
              set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
            where (alert_id, channel_id) in (
              -- No delivery is put off so long: what seems to be was written before the clock was set back.
              select alert_id, channel_id from alert_deliveries
               where state = 'waiting' and (next_attempt_at <= now() or next_attempt_at > now() + interval '20 minutes')
               order by next_attempt_at limit $1 for update skip locked)
           returning alert_id, channel_id, attempts)
         select due.alert_id as "alertId", due.attempts,
                jsonb_build_object('channelId', ch.channel_id, 'name', ch.name, 'plugin', ch.plugin, 'config', ch.config,
                                   'enabled', ch.enabled) as channel
           from due join alert_channels ch using (channel_id)`,
        [limit, leaseSeconds],
      );
      const alerts = await alertsWhere('a.alert_id = any($1::uuid[])', [rows.map((row) => row.alertId)]);
      return rows.flatMap(({ alertId, channel, attempts }) => {
        const alert = alerts.find((one) => one.alertId === alertId);
        return alert === undefined ? [] : [{ alert, channel, attempts }];
      });
    },
    async delivered(alertId, channelId) {
      await pool.query(
        `update alert_deliveries set state = 'delivered', delivered_at = now(), error = null
          where alert_id = $1 and channel_id = $2`,
        [alertId, channelId],
      );
    },
    async failed(alertId, channelId, error, nextAttemptAt) {
      await pool.query(
        `update alert_deliveries set state = case when $4::timestamptz is null then 'dead' else 'waiting' end,
                next_attempt_at = coalesce($4, next_attempt_at), error = $3
          where alert_id = $1 and channel_id = $2`,
        [alertId, channelId, error, nextAttemptAt],
      );
    },
  };
}
