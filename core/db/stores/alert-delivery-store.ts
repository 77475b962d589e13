import type { AlertDelivery, DeadLetter } from '../../alerts/channels.ts';
import type { Delivery, DeliveryStore, HeldGroup } from '../../alerts/alert-store.ts';
import type { Database } from '../database.ts';
import { tellNews } from '../news.ts';
import { createChannelRecords } from './alert-channel-records.ts';
import { orderRetractions } from './alert-retractions.ts';
import { dropEscalationNotices, queueDeliveries, type Query } from './alert-rows.ts';

const ERROR = `case when d.error_message is null then null
  else jsonb_build_object('code', coalesce(d.error_code, 'internal'), 'message', d.error_message) end as error`;

export async function deliveriesOf(client: Query, alertId: string): Promise<readonly AlertDelivery[]> {
  const { rows } = await client.query<AlertDelivery>(
    `select d.delivery_id as "deliveryId", d.channel_id as "channelId", c.name as "channelName", d.kind, d.address as "to",
            d.person, d.state, d.held_by as "heldBy", d.attempts, d.created_at as "createdAt",
            case d.state when 'waiting' then d.next_attempt_at when 'held' then d.held_until end as "nextAttemptAt",
            d.delivered_at as "deliveredAt", ${ERROR}
       from alert_deliveries d join alert_channels c using (channel_id)
      where d.alert_id::text = $1 order by d.created_at, d.delivery_id`,
    [alertId],
  );
  return rows;
}

const DEAD = `state = 'dead' and ($1::uuid[] is null or delivery_id = any($1)) and ($2::text is null or channel_id::text = $2)`;
const TOLD_BY_ITSELF = `('retraction', 'digest', 'budget')`;
const inGroup = `rule_id is not distinct from $1 and channel_id = $2 and address = $3 and held_by = $4 and state = 'held'`;

export function createDeliveryStore(database: Database): DeliveryStore {
  const { pool } = database;
  return {
    ...createChannelRecords(database),
    order: (alertId, deliveries) =>
      database.transaction(async (client) => {
        const { rows } = await client.query<{ rule_id: string | null; is_taken: boolean }>(
          'select rule_id, acknowledged_at is not null as is_taken from alerts where alert_id::text = $1 for share',
          [alertId],
        );
        const [row] = rows;
        if (row === undefined) return false;
        await queueDeliveries(client, alertId, row.rule_id, deliveries);
        // Somebody took it between a step of an escalation and its notices.
        if (row.is_taken) await dropEscalationNotices(client, alertId);
        return true;
      }),
    async due() {
      const { rows } = await pool.query<{ channel_id: string }>(
        `select channel_id from alert_channels c
          where enabled and exists (select from alert_deliveries d
            where d.channel_id = c.channel_id and d.state = 'waiting' and d.next_attempt_at <= now())`,
      );
      return rows.map((row) => row.channel_id);
    },
    take: (channelId, limit, leaseSeconds) =>
      database.transaction(async (client) => {
        const { rows } = await client.query<Delivery & { readonly state: string; readonly wasLeased: boolean }>(
          `with due as (
             -- No delivery is put off so long: what seems to be was written before the clock was set back.
             select delivery_id, leased_until is not null as was_leased from alert_deliveries
              where channel_id = $1 and state = 'waiting'
                and (next_attempt_at <= now() or next_attempt_at > now() + interval '2 days')
              order by next_attempt_at limit $2 for update skip locked)
           update alert_deliveries d
              set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $3),
                  leased_until = now() + make_interval(secs => $3), updated_at = now(),
                  first_attempt_at = coalesce(first_attempt_at, now()),
                  state = case when a.retracted_at is not null and d.kind not in ${TOLD_BY_ITSELF} then 'dropped'
                               -- Nothing of it stands any more.
                               when d.kind = 'digest' and not exists (
                                 select from alert_deliveries g join alerts ga using (alert_id)
                                  where g.digest_id = d.delivery_id and ga.retracted_at is null) then 'dropped'
                               else 'waiting' end
             from due, alerts a where d.delivery_id = due.delivery_id and a.alert_id = d.alert_id
           returning d.delivery_id as "deliveryId", d.alert_id as "alertId", d.channel_id as "channelId", d.kind, d.address,
                     d.language, d.key, d.attempts, d.first_attempt_at as "firstAttemptAt", d.state, due.was_leased as "wasLeased"`,
          [channelId, limit, leaseSeconds],
        );
        // Its sender came to an unknown end: it may have been told.
        const maybeTold = rows.filter((row) => row.state === 'dropped' && row.wasLeased).map((row) => row.deliveryId);
        if (maybeTold.length > 0) await orderRetractions(client, 'd.delivery_id = any($1::uuid[])', [maybeTold]);
        return rows.filter(({ state }) => state === 'waiting');
      }),
    delivered: (deliveryId) =>
      database.transaction(async (client) => {
        // Whoever takes the alert back meanwhile waits for this, or this for that: one of the two tells it.
        await client.query(
          `select from alerts a join alert_deliveries d using (alert_id) where d.delivery_id = $1 for share of a`,
          [deliveryId],
        );
        await client.query(
          `update alert_deliveries
              set state = 'delivered', delivered_at = now(), error_code = null, error_message = null, leased_until = null,
                  updated_at = now() where delivery_id = $1`,
          [deliveryId],
        );
        await orderRetractions(
          client,
          `d.delivery_id = $1 or (d.digest_id = $1 and a.retracted_at > (
             select first_attempt_at from alert_deliveries where delivery_id = $1))`,
          [deliveryId],
        );
      }),
    async failed(deliveryId, { code, message }, nextAttemptAt) {
      await pool.query(
        `update alert_deliveries d
            set state = case when $4::timestamptz is null then 'dead'
                             when a.retracted_at is not null and d.kind not in ${TOLD_BY_ITSELF} then 'dropped'
                             else 'waiting' end,
                next_attempt_at = coalesce($4, next_attempt_at), error_code = $2, error_message = $3, leased_until = null,
                updated_at = now()
           from alerts a where d.delivery_id = $1 and a.alert_id = d.alert_id`,
        [deliveryId, code, message, nextAttemptAt],
      );
    },
    async putBack(deliveryId) {
      await pool.query(
        `update alert_deliveries set next_attempt_at = now(), attempts = greatest(0, attempts - 1), updated_at = now()
          where delivery_id = $1 and state = 'waiting'`,
        [deliveryId],
      );
    },
    async heldGroups() {
      const { rows } = await pool.query<HeldGroup>(
        `select rule_id as "ruleId", channel_id as "channelId", address, held_by as "heldBy",
                coalesce(min(held_until) <= now(), true) as "isDue"
           from alert_deliveries where state = 'held' group by 1, 2, 3, 4`,
      );
      return rows;
    },
    release: ({ ruleId, channelId, address, heldBy }) =>
      database.transaction(async (client) => {
        const group = [ruleId, channelId, address, heldBy];
        const { rows } = await client.query<{
          deliveryId: string;
          alertId: string;
          kind: string;
          person: string | null;
          language: string | null;
        }>(
          `select delivery_id as "deliveryId", alert_id as "alertId", kind, person, language from alert_deliveries
            where ${inGroup} order by created_at, delivery_id for update skip locked`,
          group,
        );
        const gathered = rows.filter(({ kind }) => kind === 'alert');
        const [first] = gathered;
        if (first !== undefined && gathered.length > 1) {
          const { rows: made } = await client.query<{ delivery_id: string }>(
            `insert into alert_deliveries (alert_id, rule_id, channel_id, kind, address, person, language, key)
             values ($1, $2, $3, 'digest', $4, $5, $6, $7) returning delivery_id`,
            [first.alertId, ruleId, channelId, address, first.person, first.language, first.deliveryId],
          );
          await client.query(
            `update alert_deliveries set state = 'dropped', digest_id = $1, updated_at = now()
              where delivery_id = any($2::uuid[])`,
            [made[0]?.delivery_id, gathered.map(({ deliveryId }) => deliveryId)],
          );
        }
        await client.query(
          `update alert_deliveries set state = 'waiting', next_attempt_at = now(), held_until = null, updated_at = now()
            where state = 'held' and delivery_id = any($1::uuid[])`,
          [rows.map(({ deliveryId }) => deliveryId)],
        );
        if (rows.length > 0) await tellNews(client, 'channels', `due ${channelId}`);
        return rows.length;
      }),
    async digest(deliveryId, limit) {
      const { rows } = await pool.query<{ alert_id: string }>(
        `select a.alert_id from alerts a
          where a.retracted_at is null
            and exists (select from alert_deliveries d where d.digest_id = $1 and d.alert_id = a.alert_id)
          order by a.raised_at, a.alert_id`,
        [deliveryId],
      );
      return { alertIds: rows.slice(0, limit).map((row) => row.alert_id), count: rows.length };
    },
    of: (alertId) => deliveriesOf(pool, alertId),
    async dead(channelId, limit) {
      const { rows } = await pool.query<DeadLetter>(
        `select d.delivery_id as "deliveryId", d.channel_id as "channelId", c.name as "channelName", d.kind,
                d.address as "to", d.person, d.attempts, d.created_at as "createdAt", d.alert_id as "alertId", a.title,
                a.plate_number as "plateNumber", d.updated_at as "failedAt",
                jsonb_build_object('code', coalesce(d.error_code, 'internal'), 'message', coalesce(d.error_message, '')) as error
           from alert_deliveries d join alert_channels c using (channel_id) join alerts a using (alert_id)
          where d.state = 'dead' and ($1::text is null or d.channel_id::text = $1) order by d.updated_at desc limit $2`,
        [channelId, limit],
      );
      return rows;
    },
    async replay({ deliveryIds, channelId }) {
      const { rows } = await pool.query<{ channel_id: string }>(
        `update alert_deliveries
            set state = 'waiting', attempts = 0, first_attempt_at = null, next_attempt_at = now(), updated_at = now()
          where ${DEAD} returning channel_id`,
        [deliveryIds === 'all' ? null : deliveryIds, channelId],
      );
      for (const id of new Set(rows.map((row) => row.channel_id))) await tellNews(pool, 'channels', `due ${id}`);
      return rows.map((row) => row.channel_id);
    },
    async discard({ deliveryIds, channelId }) {
      const { rowCount } = await pool.query(`delete from alert_deliveries where ${DEAD}`, [
        ...[deliveryIds === 'all' ? null : deliveryIds, channelId],
      ]);
      return rowCount ?? 0;
    },
  };
}
