/** From a stored detection to what a connector is given, and which of them it is given at all. */
import { randomUUID } from 'node:crypto';
import { isLate } from '../ingest/inbox-entry.ts';
import type { ConnectorDetection } from '../plugins/define.ts';
import type { Delivery, OutgoingDetection } from './connector-store.ts';
import type { ConnectorInput } from './connectors.ts';

/** A flow may hand over what `record` has not written yet. */
const YOUNG_MS = 10 * 60_000;
const YOUNG_AGAIN_MS = 5_000;

export type Verdict =
  | { readonly is: 'send'; readonly outgoing: OutgoingDetection }
  | { readonly is: 'wait'; readonly until: Date }
  | { readonly is: 'left_out' }
  /** There is no such detection any more. */
  | { readonly is: 'gone' };

type Filters = Pick<ConnectorInput, 'provisional' | 'late' | 'cameraIds' | 'countries' | 'minConfidence'>;

const cameLate = ({ summary }: OutgoingDetection): boolean =>
  isLate(summary.capturedAt, summary.capturedAtSource, summary.receivedAt);

function isWanted(outgoing: OutgoingDetection, filters: Filters): boolean {
  const { cameraId, countryCode, confidence, plateNumber, status } = outgoing.summary;
  const { cameraIds, countries, minConfidence } = filters;
  // Nobody asks for plates that nobody could read. What a person rejected or corrected is told as it is now.
  if (plateNumber === '' && status !== 'rejected') return false;
  if (!filters.late && cameLate(outgoing)) return false;
  if (cameraIds.length > 0 && !cameraIds.includes(cameraId)) return false;
  if (countries.length > 0 && (countryCode === null || !countries.includes(countryCode))) return false;
  return minConfidence === null || confidence >= minConfidence || status === 'corrected' || status === 'rejected';
}

export function judge({ outgoing, createdAt, timesSent }: Delivery, filters: Filters, now: Date): Verdict {
  if (outgoing === null) {
    const isYoung = now.getTime() - createdAt.getTime() < YOUNG_MS;
    return isYoung ? { is: 'wait', until: new Date(now.getTime() + YOUNG_AGAIN_MS) } : { is: 'gone' };
  }
  const { status } = outgoing.summary;
  if (status === 'provisional' && (!filters.provisional || timesSent > 0)) {
    return { is: 'wait', until: new Date(Math.max(outgoing.settlesAt.getTime(), now.getTime() + 100)) };
  }
  // A rejected one that was never told is none to tell of.
  if (status === 'rejected' && timesSent === 0) return { is: 'left_out' };
  // What was told and fits no more is told all the same: the other side would keep what is wrong.
  return timesSent > 0 || isWanted(outgoing, filters) ? { is: 'send', outgoing } : { is: 'left_out' };
}

export function detectionOf(
  outgoing: OutgoingDetection,
  revision: number,
  publicUrl: string | null,
): ConnectorDetection {
  const { summary, read, camera } = outgoing;
  const { detectionId } = summary;
  return {
    ...{ detectionId, revision, isTest: false, status: summary.status, plateNumber: summary.plateNumber },
    ...{ series: summary.series, serial: summary.serial, issuingEntity: summary.issuingEntity },
    ...{ countryCode: summary.countryCode, plateType: summary.plateType, confidence: summary.confidence },
    // A person's text has no guesses beside it.
    candidates: summary.status === 'corrected' ? [] : read.candidates,
    ...{ capturedAt: summary.capturedAt, lastSeenAt: summary.lastSeenAt, receivedAt: summary.receivedAt },
    ...{ capturedAtSource: summary.capturedAtSource, isLate: cameLate(outgoing), isParked: summary.isParked },
    ...{ readCount: summary.readCount, camera, frame: summary.frame, patch: summary.patch, box: summary.box },
    ...{ corners: summary.corners, vehicle: read.device?.vehicle ?? null, motion: read.device?.motion ?? null },
    hits: summary.hits,
    link: publicUrl === null ? null : `${publicUrl}/detections/${detectionId}`,
  };
}

/** What the test button sends: its plate says that it is none. */
export function testDetection(now: Date, publicUrl: string | null): ConnectorDetection {
  return {
    ...{ detectionId: randomUUID(), revision: 0, isTest: true, status: 'confirmed', plateNumber: 'TEST' },
    ...{ series: null, serial: null, issuingEntity: 'TH-10', countryCode: 'TH', plateType: null, confidence: 1 },
    candidates: [{ plateNumber: 'TEST', issuingEntity: 'TH-10', confidence: 1 }],
    ...{ capturedAt: now, lastSeenAt: now, receivedAt: now, capturedAtSource: 'received', isLate: false },
    ...{ isParked: false, readCount: 1, frame: null, patch: null, box: null, corners: null },
    camera: {
      ...{ cameraId: '00000000-0000-4000-8000-000000000000', name: 'Test', checkpoint: null },
      ...{ latitude: null, longitude: null, heading: null },
    },
    ...{ vehicle: null, motion: null, hits: [], link: publicUrl },
  };
}
