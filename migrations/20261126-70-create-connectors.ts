type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table connectors (
      connector_id uuid primary key,
      name text not null,
      name_key text not null unique,
      plugin text not null,
      config jsonb not null,
      enabled boolean not null,
      -- 'all': every detection that the filters let through; 'flow': those that a flow hands over
      sends text not null,
      provisional boolean not null,
      updates boolean not null,
      late boolean not null,
      -- empty: any
      camera_ids uuid[] not null,
      countries text[] not null,
      min_confidence real,
      per_second int not null,
      allow_private boolean not null,
      created_at timestamptz not null default now(),
      sent_count bigint not null default 0,
      last_success_at timestamptz,
      error_code text,
      error_message text,
      error_at timestamptz
    );
    -- The outbox: written in the transaction of the detection, one row a connector and detection for as long as it may change.
    create table connector_deliveries (
      connector_id uuid not null references connectors on delete cascade,
      detection_id uuid not null,
      -- waiting, sent, left_out (by a filter), dead
      state text not null default 'waiting',
      -- How often the detection changed what it says: a change that comes while it is being sent makes it due again.
      changes int not null default 0,
      times_sent int not null default 0,
      attempts int not null default 0,
      created_at timestamptz not null default now(),
      due_at timestamptz not null default now(),
      next_attempt_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      error_code text,
      error_message text,
      primary key (connector_id, detection_id)
    );
    create index connector_deliveries_open on connector_deliveries (connector_id, state, next_attempt_at)
      where state in ('waiting', 'dead');
    create index connector_deliveries_done on connector_deliveries (updated_at) where state in ('sent', 'left_out');
  `);
}
