type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table camera_reports (
      camera_id uuid primary key references cameras on delete cascade,
      reported jsonb not null,
      at timestamptz not null
    );
  `);
}
