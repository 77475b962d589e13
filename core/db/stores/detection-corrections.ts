/** Corrections, and what they change at once: neighbours that are the same vehicle, and the way back. */
import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { DetectionStore, DetectionText, Neighbours } from '../../detections/detection-store.ts';
import { noteChanges } from './detection-changes.ts';
import { recountPlates, type PlateIdentity } from './plate-counts.ts';

interface CorrectedRow extends PlateIdentity {
  readonly capturedAt: Date;
  readonly lastSeenAt: Date;
  readonly cameraId: string;
}

const IDENTITY = `d.plate_number as "plateNumber", d.issuing_entity as "issuingEntity", d.country_code as "countryCode"`;

/** Nothing passes a camera for longer than this without being parked. */
const LONGEST_PASS = `interval '1 minute'`;

async function neighboursOf(
  client: PoolClient,
  detectionId: string,
  { cameraId, capturedAt, lastSeenAt }: CorrectedRow,
  { withinMs, isSame }: Neighbours,
): Promise<readonly (PlateIdentity & { readonly detectionId: string })[]> {
  const { rows } = await client.query<PlateIdentity & { detectionId: string }>(
    `select d.detection_id as "detectionId", ${IDENTITY} from detections d
      where d.camera_id = $2 and d.detection_id <> $1 and d.status <> 'rejected'
        and d.captured_at between $3::timestamptz - ${LONGEST_PASS} - make_interval(secs => $5)
                              and $4::timestamptz + make_interval(secs => $5)
        and coalesce(d.last_seen_at, d.captured_at) >= $3::timestamptz - make_interval(secs => $5)
        -- two plates in one picture are two vehicles
        and not exists (select from reads a join reads b using (frame_id) where a.detection_id = $1 and b.detection_id = d.detection_id)
      order by d.detection_id for update of d`,
    [detectionId, cameraId, capturedAt, lastSeenAt, withinMs / 1000],
  );
  return rows.filter(isSame);
}

/** First and last seen, and how many reads, as the reads are. */
async function recountReads(
  client: PoolClient,
  detectionId: string,
  folded: number,
  mark: string | null,
): Promise<void> {
  const { rows } = await client.query<{ first: Date; last: Date; n: number }>(
    'select min(captured_at) as first, max(captured_at) as last, count(*) as n from reads where detection_id = $1',
    [detectionId],
  );
  const [seen] = rows;
  if (seen === undefined || seen.n === 0) return;
  await client.query(
    `update detections d set captured_at = $2, last_seen_at = nullif($3::timestamptz, $2::timestamptz), read_count = $4,
            is_parked = d.is_parked and $3::timestamptz - $2::timestamptz >= interval '1 minute',
            merged_by = case when $5::text is null then array_remove(d.merged_by, 'merged')
                             else array_append(array_remove(d.merged_by, $5), $5) end
       from detection_keys k
      where k.detection_id = $1 and d.detection_id = $1 and d.captured_at = k.captured_at`,
    [detectionId, seen.first, seen.last, seen.n + folded, mark],
  );
  await client.query('update detection_keys set captured_at = $2 where detection_id = $1', [detectionId, seen.first]);
}

async function foldedOf(client: PoolClient, detectionId: string): Promise<number> {
  const { rows } = await client.query<{ folded: number }>(
    `select d.read_count - (select count(*) from reads r where r.detection_id = d.detection_id) as folded
       from detection_keys k join detections d using (captured_at, detection_id) where k.detection_id = $1`,
    [detectionId],
  );
  return Math.max(0, rows[0]?.folded ?? 0);
}

async function moveAlerts(client: PoolClient, detectionId: string, hitIds: readonly string[]): Promise<void> {
  for (const table of ['alerts', 'alert_subjects']) {
    await client.query(`update ${table} set detection_id = $1 where hit_id = any($2::uuid[])`, [detectionId, hitIds]);
  }
}

/** Everything of the one that goes becomes the other's; what is needed to undo it is kept. */
async function mergeInto(
  client: PoolClient,
  keptId: string,
  goneId: string,
  by: { readonly correctionId: string; readonly userId: string },
): Promise<void> {
  const { rows: reads } = await client.query<{ read_id: string }>(
    'update read_keys set detection_id = $1 where detection_id = $2 returning read_id',
    [keptId, goneId],
  );
  await client.query('update reads set detection_id = $1 where detection_id = $2', [keptId, goneId]);
  // An entry that both met stays a hit of the kept one; the other's stays behind and is shown nowhere.
  const { rows: hits } = await client.query<{ hit_id: string }>(
    `update hits h set detection_id = $1 where h.detection_id = $2
        and not exists (select from hits k where k.detection_id = $1 and k.entry_id = h.entry_id) returning h.hit_id`,
    [keptId, goneId],
  );
  // Whoever was told of those hears of it, once this is committed.
  await client.query(
    `update alerts set retracted_at = now(), is_retraction_told = false
      where retracted_at is null and hit_id in (select hit_id from hits where detection_id = $1)`,
    [goneId],
  );
  const moved = hits.map((row) => row.hit_id);
  await moveAlerts(client, keptId, moved);
  await client.query(
    `insert into detection_merges (merge_id, kept_id, gone_id, gone, read_ids, hit_ids, correction_id, merged_by)
     select $1, $2, d.detection_id, to_jsonb(d), $4, $5, $6, $7
       from detection_keys k join detections d using (captured_at, detection_id) where k.detection_id = $3`,
    [randomUUID(), keptId, goneId, reads.map((row) => row.read_id), moved, by.correctionId, by.userId],
  );
  await client.query(
    `delete from detections d using detection_keys k
      where k.detection_id = $1 and d.detection_id = k.detection_id and d.captured_at = k.captured_at`,
    [goneId],
  );
  await client.query('update detection_keys set merged_into = $1 where detection_id = $2 or merged_into = $2', [
    keptId,
    goneId,
  ]);
}

export async function correctDetection(
  client: PoolClient,
  detectionId: string,
  { correctionId, kind, note, after, userId }: Parameters<DetectionStore['correct']>[1],
  text: DetectionText,
  neighbours: Neighbours,
): Promise<readonly string[] | null> {
  const { rows } = await client.query<CorrectedRow>(
    `select ${IDENTITY}, d.captured_at as "capturedAt", coalesce(d.last_seen_at, d.captured_at) as "lastSeenAt",
            d.camera_id as "cameraId"
       from detection_keys k join detections d using (captured_at, detection_id)
      where k.detection_id = $1 for update of d`,
    [detectionId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { plateNumber: was, issuingEntity: wasOf, countryCode: wasIn } = row;
  const before = { plateNumber: was, issuingEntity: wasOf, countryCode: wasIn };
  await client.query(
    `insert into corrections (correction_id, detection_id, kind, before, after, note, corrected_by)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [correctionId, detectionId, kind, JSON.stringify(before), JSON.stringify(after), note, userId],
  );
  const { plateNumber, series, serial, issuingEntity, countryCode, plateType, confidence } = text;
  const status = kind === 'text' ? 'corrected' : 'rejected';
  await client.query(
    `update detections set status = $3, plate_number = $4, series = $5, serial = $6, issuing_entity = $7,
                           country_code = $8, plate_type = $9, confidence = $10, corrected_at = now()
      where captured_at = $1 and detection_id = $2`,
    [
      ...[row.capturedAt, detectionId, status, plateNumber, series, serial, issuingEntity, countryCode, plateType],
      confidence,
    ],
  );
  const same = await neighboursOf(client, detectionId, row, neighbours);
  if (same.length > 0) {
    let folded = await foldedOf(client, detectionId);
    for (const one of same) {
      folded += await foldedOf(client, one.detectionId);
      await mergeInto(client, detectionId, one.detectionId, { correctionId, userId });
    }
    await recountReads(client, detectionId, folded, 'merged');
  }
  await recountPlates(client, [before, { plateNumber, issuingEntity, countryCode }, ...same]);
  await noteChanges(client, [detectionId], 'correction');
  return same.map((one) => one.detectionId);
}

export async function splitDetection(
  client: PoolClient,
  mergeId: string,
  userId: string,
): Promise<readonly string[] | null> {
  const { rows } = await client.query<{
    keptId: string;
    goneId: string;
    at: string;
    readIds: readonly string[];
    hitIds: readonly string[];
    gone: { readonly read_count: number };
  }>(
    `select m.kept_id as "keptId", m.gone_id as "goneId", m.gone->>'captured_at' as at, m.read_ids as "readIds",
            m.hit_ids as "hitIds", m.gone
       from detection_merges m
       join detection_keys k on k.detection_id = m.gone_id and k.merged_into = m.kept_id
      where m.merge_id = $1 for update of k`,
    [mergeId],
  );
  const [merge] = rows;
  if (merge === undefined) return null;
  const { keptId, goneId, at, readIds, hitIds, gone } = merge;
  await client.query('insert into detection_splits (merge_id, split_by) values ($1, $2)', [mergeId, userId]);
  const folded = await foldedOf(client, keptId);
  await client.query('update read_keys set detection_id = $1 where read_id = any($2::text[])', [goneId, readIds]);
  const { rowCount } = await client.query(
    'update reads set detection_id = $1 where detection_id = $2 and read_id = any($3::text[])',
    [goneId, keptId, readIds],
  );
  await client.query(
    'insert into detections select (jsonb_populate_record(null::detections, gone)).* from detection_merges where merge_id = $1',
    [mergeId],
  );
  await client.query(
    'update detection_keys set merged_into = null, captured_at = $2::timestamptz where detection_id = $1',
    [goneId, at],
  );
  await client.query('update hits set detection_id = $1 where hit_id = any($2::uuid[])', [goneId, hitIds]);
  await moveAlerts(client, goneId, hitIds);
  await recountReads(client, keptId, Math.max(0, folded - (gone.read_count - (rowCount ?? 0))), null);
  const { rows: identities } = await client.query<PlateIdentity>(
    `select ${IDENTITY} from detection_keys k join detections d using (captured_at, detection_id)
      where k.detection_id = any($1::uuid[])`,
    [[keptId, goneId]],
  );
  await recountPlates(client, identities);
  // Its hits were matched when it came; what it says is matched again.
  await noteChanges(client, [keptId, goneId], 'correction');
  return [keptId, goneId];
}
