import { computed, ref, shallowRef } from 'vue';
import { call } from '../../api/client.ts';
import type { DetectionQuery, DetectionSummary } from '../../api/contract.ts';
import { codeOf } from '../../api/problem.ts';

const PAGE = 50;

/** A list that grows as it is scrolled, page by page behind the hub's cursor. */
export function useDetectionList() {
  const items = shallowRef<readonly DetectionSummary[]>([]);
  const cursor = ref<string | null>(null);
  const state = ref<'loading' | 'ready' | 'more' | 'failed'>('loading');
  const problem = ref<string | null>(null);
  /** Detections that the newest page holds and the list does not. */
  const newer = shallowRef<readonly DetectionSummary[]>([]);
  const isAtEnd = computed(() => state.value === 'ready' && cursor.value === null);
  let query: DetectionQuery = {};
  let asked = new AbortController();

  async function ask(next: string | null): Promise<void> {
    asked.abort();
    const mine = new AbortController();
    asked = mine;
    try {
      const page = await call('GET /detections', {
        query: { ...query, limit: PAGE, ...(next === null ? {} : { cursor: next }) },
        signal: mine.signal,
      });
      items.value = next === null ? page.items : [...items.value, ...page.items];
      cursor.value = page.nextCursor;
      problem.value = null;
      state.value = 'ready';
    } catch (error) {
      if (mine.signal.aborted) return;
      problem.value = codeOf(error);
      state.value = 'failed';
    }
  }

  async function start(wanted: DetectionQuery): Promise<void> {
    query = wanted;
    state.value = 'loading';
    items.value = [];
    cursor.value = null;
    newer.value = [];
    await ask(null);
  }

  async function more(): Promise<void> {
    if (state.value !== 'ready' || cursor.value === null) return;
    state.value = 'more';
    await ask(cursor.value);
  }

  async function retry(): Promise<void> {
    state.value = items.value.length === 0 ? 'loading' : 'more';
    await ask(items.value.length === 0 ? null : cursor.value);
  }

  /** Looks whether the newest page holds something new; the list stays as it is. */
  async function look(wanted: DetectionQuery): Promise<void> {
    if (state.value === 'loading' || document.hidden) return;
    try {
      const page = await call('GET /detections', { query: { ...wanted, limit: PAGE } });
      const known = new Set(items.value.map((one) => one.detectionId));
      newer.value = page.items.filter((one) => !known.has(one.detectionId));
    } catch {
      // The list on screen is still right; the shell tells when the hub is away.
    }
  }

  function takeNewer(): void {
    items.value = [...newer.value, ...items.value];
    newer.value = [];
  }

  function change(detection: DetectionSummary): void {
    const swap = (one: DetectionSummary): DetectionSummary =>
      one.detectionId === detection.detectionId ? detection : one;
    items.value = items.value.map(swap);
    newer.value = newer.value.map(swap);
  }

  return { items, state, problem, newer, isAtEnd, start, more, retry, look, takeNewer, change };
}
