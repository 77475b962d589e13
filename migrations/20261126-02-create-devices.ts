type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table devices (
      device_id uuid primary key,
      format text not null,
      -- the device's own id; empty when it has none
      ref text not null,
      name text not null,
      state text not null check (state in ('waiting', 'approved', 'blocked')),
      address text not null,
      transport text,
      token_hash bytea unique,
      config jsonb not null default '{}',
      time_zone text,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz,
      last_stored_at timestamptz,
      stored bigint not null default 0,
      health jsonb,
      error jsonb
    );
    -- What cannot prove who it is is known by format, own id and address.
    create unique index devices_known on devices (format, ref, address) where token_hash is null;
    create table device_cameras (
      device_id uuid not null references devices on delete cascade,
      camera_ref text not null,
      camera_id uuid not null references cameras,
      primary key (device_id, camera_ref)
    );
    -- Messages as they came: of devices that wait for approval, and those that could not be decoded.
    create table held_messages (
      held_id uuid primary key,
      device_id uuid not null references devices on delete cascade,
      format text not null,
      reason text not null check (reason in ('waiting', 'quarantine')),
      transport text not null,
      path text not null,
      received_at timestamptz not null,
      bytes bigint not null,
      envelope jsonb not null,
      body bytea not null,
      error jsonb
    );
    create index held_messages_newest on held_messages (received_at desc, held_id desc);
    create index held_messages_device on held_messages (device_id, reason, received_at);
  `);
}
