type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table blacklists
      add column colour text,
      add column sound text,
      add column is_covert boolean not null default false,
      add column policy jsonb not null
        default '{"edits":"none","oneEditFrom":5,"twoEditsFrom":8,"candidates":false,"withoutProvince":true,"minConfidence":0}',
      -- days that a new entry holds when nobody says how long; null: until it is taken off
      add column default_validity_days int,
      add column warn_days int not null default 14,
      add column needs_reason text not null default 'none' check (needs_reason in ('none', 'reason', 'case')),
      -- when the list was last known to be right: a change by hand, or a source that was asked
      add column listed_at timestamptz not null default now(),
      add column changed_at timestamptz not null default now();

    alter table blacklist_entries
      -- short and ascending: what pages and the index in memory go by
      add column entry_no int generated always as identity,
      add column plate_type text,
      add column review_at timestamptz,
      add column confidence real not null default 1 check (confidence between 0 and 1),
      add column agency text,
      add column reference text,
      add column notes text,
      add column changed_at timestamptz,
      add column changed_by uuid references users,
      -- lists had room for the same plate twice before today: those stay, and stand apart by this
      add column twin int not null default 0,
      -- a list that is fetched by itself has nobody who added an entry
      alter column created_by drop not null;
    update blacklist_entries e set twin = t.n from (
      select entry_id, row_number() over (
               partition by blacklist_id, plate_number, issuing_entity, country_code order by created_at, entry_id) - 1 as n
        from blacklist_entries) t
     where t.entry_id = e.entry_id and t.n > 0;
    drop index blacklist_entries_list;
    create unique index blacklist_entries_no on blacklist_entries (entry_no);
    create index blacklist_entries_list on blacklist_entries (blacklist_id, entry_no);
    create unique index blacklist_entries_once on blacklist_entries
      (blacklist_id, plate_number, coalesce(issuing_entity, ''), coalesce(country_code, ''), coalesce(plate_type, ''), twin);
    create index blacklist_entries_ending on blacklist_entries (valid_to) where valid_to is not null;
    create index blacklist_entries_review on blacklist_entries (review_at) where review_at is not null;

    create table blacklist_attachments (
      attachment_id uuid primary key,
      entry_id uuid not null references blacklist_entries on delete cascade,
      name text not null,
      media_type text not null,
      size int not null,
      bytes bytea not null,
      added_by uuid not null references users,
      added_at timestamptz not null default now()
    );
    create index blacklist_attachments_entry on blacklist_attachments (entry_id, added_at);
  `);
}
