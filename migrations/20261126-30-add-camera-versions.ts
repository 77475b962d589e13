type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table cameras
      add column lanes jsonb not null default '[]',
      -- settings that the device should have; what it has is told by the device
      add column desired jsonb not null default '{}';
    create table camera_versions (
      version_id uuid primary key default gen_random_uuid(),
      camera_id uuid not null references cameras on delete cascade,
      version int not null,
      at timestamptz not null default now(),
      changed_by uuid references users,
      action text not null,
      note text,
      -- the whole configuration, secrets sealed
      content jsonb not null,
      unique (camera_id, version)
    );
    insert into camera_versions (camera_id, version, at, action, content)
    select camera_id, 1, created_at, 'created', jsonb_build_object(
             'name', name, 'protocol', protocol, 'config', config, 'enabled', enabled, 'checkpointId', checkpoint_id,
             'latitude', latitude, 'longitude', longitude, 'heading', heading, 'reading', reading,
             'lanes', lanes, 'desired', desired)
      from cameras where removed_at is null;
  `);
}
