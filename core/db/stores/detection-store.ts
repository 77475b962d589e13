import type { CameraSight } from '../../detections/camera-advice.ts';
import type { DetectionRecord, DetectionStore, ReadRecord, StoredPass } from '../../detections/detection-store.ts';
import type {
  CorrectedRead,
  Correction,
  Detection,
  DetectionRead,
  DetectionSummary,
} from '../../detections/detections.ts';
import type { HitPart } from '../../message.ts';
import type { Database } from '../database.ts';
import {
  COLUMNS,
  HITS,
  reviveRead,
  statusCondition,
  summaryOf,
  toSummary,
  type DetectionRow,
  type StoredRead,
} from './detection-rows.ts';
import { correctDetection, splitDetection } from './detection-corrections.ts';
import { writeBatch } from './detection-writes.ts';

/** Pairs that a match must have, when nothing in the pattern is long enough for the trigram index. */
function pairsOf(pattern: string | null): readonly string[] | null {
  const runs = (pattern ?? '').split(/[%_]/).map((run) => Array.from(run));
  if (runs.some((run) => run.length > 2)) return null;
  const pairs = runs.filter((run) => run.length === 2).map((run) => run.join(''));
  return pairs.length === 0 ? null : pairs;
}

/** How long the name of a camera is believed. */
const NAMES_MS = 60_000;

export function createDetectionStore(database: Database): DetectionStore {
  const { pool } = database;

  const summaries = async (ids: readonly string[]): Promise<Map<string, DetectionSummary>> => {
    if (ids.length === 0) return new Map();
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

  const passesOf = async (ids: readonly string[]): Promise<readonly StoredPass[]> => {
    if (ids.length === 0) return [];
    const { rows } = await pool.query<DetectionRow & Pick<DetectionRecord, 'settlesAt' | 'reasons'>>(
      `select ${COLUMNS}, coalesce(d.settles_at, d.received_at) as "settlesAt", d.merged_by as reasons
         from detection_keys k join detections d using (captured_at, detection_id)
         left join cameras c on c.camera_id = d.camera_id
        where k.detection_id = any($1::uuid[]) order by d.captured_at, d.detection_id`,
      [ids],
    );
    const reads = Map.groupBy(await readsOf(ids), ({ detectionId }) => detectionId);
    return rows.flatMap(({ bestRead, ...row }): StoredPass[] => {
      const [first, ...others] = (reads.get(row.detectionId) ?? []).map(({ read }) => read);
      if (first === undefined) return [];
      return [{ detection: { ...row, best: reviveRead(bestRead) }, reads: [first, ...others] }];
    });
  };

  const hitsOf = async (ids: readonly string[]): Promise<ReadonlyMap<string, readonly HitPart[]>> => {
    if (ids.length === 0) return new Map();
    const { rows } = await pool.query<{ detectionId: string; hits: readonly HitPart[] }>(
      `select h.detection_id as "detectionId", ${HITS} as hits from hits h
        where h.detection_id = any($1::uuid[]) and h.retracted_at is null group by h.detection_id`,
      [ids],
    );
    return new Map(rows.map(({ detectionId, hits }) => [detectionId, hits]));
  };

  /** Names change seldom; a new one is seen within the minute. */
  let names: { readonly at: number; readonly byId: Map<string, string> } = { at: -Infinity, byId: new Map() };
  const cameraNames = async (ids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> => {
    if (performance.now() - names.at > NAMES_MS) names = { at: performance.now(), byId: new Map() };
    const { byId } = names;
    const unknown = [...ids].filter((id) => !byId.has(id));
    if (unknown.length > 0) {
      const { rows } = await pool.query<{ camera_id: string; name: string }>(
        'select camera_id, name from cameras where camera_id = any($1::uuid[])',
        [unknown],
      );
      for (const id of unknown) byId.set(id, '');
      for (const row of rows) byId.set(row.camera_id, row.name);
    }
    return byId;
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

  const mergesOf = async (detectionId: string): Promise<Detection['merges']> => {
    const { rows } = await pool.query<Detection['merges'][number]>(
      `select m.merge_id as "mergeId", m.gone_id as "detectionId", m.gone->>'plate_number' as "plateNumber",
              u.name as "mergedBy", m.merged_at as "mergedAt", s.split_at as "splitAt"
         from detection_merges m join users u on u.user_id = m.merged_by left join detection_splits s using (merge_id)
        where m.kept_id = $1 order by m.merged_at`,
      [detectionId],
    );
    return rows;
  };

  const get = async (asked: string): Promise<Detection | null> => {
    const { rows: keys } = await pool.query<{ detectionId: string }>(
      'select coalesce(merged_into, detection_id) as "detectionId" from detection_keys where detection_id = $1',
      [asked],
    );
    const [{ detectionId } = { detectionId: asked }] = keys;
    const summary = (await summaries([detectionId])).get(detectionId);
    if (summary === undefined) return null;
    const [reads, corrections, merges] = await Promise.all([
      readsOf([detectionId]),
      correctionsOf(detectionId),
      mergesOf(detectionId),
    ]);
    const { rows } = await pool.query<{ best: string; mergedBy: readonly string[] }>(
      `select d.best_read_id as best, d.merged_by as "mergedBy" from detection_keys k join detections d using (captured_at, detection_id)
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
      mergedBy: rows[0]?.mergedBy ?? [],
      quality: best.quality,
      reads: shown,
      corrections,
      merges,
    };
  };

  return {
    async write(records) {
      const { fresh, before, corrected, elsewhere } = await database.transaction((client) =>
        writeBatch(client, records),
      );
      const idOf = ({ detection, read }: (typeof records)[number]): string =>
        elsewhere.get(read.readId) ?? detection.detectionId;
      const last = new Map(records.map(({ detection }) => [detection.detectionId, detection]));
      // What is new has no hits yet; what a person corrected, or another detection has, is not what was voted here.
      const known = [...last.keys()].filter((id) => !fresh.has(id) && !corrected.has(id));
      const [hits, names, asked] = await Promise.all([
        hitsOf(known),
        cameraNames(new Set([...last.values()].map(({ cameraId }) => cameraId))),
        summaries([...corrected, ...elsewhere.values()]),
      ]);
      return records.map((record) => {
        const detectionId = idOf(record);
        const newest = last.get(detectionId) ?? record.detection;
        const summary =
          asked.get(detectionId) ?? summaryOf(newest, names.get(newest.cameraId) ?? '', hits.get(detectionId) ?? []);
        return { summary, isNew: fresh.has(detectionId), before: before.get(detectionId) ?? null };
      });
    },
    async near(cameraId, from, to, parkedSince) {
      const { rows } = await pool.query<{ detection_id: string }>(
        `select detection_id from detections
          where camera_id = $1 and captured_at between $2::timestamptz - interval '1 minute' and $3
          union
         select detection_id from detections
          where camera_id = $1 and is_parked and last_seen_at >= $4 and captured_at <= $3`,
        [cameraId, from, to, parkedSince],
      );
      return passesOf(rows.map((row) => row.detection_id));
    },
    passesOf,
    async ofReads(readIds) {
      const { rows } = await pool.query<{ read_id: string; detection_id: string }>({
        name: 'detections of reads',
        text: 'select read_id, detection_id from read_keys where read_id = any($1::text[])',
        values: [readIds],
      });
      if (rows.length === 0) return readIds.map(() => null);
      const known = new Map(rows.map((row) => [row.read_id, row.detection_id]));
      return readIds.map((readId) => known.get(readId) ?? null);
    },
    summaries: async (ids) => [...(await summaries(ids)).values()],
    get,
    async search({
      pattern,
      issuingEntity,
      countryCode,
      cameraId,
      status,
      from,
      to,
      minConfidence,
      after,
      limit,
      ...rest
    }) {
      const { plateType = null, isParked = null } = rest;
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
      if (status !== null) conditions.push(statusCondition(status));
      where((v) => `d.plate_type = ${v}`, plateType);
      where((v) => `d.is_parked = ${v}`, isParked);
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
    async lastRecorded(withinMs, limit) {
      const { rows } = await pool.query<DetectionRow>(
        `with newest as materialized (
           select captured_at, detection_id, recorded_at from detections
            where captured_at > now() - interval '1 day' order by captured_at desc limit $2)
         select ${COLUMNS} from newest n join detections d using (captured_at, detection_id)
           left join cameras c on c.camera_id = d.camera_id
          where n.recorded_at > (select max(recorded_at) from newest) - make_interval(secs => $1)
          order by d.captured_at desc`,
        [withinMs / 1000, limit],
      );
      return rows.map(toSummary);
    },
    async correct(detectionId, correction, text, neighbours) {
      const touched = await database.transaction((client) =>
        correctDetection(client, detectionId, correction, text, neighbours),
      );
      return touched === null ? null : { touched, summary: (await summaries([detectionId])).get(detectionId) ?? null };
    },
    split: (mergeId, userId) => database.transaction((client) => splitDetection(client, mergeId, userId)),
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
