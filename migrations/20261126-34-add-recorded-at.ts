type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    -- In two steps: detections from before must not look as if they were recorded now.
    alter table detections add column recorded_at timestamptz;
    alter table detections alter column recorded_at set default now();
  `);
}
