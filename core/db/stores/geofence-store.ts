import PQueue from 'p-queue';
import type { PoolClient } from 'pg';
import type { GeofenceEvent, GeofenceVisit } from '../../places/geofences.ts';
import type { GeofenceStore, LaterSight, StoredGeofence, Vehicle, VehicleWork } from '../../places/geofence-store.ts';
import type { Sighting, VisitState } from '../../places/visits.ts';
import type { Database } from '../database.ts';
import { tellNews } from '../news.ts';
import { named } from './name-taken.ts';

const FENCE = `geofence_id as "geofenceId", name, colour, notes, enabled, shape, rules, created_at as "createdAt",
  updated_at as "updatedAt"`;
const EVENT = `e.geofence_event_id as "geofenceEventId", e.geofence_id as "geofenceId", e.geofence_name as "geofenceName",
  e.event, e.at, e.seconds, e.by_silence as "bySilence", e.cause, e.plate_number as "plateNumber",
  nullif(e.issuing_entity, '') as "issuingEntity", nullif(e.country_code, '') as "countryCode",
  e.detection_id as "detectionId", e.camera_id as "cameraId",
  coalesce((select c.name from cameras c where c.camera_id = e.camera_id), '') as "cameraName",
  e.created_at as "createdAt", e.retracted_at as "retractedAt"`;
const VEHICLE = `plate_number as "plateNumber", nullif(issuing_entity, '') as "issuingEntity",
  nullif(country_code, '') as "countryCode"`;
const IS_VEHICLE = 'plate_number = $1 and issuing_entity = $2 and country_code = $3';
const TELL_AGAIN = `interval '1 minute'`;
const PRUNED_AT_ONCE = 10_000;
/** Of the pool's connections; the others are for what must not wait. */
const AT_ONCE = 6;

type Key = [plateNumber: string, issuingEntity: string, countryCode: string];
const keyOf = ({ plateNumber, issuingEntity, countryCode }: Vehicle): Key => [
  plateNumber,
  issuingEntity ?? '',
  countryCode ?? '',
];
const byVehicle = (
  rows: readonly (Vehicle & { readonly geofenceIds: readonly string[] })[],
): { readonly vehicle: Vehicle; readonly geofenceIds: readonly string[] }[] =>
  rows.map(({ geofenceIds, ...vehicle }) => ({ vehicle, geofenceIds }));

function workOf(client: PoolClient, key: Key): VehicleWork {
  const sighting = ({
    at,
    lastAt,
    ...row
  }: Omit<Sighting, 'at' | 'lastAt'> & { at: Date; lastAt: Date }): Sighting => ({
    ...{ ...row, at: at.getTime(), lastAt: lastAt.getTime() },
  });
  const SIGHTING = `detection_id as "detectionId", camera_id as "cameraId", at, last_at as "lastAt", relation,
    fits_direction as "fitsDirection"`;
  type SightingRow = Parameters<typeof sighting>[0];
  return {
    async states(geofenceIds) {
      const { rows } = await client.query<{ geofenceId: string; state: VisitState }>(
        `select geofence_id as "geofenceId", state from geofence_states where ${IS_VEHICLE} and geofence_id = any($4::uuid[])`,
        [...key, geofenceIds],
      );
      return new Map(rows.map(({ geofenceId, state }) => [geofenceId, state]));
    },
    async own(detectionId) {
      const { rows } = await client.query<SightingRow & { geofenceId: string }>(
        `select geofence_id as "geofenceId", ${SIGHTING} from geofence_sightings where ${IS_VEHICLE} and detection_id = $4`,
        [...key, detectionId],
      );
      return new Map(rows.map(({ geofenceId, ...row }) => [geofenceId, sighting(row)]));
    },
    async history(geofenceId) {
      const { rows } = await client.query<SightingRow>(
        `select ${SIGHTING} from geofence_sightings where ${IS_VEHICLE} and geofence_id = $4 order by at, detection_id`,
        [...key, geofenceId],
      );
      return rows.map(sighting);
    },
    async eventIdsSince(geofenceId, decidedAt) {
      const { rows } = await client.query<{ id: string }>(
        `select geofence_event_id as id from geofence_events
          where ${IS_VEHICLE} and geofence_id = $4 and decided_at >= $5 and retracted_at is null`,
        [...key, geofenceId, new Date(decidedAt)],
      );
      return rows.map(({ id }) => id);
    },
    async saveSightings(rows) {
      await client.query(
        `insert into geofence_sightings (plate_number, issuing_entity, country_code, geofence_id, detection_id, camera_id, at,
                                         last_at, relation, fits_direction)
         select $1, $2, $3, * from unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::boolean[])
         on conflict (plate_number, issuing_entity, country_code, geofence_id, detection_id)
         do update set last_at = greatest(geofence_sightings.last_at, excluded.last_at)`,
        [
          ...key,
          rows.map(({ geofenceId }) => geofenceId),
          rows.map(({ detectionId }) => detectionId),
          rows.map(({ cameraId }) => cameraId),
          rows.map(({ at }) => new Date(at)),
          rows.map(({ lastAt }) => new Date(lastAt)),
          rows.map(({ relation }) => relation),
          rows.map(({ fitsDirection }) => fitsDirection),
        ],
      );
    },
    async removeSightings(detectionId) {
      await client.query(`delete from geofence_sightings where ${IS_VEHICLE} and detection_id = $4`, [
        ...key,
        detectionId,
      ]);
    },
    async saveStates(rows) {
      await client.query(
        `insert into geofence_states (plate_number, issuing_entity, country_code, geofence_id, state, is_inside, last_seen_at, due_at)
         select $1, $2, $3, s.id, s.state, s.state -> 'visit' <> 'null',
                to_timestamp(coalesce((s.state #>> '{visit,lastAt}')::float8, (s.state ->> 'clock')::float8) / 1000), s.due
           from unnest($4::uuid[], $5::jsonb[], $6::timestamptz[]) s(id, state, due)
         on conflict (plate_number, issuing_entity, country_code, geofence_id)
         do update set state = excluded.state, is_inside = excluded.is_inside, last_seen_at = excluded.last_seen_at,
                       due_at = excluded.due_at`,
        [
          ...key,
          rows.map(({ geofenceId }) => geofenceId),
          rows.map(({ state }) => JSON.stringify(state)),
          rows.map(({ dueAt }) => dueAt),
        ],
      );
      for (const { geofenceId, state, isTold } of rows) {
        if (isTold) await tellNews(client, 'presence', JSON.stringify([geofenceId, state.visit !== null, ...key]));
      }
    },
    async saveEvents(rows) {
      if (rows.length === 0) return [];
      // What was taken back and happened all the same stands again.
      const { rows: saved } = await client.query<{ id: string; isNew: boolean }>(
        `with given as (
           select * from jsonb_to_recordset($4::jsonb) g(
             id uuid, fence uuid, name text, event text, at timestamptz, decided timestamptz, seconds float8, silent boolean,
             cause text, detection uuid, camera uuid, frame text, tell boolean)),
         before as (select geofence_event_id from geofence_events join given on id = geofence_event_id and retracted_at is null)
         insert into geofence_events (plate_number, issuing_entity, country_code, geofence_event_id, geofence_id, geofence_name,
             event, at, decided_at, seconds, by_silence, cause, detection_id, camera_id, frame_id, tell_at)
         select $1, $2, $3, id, fence, name, event, at, decided, seconds, silent, cause, detection, camera, frame,
                case when tell then now() end from given
         on conflict (geofence_event_id) do update
           set at = excluded.at, decided_at = excluded.decided_at, seconds = excluded.seconds, by_silence = excluded.by_silence,
               detection_id = excluded.detection_id, camera_id = excluded.camera_id,
               retracted_at = null, retracted_for = null,
               frame_id = case when geofence_events.retracted_at is null then geofence_events.frame_id else excluded.frame_id end,
               cause = case when geofence_events.retracted_at is null then geofence_events.cause else excluded.cause end,
               tell_at = case when geofence_events.retracted_at is null then geofence_events.tell_at else excluded.tell_at end
         returning geofence_event_id as id, not exists (
           select from before where before.geofence_event_id = geofence_events.geofence_event_id) as "isNew"`,
        [
          ...key,
          JSON.stringify(
            rows.map((row) => ({
              ...{ id: row.geofenceEventId, fence: row.geofenceId, name: row.geofenceName, event: row.event },
              ...{
                at: new Date(row.at),
                decided: new Date(row.decidedAt),
                seconds: row.seconds,
                silent: row.bySilence,
              },
              ...{ cause: row.cause, detection: row.detectionId, camera: row.cameraId, frame: row.frameId },
              tell: row.isToTell,
            })),
          ),
        ],
      );
      return saved.filter(({ isNew }) => isNew).map(({ id }) => id);
    },
    async retract(eventIds, detectionId, isFollowed) {
      if (eventIds.length === 0) return;
      const { rowCount } = await client.query(
        `update geofence_events set retracted_at = now(), retracted_for = $2, tell_at = null
          where geofence_event_id = any($1::uuid[]) and retracted_at is null`,
        [eventIds, detectionId],
      );
      if (rowCount === 0 || isFollowed) return;
      await client.query(`insert into detection_changes (detection_id, cause) values ($1, 'vote')`, [detectionId]);
    },
  };
}

export function createGeofenceStore(database: Database): GeofenceStore {
  const { pool } = database;
  const queue = new PQueue({ concurrency: AT_ONCE });
  return {
    async fences(geofenceIds) {
      const { rows } = await pool.query<StoredGeofence>(
        `select ${FENCE} from geofences where $1::uuid[] is null or geofence_id = any($1)`,
        [geofenceIds],
      );
      return rows;
    },
    add: (fences) =>
      named(
        'geofence',
        database.transaction(async (client) => {
          await client.query(
            `insert into geofences (geofence_id, name, name_key, colour, notes, enabled, shape, rules, created_at, updated_at)
             select id, name, lower(name), colour, notes, enabled, shape, rules, at, at
               from jsonb_to_recordset($1::jsonb)
                 g(id uuid, name text, colour text, notes text, enabled boolean, shape jsonb, rules jsonb, at timestamptz)`,
            [
              JSON.stringify(
                fences.map(({ geofenceId, name, colour, notes, enabled, shape, rules, createdAt }) => ({
                  ...{ id: geofenceId, name, colour, notes, enabled, shape, rules, at: createdAt },
                })),
              ),
            ],
          );
          const [only] = fences;
          await tellNews(client, 'geofences', fences.length === 1 ? only?.geofenceId : 'all');
        }),
      ),
    change: ({ geofenceId, name, colour, notes, enabled, shape, rules, updatedAt }) =>
      named(
        'geofence',
        database.transaction(async (client) => {
          const { rowCount } = await client.query(
            `update geofences set name = $2, name_key = lower($2), colour = $3, notes = $4, enabled = $5, shape = $6, rules = $7,
                    updated_at = $8 where geofence_id = $1`,
            [geofenceId, name, colour, notes, enabled, JSON.stringify(shape), JSON.stringify(rules), updatedAt],
          );
          // Under its new rules other things may be due for those inside.
          await client.query('update geofence_states set due_at = now() where geofence_id = $1 and is_inside', [
            geofenceId,
          ]);
          await tellNews(client, 'geofences', geofenceId);
          return rowCount === 1;
        }),
      ),
    remove: (geofenceId) =>
      database.transaction(async (client) => {
        const { rowCount } = await client.query('delete from geofences where geofence_id = $1', [geofenceId]);
        await tellNews(client, 'geofences', geofenceId);
        return rowCount === 1;
      }),
    async presence() {
      const { rows } = await pool.query<Vehicle & { geofenceId: string }>(
        `select ${VEHICLE}, geofence_id as "geofenceId" from geofence_states where is_inside`,
      );
      return rows;
    },
    async fencesOf(vehicle) {
      const { rows } = await pool.query<{ id: string }>(
        `select geofence_id as id from geofence_states where ${IS_VEHICLE}`,
        keyOf(vehicle),
      );
      return rows.map(({ id }) => id);
    },
    async seenSince(vehicle, after, limit) {
      const { rows } = await pool.query<Omit<LaterSight, 'at' | 'lastAt'> & { at: Date; lastAt: Date }>(
        `select detection_id as "detectionId", camera_id as "cameraId", captured_at as at,
                coalesce(last_seen_at, captured_at) as "lastAt", confidence
           from detections
          where plate_number = $1 and coalesce(issuing_entity, '') = $2 and coalesce(country_code, '') = $3
            and captured_at > $4 and status <> 'rejected'
          order by captured_at, detection_id limit $5`,
        [...keyOf(vehicle), after, limit],
      );
      return rows.map(({ at, lastAt, ...row }) => ({ ...row, at: at.getTime(), lastAt: lastAt.getTime() }));
    },
    work: (vehicle, run) =>
      queue.add(() =>
        database.transaction(async (client) => {
          const key = keyOf(vehicle);
          await client.query(`select pg_advisory_xact_lock(hashtextextended('geofences:' || $1, 0))`, [key.join('|')]);
          return run(workOf(client, key));
        }),
      ),
    async vehiclesOf(detectionId) {
      const { rows } = await pool.query<Vehicle & { geofenceIds: string[] }>(
        `select ${VEHICLE}, array_agg(geofence_id) as "geofenceIds" from geofence_sightings where detection_id = $1
          group by plate_number, issuing_entity, country_code`,
        [detectionId],
      );
      return byVehicle(rows);
    },
    async due(until, limit) {
      const { rows } = await pool.query<Vehicle & { geofenceIds: string[] }>(
        `select ${VEHICLE}, array_agg(geofence_id) as "geofenceIds"
           from (select * from geofence_states where due_at <= $1 order by due_at limit $2) s
          group by plate_number, issuing_entity, country_code`,
        [until, limit],
      );
      return byVehicle(rows);
    },
    async takeUntold(limit) {
      const { rows } = await pool.query<GeofenceEvent>(
        `update geofence_events e set tell_at = now() + ${TELL_AGAIN}
          where geofence_event_id in (
            select geofence_event_id from geofence_events where tell_at <= now() order by tell_at limit $1 for update skip locked)
         returning ${EVENT}`,
        [limit],
      );
      return rows;
    },
    async told(eventIds) {
      await pool.query('update geofence_events set tell_at = null where geofence_event_id = any($1::uuid[])', [
        eventIds,
      ]);
    },
    async eventsOf(detectionId) {
      const { rows } = await pool.query<GeofenceEvent & { frameId: string | null }>(
        `select ${EVENT}, e.frame_id as "frameId" from geofence_events e where e.detection_id = $1 and e.retracted_at is null
          order by e.at, e.geofence_event_id`,
        [detectionId],
      );
      return rows;
    },
    async retractedFor(detectionId) {
      const { rows } = await pool.query<GeofenceEvent>(
        `select ${EVENT} from geofence_events e where e.retracted_for = $1 order by e.at`,
        [detectionId],
      );
      return rows;
    },
    async events({ geofenceId, event, plateNumber, from, to, retracted, cursor, limit }) {
      const [at = null, id = null] = cursor === null ? [] : cursor.split('_');
      const { rows } = await pool.query<GeofenceEvent>(
        `select ${EVENT} from geofence_events e
          where ($1::uuid is null or e.geofence_id = $1) and ($2::text is null or e.event = $2)
            and ($3::text is null or e.plate_number = $3)
            and ($4::timestamptz is null or e.at >= $4) and ($5::timestamptz is null or e.at < $5)
            and ($6 or e.retracted_at is null)
            and ($7::timestamptz is null or (e.at, e.geofence_event_id) < ($7, $8::uuid))
          order by e.at desc, e.geofence_event_id desc limit $9`,
        [geofenceId, event, plateNumber, from, to, retracted, at, id, limit],
      );
      return rows;
    },
    async visits(geofenceId, limit) {
      const { rows } = await pool.query<GeofenceVisit>(
        `select s.geofence_id as "geofenceId", ${VEHICLE},
                to_timestamp((s.state #>> '{visit,enteredAt}')::float8 / 1000) as "enteredAt", s.last_seen_at as "lastSeenAt",
                s.state #>> '{visit,lastCameraId}' as "lastCameraId", coalesce(c.name, '') as "lastCameraName",
                s.state #>> '{visit,lastDetectionId}' as "lastDetectionId",
                s.state #> '{visit,leaving}' <> 'null' as "isLeaving", (s.state #>> '{visit,hasDwelt}')::boolean as dwells
           from geofence_states s left join cameras c on c.camera_id = (s.state #>> '{visit,lastCameraId}')::uuid
          where s.geofence_id = $1 and s.is_inside order by s.last_seen_at desc limit $2`,
        [geofenceId, limit],
      );
      return rows;
    },
    async prune({ sightings, events }) {
      let removed = 0;
      const sweep = async (table: string, condition: string, before: Date): Promise<void> => {
        for (;;) {
          const { rowCount } = await pool.query(
            `delete from ${table} where ctid = any(array(select ctid from ${table} where ${condition} < $1 limit ${PRUNED_AT_ONCE}))`,
            [before],
          );
          removed += rowCount ?? 0;
          if ((rowCount ?? 0) < PRUNED_AT_ONCE) return;
        }
      };
      await sweep('geofence_sightings', 'last_at', sightings);
      await sweep('geofence_events', 'at', events);
      // Whoever is not inside and was not seen for so long starts anew.
      await sweep('geofence_states', 'case when is_inside then null else last_seen_at end', sightings);
      // Where silence says nothing, every process would remember more and more of those inside.
      await sweep('geofence_states', 'case when is_inside then last_seen_at end', events);
      return removed;
    },
  };
}
