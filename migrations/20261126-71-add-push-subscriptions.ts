type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table push_subscriptions (
      subscription_id uuid primary key,
      user_id uuid not null references users on delete cascade,
      -- a browser has one; whoever signed in there last is told
      endpoint_hash bytea not null unique,
      -- where it is told and under which keys, as browsers say it; whoever knows it could write to that browser
      sealed text not null,
      label text not null,
      created_at timestamptz not null default now()
    );
    create index push_subscriptions_user on push_subscriptions (user_id);
  `);
}
