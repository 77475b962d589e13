type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table zones (
      zone_id uuid primary key,
      name text not null,
      name_key text not null unique,
      created_at timestamptz not null default now()
    );
    create table zone_cameras (
      zone_id uuid not null references zones on delete cascade,
      camera_id uuid not null references cameras on delete cascade,
      role text not null default 'inside' check (role in ('in', 'out', 'inside')),
      primary key (zone_id, camera_id)
    );
    create index zone_cameras_camera on zone_cameras (camera_id);
    -- in which order a vehicle passes them; who belongs to the checkpoint is said by the camera
    alter table checkpoints add column camera_order uuid[] not null default '{}';
  `);
}
