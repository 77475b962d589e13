/** Rows as ingest and detections write them, without a flow: for tests of what becomes of pictures. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../core/db/database.ts';

export interface Recorded {
  readonly receivedAt: Date;
  readonly frameImage: string;
  /** Absent: no plate was found, so there is no detection. */
  readonly patchImage?: string;
  readonly isHit?: boolean;
  readonly plateNumber?: string;
  readonly cameraId?: string;
  readonly state?: 'queued' | 'running' | 'settled' | 'dead';
}

/** @returns the detection, or null for a frame without plates */
export async function record(
  { pool }: Pick<Database, 'pool'>,
  { receivedAt, frameImage, patchImage, isHit = false, state = 'settled', plateNumber = '1กก1234', cameraId }: Recorded,
): Promise<string | null> {
  const frameId = randomUUID();
  await pool.query(
    `insert into frames (frame_id, camera_id, event_key, image_id, width, height, captured_at, captured_at_source,
                         received_at, state)
     values ($1::uuid, gen_random_uuid(), $1::uuid::text, $2, 64, 48, $3, 'received', $3, $4)`,
    [frameId, frameImage, receivedAt, state],
  );
  if (patchImage === undefined) return null;
  const detectionId = randomUUID();
  const readId = randomUUID();
  const read = {
    ...{ readId, frameId, engine: 'test', plateNumber, candidates: [], reasons: [], characters: [] },
    ...{ box: [1, 1, 9, 4], corners: [], quality: {}, capturedAt: receivedAt.toISOString() },
    ...{ series: null, serial: null, countryCode: 'TH', issuingEntity: null, plateType: null, confidence: 0.9 },
    frame: { imageId: frameImage, width: 64, height: 48 },
    patch: { imageId: patchImage, width: 9, height: 4 },
  };
  await pool.query('insert into detection_keys (detection_id, captured_at) values ($1, $2)', [detectionId, receivedAt]);
  await pool.query('insert into read_keys (read_id, detection_id) values ($1, $2)', [readId, detectionId]);
  await pool.query(
    'insert into reads (read_id, captured_at, detection_id, frame_id, read) values ($1, $2, $3, $4, $5)',
    [readId, receivedAt, detectionId, frameId, JSON.stringify(read)],
  );
  await pool.query(
    `insert into detections (detection_id, captured_at, captured_at_source, received_at, camera_id, status, plate_number,
                             confidence, best_read_id, read_count, best_read)
     values ($1, $2, 'received', $2, coalesce($5::uuid, gen_random_uuid()), 'confirmed', $6, 0.9, $3, 1, $4)`,
    [detectionId, receivedAt, readId, JSON.stringify(read), cameraId ?? null, plateNumber],
  );
  if (isHit) {
    await pool.query(
      `insert into hits (hit_id, detection_id, blacklist_id, entry_id, blacklist_name, category, priority, matched_by,
                         confidence)
       values (gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 'Stolen', 'stolen', 90, 'exact', 1)`,
      [detectionId],
    );
  }
  return detectionId;
}
