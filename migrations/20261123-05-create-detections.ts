type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create extension if not exists pg_trgm;
    create table detections (
      detection_id uuid not null,
      captured_at timestamptz not null,
      captured_at_source text not null,
      received_at timestamptz not null,
      camera_id uuid not null,
      status text not null,
      plate_number text not null,
      series text,
      serial text,
      issuing_entity text,
      country_code text,
      plate_type text,
      confidence real not null,
      best_read_id text not null,
      read_count int not null,
      -- the winning read as it was read: pictures, box, characters, candidates, quality
      best_read jsonb not null,
      primary key (captured_at, detection_id)
    ) partition by range (captured_at);
    create table detections_default partition of detections default;
    create index detections_newest on detections (captured_at desc, detection_id desc);
    create index detections_camera on detections (camera_id, captured_at desc, detection_id desc);
    create index detections_province on detections (issuing_entity, captured_at desc, detection_id desc);
    create index detections_country on detections (country_code, captured_at desc, detection_id desc);
    create index detections_status on detections (status, captured_at desc, detection_id desc);
    create index detections_plate on detections using gin (plate_number gin_trgm_ops);
    -- Trigrams know nothing of two letters, which is what many people type first.
    create function plate_pairs(plate text) returns text[] language sql immutable strict parallel safe as $$
      select array(select substr(plate, i, 2) from generate_series(1, length(plate) - 1) i) $$;
    create index detections_pairs on detections using gin (plate_pairs(plate_number));

    create table reads (
      read_id text not null,
      captured_at timestamptz not null,
      detection_id uuid not null,
      frame_id uuid not null,
      read jsonb not null,
      primary key (captured_at, read_id)
    ) partition by range (captured_at);
    create table reads_default partition of reads default;
    create index reads_detection on reads (detection_id, captured_at);

    -- What must be unique once and for ever, and where it lies: written in the same transaction as the rows above.
    create table read_keys (
      read_id text primary key,
      detection_id uuid not null
    );
    create table detection_keys (
      detection_id uuid primary key,
      captured_at timestamptz not null
    );

    create table corrections (
      correction_id uuid primary key,
      detection_id uuid not null,
      kind text not null,
      before jsonb not null,
      after jsonb not null,
      note text,
      corrected_by uuid not null references users,
      corrected_at timestamptz not null default now()
    );
    create index corrections_detection on corrections (detection_id, corrected_at);
    create trigger corrections_append_only before update or delete or truncate on corrections
      for each statement execute function refuse_change();

    -- A plate is its text with province and country; who carries it over time is a vehicle.
    create table vehicles (
      vehicle_id uuid primary key default gen_random_uuid(),
      created_at timestamptz not null default now()
    );
    create table plates (
      plate_number text not null,
      issuing_entity text not null default '',
      country_code text not null default '',
      plate_type text,
      vehicle_id uuid not null references vehicles,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      detection_count bigint not null default 0,
      primary key (plate_number, issuing_entity, country_code)
    );

    -- Makes the months around now; a detection of any other month lies in the default partition until then.
    create function make_month_partitions(parent text, months_ahead int) returns void language plpgsql as $$
      declare
        first date := date_trunc('month', now() at time zone 'UTC')::date;
        month date;
        child text;
      begin
        for i in -1 .. months_ahead loop
          month := first + make_interval(months => i);
          child := parent || '_' || to_char(month, 'YYYYMM');
          if to_regclass(child) is null then
            execute format('create table %I (like %I including defaults including constraints)', child, parent);
            execute format(
              'with moved as (delete from %I where captured_at >= %L and captured_at < %L returning *) insert into %I select * from moved',
              parent || '_default', month::text || 'Z', (month + interval '1 month')::date::text || 'Z', child);
            execute format('alter table %I attach partition %I for values from (%L) to (%L)',
              parent, child, month::text || 'Z', (month + interval '1 month')::date::text || 'Z');
          end if;
        end loop;
      end $$;
    select make_month_partitions('detections', 2), make_month_partitions('reads', 2);
  `);
}
