type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    -- An entry of the inbox is a picture, the reads that a device made itself, or both.
    alter table frames
      alter column image_id drop not null,
      alter column width drop not null,
      alter column height drop not null,
      add column device_id uuid,
      -- null: a picture that the flow has to read
      add column reads jsonb,
      add column is_late boolean not null default false,
      -- how a picture that was not sent along can be fetched
      add column pull jsonb,
      -- why there is no picture though one was sent or promised
      add column picture_problem text,
      -- when it was last handed to a flow: what nobody finished since is taken again
      add column taken_at timestamptz,
      add constraint frames_hold_something check (image_id is not null or reads is not null);
    drop index frames_waiting;
    create index frames_waiting_pictures on frames (next_attempt_at, received_at) where state = 'queued' and reads is null;
    create index frames_waiting_reads on frames (next_attempt_at, received_at) where state = 'queued' and reads is not null;
    create index frames_running on frames (taken_at) where state = 'running';
    drop index frames_unfinished;
    create index frames_dead on frames (received_at) where state = 'dead';
  `);
}
