type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    -- An alert that was taken back and stands again is escalated again: once in each of its rounds.
    alter table alert_escalations add column alert_round int not null default 1;
    -- Whether those who were told heard that somebody has taken it; a crash before that is made up for.
    alter table alert_acknowledgements add column is_taken_told boolean not null default false;
    update alert_acknowledgements set is_taken_told = true;
    create index alert_acknowledgements_untold on alert_acknowledgements (at) where not is_taken_told;
  `);
}
