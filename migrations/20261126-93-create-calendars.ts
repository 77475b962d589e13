type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table calendars (
      calendar_id uuid primary key,
      name text not null,
      name_key text not null unique,
      weekly jsonb not null,
      holidays text not null,
      holiday_hours jsonb not null,
      dates jsonb not null,
      -- One that a new install has and nobody renamed.
      built_in text unique,
      created_at timestamptz not null default now()
    );
    insert into calendars (calendar_id, name, name_key, weekly, holidays, holiday_hours, dates, built_in) values
      ('00000000-0000-4000-8000-0000ca1e0001', 'Always', 'always',
       '[{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}]', 'weekday', '[]', '[]', 'always'),
      ('00000000-0000-4000-8000-0000ca1e0002', 'Office hours', 'office hours',
       '[{"days": [1, 2, 3, 4, 5], "from": "08:30", "to": "16:30"}]', 'closed', '[]', '[]', 'office'),
      ('00000000-0000-4000-8000-0000ca1e0003', 'Nights', 'nights',
       '[{"days": [1, 2, 3, 4, 5, 6, 7], "from": "22:00", "to": "06:00"}]', 'weekday', '[]', '[]', 'nights');
  `);
}
