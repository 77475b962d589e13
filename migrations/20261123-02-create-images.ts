type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table images (
      image_id text primary key,
      media_type text not null,
      width int not null,
      height int not null,
      bytes bigint not null,
      purpose text not null,
      created_at timestamptz not null default now()
    );
    create index images_created on images using brin (created_at);
  `);
}
