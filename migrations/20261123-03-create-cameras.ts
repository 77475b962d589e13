type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table checkpoints (
      checkpoint_id uuid primary key,
      name text not null unique,
      latitude double precision check (latitude between -90 and 90),
      longitude double precision check (longitude between -180 and 180),
      created_at timestamptz not null default now()
    );
    create table cameras (
      camera_id uuid primary key,
      name text not null,
      name_key text not null unique,
      protocol text not null,
      config jsonb not null default '{}',
      enabled boolean not null default true,
      built_in text unique,
      checkpoint_id uuid references checkpoints,
      latitude double precision check (latitude between -90 and 90),
      longitude double precision check (longitude between -180 and 180),
      heading double precision check (heading >= 0 and heading < 360),
      created_at timestamptz not null default now(),
      -- a removed camera keeps its row: its detections still name it
      removed_at timestamptz
    );
    create table ingest_keys (
      key_id uuid primary key,
      camera_id uuid not null references cameras,
      key_hash bytea not null unique,
      prefix text not null,
      label text not null,
      created_at timestamptz not null default now(),
      last_used_at timestamptz,
      revoked_at timestamptz
    );
    create index ingest_keys_camera on ingest_keys (camera_id);
  `);
}
