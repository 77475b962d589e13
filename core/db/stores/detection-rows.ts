/** How detections and reads lie in the database, and how they come out of it. */
import type { DetectionRecord, ReadRecord } from '../../detections/detection-store.ts';
import type { DetectionSummary } from '../../detections/detections.ts';
import type { HitPart } from '../../message.ts';

/** A read as it lies in a JSON column: its instant is text. */
export type StoredRead = Omit<ReadRecord, 'capturedAt'> & { readonly capturedAt: string };

export interface DetectionRow extends Omit<
  DetectionSummary,
  'frameId' | 'frame' | 'patch' | 'box' | 'corners' | 'characters'
> {
  readonly bestRead: StoredRead;
}

export const HITS = `jsonb_agg(jsonb_build_object('hitId', h.hit_id, 'blacklistId', h.blacklist_id,
      'blacklistName', h.blacklist_name, 'entryId', h.entry_id, 'category', h.category, 'priority', h.priority,
      'matchedBy', h.matched_by, 'confidence', h.confidence, 'reason', h.reason,
      'entryPlateNumber', coalesce(h.entry_plate_number, ''), 'entryIssuingEntity', h.entry_issuing_entity,
      'differences', h.differences, 'isCovert', h.is_covert, 'colour', h.colour, 'sound', h.sound,
      'listedAt', to_char(coalesce(h.listed_at, h.created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'isNew', false) order by h.priority desc)`;

/** Provisional ones settle by the clock. */
const STATUS = `case when d.status = 'provisional' and d.settles_at <= now() then 'confirmed' else d.status end`;

export const COLUMNS = `d.detection_id as "detectionId", ${STATUS} as status, d.plate_number as "plateNumber", d.series, d.serial,
  d.issuing_entity as "issuingEntity", d.country_code as "countryCode", d.plate_type as "plateType", d.confidence,
  d.captured_at as "capturedAt", coalesce(d.last_seen_at, d.captured_at) as "lastSeenAt", d.is_parked as "isParked",
  d.captured_at_source as "capturedAtSource", d.received_at as "receivedAt", d.camera_id as "cameraId",
  coalesce(c.name, '') as "cameraName", d.read_count as "readCount", d.best_read as "bestRead",
  coalesce((select ${HITS} from hits h where h.detection_id = d.detection_id and h.retracted_at is null), '[]') as hits`;

export const reviveRead = (read: StoredRead): ReadRecord => ({ ...read, capturedAt: new Date(read.capturedAt) });

export function toSummary({ bestRead, ...row }: DetectionRow): DetectionSummary {
  const { frameId, frame, patch, box, corners, characters } = bestRead;
  // The characters are those that were read; a corrected text has none of its own.
  const isAsRead = bestRead.plateNumber === row.plateNumber;
  return { ...row, frameId, frame, patch, box, corners, characters: isAsRead ? characters : [] };
}

/** What was just written, without asking for it again. */
export function summaryOf(detection: DetectionRecord, cameraName: string, hits: readonly HitPart[]): DetectionSummary {
  const { frameId, frame, patch, box, corners, characters } = detection.best;
  const isAsRead = detection.best.plateNumber === detection.plateNumber;
  return {
    detectionId: detection.detectionId,
    status: detection.status,
    plateNumber: detection.plateNumber,
    series: detection.series,
    serial: detection.serial,
    issuingEntity: detection.issuingEntity,
    countryCode: detection.countryCode,
    plateType: detection.plateType,
    confidence: detection.confidence,
    capturedAt: detection.capturedAt,
    lastSeenAt: detection.lastSeenAt,
    isParked: detection.isParked,
    capturedAtSource: detection.capturedAtSource,
    receivedAt: detection.receivedAt,
    cameraId: detection.cameraId,
    readCount: detection.readCount,
    ...{ cameraName, hits, frameId, frame, patch, box, corners, characters: isAsRead ? characters : [] },
  };
}

/** The condition of a status, as it is shown. */
export function statusCondition(status: DetectionSummary['status']): string {
  switch (status) {
    case 'provisional':
      return `d.status = 'provisional' and d.settles_at > now()`;
    case 'confirmed':
      return `(d.status = 'confirmed' or (d.status = 'provisional' and d.settles_at <= now()))`;
    default:
      return `d.status = '${status}' and d.corrected_at is not null`;
  }
}
