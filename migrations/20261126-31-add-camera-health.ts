type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table camera_states (
      change_id bigint generated always as identity primary key,
      camera_id uuid not null references cameras on delete cascade,
      from_state text,
      to_state text not null,
      at timestamptz not null,
      reason text not null,
      error_code text
    );
    create index camera_states_newest on camera_states (camera_id, change_id desc);
    -- What came of each camera in each hour, by time of receipt: what is usual is learned from it.
    create table camera_hours (
      camera_id uuid not null references cameras on delete cascade,
      hour timestamptz not null,
      frames int not null default 0,
      without_plate int not null default 0,
      detections int not null default 0,
      -- longest time without a frame that touches this hour
      longest_silence_ms bigint not null default 0,
      -- offline or failing
      down_ms int not null default 0,
      maintenance boolean not null default false,
      primary key (camera_id, hour)
    );
    create index camera_hours_hour on camera_hours (hour);
  `);
}
