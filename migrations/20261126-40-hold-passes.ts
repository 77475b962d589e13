type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table detections
      -- null: seen once only
      add column last_seen_at timestamptz,
      add column is_parked boolean not null default false,
      -- A provisional detection that gets no more reads counts as confirmed from then on: nobody has to write that.
      add column settles_at timestamptz,
      add column corrected_at timestamptz,
      add column merged_by text[] not null default '{}';
    update detections set corrected_at = received_at where status in ('corrected', 'rejected');
    update detections set settles_at = received_at where status = 'provisional';
    -- The primary key read backwards is the same.
    drop index detections_newest;
    -- A status that changes within seconds must not cost an entry in every index.
    drop index detections_status;
    create index detections_settles on detections using brin (settles_at);
    create index detections_reviewed on detections (status, captured_at desc, detection_id desc) where corrected_at is not null;
    create index detections_parked on detections (camera_id, last_seen_at) where is_parked;
  `);
}
