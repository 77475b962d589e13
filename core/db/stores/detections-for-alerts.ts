import type { AlertsDependencies } from '../../alerts/create-alerts.ts';
import type { DetectionStore } from '../../detections/detection-store.ts';

const ANY = {
  pattern: null,
  issuingEntity: null,
  countryCode: null,
  cameraId: null,
  status: null,
  minConfidence: null,
};

/** What alerts ask of detections, in their words. */
export const detectionsForAlerts = (
  store: Pick<DetectionStore, 'summaries' | 'search' | 'lastRecorded'>,
): AlertsDependencies['detections'] => ({
  summary: async (detectionId) => (await store.summaries([detectionId]))[0] ?? null,
  lastRecorded: (withinMs, limit) => store.lastRecorded(withinMs, limit),
  page: (from, to, after, limit) => store.search({ ...ANY, from, to, after, limit }),
});
