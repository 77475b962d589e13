import type { FrameStatus } from '../../ingest/ingest.ts';
import type { IngestStore, TakenFrame } from '../../ingest/ingest-store.ts';
import type { Database } from '../database.ts';

const STATUS = `frame_id as "frameId", camera_id as "cameraId", image_id as "imageId", width, height, state, label,
  captured_at as "capturedAt", received_at as "receivedAt", attempts, outcomes, detection_ids as "detectionIds",
  case when error_code is null then null else jsonb_build_object('code', error_code, 'message', error_message) end as error`;

export function createIngestStore(database: Database): IngestStore {
  const { pool } = database;
  return {
    async add(frame) {
      const inserted = await pool.query(
        `insert into frames (frame_id, camera_id, event_key, image_id, width, height, label, captured_at,
                             captured_at_source, captured_at_raw, received_at, next_attempt_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) on conflict (camera_id, event_key) do nothing`,
        [
          frame.frameId,
          frame.cameraId,
          frame.eventKey,
          frame.imageId,
          frame.width,
          frame.height,
          frame.label,
          frame.capturedAt,
          frame.capturedAtSource,
          frame.capturedAtRaw,
          frame.receivedAt,
        ],
      );
      if (inserted.rowCount === 1) return null;
      const { rows } = await pool.query<{ frameId: string; width: number; height: number }>(
        'select frame_id as "frameId", width, height from frames where camera_id = $1 and event_key = $2',
        [frame.cameraId, frame.eventKey],
      );
      return rows[0] ?? null;
    },
    async take(limit, cameraIds, now) {
      const { rows } = await pool.query<TakenFrame>(
        `update frames set state = 'running', attempts = attempts + 1
          where frame_id in (
            select frame_id from frames
             where state = 'queued' and next_attempt_at <= $2 and ($3::uuid[] is null or camera_id = any($3))
             order by received_at, frame_id limit $1 for update skip locked)
        returning frame_id as "frameId", camera_id as "cameraId", event_key as "eventKey", image_id as "imageId", width,
                  height, label, captured_at as "capturedAt", captured_at_source as "capturedAtSource",
                  received_at as "receivedAt", attempts`,
        [limit, now, cameraIds],
      );
      return rows.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
    },
    async end({ frameId, state, nextAttemptAt, outcomes, detectionIds, error, countsAsAttempt }) {
      const { rows } = await pool.query<FrameStatus>(
        `update frames set state = $2, next_attempt_at = $3, outcomes = $4, detection_ids = $5, error_code = $6,
                           error_message = $7, attempts = attempts - $8::int
          where frame_id = $1 returning ${STATUS}`,
        [
          frameId,
          state,
          nextAttemptAt,
          JSON.stringify(outcomes),
          detectionIds,
          error?.code ?? null,
          error?.message ?? null,
          countsAsAttempt ? 0 : 1,
        ],
      );
      return rows[0] ?? null;
    },
    async find(frameId) {
      const { rows } = await pool.query<FrameStatus>(`select ${STATUS} from frames where frame_id = $1`, [frameId]);
      return rows[0] ?? null;
    },
    async counts() {
      const { rows } = await pool.query<{ state: string; n: number }>(
        `select state, count(*) as n from frames where state <> 'settled' group by state`,
      );
      const of = (state: string): number => rows.find((row) => row.state === state)?.n ?? 0;
      return { queued: of('queued'), running: of('running'), dead: of('dead') };
    },
    async requeueRunning() {
      await pool.query(`update frames set state = 'queued', next_attempt_at = now() where state = 'running'`);
    },
    requeueDead: (frameIds) =>
      database.transaction(async (client) => {
        const { rowCount } = await client.query(
          `update frames set state = 'queued', attempts = 0, next_attempt_at = now(), error_code = null, error_message = null
            where state = 'dead' and ($1::uuid[] is null or frame_id = any($1))`,
          [frameIds === 'all' ? null : frameIds],
        );
        return rowCount ?? 0;
      }),
  };
}
