type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table alert_rules (
      rule_id uuid primary key,
      name text not null,
      name_key text not null unique,
      enabled boolean not null,
      match text not null,
      groups jsonb not null,
      title text not null,
      priority int,
      channel_ids uuid[] not null,
      escalation_id uuid,
      confirmation text not null,
      rearm_seconds int not null,
      digest_minutes int,
      quiet_calendar_id uuid,
      urgent_from int,
      budget_per_day int,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );
    -- What a hub did before it had rules: each hit is shown in the console.
    insert into alert_rules (rule_id, name, name_key, enabled, match, groups, title, channel_ids, confirmation, rearm_seconds)
    values ('00000000-0000-7000-8000-000000000001', 'Each hit', 'each hit', true, 'all',
            '[{"match": "all", "conditions": [{"kind": "hit", "blacklistIds": [], "categories": [], "matchedBy": [],
               "minConfidence": null, "minPriority": null}]}]',
            '', '{}', 'at_once', 0);
    create table alert_settings (
      is_only boolean primary key default true check (is_only),
      budget_per_day int
    );
    insert into alert_settings default values;
    -- How many were told on a day of the site, by rule ('' is all of them).
    create table alert_budgets (
      day date not null,
      rule_key text not null,
      used int not null,
      primary key (day, rule_key)
    );
  `);
}
