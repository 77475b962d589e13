/** Hits: made once a detection and entry, ranked for those who decide, and what was decided. */
import type { Accuracy, BlacklistCategory, HitItem } from '../../blacklists/blacklists.ts';
import type { HitStore } from '../../blacklists/blacklist-store.ts';
import type { HitPart } from '../../message.ts';
import type { Database } from '../database.ts';
import { statusCondition } from './detection-rows.ts';

const PART = `h.hit_id as "hitId", h.blacklist_id as "blacklistId", h.blacklist_name as "blacklistName",
  h.entry_id as "entryId", h.category, h.priority, h.matched_by as "matchedBy", h.confidence, h.reason,
  coalesce(h.entry_plate_number, '') as "entryPlateNumber", h.entry_issuing_entity as "entryIssuingEntity", h.differences,
  h.is_covert as "isCovert", h.colour, h.sound, coalesce(h.listed_at, h.created_at) as "listedAt"`;

/** Who is right how often, as of a time: (right + 1) / (right + wrong + 2), so that a new list stands at a half. */
const LEARNED = `select blacklist_id, (count(*) filter (where outcome in ('correct', 'recovered')) + 1.0)
    / (count(*) filter (where outcome <> 'dismissed') + 2.0) as accuracy
  from hits where outcome is not null and decided_at <= coalesce($1::timestamptz, now()) group by blacklist_id`;

const ITEM = `${PART}, h.detection_id as "detectionId", coalesce(d.plate_number, '') as "plateNumber",
  d.issuing_entity as "issuingEntity", h.is_late as "isLate", h.created_at as "createdAt",
  coalesce(h.captured_at, h.created_at) as "capturedAt", h.camera_id as "cameraId", coalesce(c.name, '') as "cameraName",
  case when d.status = 'provisional' and d.settles_at <= now() then 'confirmed' else coalesce(d.status, 'rejected') end
    as status,
  d.best_read->'frame' as frame, d.best_read->'patch' as patch, h.value::float8 as value, h.accuracy::float8 as accuracy,
  h.retracted_at as "retractedAt", h.outcome, h.decided_at as "decidedAt", h.decision_note as "decisionNote",
  (select u.name from users u where u.user_id = h.decided_by) as "decidedBy"`;
const SIGHT = `left join detection_keys k on k.detection_id = h.detection_id
  left join detections d on d.captured_at = k.captured_at and d.detection_id = k.detection_id
  left join cameras c on c.camera_id = h.camera_id`;
/** Written out, so that the next page begins where this one ended to the last digit. */
const VALUE = `(h.priority / 100.0 * h.confidence * coalesce(l.accuracy, 0.5))::float8`;

/** To the microsecond, which a Date does not hold. */
const exactly = (time: string): string => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

type Row = Omit<HitItem, 'listedAt' | 'isNew'> & { readonly listedAt: Date };
const toItem = ({ listedAt, ...row }: Row): HitItem => ({
  ...row,
  listedAt: listedAt.toISOString(),
  isNew: false,
});

const COUNTS = `count(*) as hits, count(h.outcome) as decided,
  count(*) filter (where h.outcome in ('correct', 'recovered')) as "right",
  count(*) filter (where h.outcome in ('misread', 'wrong_list')) as wrong`;
const withShare = <T extends Omit<Accuracy, 'share'>>(counts: T): T & Accuracy => ({
  ...counts,
  share: counts.right + counts.wrong === 0 ? null : counts.right / (counts.right + counts.wrong),
});

export function createHitStore({ pool }: Database): HitStore {
  return {
    async addHits({ detectionId, plateNumber, cameraId, capturedAt, isLate }, hits) {
      const { rows } = await pool.query<{ hitId: string; entryId: string; isNew: boolean }>(
        `with asked as (
           select h.* from jsonb_to_recordset($2::jsonb) as h ("hitId" uuid, "blacklistId" uuid, "entryId" uuid,
             "blacklistName" text, category text, priority int, "matchedBy" text, confidence real, reason text,
             "entryPlateNumber" text, "entryIssuingEntity" text, differences jsonb, "isCovert" boolean, colour text,
             sound text, "listedAt" timestamptz)
            where not exists (select from detection_keys k join detections d using (captured_at, detection_id)
                               where k.detection_id = $1 and (d.plate_number <> $3 or d.status = 'rejected'))),
         made as (
           insert into hits (hit_id, detection_id, blacklist_id, entry_id, blacklist_name, category, priority, matched_by,
                             confidence, reason, entry_plate_number, entry_issuing_entity, differences, is_covert, colour,
                             sound, listed_at, camera_id, captured_at, is_late)
           select "hitId", $1, "blacklistId", "entryId", "blacklistName", category, priority, "matchedBy", confidence,
                  reason, "entryPlateNumber", "entryIssuingEntity", differences, "isCovert", colour, sound, "listedAt",
                  $4::uuid, $5::timestamptz, $6::boolean from asked
           -- What was taken back stands again as if new; what stands is as sure as the surest look at it.
           on conflict (detection_id, entry_id) do update
             set matched_by = excluded.matched_by, confidence = excluded.confidence, differences = excluded.differences,
                 retracted_at = null,
                 considered_at = case when hits.retracted_at is null then hits.considered_at end,
                 outcome = case when hits.retracted_at is null then hits.outcome end,
                 decided_at = case when hits.retracted_at is null then hits.decided_at end,
                 decided_by = case when hits.retracted_at is null then hits.decided_by end,
                 decision_note = case when hits.retracted_at is null then hits.decision_note end
             where hits.retracted_at is not null or excluded.confidence > hits.confidence
           returning hit_id, entry_id)
         select hit_id as "hitId", entry_id as "entryId",
                entry_id not in (select entry_id from hits where detection_id = $1 and retracted_at is null) as "isNew"
           from made
         union all
         select h.hit_id, h.entry_id, false from hits h join asked a on a."entryId" = h.entry_id
          where h.detection_id = $1 and h.retracted_at is null and h.entry_id not in (select entry_id from made)`,
        [detectionId, JSON.stringify(hits), plateNumber, cameraId, capturedAt, isLate],
      );
      const stored = new Map(rows.map((row) => [row.entryId, row]));
      return hits.flatMap((hit) => {
        const row = stored.get(hit.entryId);
        return row === undefined ? [] : [{ ...hit, hitId: row.hitId, isNew: row.isNew }];
      });
    },
    async hitsOfGone(detectionId) {
      const { rows } = await pool.query<{ entryId: string; plateNumber: string; issuingEntity: string | null }>(
        `select h.entry_id as "entryId", h.entry_plate_number as "plateNumber", h.entry_issuing_entity as "issuingEntity"
           from hits h where h.detection_id = $1 and h.retracted_at is null and h.entry_plate_number is not null
            and not exists (select from blacklist_entries e where e.entry_id = h.entry_id)`,
        [detectionId],
      );
      return rows;
    },
    async retractHits(detectionId, butEntries) {
      // Those that an earlier, interrupted attempt took back are given again: their alerts may still stand.
      const { rows } = await pool.query<{ hit_id: string }>(
        `update hits set retracted_at = coalesce(retracted_at, now())
          where detection_id = $1 and entry_id <> all($2::uuid[]) returning hit_id`,
        [detectionId, butEntries],
      );
      return rows.map((row) => row.hit_id);
    },
    async hits({ blacklistId, category, cameraId, from, to, state, status, order, after, limit }) {
      const values: unknown[] = [after?.asOf ?? null];
      const conditions: string[] = ['h.created_at <= coalesce($1::timestamptz, now())'];
      const where = (condition: (place: string) => string, value: unknown): void => {
        if (value === null) return;
        values.push(value);
        conditions.push(condition(`$${values.length}`));
      };
      where((v) => `h.blacklist_id = ${v}`, blacklistId);
      where((v) => `h.category = ${v}`, category);
      where((v) => `h.camera_id = ${v}`, cameraId);
      where((v) => `h.captured_at >= ${v}`, from);
      where((v) => `h.captured_at < ${v}`, to);
      if (state === 'open') conditions.push('h.outcome is null and h.retracted_at is null');
      if (state === 'decided') conditions.push('h.outcome is not null and h.retracted_at is null');
      if (state === 'retracted') conditions.push('h.retracted_at is not null');
      if (status !== null) {
        conditions.push(`exists (select from detection_keys k join detections d using (captured_at, detection_id)
          where k.detection_id = h.detection_id and ${statusCondition(status)})`);
      }
      if (after !== null) {
        values.push(after.sortedBy, after.hitId);
        const end = `($${values.length - 1}::${order === 'value' ? 'float8' : 'timestamptz'}, $${values.length}::uuid)`;
        conditions.push(`(${order === 'value' ? VALUE : 'h.created_at'}, h.hit_id) < ${end}`);
      }
      values.push(limit);
      const sorting = (value: string): string => `${order === 'value' ? value : 'h.created_at'} desc, h.hit_id desc`;
      const { rows } = await pool.query<Row & { sortedBy: string; asOf: string }>(
        `with learned as (${LEARNED})
         select ${ITEM}, ${order === 'value' ? 'h.value::text' : exactly('h.created_at')} as "sortedBy",
                ${exactly('coalesce($1::timestamptz, now())')} as "asOf"
           from (select h.*, ${VALUE} as value, coalesce(l.accuracy, 0.5) as accuracy
                   from hits h left join learned l using (blacklist_id)
                  where ${conditions.join(' and ')} order by ${sorting(VALUE)} limit $${values.length}) h
           ${SIGHT} order by ${sorting('h.value')}`,
        values,
      );
      return rows.map(({ sortedBy, asOf, ...row }) => ({
        item: toItem(row),
        end: { sortedBy, asOf, hitId: row.hitId },
      }));
    },
    async hit(hitId) {
      const { rows } = await pool.query<Row>(
        `with learned as (${LEARNED})
         select ${ITEM} from (select h.*, ${VALUE} as value, coalesce(l.accuracy, 0.5) as accuracy
                                from hits h left join learned l using (blacklist_id) where h.hit_id = $2) h ${SIGHT}`,
        [null, hitId],
      );
      const [row] = rows;
      return row === undefined ? null : toItem(row);
    },
    async openHits() {
      const { rows } = await pool.query<{ category: BlacklistCategory; count: number }>(
        'select category, count(*) as count from hits where outcome is null and retracted_at is null group by category',
      );
      return rows;
    },
    async decide(hitIds, outcome, userId, note) {
      await pool.query(
        outcome === null
          ? `update hits set outcome = null, decided_at = null, decided_by = null, decision_note = null
              where hit_id = any($1::uuid[])`
          : `update hits set outcome = $2, decided_at = now(), decided_by = $3, decision_note = $4
              where hit_id = any($1::uuid[])`,
        outcome === null ? [hitIds] : [hitIds, outcome, userId, note],
      );
    },
    async pendingOf(hitIds) {
      const { rows } = await pool.query<{ hit_id: string }>(
        'select hit_id from hits where hit_id = any($1::uuid[]) and considered_at is null and retracted_at is null',
        [hitIds],
      );
      return rows.map((row) => row.hit_id);
    },
    async considered(hitIds) {
      await pool.query(
        'update hits set considered_at = now() where hit_id = any($1::uuid[]) and considered_at is null',
        [hitIds],
      );
    },
    async pendingHits(since) {
      const { rows } = await pool.query<
        Omit<HitPart, 'listedAt' | 'isNew'> & {
          listedAt: Date;
          detectionId: string;
          cameraId: string;
          capturedAt: Date;
          isLate: boolean;
        }
      >(
        `select ${PART}, h.detection_id as "detectionId", h.camera_id as "cameraId",
                coalesce(h.captured_at, h.created_at) as "capturedAt", h.is_late as "isLate"
           from hits h where h.considered_at is null and h.retracted_at is null and h.created_at > $1
          order by h.created_at, h.priority desc limit 1000`,
        [since],
      );
      return rows.map(({ detectionId, cameraId, capturedAt, isLate, listedAt, ...hit }) => ({
        ...{ detectionId, cameraId, capturedAt, isLate },
        hit: { ...hit, listedAt: listedAt.toISOString(), isNew: false },
      }));
    },
    async accuracy(blacklistId) {
      // What was decided counts even where a correction took the hit back: a misread is one.
      const of = 'from hits h where h.blacklist_id = $1 and (h.retracted_at is null or h.outcome is not null)';
      const { rows } = await pool.query<Omit<Accuracy, 'share'>>(`select ${COUNTS} ${of}`, [blacklistId]);
      const cameras = await pool.query<Omit<Accuracy, 'share'> & { cameraId: string; cameraName: string }>(
        `select g.*, coalesce(c.name, '') as "cameraName"
           from (select h.camera_id as "cameraId", ${COUNTS} ${of} and h.camera_id is not null group by h.camera_id
                  order by hits desc, h.camera_id limit 100) g
           left join cameras c on c.camera_id = g."cameraId" order by g.hits desc, g."cameraId"`,
        [blacklistId],
      );
      return {
        all: withShare(rows[0] ?? { hits: 0, decided: 0, right: 0, wrong: 0 }),
        cameras: cameras.rows.map(withShare),
      };
    },
  };
}
