type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table alerts (
      alert_id uuid primary key,
      hit_id uuid not null unique references hits,
      detection_id uuid not null,
      camera_id uuid not null,
      title text not null,
      category text not null,
      priority int not null,
      plate_number text not null,
      issuing_entity text,
      raised_at timestamptz not null default now(),
      acknowledged_at timestamptz,
      acknowledged_by uuid references users
    );
    create index alerts_newest on alerts (raised_at desc);
    create index alerts_open on alerts (priority desc, raised_at desc) where acknowledged_at is null;
    create table alert_channels (
      channel_id uuid primary key,
      name text not null unique,
      plugin text not null,
      config jsonb not null,
      enabled boolean not null default true,
      created_at timestamptz not null default now()
    );
    -- The outbox: written with the alert, delivered afterwards, tried again until it is taken or dead.
    create table alert_deliveries (
      alert_id uuid not null references alerts,
      channel_id uuid not null references alert_channels on delete cascade,
      state text not null default 'waiting',
      attempts int not null default 0,
      next_attempt_at timestamptz not null default now(),
      delivered_at timestamptz,
      error text,
      primary key (alert_id, channel_id)
    );
    create index alert_deliveries_waiting on alert_deliveries (next_attempt_at) where state = 'waiting';
  `);
}
