type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    -- Whether pictures of plates may leave the hub with exported corrections. Off until somebody decides it.
    alter table site add column training_pictures boolean not null default false;
    create index corrections_oldest on corrections (corrected_at, correction_id);
  `);
}
