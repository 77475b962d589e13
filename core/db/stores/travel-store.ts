import type { TravelSample, TravelStore, TravelTime } from '../../places/places.ts';
import type { Database } from '../database.ts';

/** Of each pair so many of the newest are kept. */
const MOST_SAMPLES = 500;
const MOST_PAIRS = 10_000;
/** A read that is less sure may be another vehicle's. */
const SURE = 0.9;

const SEEN = `d.captured_at_source <> 'file' and d.confidence >= ${SURE}
  and d.issuing_entity is not null and d.country_code is not null
  and (d.status in ('confirmed', 'corrected') or (d.status = 'provisional' and d.settles_at <= now()))`;

export function createTravelStore(database: Database): TravelStore {
  const { pool } = database;
  return {
    async learnedTo() {
      const { rows } = await pool.query<{ at: Date }>('select learned_to as at from travel_progress');
      return rows[0]?.at ?? null;
    },
    async samples(from, to, withinSeconds) {
      const { rows } = await pool.query<TravelSample>(
        `with seen as (
           select d.detection_id, d.camera_id, d.plate_number, d.issuing_entity, d.country_code, d.captured_at,
                  coalesce(d.last_seen_at, d.captured_at) as left_at
             from detections d join cameras c on c.camera_id = d.camera_id and c.built_in is null
            where d.captured_at > $1::timestamptz - make_interval(secs => $3) and d.captured_at <= $2 and ${SEEN})
         select distinct on (b.detection_id, a.camera_id)
                a.camera_id as "fromCameraId", b.camera_id as "toCameraId",
                extract(epoch from b.captured_at - a.left_at)::float8 as seconds
           from seen b join seen a using (plate_number, issuing_entity, country_code)
          where b.captured_at > $1 and a.camera_id <> b.camera_id
            and a.left_at < b.captured_at and a.left_at >= b.captured_at - make_interval(secs => $3)
          order by b.detection_id, a.camera_id, a.left_at desc`,
        [from, to, withinSeconds],
      );
      return rows;
    },
    async save(samples, before, learnedTo) {
      const pairs = new Map<string, { from: string; to: string; seconds: number[] }>();
      for (const { fromCameraId, toCameraId, seconds } of samples) {
        const key = `${fromCameraId} ${toCameraId}`;
        const pair = pairs.get(key) ?? { from: fromCameraId, to: toCameraId, seconds: [] };
        pair.seconds.push(seconds);
        pairs.set(key, pair);
      }
      await database.transaction(async (client) => {
        const { rowCount } =
          before === null
            ? await client.query('insert into travel_progress (learned_to) values ($1) on conflict do nothing', [
                learnedTo,
              ])
            : await client.query('update travel_progress set learned_to = $2 where learned_to = $1', [
                before,
                learnedTo,
              ]);
        if (rowCount !== 1) return;
        await client.query(
          `with given as (
             select (p ->> 'from')::uuid as from_camera, (p ->> 'to')::uuid as to_camera,
                    array(select value::real from jsonb_array_elements_text(p -> 'seconds')) as fresh
               from jsonb_array_elements($1::jsonb) p),
           merged as (
             select from_camera, to_camera, cardinality(fresh) as more, t.samples || fresh as every
               from given left join travel_times t using (from_camera, to_camera)),
           kept as (select from_camera, to_camera, more, every[greatest(1, cardinality(every) - ${MOST_SAMPLES - 1}):] as samples from merged)
           insert into travel_times (from_camera, to_camera, seen_count, samples, floor_seconds, median_seconds)
           select from_camera, to_camera, more, samples,
                  (select percentile_cont(0.05) within group (order by s) from unnest(samples) s),
                  (select percentile_cont(0.5) within group (order by s) from unnest(samples) s)
             from kept
           on conflict (from_camera, to_camera) do update
             set seen_count = travel_times.seen_count + excluded.seen_count, samples = excluded.samples,
                 floor_seconds = excluded.floor_seconds, median_seconds = excluded.median_seconds, updated_at = now()`,
          [JSON.stringify([...pairs.values()])],
        );
      });
    },
    async learned(from, to) {
      const { rows } = await pool.query<Omit<TravelTime, 'metres'>>(
        `select from_camera as "fromCameraId", to_camera as "toCameraId", seen_count as count,
                floor_seconds::float8 as "floorSeconds", median_seconds::float8 as "medianSeconds", updated_at as "updatedAt"
           from travel_times
          where ($1::uuid is null or from_camera = $1) and ($2::uuid is null or to_camera = $2)
          order by seen_count desc limit ${MOST_PAIRS}`,
        [from, to],
      );
      return rows;
    },
  };
}
