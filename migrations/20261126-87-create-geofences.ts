type Query = (sql: string, values?: unknown[]) => Promise<void>;

export async function up(query: Query): Promise<void> {
  await query(`
    create table geofences (
      geofence_id uuid primary key,
      name text not null,
      name_key text not null unique,
      colour text not null,
      notes text not null default '',
      enabled boolean not null default true,
      shape jsonb not null,
      rules jsonb not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    );

    -- A vehicle here is its plate, '' for what was not read. One row for each geofence that it ever was in.
    create table geofence_states (
      geofence_id uuid not null references geofences on delete cascade,
      plate_number text not null,
      issuing_entity text not null,
      country_code text not null,
      state jsonb not null,
      is_inside boolean not null,
      last_seen_at timestamptz not null,
      -- when something happens by itself: it dwells, it has left
      due_at timestamptz,
      primary key (plate_number, issuing_entity, country_code, geofence_id)
    );
    create index geofence_states_inside on geofence_states (geofence_id, last_seen_at desc) where is_inside;
    create index geofence_states_due on geofence_states (due_at) where due_at is not null;

    -- What the states were made of, so that late and corrected detections can be put in their place.
    create table geofence_sightings (
      geofence_id uuid not null references geofences on delete cascade,
      plate_number text not null,
      issuing_entity text not null,
      country_code text not null,
      detection_id uuid not null,
      camera_id uuid not null,
      at timestamptz not null,
      last_at timestamptz not null,
      relation text not null check (relation in ('inside', 'out', 'outside')),
      fits_direction boolean not null,
      primary key (plate_number, issuing_entity, country_code, geofence_id, detection_id)
    );
    create index geofence_sightings_detection on geofence_sightings (detection_id);
    create index geofence_sightings_at on geofence_sightings using brin (at);

    -- They stay when their geofence goes.
    create table geofence_events (
      geofence_event_id uuid primary key,
      geofence_id uuid not null,
      geofence_name text not null,
      event text not null check (event in ('enter', 'leave', 'dwell')),
      at timestamptz not null,
      decided_at timestamptz not null,
      seconds double precision,
      by_silence boolean not null,
      cause text not null check (cause in ('live', 'late', 'correction')),
      plate_number text not null,
      issuing_entity text not null,
      country_code text not null,
      detection_id uuid not null,
      camera_id uuid not null,
      -- whose message showed it; null when the clock did
      frame_id text,
      created_at timestamptz not null default now(),
      retracted_at timestamptz,
      -- whose change showed that it never happened
      retracted_for uuid,
      -- flows still have to be told: from then on
      tell_at timestamptz
    );
    create index geofence_events_newest on geofence_events (at desc, geofence_event_id desc);
    create index geofence_events_fence on geofence_events (geofence_id, at desc, geofence_event_id desc);
    create index geofence_events_plate on geofence_events (plate_number, at desc);
    create index geofence_events_detection on geofence_events (detection_id);
    create index geofence_events_retracted on geofence_events (retracted_for) where retracted_for is not null;
    create index geofence_events_tell on geofence_events (tell_at) where tell_at is not null;
  `);
}
