type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table hits
      add column camera_id uuid,
      add column captured_at timestamptz,
      add column is_late boolean not null default false,
      add column entry_plate_number text,
      add column entry_issuing_entity text,
      add column differences jsonb not null default '[]',
      add column is_covert boolean not null default false,
      add column colour text,
      add column sound text,
      add column listed_at timestamptz,
      -- when an alert step had looked at it: what none had, because the process ended in between, is looked at on start
      add column considered_at timestamptz,
      add column outcome text check (outcome in ('correct', 'misread', 'wrong_list', 'recovered', 'dismissed')),
      add column decided_at timestamptz,
      add column decided_by uuid references users,
      add column decision_note text;
    update hits h set camera_id = d.camera_id, captured_at = d.captured_at
      from detection_keys k join detections d using (captured_at, detection_id) where k.detection_id = h.detection_id;
    update hits h set entry_plate_number = e.plate_number, entry_issuing_entity = e.issuing_entity
      from blacklist_entries e where e.entry_id = h.entry_id;
    -- Those of before today have had their alert.
    update hits set considered_at = created_at;
    create index hits_open on hits (blacklist_id, created_at) where outcome is null and retracted_at is null;
    create index hits_decided on hits (blacklist_id, camera_id, decided_at) where outcome is not null;
    create index hits_pending on hits (created_at) where considered_at is null and retracted_at is null;
    create index hits_newest on hits (created_at desc, hit_id desc);
  `);
}
