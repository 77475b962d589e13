type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table alerts
      drop constraint alerts_hit_id_key,
      alter column hit_id drop not null,
      alter column detection_id drop not null,
      alter column category drop not null,
      alter column plate_number drop not null,
      -- no foreign keys: an alert outlives the rule that raised it
      add column rule_id uuid,
      add column rule_name text,
      add column rule_key text not null default 'flow',
      add column subject_kind text not null default 'hit',
      add column subject_id text,
      -- What counts as the same matter when it comes again.
      add column matter text not null default '',
      add column country_code text,
      add column plate_type text,
      add column confidence real,
      add column captured_at timestamptz,
      add column hit jsonb,
      add column geofence jsonb,
      add column camera_trouble text,
      add column is_provisional boolean not null default false,
      -- Waits for the confirmation of its detection and is shown nowhere until then.
      add column is_pending boolean not null default false,
      add column confirm_at timestamptz,
      add column is_over_budget boolean not null default false,
      add column repeat_count int not null default 0,
      add column last_repeat_at timestamptz,
      add column escalation_id uuid,
      add column escalation_begun boolean not null default false,
      add column escalated_at timestamptz,
      -- Counts up when one that was taken back stands again.
      add column round int not null default 1,
      add column is_retraction_told boolean not null default true;
    -- Whole milliseconds, which is what a page's cursor can carry.
    update alerts set subject_id = hit_id::text, raised_at = date_trunc('milliseconds', raised_at);
    alter table alerts
      alter column subject_id set not null,
      alter column raised_at set default date_trunc('milliseconds', now());
    create index alerts_hit on alerts (hit_id) where hit_id is not null;
    create index alerts_detection on alerts (detection_id) where detection_id is not null;
    create index alerts_matter on alerts (rule_key, matter, raised_at desc);
    create index alerts_rule on alerts (rule_key, raised_at desc);
    create index alerts_page on alerts (raised_at desc, alert_id desc) where not is_pending;
    create index alerts_unsettled on alerts (confirm_at) where is_pending or is_provisional;
    create index alerts_untold on alerts (retracted_at) where not is_retraction_told;
    create index alerts_unbegun on alerts (raised_at) where escalation_id is not null and not escalation_begun;
    drop index alerts_newest;
    -- One alert a rule and subject: whoever writes here first raises it. Without an alert it has to be looked at again.
    create table alert_subjects (
      rule_key text not null,
      subject_kind text not null,
      subject_id text not null,
      alert_id uuid references alerts on delete cascade,
      is_repeat boolean not null default false,
      detection_id uuid,
      hit_id uuid,
      camera_id uuid,
      at timestamptz not null default now(),
      primary key (rule_key, subject_kind, subject_id)
    );
    create index alert_subjects_alert on alert_subjects (alert_id);
    create index alert_subjects_hit on alert_subjects (hit_id) where hit_id is not null;
    create index alert_subjects_open on alert_subjects (at) where alert_id is null;
    insert into alert_subjects (rule_key, subject_kind, subject_id, alert_id, detection_id, hit_id, camera_id, at)
      select rule_key, subject_kind, subject_id, alert_id, detection_id, hit_id, camera_id, raised_at from alerts;
  `);
}
