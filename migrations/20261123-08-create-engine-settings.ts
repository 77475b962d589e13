type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table engine_settings (
      engine_id text primary key,
      -- Secrets in it are sealed.
      config jsonb not null default '{}',
      is_default boolean not null default false,
      changed_at timestamptz not null default now()
    );
    create unique index engine_settings_one_default on engine_settings (is_default) where is_default;
  `);
}
