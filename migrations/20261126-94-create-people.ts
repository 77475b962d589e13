type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table people (
      person_id uuid primary key,
      name text not null,
      name_key text not null unique,
      language text not null,
      user_id uuid references users on delete set null,
      enabled boolean not null,
      created_at timestamptz not null default now()
    );
    create table person_addresses (
      person_id uuid not null references people on delete cascade,
      kind text not null,
      address text not null,
      position int not null,
      primary key (person_id, kind, address)
    );
    create index person_addresses_address on person_addresses (kind, address);
    create table person_groups (
      group_id uuid primary key,
      name text not null,
      name_key text not null unique
    );
    -- No cascade: a person is not taken out of a group unawares.
    create table group_members (
      group_id uuid not null references person_groups on delete cascade,
      person_id uuid not null references people,
      position int not null,
      primary key (group_id, person_id)
    );
    create index group_members_person on group_members (person_id);
    create table rosters (
      roster_id uuid primary key,
      name text not null,
      name_key text not null unique,
      turns jsonb not null,
      shifts jsonb not null,
      otherwise uuid[] not null
    );
    -- Everybody whom a roster names, and each calendar: neither can be removed while it does.
    create table roster_people (
      roster_id uuid not null references rosters on delete cascade,
      person_id uuid not null references people,
      primary key (roster_id, person_id)
    );
    create table roster_calendars (
      roster_id uuid not null references rosters on delete cascade,
      calendar_id uuid not null references calendars,
      primary key (roster_id, calendar_id)
    );
    -- Words in place of those that come with the hub; plugin '' stands for every channel without its own.
    create table alert_templates (
      template_id uuid primary key,
      kind text not null,
      plugin text not null,
      language text not null,
      title text not null,
      body text not null,
      masks_plate boolean not null,
      changed_at timestamptz not null default now(),
      unique (kind, plugin, language)
    );
  `);
}
