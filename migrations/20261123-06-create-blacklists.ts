type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table blacklists (
      blacklist_id uuid primary key,
      name text not null,
      name_key text not null unique,
      category text not null,
      priority int not null check (priority between 0 and 100),
      created_at timestamptz not null default now()
    );
    create table blacklist_entries (
      entry_id uuid primary key,
      blacklist_id uuid not null references blacklists on delete cascade,
      plate_number text not null,
      issuing_entity text,
      country_code text,
      reason text,
      valid_from timestamptz,
      valid_to timestamptz,
      created_by uuid not null references users,
      created_at timestamptz not null default now()
    );
    create index blacklist_entries_list on blacklist_entries (blacklist_id, created_at desc);
    create index blacklist_entries_plate on blacklist_entries (plate_number);
    create table hits (
      hit_id uuid primary key,
      detection_id uuid not null,
      -- no foreign keys: a hit outlives the list that raised it
      blacklist_id uuid not null,
      entry_id uuid not null,
      blacklist_name text not null,
      category text not null,
      priority int not null,
      matched_by text not null,
      confidence real not null,
      reason text,
      created_at timestamptz not null default now(),
      unique (detection_id, entry_id)
    );
  `);
}
