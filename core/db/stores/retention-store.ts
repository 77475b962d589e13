import type { PoolClient } from 'pg';
import type { DetectionHold, ImageRemoval, ImageUse, KeptAs, RetentionFigures } from '../../images/retention.ts';
import type { Gone, Place, RetentionStore, UsedImage } from '../../images/retention-store.ts';
import type { Database } from '../database.ts';

/** Everything that shows the pictures `$1`. A frame whose plates were recorded counts as the detections that show it. */
const USES = `
  with found as (
    select f.image_id, f.frame_id, f.received_at, f.state from frames f where f.image_id = any($1::text[])),
  shown as (
    select f.image_id, 'frame' as part, r.detection_id from found f join reads r on r.frame_id = f.frame_id
    union
    select r.read->'patch'->>'imageId', 'patch', r.detection_id from reads r
     where r.read->'patch'->>'imageId' = any($1::text[]))
  select s.image_id as "imageId", s.part,
         case when h.kind = 'hold' then 'hold'
              when exists (select from hits where hits.detection_id = s.detection_id) then 'hit'
              else 'unmatched' end as "as",
         d.received_at as at
    from shown s
    join detection_keys k using (detection_id)
    join detections d on (d.captured_at, d.detection_id) = (k.captured_at, k.detection_id)
    left join lateral (
      select kind from detection_holds where detection_id = s.detection_id order by hold_id desc limit 1) h on true
  union all
  select f.image_id, 'frame', case when f.state in ('queued', 'running', 'dead') then 'waiting' else 'unused' end, f.received_at
    from found f
   where f.state in ('queued', 'running', 'dead')
      or not exists (select from shown s where s.image_id = f.image_id and s.part = 'frame')`;

/** Asked in the words of the inbox's own indexes: there may be millions of frames and none that waits. */
const WAITING = ["state = 'queued' and reads is null", "state = 'queued' and reads is not null", "state = 'running'"]
  .map((condition) => `select received_at from frames where ${condition}`)
  .join(' union all ');

const HOLDS = `select h.kind, h.reason, u.name as by, h.at from detection_holds h join users u using (user_id)
                where h.detection_id = $1 order by h.hold_id desc`;

export function createRetentionStore(database: Database): RetentionStore {
  const { pool } = database;

  const usedImages = async (client: PoolClient, ids: readonly string[]): Promise<(UsedImage & Gone)[]> => {
    // In order of id, as everybody who locks several: nobody waits in a ring.
    const locked = await client.query<Gone & { purpose: ImageUse['part']; touchedAt: Date }>(
      `select image_id as "imageId", media_type as "mediaType", bytes, purpose,
              coalesce(touched_at, created_at) as "touchedAt"
         from images where image_id = any($1::text[]) order by image_id for update`,
      [ids],
    );
    const { rows } = await client.query<ImageUse>(USES, [locked.rows.map((row) => row.imageId)]);
    // A picture that nothing shows may be on its way: with an entry of the inbox that waits since before it came.
    const waiting = await client.query<{ since: Date | null }>(
      `select min(received_at) - interval '1 hour' as since from (${WAITING}) waiting`,
    );
    const since = waiting.rows[0]?.since ?? null;
    return locked.rows.map(({ purpose, ...image }) => {
      const uses = rows.filter((use) => use.imageId === image.imageId);
      const as = since !== null && image.touchedAt >= since ? ('waiting' as const) : ('unused' as const);
      const alone = { imageId: image.imageId, part: purpose, as, at: image.touchedAt };
      return { ...image, uses: uses.length > 0 ? uses : [alone] };
    });
  };

  return {
    async policy() {
      const { rows } = await pool.query<Record<string, number | null>>('select * from retention_policy');
      const [row = {}] = rows;
      const of = (key: string): number | null => row[key] ?? null;
      return {
        unused: of('unused'),
        unmatched: { frames: of('unmatched_frames'), patches: of('unmatched_patches') },
        hit: { frames: of('hit_frames'), patches: of('hit_patches') },
        floor: { percent: of('floor_percent') ?? 0, gigabytes: of('floor_gigabytes') ?? 0 },
      };
    },
    async setPolicy({ unused, unmatched, hit, floor }, userId) {
      await pool.query(
        `update retention_policy set unused = $1, unmatched_frames = $2, unmatched_patches = $3, hit_frames = $4,
                hit_patches = $5, floor_percent = $6, floor_gigabytes = $7, changed_at = now(), changed_by = $8`,
        [
          ...[unused, unmatched.frames, unmatched.patches, hit.frames, hit.patches],
          ...[floor.percent, floor.gigabytes, userId],
        ],
      );
    },
    async unsorted(before, after, limit) {
      const { rows } = await pool.query<Place>(
        `select image_id as "imageId", created_at::text as at from images
          where kept_as is null and created_at < $1
            and ($2::timestamptz is null or (created_at, image_id) > ($2, $3::text))
          order by created_at, image_id limit $4`,
        [before, after?.at ?? null, after?.imageId ?? '', limit],
      );
      return rows;
    },
    async candidates(keptAs, { frame, patch }, after, limit) {
      const of = (purpose: string, cutoff: string): string =>
        `(select image_id, kept_from from images
           where kept_as = $1 and purpose = '${purpose}' and kept_from < ${cutoff}
             and ($4::timestamptz is null or (kept_from, image_id) > ($4, $5::text))
           order by kept_from, image_id limit $6)`;
      const { rows } = await pool.query<Place>(
        `select image_id as "imageId", kept_from::text as at
           from (${of('frame', '$2')} union all ${of('patch', '$3')}) both_purposes
          order by kept_from, image_id limit $6`,
        [keptAs, frame, patch, after?.at ?? null, after?.imageId ?? '', limit],
      );
      return rows;
    },
    settle: (imageIds, judge) =>
      database.transaction(async (client) => {
        const images = await usedImages(client, imageIds);
        const judged = images.map((image) => ({ image, verdict: judge(image) }));
        const going = judged.flatMap(({ image, verdict }) =>
          verdict === null || verdict.remove === null ? [] : [{ image, ...verdict }],
        );
        const marks = judged.flatMap(({ image, verdict }) =>
          verdict?.remove === null ? [{ imageId: image.imageId, ...verdict }] : [],
        );
        if (marks.length > 0) {
          await client.query(
            `update images i set kept_as = m.kept_as, kept_from = m.kept_from
               from unnest($1::text[], $2::text[], $3::timestamptz[]) as m (image_id, kept_as, kept_from)
              where i.image_id = m.image_id and (i.kept_as, i.kept_from) is distinct from (m.kept_as, m.kept_from)`,
            [marks.map((m) => m.imageId), marks.map((m) => m.keptAs), marks.map((m) => m.keptFrom)],
          );
        }
        if (going.length > 0) {
          await client.query(
            `with gone as (
               delete from images i using unnest($1::text[], $2::text[], $3::text[]) as g (image_id, kept_as, reason)
                where i.image_id = g.image_id
               returning i.image_id, i.media_type, i.purpose, i.bytes, i.created_at, g.kept_as, g.reason),
             left_over as (
               insert into image_leftovers (image_id, media_type) select image_id, media_type from gone
               on conflict do nothing)
             insert into image_removals (image_id, purpose, kept_as, reason, bytes, stored_at)
             select image_id, purpose, kept_as, reason, bytes, created_at from gone order by created_at`,
            [going.map((g) => g.image.imageId), going.map((g) => g.keptAs), going.map((g) => g.remove)],
          );
        }
        return going.map(({ image: { imageId, mediaType, bytes } }) => ({ imageId, mediaType, bytes }));
      }),
    async leftovers(limit) {
      const { rows } = await pool.query<Omit<Gone, 'bytes'>>(
        'select image_id as "imageId", media_type as "mediaType" from image_leftovers order by image_id limit $1',
        [limit],
      );
      return rows;
    },
    async clearLeftovers(imageIds) {
      await pool.query('delete from image_leftovers where image_id = any($1::text[])', [imageIds]);
    },
    async figures(cutoffs) {
      const { rows } = await pool.query<{
        keptAs: KeptAs | null;
        purpose: RetentionFigures['purpose'];
        pictures: number;
        bytes: number;
        going: number;
        goingBytes: number;
        oldest: Date | null;
        newest: Date | null;
      }>(
        `with judged as (
           select i.kept_as, i.purpose, i.bytes, i.kept_from, coalesce(i.kept_from < c.before, false) as goes
             from images i
             left join unnest($1::text[], $2::text[], $3::timestamptz[]) as c (kept_as, purpose, before)
               on (c.kept_as, c.purpose) = (i.kept_as, i.purpose))
         select kept_as as "keptAs", purpose, count(*) as pictures, sum(bytes)::bigint as bytes,
                count(*) filter (where goes) as going, coalesce(sum(bytes) filter (where goes), 0)::bigint as "goingBytes",
                min(kept_from) filter (where goes) as oldest, max(kept_from) filter (where goes) as newest
           from judged group by kept_as, purpose
          order by array_position(array['unused', 'unmatched', 'hit', 'hold'], kept_as) nulls first, purpose`,
        [cutoffs.map((c) => c.keptAs), cutoffs.map((c) => c.purpose), cutoffs.map((c) => c.before)],
      );
      return rows.map(({ going, goingBytes, oldest, newest, ...row }) => ({
        ...row,
        going: { pictures: going, bytes: goingBytes, oldest, newest },
      }));
    },
    async removals(limit, before) {
      const { rows } = await pool.query<ImageRemoval>(
        `select removal_id::text as "removalId", image_id as "imageId", purpose, kept_as as "keptAs", reason, bytes,
                stored_at as "storedAt", removed_at as "removedAt"
           from image_removals where $2::bigint is null or removal_id < $2 order by removal_id desc limit $1`,
        [limit, before],
      );
      return rows;
    },
    async holds(detectionId) {
      const known = await pool.query('select from detection_keys where detection_id = $1', [detectionId]);
      if (known.rowCount === 0) return null;
      return (await pool.query<DetectionHold>(HOLDS, [detectionId])).rows;
    },
    hold: (detectionId, kind, reason, userId) =>
      database.transaction(async (client) => {
        // One at a time for a detection; and a sweep that holds these pictures is waited for.
        await client.query('select from detection_keys where detection_id = $1 for update', [detectionId]);
        const pictures = await client.query<{ image_id: string }>(
          `select image_id from images where image_id in (
             select f.image_id from reads r join frames f using (frame_id) where r.detection_id = $1
             union select r.read->'patch'->>'imageId' from reads r where r.detection_id = $1)
            order by image_id for update`,
          [detectionId],
        );
        const { rows } = await client.query<DetectionHold>(`${HOLDS} limit 1`, [detectionId]);
        if ((rows[0]?.kind ?? 'release') === kind) return false;
        await client.query(
          'insert into detection_holds (detection_id, kind, reason, user_id) values ($1, $2, $3, $4)',
          [...[detectionId, kind, reason, userId]],
        );
        // Looked at again by the next sweep.
        await client.query('update images set kept_as = null, kept_from = null where image_id = any($1::text[])', [
          pictures.rows.map((row) => row.image_id),
        ]);
        return true;
      }),
  };
}
