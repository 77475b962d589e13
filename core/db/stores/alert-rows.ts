/** How alerts lie in the database, and how notices get into the outbox. */
import type { QueryResult, QueryResultRow } from 'pg';
import type { Alert } from '../../alerts/alerts.ts';
import type { NewDelivery } from '../../alerts/alert-store.ts';
import { tellNews } from '../news.ts';

/** The pool, or the connection of a transaction. */
export interface Query {
  query<R extends QueryResultRow>(sql: string, values?: unknown[]): Promise<QueryResult<R>>;
}

const STATE = `case when a.retracted_at is not null then 'retracted' when a.acknowledged_at is not null then 'acknowledged'
  when a.cause = 'late' then 'late' when a.escalated_at is not null then 'escalated' else 'open' end`;

export const ALERT = `a.alert_id as "alertId", a.rule_id as "ruleId", a.rule_name as "ruleName",
  jsonb_build_object('kind', a.subject_kind, 'id', a.subject_id) as subject, a.hit_id as "hitId",
  a.detection_id as "detectionId", a.title, a.category, a.priority, a.plate_number as "plateNumber",
  a.issuing_entity as "issuingEntity",
  case when a.plate_number is null then null else jsonb_build_object('series', d.series, 'serial', d.serial,
    'countryCode', a.country_code, 'plateType', a.plate_type) end as plate, nullif(d.best_read->'patch', 'null') as patch,
  case when a.hit is null then null else jsonb_build_object('blacklistId', a.hit->'blacklistId',
    'name', a.hit->'blacklistName', 'colour', a.hit->'colour', 'sound', a.hit->'sound',
    'isCovert', coalesce((a.hit->>'isCovert')::boolean, false)) end as list,
  a.camera_id as "cameraId", coalesce(c.name, '') as "cameraName",
  a.raised_at as "raisedAt", a.captured_at as "capturedAt", a.cause, ${STATE} as state, a.is_provisional as "isProvisional",
  a.is_over_budget as "isOverBudget", a.repeat_count as "repeatCount", a.last_repeat_at as "lastRepeatAt",
  case when a.geofence is null then null else jsonb_build_object('geofenceId', a.geofence->'geofenceId',
    'name', a.geofence->'geofenceName', 'event', a.geofence->'event', 'seconds', a.geofence->'seconds') end as geofence,
  a.camera_trouble as "cameraTrouble", a.escalation_id as "escalationId", a.escalated_at as "escalatedAt",
  a.retracted_at as "retractedAt", a.acknowledged_at as "acknowledgedAt", ak.name as "acknowledgedBy",
  ak.how as "acknowledgedHow", ak.outcome`;
export const ALERT_JOINS = `left join cameras c on c.camera_id = a.camera_id
  left join alert_acknowledgements ak on ak.alert_id = a.alert_id and ak.undone_at is null
  left join detection_keys k on k.detection_id = a.detection_id
  left join detections d on d.captured_at = k.captured_at and d.detection_id = k.detection_id`;

export async function alertsWhere(
  client: Query,
  condition: string,
  values: readonly unknown[],
  rest = '',
): Promise<Alert[]> {
  const { rows } = await client.query<Alert>(
    `select ${ALERT} from alerts a ${ALERT_JOINS} where ${condition} ${rest}`,
    [...values],
  );
  return rows;
}

/**
 * Of an alert that somebody has taken, what waits for its turn is not sent any more, until that is undone; what is just being sent
 * cannot be held back.
 */
export async function dropEscalationNotices(client: Query, alertId: string): Promise<void> {
  await client.query(
    `update alert_deliveries set state = 'dropped', error_code = 'acknowledged', updated_at = now()
      where alert_id = $1 and kind = 'escalation' and state in ('waiting', 'held')
        and (leased_until is null or leased_until < now())`,
    [alertId],
  );
}

/** Inside a transaction. Gives the channels that have something to send now; the news of them travels with the commit. */
export async function queueDeliveries(
  client: Query,
  alertId: string,
  ruleId: string | null,
  deliveries: readonly NewDelivery[],
): Promise<readonly string[]> {
  if (deliveries.length === 0) return [];
  const { rows } = await client.query<{ channel_id: string; state: string }>(
    `insert into alert_deliveries (alert_id, rule_id, channel_id, kind, address, person, language, key, state, held_by,
                                   held_until)
     select $1, $2, c.channel_id, o.kind, o.address, o.person, o.language, o.key,
            case when o."heldBy" is null then 'waiting' else 'held' end, o."heldBy",
            case when o."heldSeconds" is not null then coalesce(
              (select min(h.held_until) from alert_deliveries h
                where h.state = 'held' and h.held_by = 'digest' and h.rule_id is not distinct from $2
                  and h.channel_id = c.channel_id and h.address = o.address),
              now() + make_interval(secs => o."heldSeconds")) end
       from jsonb_to_recordset($3::jsonb) o("channelId" text, kind text, address text, person text, language text, key text,
                                            "heldBy" text, "heldSeconds" int)
       join alert_channels c on c.channel_id::text = o."channelId" and c.enabled
      on conflict do nothing
     returning channel_id, state`,
    [alertId, ruleId, JSON.stringify(deliveries)],
  );
  const channelIds = [...new Set(rows.filter(({ state }) => state === 'waiting').map((row) => row.channel_id))];
  for (const channelId of channelIds) await tellNews(client, 'channels', `due ${channelId}`);
  return channelIds;
}
