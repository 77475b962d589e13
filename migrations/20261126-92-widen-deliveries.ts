type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table alert_channels
      add column language text,
      add column per_minute int,
      add column sent_count bigint not null default 0,
      add column last_success_at timestamptz,
      add column error_code text,
      add column error_message text,
      add column error_at timestamptz;
    -- They might lie in the own network until now.
    update alert_channels set config = config || '{"allowPrivate": true}' where plugin = 'webhook';
    alter table alert_deliveries drop constraint alert_deliveries_pkey;
    alter table alert_deliveries
      add column delivery_id uuid primary key default gen_random_uuid(),
      add column kind text not null default 'alert',
      -- Empty: the channel's own target.
      add column address text not null default '',
      add column person text,
      add column language text,
      -- Tells orders of the same notice to the same address apart: a round, a step of an escalation.
      add column key text not null default '',
      add column rule_id uuid,
      -- quiet_hours, digest
      add column held_by text,
      add column held_until timestamptz,
      -- The delivery that tells it together with others.
      add column digest_id uuid,
      add column created_at timestamptz not null default now(),
      add column first_attempt_at timestamptz,
      -- Until then somebody is sending it; still set after a crash: nobody knows whether it was taken.
      add column leased_until timestamptz,
      add column updated_at timestamptz not null default now(),
      add column error_code text;
    alter table alert_deliveries rename column error to error_message;
    create unique index alert_deliveries_once on alert_deliveries (alert_id, channel_id, kind, address, key);
    drop index alert_deliveries_waiting;
    create index alert_deliveries_waiting on alert_deliveries (channel_id, next_attempt_at) where state = 'waiting';
    create index alert_deliveries_held on alert_deliveries (rule_id, channel_id, address) where state = 'held';
    create index alert_deliveries_dead on alert_deliveries (updated_at) where state = 'dead';
    create index alert_deliveries_digest on alert_deliveries (digest_id) where digest_id is not null;
  `);
}
