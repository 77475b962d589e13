import type { FrameStatus } from '../../ingest/ingest.ts';
import type { FrameEnd, IngestStore, KnownFrame, NewEntry, TakenEntry } from '../../ingest/ingest-store.ts';
import type { Database } from '../database.ts';
import { columnsOf, placeholders } from '../unnest.ts';

const FRAME = `case when image_id is null then null
  else jsonb_build_object('imageId', image_id, 'width', width, 'height', height) end as frame`;
const STATUS = `frame_id as "frameId", camera_id as "cameraId", ${FRAME}, state, label, captured_at as "capturedAt",
  received_at as "receivedAt", attempts, outcomes, detection_ids as "detectionIds",
  case when error_code is null then null else jsonb_build_object('code', error_code, 'message', error_message) end as error`;

const ENTRY_COLUMNS = [
  ['frame_id', 'uuid'],
  ['camera_id', 'uuid'],
  ['device_id', 'uuid'],
  ['event_key', 'text'],
  ['image_id', 'text'],
  ['width', 'int'],
  ['height', 'int'],
  ['reads', 'jsonb'],
  ['pull', 'jsonb'],
  ['picture_problem', 'text'],
  ['label', 'text'],
  ['captured_at', 'timestamptz'],
  ['captured_at_source', 'text'],
  ['captured_at_raw', 'timestamptz'],
  ['received_at', 'timestamptz'],
  ['is_late', 'boolean'],
  ['state', 'text'],
  ['attempts', 'int'],
  ['next_attempt_at', 'timestamptz'],
  ['taken_at', 'timestamptz'],
] as const;

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

const entryValues = (entry: NewEntry): unknown[] => [
  entry.frameId,
  entry.cameraId,
  entry.deviceId,
  entry.eventKey,
  entry.frame?.imageId ?? null,
  entry.frame?.width ?? null,
  entry.frame?.height ?? null,
  json(entry.reads),
  json(entry.pull),
  entry.pictureProblem,
  entry.label,
  entry.capturedAt,
  entry.capturedAtSource,
  entry.capturedAtRaw,
  entry.receivedAt,
  entry.isLate,
  entry.takenAt === null ? 'queued' : 'running',
  entry.takenAt === null ? 0 : 1,
  // A picture that is to be fetched may be there only later.
  new Date(entry.receivedAt.getTime() + (entry.pull?.afterMs ?? 0)),
  entry.takenAt,
];

const INSERT = `insert into frames (${ENTRY_COLUMNS.map(([name]) => name).join(', ')})
  select * from unnest(${placeholders(ENTRY_COLUMNS.map(([, type]) => type))})
  on conflict (camera_id, event_key) do nothing returning frame_id as "frameId"`;

const endValues = (end: FrameEnd): unknown[] => [
  end.frameId,
  end.state,
  end.nextAttemptAt,
  JSON.stringify(end.outcomes),
  // Arrays of arrays must be rectangular; a text of them need not be.
  `{${end.detectionIds.join(',')}}`,
  end.error?.code ?? null,
  end.error?.message ?? null,
  end.countsAsAttempt ? 0 : 1,
];

/** No attempt is put off this long. */
const LONGEST_WAIT = '2 minutes';

export function createIngestStore(database: Database): IngestStore {
  const { pool } = database;
  return {
    async add(entries) {
      const { rows } = await pool.query<{ frameId: string }>(
        INSERT,
        columnsOf(entries.map(entryValues), ENTRY_COLUMNS.length),
      );
      const isNew = new Set(rows.map((row) => row.frameId));
      const others = entries.filter((entry) => !isNew.has(entry.frameId));
      if (others.length === 0) return entries.map(() => null);
      const known = await pool.query<KnownFrame & { cameraId: string; eventKey: string }>(
        `select frame_id as "frameId", camera_id as "cameraId", event_key as "eventKey", ${FRAME}
           from frames where (camera_id, event_key) in (select * from unnest($1::uuid[], $2::text[]))`,
        columnsOf(
          others.map(({ cameraId, eventKey }) => [cameraId, eventKey]),
          2,
        ),
      );
      const byKey = new Map(known.rows.map((row) => [`${row.cameraId} ${row.eventKey}`, row]));
      return entries.map(({ frameId, cameraId, eventKey }) => {
        if (isNew.has(frameId)) return null;
        const found = byKey.get(`${cameraId} ${eventKey}`);
        return found === undefined ? null : { frameId: found.frameId, frame: found.frame };
      });
    },
    async take(kind, limit, cameraIds, now) {
      const { rows } = await pool.query<TakenEntry>(
        `update frames set state = 'running', attempts = attempts + 1, taken_at = $2
           from (select frame_id as taken, taken_at is not null as "isRepeated" from frames
                  where state = 'queued' and ($3::uuid[] is null or camera_id = any($3))
                    and (next_attempt_at <= $2 or next_attempt_at > $2::timestamptz + interval '${LONGEST_WAIT}')
                    and reads is ${kind === 'reads' ? 'not null' : 'null'}
                  order by received_at, frame_id limit $1 for update skip locked) waiting
          where frame_id = taken
        returning "isRepeated", frame_id as "frameId", camera_id as "cameraId", device_id as "deviceId", event_key as "eventKey", ${FRAME},
                  reads, pull, picture_problem as "pictureProblem", label, captured_at as "capturedAt",
                  captured_at_source as "capturedAtSource", received_at as "receivedAt", is_late as "isLate", attempts`,
        [limit, now, cameraIds],
      );
      return rows.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
    },
    async end(ends) {
      const { rows } = await pool.query<FrameStatus>(
        `update frames set state = e.new_state, next_attempt_at = e.next_at, outcomes = e.outcome_counts,
                           detection_ids = e.ids::uuid[], error_code = e.code, error_message = e.message,
                           attempts = attempts - e.taken_back
           from unnest(${placeholders(['uuid', 'text', 'timestamptz', 'jsonb', 'text', 'text', 'text', 'int'])})
                as e (id, new_state, next_at, outcome_counts, ids, code, message, taken_back)
          where frame_id = e.id returning ${STATUS}`,
        columnsOf(ends.map(endValues), 8),
      );
      return rows;
    },
    async find(frameId) {
      const { rows } = await pool.query<FrameStatus>(`select ${STATUS} from frames where frame_id = $1`, [frameId]);
      return rows[0] ?? null;
    },
    async dead(before, limit) {
      const { rows } = await pool.query<FrameStatus>(
        `select ${STATUS} from frames where state = 'dead' and ($1::timestamptz is null or received_at < $1)
          order by received_at desc limit $2`,
        [before, limit],
      );
      return rows;
    },
    async counts() {
      // One of the partial indexes each: the settled millions are never looked at.
      const { rows } = await pool.query<{ queued: number; running: number; dead: number }>(
        `select (select count(*) from frames where state = 'queued' and reads is null)
              + (select count(*) from frames where state = 'queued' and reads is not null) as queued,
                (select count(*) from frames where state = 'running') as running,
                (select count(*) from frames where state = 'dead') as dead`,
      );
      return rows[0] ?? { queued: 0, running: 0, dead: 0 };
    },
    async requeueRunning(takenBefore, takenAfter, but) {
      const { rowCount } = await pool.query(
        `update frames set state = 'queued', next_attempt_at = now()
          where state = 'running' and (taken_at is null or taken_at < $1 or taken_at > $2)
            and not frame_id = any($3::uuid[])`,
        [takenBefore, takenAfter, but],
      );
      return rowCount ?? 0;
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
