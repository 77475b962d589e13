type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    -- Written with the change of a detection's text, taken when all that follows from it is done.
    create table detection_changes (
      change_id bigint generated always as identity primary key,
      detection_id uuid not null,
      cause text not null,
      at timestamptz not null default now()
    );
    alter table hits add column retracted_at timestamptz;
    alter table alerts
      add column cause text not null default 'live',
      add column retracted_at timestamptz;
    drop index alerts_open;
    create index alerts_open on alerts (priority desc, raised_at desc) where acknowledged_at is null and retracted_at is null;
    -- Two plates that a correction showed to be one vehicle are one detection; this is how to take it back.
    alter table detection_keys add column merged_into uuid;
    create table detection_merges (
      merge_id uuid primary key,
      kept_id uuid not null,
      gone_id uuid not null,
      -- the detection as it was
      gone jsonb not null,
      read_ids text[] not null,
      hit_ids uuid[] not null,
      correction_id uuid references corrections,
      merged_by uuid not null references users,
      merged_at timestamptz not null default now()
    );
    create index detection_merges_kept on detection_merges (kept_id);
    create table detection_splits (
      merge_id uuid primary key references detection_merges,
      split_by uuid not null references users,
      split_at timestamptz not null default now()
    );
    create trigger detection_merges_append_only before update or delete or truncate on detection_merges
      for each statement execute function refuse_change();
    create trigger detection_splits_append_only before update or delete or truncate on detection_splits
      for each statement execute function refuse_change();
  `);
}
