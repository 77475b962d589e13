/** All there is to the alert that is open: itself, what happened to it, and the detection that it is of. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { call } from '../../api/client.ts';
import type { AlertDetail, AlertTimeline, Detection } from '../../api/contract.ts';
import { codeOf } from '../../api/problem.ts';

/** While somebody is still to be told, what stands there changes by itself. */
const EVERY_MS = 4_000;

export interface Opened {
  readonly alert: AlertDetail;
  readonly timeline: AlertTimeline;
  /** Null where it is of no detection, or the detection is gone. */
  readonly detection: Detection | null;
}

export function useOpenedAlert(openId: Readonly<Ref<string>>) {
  const opened = shallowRef<Opened | null>(null);
  const problem = ref<string | null>(null);

  async function detectionOf(alert: AlertDetail): Promise<Detection | null> {
    if (alert.detectionId === null) return null;
    const params = { detectionId: alert.detectionId };
    return call('GET /detections/:detectionId', { params }).catch(() => null);
  }

  async function load(): Promise<void> {
    const wanted = openId.value;
    if (wanted === '') return;
    const params = { alertId: wanted };
    try {
      const [alert, timeline] = await Promise.all([
        call('GET /alerts/:alertId', { params }),
        call('GET /alerts/:alertId/timeline', { params }),
      ]);
      const before = opened.value?.detection ?? null;
      const isSame = before !== null && before.detectionId === alert.detectionId;
      const detection = isSame ? before : await detectionOf(alert);
      if (wanted !== openId.value) return;
      opened.value = { alert, timeline, detection };
      problem.value = null;
    } catch (error) {
      if (wanted === openId.value) problem.value = codeOf(error);
    }
  }

  watch(
    openId,
    (wanted) => {
      // The one before stays until the next is there: walking with j and k does not flicker.
      problem.value = null;
      if (wanted === '') opened.value = null;
      else void load();
    },
    { immediate: true },
  );

  const timer = setInterval(() => {
    const now = opened.value;
    if (document.hidden || now?.alert.alertId !== openId.value) return;
    const isTelling = now.alert.deliveries.some(({ state }) => state === 'waiting');
    if (isTelling || now.timeline.runs.some(({ state }) => state === 'running')) void load();
  }, EVERY_MS);
  onScopeDispose(() => {
    clearInterval(timer);
  });

  return { opened, problem, load };
}
