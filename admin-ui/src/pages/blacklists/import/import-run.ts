/** One import as it goes on: asked again while the hub reads, compares or applies. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { call } from '../../../api/client.ts';
import type { BlacklistImport, ImportState } from '../../../api/contract.ts';
import { codeOf } from '../../../api/problem.ts';

const ASK_EVERY_MS = 600;
const RUNNING: readonly ImportState[] = ['reading', 'applying'];

export const isRunning = (state: ImportState): boolean => RUNNING.includes(state);
/** Nothing more happens to it. */
export const hasEnded = (state: ImportState): boolean =>
  ['applied', 'unchanged', 'failed', 'discarded'].includes(state);

export function useImportRun(importId: Ref<string>) {
  const run = shallowRef<BlacklistImport | null>(null);
  const problem = ref<string | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function load(): Promise<void> {
    clearTimeout(timer);
    const wanted = importId.value;
    try {
      const answer = await call('GET /blacklist-imports/:importId', { params: { importId: wanted } });
      if (wanted !== importId.value) return;
      take(answer);
      problem.value = null;
    } catch (error) {
      if (wanted === importId.value) problem.value = codeOf(error);
    }
  }

  function take(answer: BlacklistImport): void {
    run.value = answer;
    clearTimeout(timer);
    if (isRunning(answer.state)) timer = setTimeout(() => void load(), ASK_EVERY_MS);
  }

  watch(
    importId,
    () => {
      run.value = null;
      void load();
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    clearTimeout(timer);
  });
  return { run, problem, load, take };
}
