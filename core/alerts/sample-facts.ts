/** Made-up facts: for previews where there is no alert yet, and for the examples of the fields. */
import type { NoticeKind } from '../plugins/define.ts';
import type { AlertFacts } from './alert-facts.ts';
import type { Language } from './template-fields.ts';

export function sampleFacts(kind: NoticeKind, language: Language, now: Date, publicUrl: string | null): AlertFacts {
  const isThai = language === 'th';
  const hub = publicUrl ?? 'https://lpr.example.go.th';
  const alert: AlertFacts = {
    ...{ alertId: '00000000-0000-4000-8000-000000000000', kind: 'alert', subject: 'hit' },
    ...{ title: isThai ? 'รถหาย' : 'Stolen vehicles', priority: 90, cause: 'live', isProvisional: false },
    ...{ ruleName: isThai ? 'รถหายทุกจุด' : 'Stolen, everywhere', raisedAt: now, repeatCount: 2 },
    ...{ detectionId: '00000000-0000-4000-8000-000000000000', plateNumber: '1กก1234', issuingEntity: 'TH-10' },
    ...{ province: { th: 'กรุงเทพมหานคร', en: 'Bangkok' }, countryCode: 'TH', plateType: 'RY1', confidence: 0.94 },
    ...{ listName: isThai ? 'รถหาย' : 'Stolen vehicles', category: 'stolen', matchedBy: 'exact', sureness: 0.97 },
    ...{ reason: isThai ? 'แจ้งหายที่ สน.ตัวอย่าง' : 'Reported at Example station', listAgeDays: 1 },
    ...{ cameraId: null, cameraName: isThai ? 'ประตู 1 ขาเข้า' : 'Gate 1, inbound' },
    ...{ checkpoint: isThai ? 'ด่านตัวอย่าง' : 'Example checkpoint', latitude: 13.7563, longitude: 100.5018 },
    ...{ capturedAt: new Date(now.getTime() - 2_000) },
    ...{ geofence: isThai ? 'เขตเมืองเก่า' : 'Old town', geofenceEvent: 'enter', geofenceSeconds: null },
    ...{ cameraTrouble: null, frame: null, patch: null },
    link: `${hub}/detections/00000000-0000-4000-8000-000000000000`,
    acknowledgeLink: `${hub}/ack/${'x'.repeat(43)}`,
    ...{ acknowledgedBy: null, outcome: null, items: [], count: null },
  };
  if (kind === 'digest') {
    const earlier = (minutes: number): AlertFacts => ({
      ...alert,
      capturedAt: new Date(now.getTime() - minutes * 60_000),
    });
    return { ...alert, kind, items: [earlier(25), { ...earlier(10), plateNumber: '2ขข5678' }, alert], count: 3 };
  }
  if (kind === 'taken') {
    return { ...alert, kind, acknowledgedBy: isThai ? 'ร.ต.อ. สมชาย' : 'Somchai', outcome: 'correct' };
  }
  return { ...alert, kind, count: kind === 'budget' ? 100 : null };
}
