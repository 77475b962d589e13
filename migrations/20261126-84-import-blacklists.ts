type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table blacklist_entries
      -- 'file': files replace and remove it; 'hand': they leave it alone
      add column origin text not null default 'hand' check (origin in ('hand', 'file')),
      add column import_id uuid;

    create table blacklist_import_settings (
      blacklist_id uuid primary key references blacklists on delete cascade,
      shrink_limit real not null default 0.2 check (shrink_limit between 0 and 1),
      is_file_owned boolean not null default false
    );

    create table blacklist_sources (
      source_id uuid primary key,
      blacklist_id uuid not null references blacklists on delete cascade,
      name text not null,
      name_key text not null,
      plugin text not null,
      -- secrets in it are sealed
      config jsonb not null,
      enabled boolean not null,
      schedule jsonb not null,
      plan jsonb not null,
      leave_out_faulty boolean not null,
      allow_private boolean not null,
      created_by uuid references users,
      created_at timestamptz not null default now(),
      next_run_at timestamptz,
      last_run_at timestamptz,
      last_success_at timestamptz,
      -- what the other side calls the state of the list that is applied; null: not known
      validator text,
      host_key text,
      problem jsonb,
      unique (blacklist_id, name_key)
    );
    create index blacklist_sources_due on blacklist_sources (next_run_at) where enabled;

    -- Rows of a file stand in an unlogged table of their own, named after the import, and its difference in a second one.
    create table blacklist_imports (
      import_id uuid primary key,
      blacklist_id uuid not null references blacklists on delete cascade,
      source_id uuid references blacklist_sources on delete set null,
      state text not null,
      file_name text,
      bytes bigint,
      created_by uuid references users,
      created_at timestamptz not null default now(),
      ended_at timestamptz,
      plan jsonb,
      found jsonb,
      progress jsonb,
      counts jsonb,
      -- entries of the list when it was compared: whether it is another by now
      compared_at timestamptz,
      compared_entries int,
      shrink jsonb,
      left_out int not null default 0,
      -- rows, fields and faults of those left out, the first 1,000
      left_out_rows jsonb,
      problem jsonb
    );
    create index blacklist_imports_list on blacklist_imports (blacklist_id, created_at desc);
    create index blacklist_imports_source on blacklist_imports (source_id, created_at desc) where source_id is not null;
    create index blacklist_imports_open on blacklist_imports (state)
      where state in ('uploaded', 'reading', 'ready', 'refused', 'applying');
  `);
}
