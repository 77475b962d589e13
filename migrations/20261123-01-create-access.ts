type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table users (
      user_id uuid primary key,
      name text not null,
      name_key text not null unique,
      password_hash text not null,
      role text not null,
      disabled boolean not null default false,
      created_at timestamptz not null default now(),
      last_sign_in_at timestamptz
    );
    create table sessions (
      token_hash bytea primary key,
      user_id uuid not null references users,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      expires_at timestamptz not null
    );
    create index sessions_user on sessions (user_id);
    create table site (
      only_row boolean primary key default true check (only_row),
      name text not null,
      time_zone text not null,
      era text not null,
      language text not null
    );
    insert into site (name, time_zone, era, language) values ('LPR Hub', 'Asia/Bangkok', 'gregorian', 'en');
    create table audit (
      audit_id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      user_id uuid,
      action text not null,
      subject text,
      details jsonb not null default '{}',
      address text
    );
    create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
      end $$;
    create trigger audit_append_only before update or delete or truncate on audit
      for each statement execute function refuse_change();
  `);
}
