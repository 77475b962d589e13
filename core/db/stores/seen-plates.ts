/** What was seen lately, for trying a matching policy on it. */
import type { SeenPlate, SeenStore } from '../../blacklists/blacklist-store.ts';
import type { Database } from '../database.ts';

export function createSeenStore({ pool }: Database): SeenStore {
  return {
    async seen(from, to, after, limit) {
      const { rows } = await pool.query<SeenPlate>(
        `select d.detection_id as "detectionId", d.status, d.plate_number as "plateNumber",
                d.issuing_entity as "issuingEntity", d.country_code as "countryCode", d.plate_type as "plateType",
                d.confidence, d.captured_at as "capturedAt", coalesce(c.name, '') as "cameraName",
                coalesce(d.best_read->'characters', '[]') as characters,
                coalesce(d.best_read->'candidates', '[]') as candidates
           from (select * from detections
                  where captured_at >= $1 and captured_at < $2 and plate_number <> '' and status <> 'rejected'
                    and ($3::timestamptz is null or (captured_at, detection_id) > ($3, $4::uuid))
                  order by captured_at, detection_id limit $5) d
           left join cameras c on c.camera_id = d.camera_id order by d.captured_at, d.detection_id`,
        [from, to, after?.capturedAt ?? null, after?.detectionId ?? null, limit],
      );
      return rows;
    },
    async oldestSeen(since) {
      const { rows } = await pool.query<{ at: Date }>(
        'select captured_at as at from detections where captured_at >= $1 order by captured_at limit 1',
        [since],
      );
      return rows[0]?.at ?? null;
    },
    async samplePlates(blacklistId, limit) {
      // Ten places of the list, one after the other: spread, and without reading all of it.
      const { rows } = await pool.query<{ plate: string }>(
        `with ends as (select min(entry_no) as low, max(entry_no) as high from blacklist_entries where blacklist_id = $1)
         select distinct s.plate from ends, generate_series(0, 9) i,
           lateral (select plate_number as plate from blacklist_entries e
                     where e.blacklist_id = $1 and e.entry_no >= low + (high - low) * i / 10
                       and e.plate_number !~ '[*?]'
                     order by e.entry_no limit greatest(1, $2 / 10)) s limit $2`,
        [blacklistId, limit],
      );
      return rows.map((row) => row.plate);
    },
  };
}
