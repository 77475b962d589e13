type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table camera_maintenance (
      window_id uuid primary key,
      camera_id uuid references cameras on delete cascade,
      zone_id uuid references zones on delete cascade,
      begins_at timestamptz not null,
      ends_at timestamptz not null,
      reason text not null,
      created_by uuid references users,
      created_at timestamptz not null default now(),
      check (ends_at > begins_at),
      check ((camera_id is null) <> (zone_id is null))
    );
    create index camera_maintenance_ends on camera_maintenance (ends_at);
  `);
}
