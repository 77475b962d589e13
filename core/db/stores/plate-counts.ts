/** What plates know of their detections: counted as they come, and anew where they changed their text. */
import type { PoolClient } from 'pg';
import type { DetectionRecord } from '../../detections/detection-store.ts';
import { columnsOf, placeholders } from '../unnest.ts';

export interface PlateIdentity {
  readonly plateNumber: string;
  readonly issuingEntity: string | null;
  readonly countryCode: string | null;
}

/**
 * A plate that no detection shows any more goes, and its vehicle when that has no other; one that is new becomes a vehicle.
 * Rejected detections count for nothing.
 */
export async function recountPlates(client: PoolClient, changed: readonly PlateIdentity[]): Promise<void> {
  const known = new Map(
    changed
      .filter(({ plateNumber }) => plateNumber !== '')
      .map((one) => [`${one.plateNumber}|${one.issuingEntity ?? ''}|${one.countryCode ?? ''}`, one]),
  );
  if (known.size === 0) return;
  const identities = [...known.keys()].sort().flatMap((key) => known.get(key) ?? []);
  const values = columnsOf(
    identities.map(({ plateNumber, issuingEntity, countryCode }) => [
      plateNumber,
      issuingEntity ?? '',
      countryCode ?? '',
    ]),
    3,
  );
  const IDENTITIES = `unnest(${placeholders(['text', 'text', 'text'])}) as i (plate_number, issuing_entity, country_code)`;
  const gone = await client.query<{ vehicle_id: string }>(
    `delete from plates p using ${IDENTITIES}
      where (p.plate_number, p.issuing_entity, p.country_code) = (i.plate_number, i.issuing_entity, i.country_code)
        and not exists (select from detections d where d.plate_number = i.plate_number and d.status <> 'rejected'
                          and coalesce(d.issuing_entity, '') = i.issuing_entity and coalesce(d.country_code, '') = i.country_code)
     returning p.vehicle_id`,
    values,
  );
  if (gone.rows.length > 0) {
    await client.query(
      `delete from vehicles v where v.vehicle_id = any($1::uuid[])
          and not exists (select from plates p where p.vehicle_id = v.vehicle_id)`,
      [gone.rows.map((row) => row.vehicle_id)],
    );
  }
  await client.query(
    `with seen as (
       select i.plate_number, i.issuing_entity, i.country_code, max(d.plate_type) as plate_type, min(d.captured_at) as first_at,
              max(coalesce(d.last_seen_at, d.captured_at)) as last_at, count(*) as n
         from ${IDENTITIES}
         join detections d on d.plate_number = i.plate_number and d.status <> 'rejected'
          and coalesce(d.issuing_entity, '') = i.issuing_entity and coalesce(d.country_code, '') = i.country_code
        group by 1, 2, 3),
     counted as (
       insert into plates (plate_number, issuing_entity, country_code, plate_type, vehicle_id, first_seen_at, last_seen_at,
                           detection_count)
       select plate_number, issuing_entity, country_code, plate_type, gen_random_uuid(), first_at, last_at, n from seen
        order by plate_number, issuing_entity, country_code
       on conflict (plate_number, issuing_entity, country_code) do update
         set first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at,
             detection_count = excluded.detection_count, plate_type = excluded.plate_type
       returning vehicle_id, xmax = 0 as is_new)
     insert into vehicles (vehicle_id) select vehicle_id from counted where is_new`,
    values,
  );
}

/** First sightings; a plate that is new is a vehicle that is new. */
export async function countPlates(client: PoolClient, seen: readonly DetectionRecord[]): Promise<void> {
  if (seen.length === 0) return;
  await client.query(
    `with seen as (
       select plate_number, issuing_entity, country_code, max(plate_type) as plate_type, min(at) as first_at,
              max(last_at) as last_at, count(*) as n
         from unnest(${placeholders(['text', 'text', 'text', 'text', 'timestamptz', 'timestamptz'])})
              as s (plate_number, issuing_entity, country_code, plate_type, at, last_at)
        group by 1, 2, 3),
     counted as (
       insert into plates (plate_number, issuing_entity, country_code, plate_type, vehicle_id, first_seen_at, last_seen_at,
                           detection_count)
       select plate_number, issuing_entity, country_code, plate_type, gen_random_uuid(), first_at, last_at, n from seen
        order by plate_number, issuing_entity, country_code
       on conflict (plate_number, issuing_entity, country_code) do update
         set first_seen_at = least(plates.first_seen_at, excluded.first_seen_at),
             last_seen_at = greatest(plates.last_seen_at, excluded.last_seen_at),
             detection_count = plates.detection_count + excluded.detection_count,
             plate_type = coalesce(excluded.plate_type, plates.plate_type)
       returning vehicle_id, xmax = 0 as is_new)
     insert into vehicles (vehicle_id) select vehicle_id from counted where is_new`,
    columnsOf(
      seen.map((d) => [
        ...[d.plateNumber, d.issuingEntity ?? '', d.countryCode ?? '', d.plateType, d.capturedAt, d.lastSeenAt],
      ]),
      6,
    ),
  );
}

/** Of detections that began earlier than was known, or still go on. */
export async function stretchPlates(client: PoolClient, seen: readonly DetectionRecord[]): Promise<void> {
  if (seen.length === 0) return;
  await client.query(
    `with seen as (
       select plate_number, issuing_entity, country_code, min(at) as first_at, max(last_at) as last_at
         from unnest(${placeholders(['text', 'text', 'text', 'timestamptz', 'timestamptz'])})
              as s (plate_number, issuing_entity, country_code, at, last_at) group by 1, 2, 3)
     update plates p set first_seen_at = least(p.first_seen_at, s.first_at), last_seen_at = greatest(p.last_seen_at, s.last_at)
       from seen s where (p.plate_number, p.issuing_entity, p.country_code) = (s.plate_number, s.issuing_entity, s.country_code)`,
    columnsOf(
      seen.map((d) => [d.plateNumber, d.issuingEntity ?? '', d.countryCode ?? '', d.capturedAt, d.lastSeenAt]),
      5,
    ),
  );
}
