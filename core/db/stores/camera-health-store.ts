import type { MeasuredMetrics } from '../../cameras/camera-metrics.ts';
import type { DeviceState } from '../../cameras/cameras.ts';
import type { CameraHour, HealthStore, HourEvidence, HourRates, StateChange } from '../../cameras/health-store.ts';
import { LprError } from '../../errors.ts';
import type { Database } from '../database.ts';

/** A camera that was removed meanwhile takes nothing more. */
const LIVING = 'exists (select from cameras c where c.camera_id = x.camera_id)';

export function createHealthStore({ pool }: Database): HealthStore {
  return {
    async lastStates(since) {
      const { rows } = await pool.query<Awaited<ReturnType<HealthStore['lastStates']>>[number]>(
        `select c.camera_id as "cameraId", last.to_state as to, last.at, last.reason, last.error_code as "errorCode",
                array(select s.at from camera_states s where s.camera_id = c.camera_id and s.at > $1
                       order by s.at) as changes
           from cameras c
           join lateral (select * from camera_states s where s.camera_id = c.camera_id
                          order by s.change_id desc limit 1) last on true
          where c.removed_at is null`,
        [since],
      );
      return rows;
    },
    async addStates(changes) {
      await pool.query(
        `insert into camera_states (camera_id, from_state, to_state, at, reason, error_code)
         select camera_id, from_state, to_state, at, reason, error_code
           from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[]) with ordinality
                as x (camera_id, from_state, to_state, at, reason, error_code, n)
          where ${LIVING} order by n`,
        [
          changes.map((one) => one.cameraId),
          changes.map((one) => one.from),
          changes.map((one) => one.to),
          changes.map((one) => one.at),
          changes.map((one) => one.reason),
          changes.map((one) => one.errorCode),
        ],
      );
    },
    async states(cameraId, since, limit) {
      const { rows } = await pool.query<StateChange>(
        `select from_state as "from", to_state as "to", at, reason, error_code as "errorCode" from camera_states
          where camera_id = $1 and at >= $2 order by change_id desc limit $3`,
        [cameraId, since, limit],
      );
      return rows;
    },
    async addHours(given) {
      await pool.query(
        `insert into camera_hours as h
           (camera_id, hour, frames, without_plate, detections, longest_silence_ms, down_ms, maintenance)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::int[], $6::bigint[], $7::int[],
                              $8::boolean[])
                as x (camera_id, hour, frames, without_plate, detections, silence, down, maintenance) where ${LIVING}
         on conflict (camera_id, hour) do update
           set frames = h.frames + excluded.frames,
               without_plate = h.without_plate + excluded.without_plate,
               detections = h.detections + excluded.detections,
               longest_silence_ms = greatest(h.longest_silence_ms, excluded.longest_silence_ms),
               down_ms = h.down_ms + excluded.down_ms,
               maintenance = h.maintenance or excluded.maintenance`,
        [
          given.map((one) => one.cameraId),
          given.map((one) => new Date(one.hour)),
          given.map((one) => one.frames),
          given.map((one) => one.withoutPlate),
          given.map((one) => one.detections),
          given.map((one) => Math.round(one.longestSilenceMs)),
          given.map((one) => Math.round(one.downMs)),
          given.map((one) => one.maintenance),
        ],
      );
    },
    async hours(cameraId, since) {
      const { rows } = await pool.query<CameraHour>(
        `select hour, frames, without_plate as "withoutPlate", detections, round(down_ms / 1000.0)::int as "downSeconds",
                maintenance
           from camera_hours where camera_id = $1 and hour >= $2 order by hour`,
        [cameraId, since],
      );
      return rows;
    },
    async metrics(cameraId, since) {
      const { rows } = await pool.query<MeasuredMetrics>(
        `with d as materialized (
           select detection_id, captured_at, captured_at_source, received_at, recorded_at, read_count, confidence,
                  plate_number, best_read->>'plateNumber' as read
             from detections where camera_id = $1 and captured_at >= $2),
         last as (
           select distinct on (k.detection_id) k.kind, k.after->>'plateNumber' as text, d.read
             from corrections k join d using (detection_id) order by k.detection_id, k.corrected_at desc)
         select coalesce(h.frames, 0) as frames, coalesce(h.without_plate, 0) as "framesWithoutPlate",
                h.hours, m.*, l.*
           from (select sum(frames)::int as frames, sum(without_plate)::int as without_plate, count(*)::int as hours
                   from camera_hours where camera_id = $1 and hour >= $2) h,
                (select count(*)::int as detections, avg(read_count)::float8 as "readsPerVehicle",
                        percentile_cont(0.5) within group (order by confidence) filter (where plate_number <> '')
                          as confidence,
                        case when count(recorded_at) > 0 then jsonb_build_object(
                          'p50', percentile_cont(0.5) within group (order by ms), 
                          'p95', percentile_cont(0.95) within group (order by ms)) end as "storedMs",
                        percentile_cont(0.5) within group (order by extract(epoch from received_at - captured_at) * 1000)
                          filter (where captured_at_source = 'device') as "onTheWayMs"
                   from (select *, extract(epoch from recorded_at - received_at) * 1000 as ms from d) d) m,
                (select count(*)::int as reviewed, count(*) filter (where kind = 'text' and text = read)::int as exact,
                        count(*) filter (where kind <> 'text')::int as "notPlates" from last) l`,
        [cameraId, since],
      );
      const [row] = rows;
      if (row === undefined) throw new LprError('internal', 'The database gave no metrics.');
      return row;
    },
    async report(cameraId) {
      const { rows } = await pool.query<{ reported: DeviceState; at: Date }>(
        'select reported, at from camera_reports where camera_id = $1',
        [cameraId],
      );
      return rows[0] ?? null;
    },
    async addReport(cameraId, state, at) {
      const { rows } = await pool.query<{ reported: DeviceState }>(
        `insert into camera_reports as r (camera_id, reported, at) values ($1, $2, $3)
         on conflict (camera_id) do update set reported = r.reported || excluded.reported, at = excluded.at
         returning reported`,
        [cameraId, JSON.stringify(state), at],
      );
      return rows[0]?.reported ?? state;
    },
    async evidence(hour, days) {
      const { rows } = await pool.query<HourEvidence>(
        `select h.camera_id as "cameraId",
                coalesce(array_agg(longest_silence_ms::float8) filter (where h.hour = any($2)), '{}') as "sameHours",
                coalesce(array_agg(longest_silence_ms::float8) filter (where h.hour >= $1::timestamptz - interval '24 hours'), '{}')
                  as "recentHours"
           from camera_hours h join cameras c on c.camera_id = h.camera_id and c.removed_at is null
          where h.hour < $1 and not h.maintenance
            and (h.hour = any($2) or h.hour >= $1::timestamptz - interval '24 hours')
          group by h.camera_id`,
        [hour, Array.from({ length: days }, (_, i) => new Date(hour.getTime() - (i + 1) * 86_400_000))],
      );
      return rows;
    },
    async rates(hour, weeks) {
      const before = Array.from({ length: weeks }, (_, i) => new Date(hour.getTime() - (i + 1) * 7 * 86_400_000));
      const { rows } = await pool.query<HourRates>(
        `select b.camera_id as "cameraId", coalesce(max(now.frames), 0) as frames,
                coalesce(max(now.detections), 0) as detections,
                array_agg(b.frames) as "framesBefore", array_agg(b.detections) as "detectionsBefore"
           from camera_hours b left join camera_hours now on now.camera_id = b.camera_id and now.hour = $1
          where b.hour = any($2) and not b.maintenance group by b.camera_id`,
        [hour, before],
      );
      return rows;
    },
  };
}
