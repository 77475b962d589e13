/** A list that comes page by page, with what is chosen of it. */
import { computed, ref, shallowRef } from 'vue';
import { codeOf } from '../api/problem.ts';

interface Answer<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export function usePages<T>(idOf: (one: T) => string, ask: (cursor: string | undefined) => Promise<Answer<T>>) {
  const items = shallowRef<readonly T[]>([]);
  const state = ref<'loading' | 'ready' | 'more' | 'failed'>('loading');
  const problem = ref<string | null>(null);
  const chosen = ref<ReadonlySet<string>>(new Set());
  const next = ref<string | null>(null);
  /** An answer to an older question is let fall. */
  let round = 0;

  async function take(cursor: string | undefined): Promise<void> {
    const mine = ++round;
    try {
      const answer = await ask(cursor);
      if (mine !== round) return;
      items.value = cursor === undefined ? answer.items : [...items.value, ...answer.items];
      next.value = answer.nextCursor;
      const there = new Set(items.value.map(idOf));
      chosen.value = new Set([...chosen.value].filter((id) => there.has(id)));
      problem.value = null;
      state.value = 'ready';
    } catch (error) {
      if (mine !== round) return;
      problem.value = codeOf(error);
      state.value = 'failed';
    }
  }

  return {
    items,
    state,
    problem,
    chosen,
    hasMore: computed(() => next.value !== null),
    /** From the beginning; what stands there stays until the answer has come. */
    load: () => take(undefined),
    restart(): Promise<void> {
      items.value = [];
      chosen.value = new Set();
      state.value = 'loading';
      return take(undefined);
    },
    more(): Promise<void> {
      if (next.value === null || state.value === 'more') return Promise.resolve();
      state.value = 'more';
      return take(next.value);
    },
    toggle(id: string): void {
      const after = new Set(chosen.value);
      if (!after.delete(id)) after.add(id);
      chosen.value = after;
    },
    chooseAll(): void {
      const isAll = chosen.value.size === items.value.length;
      chosen.value = isAll ? new Set() : new Set(items.value.map(idOf));
    },
    leave(): void {
      chosen.value = new Set();
    },
  };
}
