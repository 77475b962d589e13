type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table escalations (
      escalation_id uuid primary key,
      name text not null,
      name_key text not null unique,
      steps jsonb not null,
      repeats int not null,
      repeat_after_seconds int not null,
      tells_taken boolean not null,
      created_at timestamptz not null default now()
    );
    -- An escalation at work on an alert: the timers of its steps.
    create table alert_escalations (
      run_id uuid primary key,
      alert_id uuid not null references alerts on delete cascade,
      -- No foreign key: what it did stays readable when it is removed.
      escalation_id uuid not null,
      name text not null,
      -- As it was when it began: a change of the escalation disturbs none that runs.
      steps jsonb not null,
      repeats int not null,
      repeat_after_seconds int not null,
      tells_taken boolean not null,
      started_at timestamptz not null,
      started_by text,
      state text not null default 'running',
      stopped_by text,
      stopped_at timestamptz,
      round int not null default 0,
      round_began_at timestamptz not null,
      -- The next step, and when.
      step int not null default 0,
      next_at timestamptz not null,
      unique (alert_id, escalation_id)
    );
    create index alert_escalations_due on alert_escalations (next_at) where state = 'running';
    -- Written with the timer's advance: whom the step tells is settled here, once. Ordered afterwards, again after a crash.
    create table alert_escalation_steps (
      run_id uuid not null references alert_escalations on delete cascade,
      round int not null,
      step int not null,
      ran_at timestamptz not null,
      orders jsonb not null,
      -- Whom it could not tell, and why.
      troubles jsonb not null,
      state text not null default 'open',
      primary key (run_id, round, step)
    );
    create index alert_escalation_steps_open on alert_escalation_steps (ran_at) where state = 'open';

    create table alert_acknowledgements (
      acknowledgement_id bigint generated always as identity primary key,
      alert_id uuid not null references alerts on delete cascade,
      at timestamptz not null,
      name text not null,
      user_id uuid references users on delete set null,
      how text not null,
      outcome text,
      note text not null,
      -- When an outcome was said later than the rest.
      judged_at timestamptz,
      judged_by text,
      undone_at timestamptz,
      undone_by text
    );
    create unique index alert_acknowledgements_one on alert_acknowledgements (alert_id) where undone_at is null;
    create index alert_acknowledgements_at on alert_acknowledgements (at);
    -- What was acknowledged before there were outcomes.
    insert into alert_acknowledgements (alert_id, at, name, user_id, how, note)
      select a.alert_id, a.acknowledged_at, coalesce(u.name, ''), u.user_id, 'console', ''
        from alerts a left join users u on u.user_id = a.acknowledged_by where a.acknowledged_at is not null;
    -- Only the hash of a link's token is kept; 'told' says who had the link.
    create table alert_links (
      token_hash bytea primary key,
      alert_id uuid not null references alerts on delete cascade,
      delivery_id uuid not null,
      told text not null,
      language text not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz
    );
    create index alert_links_expires on alert_links (expires_at);
  `);
}
