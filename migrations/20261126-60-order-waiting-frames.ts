type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    -- The oldest that wait are taken first: in this order, not by sorting all of a long queue each time.
    drop index frames_waiting_pictures;
    drop index frames_waiting_reads;
    create index frames_waiting_pictures on frames (received_at, frame_id) where state = 'queued' and reads is null;
    create index frames_waiting_reads on frames (received_at, frame_id) where state = 'queued' and reads is not null;
  `);
}
