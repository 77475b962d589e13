type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    alter table images
      -- when the same bytes last came again; null: only once
      add column touched_at timestamptz,
      -- What retention found at its last look: a hint that finds candidates fast. The truth is looked up before a removal.
      add column kept_as text check (kept_as in ('unused', 'unmatched', 'hit', 'hold')),
      -- what its age counts from
      add column kept_from timestamptz;
    create index images_unsorted on images (created_at, image_id) where kept_as is null;
    create index images_kept on images (kept_as, purpose, kept_from, image_id) where kept_as is not null;

    -- From a picture to what shows it.
    create index frames_image on frames using hash (image_id);
    create index reads_frame on reads (frame_id);
    create index reads_patch on reads using hash ((read->'patch'->>'imageId'));

    create table retention_policy (
      only_row boolean primary key default true check (only_row),
      -- days; null keeps for ever
      unused int,
      unmatched_frames int,
      unmatched_patches int,
      hit_frames int,
      hit_patches int,
      floor_percent real not null,
      floor_gigabytes real not null,
      changed_at timestamptz not null default now(),
      changed_by uuid references users
    );
    insert into retention_policy
        (unused, unmatched_frames, unmatched_patches, hit_frames, hit_patches, floor_percent, floor_gigabytes)
      values (7, 30, 30, 365, 365, 2, 1);

    -- What was removed and why; outlives what it tells of.
    create table image_removals (
      removal_id bigint generated always as identity primary key,
      image_id text not null,
      purpose text not null,
      kept_as text not null,
      reason text not null check (reason in ('age', 'space')),
      bytes bigint not null,
      stored_at timestamptz not null,
      removed_at timestamptz not null default now()
    );
    create index image_removals_image on image_removals using hash (image_id);
    create trigger image_removals_append_only before update or delete or truncate on image_removals
      for each statement execute function refuse_change();
    -- Bytes without a record that could not be taken away yet: the store did not answer, or the hub was stopped.
    create table image_leftovers (
      image_id text primary key,
      media_type text not null
    );

    -- Legal hold: the newest entry of a detection counts.
    create table detection_holds (
      hold_id bigint generated always as identity primary key,
      detection_id uuid not null,
      kind text not null check (kind in ('hold', 'release')),
      reason text not null,
      user_id uuid not null references users,
      at timestamptz not null default now()
    );
    create index detection_holds_newest on detection_holds (detection_id, hold_id desc);
    create trigger detection_holds_append_only before update or delete or truncate on detection_holds
      for each statement execute function refuse_change();
  `);
}
