import type { CameraSight } from '../../detections/camera-advice.ts';
import type { PoolClient } from 'pg';
import type {
  CorrectedRead,
  Correction,
  Detection,
  DetectionRead,
  DetectionSummary,
} from '../../detections/detections.ts';
import type { DetectionRecord, DetectionStore, ReadRecord } from '../../detections/detection-store.ts';
import type { Database } from '../database.ts';
import { columnsOf, placeholders } from '../unnest.ts';

/** A read as it lies in a JSON column: its instant is text. */
type StoredRead = Omit<ReadRecord, 'capturedAt'> & { readonly capturedAt: string };

interface DetectionRow extends Omit<
  DetectionSummary,
  'frameId' | 'frame' | 'patch' | 'box' | 'corners' | 'characters'
> {
  readonly bestRead: StoredRead;
}

const COLUMNS = `d.detection_id as "detectionId", d.status, d.plate_number as "plateNumber", d.series, d.serial,
  d.issuing_entity as "issuingEntity", d.country_code as "countryCode", d.plate_type as "plateType", d.confidence,
  d.captured_at as "capturedAt", d.captured_at_source as "capturedAtSource", d.received_at as "receivedAt",
  d.camera_id as "cameraId", coalesce(c.name, '') as "cameraName", d.read_count as "readCount", d.best_read as "bestRead",
  coalesce((select jsonb_agg(jsonb_build_object('hitId', h.hit_id, 'blacklistId', h.blacklist_id,
      'blacklistName', h.blacklist_name, 'entryId', h.entry_id, 'category', h.category, 'priority', h.priority,
      'matchedBy', h.matched_by, 'confidence', h.confidence, 'reason', h.reason) order by h.priority desc)
    from hits h where h.detection_id = d.detection_id), '[]') as hits`;

const reviveRead = (read: StoredRead): ReadRecord => ({ ...read, capturedAt: new Date(read.capturedAt) });

function toSummary({ bestRead, ...row }: DetectionRow): DetectionSummary {
  const { frameId, frame, patch, box, corners, characters } = bestRead;
  // The characters are those that were read; a corrected text has none of its own.
  const isAsRead = bestRead.plateNumber === row.plateNumber;
  return { ...row, frameId, frame, patch, box, corners, characters: isAsRead ? characters : [] };
}

const DETECTION_ARRAYS = [
  ['detection_id', 'uuid'],
  ['captured_at', 'timestamptz'],
  ['captured_at_source', 'text'],
  ['received_at', 'timestamptz'],
  ['camera_id', 'uuid'],
  ['status', 'text'],
  ['plate_number', 'text'],
  ['series', 'text'],
  ['serial', 'text'],
  ['issuing_entity', 'text'],
  ['country_code', 'text'],
  ['plate_type', 'text'],
  ['confidence', 'real'],
  ['best_read_id', 'text'],
  ['read_count', 'int'],
  ['best_read', 'jsonb'],
] as const;

const detectionValues = (d: DetectionRecord): unknown[] => [
  d.detectionId,
  d.capturedAt,
  d.capturedAtSource,
  d.receivedAt,
  d.cameraId,
  d.status,
  d.plateNumber,
  d.series,
  d.serial,
  d.issuingEntity,
  d.countryCode,
  d.plateType,
  d.confidence,
  d.best.readId,
  d.readCount,
  JSON.stringify(d.best),
];

const NAMES = DETECTION_ARRAYS.map(([name]) => name).join(', ');
const CHANGING = DETECTION_ARRAYS.map(([name]) => name)
  .filter((name) => !/^(detection_id|captured_at|captured_at_source|received_at|camera_id)$/.test(name))
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

async function writeBatch(client: PoolClient, records: Parameters<DetectionStore['write']>[0]): Promise<Set<string>> {
  // Of several states of one detection in a batch the last one stands.
  const last = [...new Map(records.map(({ detection }) => [detection.detectionId, detection])).values()];
  const keys = await client.query<{ detection_id: string }>(
    `insert into detection_keys (detection_id, captured_at) select * from unnest(${placeholders(['uuid', 'timestamptz'])})
     on conflict do nothing returning detection_id`,
    columnsOf(
      last.map((d) => [d.detectionId, d.capturedAt]),
      2,
    ),
  );
  const readKeys = await client.query<{ read_id: string }>(
    `insert into read_keys (read_id, detection_id) select * from unnest(${placeholders(['text', 'uuid'])})
     on conflict do nothing returning read_id`,
    columnsOf(
      records.map(({ read, detection }) => [read.readId, detection.detectionId]),
      2,
    ),
  );
  const newReads = new Set(readKeys.rows.map((row) => row.read_id));
  await client.query(
    `insert into reads (read_id, captured_at, detection_id, frame_id, read)
     select * from unnest(${placeholders(['text', 'timestamptz', 'uuid', 'uuid', 'jsonb'])}) on conflict do nothing`,
    columnsOf(
      records
        .filter(({ read }) => newReads.has(read.readId))
        .map(({ read, detection }) => [
          read.readId,
          read.capturedAt,
          detection.detectionId,
          read.frameId,
          JSON.stringify(read),
        ]),
      5,
    ),
  );
  await client.query(
    `insert into detections (${NAMES}) select * from unnest(${placeholders(DETECTION_ARRAYS.map(([, type]) => type))})
     on conflict (captured_at, detection_id) do update set ${CHANGING}
      where detections.status in ('provisional', 'confirmed') and detections.read_count <= excluded.read_count`,
    columnsOf(last.map(detectionValues), DETECTION_ARRAYS.length),
  );
  const fresh = new Set(keys.rows.map((row) => row.detection_id));
  const seen = last.filter((d) => d.plateNumber !== '' && fresh.has(d.detectionId));
  await client.query(
    `with seen as (
       select plate_number, issuing_entity, country_code, max(plate_type) as plate_type, min(at) as first_at,
              max(at) as last_at, count(*) as n, gen_random_uuid() as vehicle_id
         from unnest(${placeholders(['text', 'text', 'text', 'text', 'timestamptz'])})
              as s (plate_number, issuing_entity, country_code, plate_type, at)
        group by 1, 2, 3),
     unknown as (
       insert into vehicles (vehicle_id)
       select vehicle_id from seen s where not exists (
         select from plates p where (p.plate_number, p.issuing_entity, p.country_code)
                                  = (s.plate_number, s.issuing_entity, s.country_code))
       returning vehicle_id)
     insert into plates (plate_number, issuing_entity, country_code, plate_type, vehicle_id, first_seen_at, last_seen_at, detection_count)
     select s.plate_number, s.issuing_entity, s.country_code, s.plate_type,
            coalesce(p.vehicle_id, s.vehicle_id), s.first_at, s.last_at, s.n
       from seen s left join plates p using (plate_number, issuing_entity, country_code)
       left join unknown u on u.vehicle_id = s.vehicle_id
      order by s.plate_number, s.issuing_entity, s.country_code
     on conflict (plate_number, issuing_entity, country_code) do update
       set first_seen_at = least(plates.first_seen_at, excluded.first_seen_at),
           last_seen_at = greatest(plates.last_seen_at, excluded.last_seen_at),
           detection_count = plates.detection_count + excluded.detection_count,
           plate_type = coalesce(excluded.plate_type, plates.plate_type)`,
    columnsOf(
      seen.map((d) => [d.plateNumber, d.issuingEntity ?? '', d.countryCode ?? '', d.plateType, d.capturedAt]),
      5,
    ),
  );
  return fresh;
}

/** Pairs that a match must have, when nothing in the pattern is long enough for the trigram index. */
function pairsOf(pattern: string | null): readonly string[] | null {
  const runs = (pattern ?? '').split(/[%_]/).map((run) => Array.from(run));
  if (runs.some((run) => run.length > 2)) return null;
  const pairs = runs.filter((run) => run.length === 2).map((run) => run.join(''));
  return pairs.length === 0 ? null : pairs;
}

export function createDetectionStore(database: Database): DetectionStore {
  const { pool } = database;

  const summaries = async (ids: readonly string[]): Promise<Map<string, DetectionSummary>> => {
    const { rows } = await pool.query<DetectionRow>(
      `select ${COLUMNS} from detection_keys k join detections d using (captured_at, detection_id)
         left join cameras c on c.camera_id = d.camera_id where k.detection_id = any($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map((row) => [row.detectionId, toSummary(row)]));
  };

  const readsOf = async (ids: readonly string[]): Promise<{ detectionId: string; read: ReadRecord }[]> => {
    const { rows } = await pool.query<{ detectionId: string; read: StoredRead }>(
      `select r.detection_id as "detectionId", r.read from reads r where r.detection_id = any($1::uuid[])
        order by r.captured_at, r.read_id`,
      [ids],
    );
    return rows.map(({ detectionId, read }) => ({ detectionId, read: reviveRead(read) }));
  };

  const correctionsOf = async (detectionId: string): Promise<readonly Correction[]> => {
    const { rows } = await pool.query<Correction>(
      `select k.correction_id as "correctionId", k.kind, k.before, k.after, k.note, u.name as "correctedBy",
              k.corrected_at as "correctedAt"
         from corrections k join users u on u.user_id = k.corrected_by
        where k.detection_id = $1 order by k.corrected_at`,
      [detectionId],
    );
    return rows;
  };

  const get = async (detectionId: string): Promise<Detection | null> => {
    const summary = (await summaries([detectionId])).get(detectionId);
    if (summary === undefined) return null;
    const [reads, corrections] = await Promise.all([readsOf([detectionId]), correctionsOf(detectionId)]);
    const { rows } = await pool.query<{ best: string }>(
      `select d.best_read_id as best from detection_keys k join detections d using (captured_at, detection_id)
        where k.detection_id = $1`,
      [detectionId],
    );
    const shown: DetectionRead[] = reads.map(({ read }) => ({ ...read, isBest: read.readId === rows[0]?.best }));
    const best = shown.find((read) => read.isBest) ?? shown[0];
    if (best === undefined) return null;
    return {
      ...summary,
      province: best.issuingEntity === null ? null : { confidence: best.provinceConfidence },
      candidates: best.candidates,
      reasons: best.reasons,
      quality: best.quality,
      reads: shown,
      corrections,
    };
  };

  return {
    async write(records) {
      const fresh = await database.transaction((client) => writeBatch(client, records));
      const all = await summaries(records.map(({ detection }) => detection.detectionId));
      return records.flatMap(({ detection: { detectionId } }) => {
        const summary = all.get(detectionId);
        // Only the first of a batch is news; the rest are updates of it.
        return summary === undefined ? [] : [{ summary, isNew: fresh.delete(detectionId) }];
      });
    },
    async between(cameraId, from, to) {
      const { rows } = await pool.query<{
        detection_id: string;
        received_at: Date;
        source: DetectionRecord['capturedAtSource'];
      }>(
        `select detection_id, received_at, captured_at_source as source from detections
          where camera_id = $1 and captured_at between $2 and $3 order by captured_at`,
        [cameraId, new Date(from.getTime() - 60_000), to],
      );
      const ids = rows.map((row) => row.detection_id);
      const [known, reads] = await Promise.all([summaries(ids), readsOf(ids)]);
      return rows.flatMap(({ detection_id: detectionId, received_at: receivedAt, source: capturedAtSource }) => {
        const summary = known.get(detectionId);
        const own = reads.filter((one) => one.detectionId === detectionId).map(({ read }) => read);
        const [first] = own;
        if (summary === undefined || first === undefined) return [];
        return [{ detection: { ...summary, receivedAt, capturedAtSource, best: first }, reads: own }];
      });
    },
    async detectionOfRead(readId) {
      const { rows } = await pool.query<{ detection_id: string }>(
        'select detection_id from read_keys where read_id = $1',
        [readId],
      );
      return rows[0]?.detection_id ?? null;
    },
    async confirm(detectionIds) {
      const { rows } = await pool.query<{ detection_id: string }>(
        `update detections d set status = 'confirmed' from detection_keys k
          where k.detection_id = any($1::uuid[]) and d.detection_id = k.detection_id and d.captured_at = k.captured_at
            and d.status = 'provisional' returning d.detection_id`,
        [detectionIds],
      );
      return [...(await summaries(rows.map((row) => row.detection_id))).values()];
    },
    async confirmBefore(capturedAt) {
      await pool.query(`update detections set status = 'confirmed' where status = 'provisional' and captured_at < $1`, [
        capturedAt,
      ]);
    },
    get,
    async search({ pattern, issuingEntity, countryCode, cameraId, status, from, to, minConfidence, after, limit }) {
      const values: unknown[] = [];
      const conditions: string[] = [];
      const where = (condition: (place: string) => string, value: unknown): void => {
        if (value === null) return;
        values.push(value);
        conditions.push(condition(`$${values.length}`));
      };
      where((v) => `d.plate_number like ${v}`, pattern);
      where((v) => `plate_pairs(d.plate_number) @> ${v}::text[]`, pairsOf(pattern));
      where((v) => `d.issuing_entity = ${v}`, issuingEntity);
      where((v) => `d.country_code = ${v}`, countryCode);
      where((v) => `d.camera_id = ${v}`, cameraId);
      where((v) => `d.status = ${v}`, status);
      where((v) => `d.captured_at >= ${v}`, from);
      where((v) => `d.captured_at < ${v}`, to);
      where((v) => `d.confidence >= ${v}`, minConfidence);
      if (after !== null) {
        values.push(after.capturedAt, after.detectionId);
        conditions.push(`(d.captured_at, d.detection_id) < ($${values.length - 1}, $${values.length}::uuid)`);
      }
      values.push(limit);
      const { rows } = await pool.query<DetectionRow>(
        `select ${COLUMNS} from (
           select * from detections d ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
            order by d.captured_at desc, d.detection_id desc limit $${values.length}) d
           left join cameras c on c.camera_id = d.camera_id
          order by d.captured_at desc, d.detection_id desc`,
        values,
      );
      return rows.map(toSummary);
    },
    async correct(detectionId, { correctionId, kind, note, after, userId }, text) {
      await database.transaction(async (client) => {
        const { rows } = await client.query<{ before: unknown; at: Date }>(
          `select jsonb_build_object('plateNumber', d.plate_number, 'issuingEntity', d.issuing_entity,
                                     'countryCode', d.country_code) as before, d.captured_at as at
             from detection_keys k join detections d using (captured_at, detection_id)
            where k.detection_id = $1 for update of d`,
          [detectionId],
        );
        const [row] = rows;
        if (row === undefined) return;
        await client.query(
          `insert into corrections (correction_id, detection_id, kind, before, after, note, corrected_by)
           values ($1, $2, $3, $4, $5, $6, $7)`,
          [correctionId, detectionId, kind, JSON.stringify(row.before), JSON.stringify(after), note, userId],
        );
        const { plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence } = text;
        const status = kind === 'text' ? 'corrected' : 'rejected';
        await client.query(
          `update detections set status = $3, plate_number = $4, series = $5, serial = $6, issuing_entity = $7,
                                 country_code = $8, plate_type = $9, confidence = $10
            where captured_at = $1 and detection_id = $2`,
          [row.at, detectionId, status, plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence],
        );
      });
      return (await summaries([detectionId])).get(detectionId) ?? null;
    },
    async correctedReads(after, limit) {
      const { rowCount } = await pool.query('select from corrections where correction_id::text = $1', [after]);
      if (after !== null && rowCount === 0) return null;
      const { rows } = await pool.query<CorrectedRead>(
        `select k.correction_id as "correctionId", k.corrected_at as "correctedAt", d.best_read->>'engine' as engine,
                d.best_read->>'plateNumber' as read,
                case k.kind when 'text' then k.after->>'plateNumber' else '' end as text,
                case k.kind when 'text' then k.after->>'issuingEntity' end as "issuingEntity",
                case k.kind when 'text' then k.after->>'countryCode' end as "countryCode",
                d.best_read->'patch' as patch
           from corrections k
           join detection_keys using (detection_id) join detections d using (captured_at, detection_id)
          where not exists (select from corrections later
                             where later.detection_id = k.detection_id and later.corrected_at > k.corrected_at)
            and ($1::text is null or (k.corrected_at, k.correction_id)
                 > (select corrected_at, correction_id from corrections where correction_id::text = $1))
          order by k.corrected_at, k.correction_id limit $2`,
        [after, limit],
      );
      return rows;
    },
    async sightOf(cameraId, since, limit) {
      const median = (key: string, value = `(quality->>'${key}')::float`): string =>
        `percentile_cont(0.5) within group (order by ${value})`;
      const { rows } = await pool.query<CameraSight>(
        `select count(*)::int as detections, ${median('plateHeight')} as "plateHeight",
                ${median('sharpness')} as sharpness, ${median('contrast')} as contrast, ${median('glare')} as glare,
                ${median('angle', `abs((quality->>'angle')::float)`)} as angle,
                avg((confidence < 0.6)::int)::float as unsure
           from (select best_read->'quality' as quality, confidence from detections
                  where camera_id = $1 and captured_at > $2 order by captured_at desc limit $3) newest`,
        [cameraId, since, limit],
      );
      const [sight] = rows;
      return sight === undefined || sight.detections === 0 ? null : sight;
    },
    async countSince(since) {
      const { rows } = await pool.query<{ n: number }>('select count(*) as n from detections where captured_at >= $1', [
        since,
      ]);
      return rows[0]?.n ?? 0;
    },
    async prepareMonths() {
      await pool.query(`select make_month_partitions('detections', 2), make_month_partitions('reads', 2)`);
    },
  };
}
