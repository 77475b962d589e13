/** Those who were told of an alert hear that it was taken back; those who were not are not told of it any more. */
import type { PoolClient } from 'pg';
import type { Alert } from '../../alerts/alerts.ts';
import { tellNews } from '../news.ts';
import { alertsWhere, type Query } from './alert-rows.ts';

/** Kinds that tell an alert itself. */
const TELLS = `('alert', 'escalation')`;

/** Orders a retraction for each of the deliveries that `condition` names, as d; gives their channels. */
export async function orderRetractions(
  client: Query,
  condition: string,
  values: unknown[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ channel_id: string }>(
    `insert into alert_deliveries (alert_id, rule_id, channel_id, kind, address, person, language, key)
     select distinct on (d.alert_id, d.channel_id, d.address)
            d.alert_id, d.rule_id, d.channel_id, 'retraction', d.address, d.person, d.language, a.round::text
       from alert_deliveries d join alerts a using (alert_id)
      where a.retracted_at is not null and d.kind in ${TELLS} and (${condition})
      order by d.alert_id, d.channel_id, d.address, d.created_at
      on conflict do nothing returning channel_id`,
    values,
  );
  const channelIds = [...new Set(rows.map((row) => row.channel_id))];
  for (const channelId of channelIds) await tellNews(client, 'channels', `due ${channelId}`);
  return channelIds;
}

/** One transaction. */
export async function tellRetractions(
  client: PoolClient,
): Promise<{ readonly alerts: readonly Alert[]; readonly channelIds: readonly string[] }> {
  // Whoever notes a delivery of one holds it for a moment: that is waited for, not passed over until the next sweep.
  const { rows } = await client.query<{ alert_id: string }>(
    `update alerts set is_retraction_told = true, is_pending = false, confirm_at = null
      where alert_id in (select alert_id from alerts where not is_retraction_told and retracted_at is not null
                          order by retracted_at, alert_id limit 500 for no key update) returning alert_id`,
  );
  const ids = rows.map((row) => row.alert_id);
  if (ids.length === 0) return { alerts: [], channelIds: [] };
  // What somebody is sending this moment is judged when it has ended.
  await client.query(
    `update alert_deliveries set state = 'dropped', updated_at = now()
      where alert_id = any($1::uuid[]) and state in ('waiting', 'held') and kind in ${TELLS} and leased_until is null`,
    [ids],
  );
  const channelIds = await orderRetractions(
    client,
    `d.alert_id = any($1::uuid[]) and (d.state = 'delivered' or exists (
       select from alert_deliveries g where g.delivery_id = d.digest_id and g.state = 'delivered'))`,
    [ids],
  );
  // What came again was counted on it: each of those is looked at by itself now.
  await client.query(
    `update alert_subjects set alert_id = null, is_repeat = false where alert_id = any($1::uuid[]) and is_repeat`,
    [ids],
  );
  return { alerts: await alertsWhere(client, 'a.alert_id = any($1::uuid[])', [ids]), channelIds };
}
