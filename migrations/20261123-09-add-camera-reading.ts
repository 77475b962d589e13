type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`alter table cameras add column reading jsonb not null
    default '{"engine": "", "countries": [], "minPlateHeight": null, "minConfidence": null}'`);
}
