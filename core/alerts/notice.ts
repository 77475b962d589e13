/** From stored alerts to the facts that templates name, and from those to what a channel is given. */
import { randomUUID } from 'node:crypto';
import { isLate } from '../ingest/inbox-entry.ts';
import type { DetectionSummary } from '../detections/detections.ts';
import type { LprMessage } from '../message.ts';
import { provinceByCode } from '../plates/plates.ts';
import type { AlertNotice, NoticeKind } from '../plugins/define.ts';
import type { AlertFacts } from './alert-facts.ts';
import type { AlertRecord } from './alert-store.ts';
import type { RenderedNotice } from './templates.ts';

const DAY_MS = 86_400_000;

export interface Extras {
  readonly kind: NoticeKind;
  readonly publicUrl: string | null;
  readonly acknowledgeLink: string | null;
  readonly now: Date;
  /** Of a digest. */
  readonly items?: readonly AlertFacts[];
  readonly count?: number | null;
}

export function factsOf(
  record: AlertRecord,
  { kind, publicUrl, acknowledgeLink, now, items = [], count = null }: Extras,
): AlertFacts {
  const { alert, hit, camera } = record;
  const { alertId, detectionId, issuingEntity, geofence } = alert;
  const province = provinceByCode(issuingEntity);
  const listedAt = hit?.listedAt ?? null;
  const page = detectionId === null ? `/alerts/${alertId}` : `/detections/${detectionId}`;
  return {
    ...{ alertId, kind, subject: alert.subject.kind, title: alert.title, priority: alert.priority, cause: alert.cause },
    ...{ isProvisional: alert.isProvisional, ruleName: alert.ruleName, raisedAt: alert.raisedAt },
    ...{ repeatCount: alert.repeatCount, detectionId, plateNumber: alert.plateNumber, issuingEntity },
    province: province === null ? null : { th: province.nameTh, en: province.nameEn },
    ...{ countryCode: record.countryCode, plateType: record.plateType, confidence: record.confidence },
    ...{ listName: hit?.blacklistName ?? null, category: alert.category, reason: hit?.reason ?? null },
    ...{ matchedBy: hit?.matchedBy ?? null, sureness: hit?.confidence ?? null },
    listAgeDays: listedAt === null ? null : Math.max(0, Math.floor((now.getTime() - Date.parse(listedAt)) / DAY_MS)),
    ...{ cameraId: alert.cameraId, cameraName: alert.cameraName === '' ? null : alert.cameraName },
    ...{
      checkpoint: camera?.checkpoint ?? null,
      latitude: camera?.latitude ?? null,
      longitude: camera?.longitude ?? null,
    },
    ...{ capturedAt: alert.capturedAt, geofence: geofence?.name ?? null, geofenceEvent: geofence?.event ?? null },
    ...{ geofenceSeconds: geofence?.seconds ?? null, cameraTrouble: alert.cameraTrouble },
    ...{ frame: record.frame, patch: record.patch, link: publicUrl === null ? null : `${publicUrl}${page}` },
    ...{ acknowledgeLink, acknowledgedBy: alert.acknowledgedBy, outcome: alert.outcome, items, count },
  };
}

export function noticeOf(
  deliveryId: string,
  language: 'th' | 'en',
  facts: AlertFacts,
  words: RenderedNotice,
  { hit, geofence }: Pick<AlertNotice, 'hit' | 'geofence'>,
): AlertNotice {
  return {
    ...{ deliveryId, alertId: facts.alertId, kind: facts.kind, language, title: words.title, text: words.text },
    ...{ raisedAt: facts.raisedAt.toISOString(), capturedAt: facts.capturedAt?.toISOString() ?? null },
    ...{ detectionId: facts.detectionId, plateNumber: facts.plateNumber, issuingEntity: facts.issuingEntity },
    ...{ province: facts.province?.[language] ?? null, cameraName: facts.cameraName, latitude: facts.latitude },
    ...{ longitude: facts.longitude, category: facts.category, priority: facts.priority, hit, geofence },
    ...{ frame: facts.frame, patch: facts.patch, link: facts.link, acknowledgeLink: facts.acknowledgeLink },
  };
}

/** What the test button sends: its plate says that it is none. */
export function testFacts(now: Date, publicUrl: string | null): AlertFacts {
  const nothing = {
    category: null,
    reason: null,
    matchedBy: null,
    sureness: null,
    listAgeDays: null,
    checkpoint: null,
  };
  return {
    ...{ alertId: randomUUID(), kind: 'test', subject: 'hit', title: '', priority: 0, cause: 'live', ...nothing },
    ...{ isProvisional: false, ruleName: null, raisedAt: now, repeatCount: 0, detectionId: null, plateNumber: null },
    ...{ issuingEntity: null, province: null, countryCode: null, plateType: null, confidence: null, listName: null },
    ...{ cameraId: null, cameraName: null, latitude: null, longitude: null, capturedAt: null, geofence: null },
    ...{ geofenceEvent: null, geofenceSeconds: null, cameraTrouble: null, frame: null, patch: null, link: publicUrl },
    ...{ acknowledgeLink: null, acknowledgedBy: null, outcome: null, items: [], count: null },
  };
}

/** A recorded detection as a flow would hand it on. */
export function messageOf(detection: DetectionSummary): LprMessage<'detection'> {
  const { detectionId, frameId, cameraId, capturedAt, capturedAtSource, receivedAt, frame } = detection;
  const { status, plateNumber, issuingEntity, countryCode, plateType, confidence, readCount } = detection;
  return {
    lpr: {
      ...{ frameId, cameraId, capturedAtSource, token: frameId },
      ...{ capturedAt: capturedAt.toISOString(), receivedAt: receivedAt.toISOString() },
      isLate: isLate(capturedAt, capturedAtSource, receivedAt),
      ...(frame === null ? {} : { frame }),
      detection: {
        ...{ detectionId, isNew: false, isBest: true, status, plateNumber, issuingEntity, countryCode, plateType },
        ...{ confidence, readCount },
      },
    },
  };
}
