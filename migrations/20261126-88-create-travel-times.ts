type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table travel_times (
      from_camera uuid not null references cameras,
      to_camera uuid not null references cameras,
      seen_count bigint not null,
      -- seconds, the newest last
      samples real[] not null,
      floor_seconds real not null,
      median_seconds real not null,
      updated_at timestamptz not null default now(),
      primary key (from_camera, to_camera)
    );
    create index travel_times_to on travel_times (to_camera);
    -- One row: detections captured until then are learned from.
    create table travel_progress (
      is_only boolean primary key default true check (is_only),
      learned_to timestamptz not null
    );
  `);
}
