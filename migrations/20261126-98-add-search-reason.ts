type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  // What one must say to search detections by plate; what was said stands in the audit trail.
  await query(`
    alter table site add column search_reason text not null default 'none'
      check (search_reason in ('none', 'reason', 'case'))
  `);
}
