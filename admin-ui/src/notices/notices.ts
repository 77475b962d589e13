import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { codeOf } from '../api/problem.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'plain' | 'error';
  /** Translation key and the values it fills in. */
  readonly text: string;
  readonly values: Readonly<Record<string, string | number>>;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

let counter = 0;

/** What the console tells at the lower edge, one after the other. */
export const useNotices = defineStore('notices', () => {
  const queue = ref<Notice[]>([]);
  const current = computed(() => queue.value[0] ?? null);

  function add(notice: Omit<Notice, 'id'>): void {
    counter += 1;
    // A new word replaces the one that stands there: two undo buttons in a row would be guessed at.
    queue.value = [{ id: counter, ...notice }];
  }

  function tell(text: string, values: Notice['values'] = {}): void {
    add({ tone: 'plain', text, values, action: null });
  }

  function tellWithUndo(text: string, values: Notice['values'], undo: () => Promise<void>): void {
    const run = (): void => {
      undo().catch(tellProblem);
    };
    add({ tone: 'plain', text, values, action: { label: 'action.undo', run } });
  }

  /** What a failed action says. */
  function tellProblem(error: unknown): void {
    add({ tone: 'error', text: `error.${codeOf(error)}.what`, values: {}, action: null });
  }

  function dismiss(): void {
    queue.value = queue.value.slice(1);
  }

  return { current, tell, tellWithUndo, tellProblem, dismiss };
});
