type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    -- The durable inbox and its history. Not partitioned: an event of a camera is known once and for ever.
    create table frames (
      frame_id uuid primary key,
      camera_id uuid not null,
      event_key text not null,
      image_id text not null,
      width int not null,
      height int not null,
      label text,
      captured_at timestamptz not null,
      captured_at_source text not null,
      -- what the device said, when it was not believed
      captured_at_raw timestamptz,
      received_at timestamptz not null,
      state text not null default 'queued',
      attempts int not null default 0,
      next_attempt_at timestamptz not null default now(),
      outcomes jsonb not null default '{}',
      detection_ids uuid[] not null default '{}',
      error_code text,
      error_message text,
      unique (camera_id, event_key)
    );
    create index frames_waiting on frames (next_attempt_at, received_at) where state = 'queued';
    create index frames_unfinished on frames (state) where state <> 'settled';
    create index frames_of_camera on frames (camera_id, received_at desc);
  `);
}
