type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  // What lies below the points of the map; the bundled outline asks no other host.
  await query(`alter table site add column map jsonb not null default '{"kind": "outline"}'`);
}
