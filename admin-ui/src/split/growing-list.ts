/** A list that grows as it is scrolled and never jumps: what is new waits until it is asked for. */
import { computed, ref, shallowRef, type ShallowRef } from 'vue';
import { codeOf } from '../api/problem.ts';

interface Answer<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/**
 * @param ask one page behind the hub's cursor; null: the newest
 * @param idOf what tells two items apart
 */
export function useGrowingList<T, Q>(
  idOf: (item: T) => string,
  ask: (query: Q, cursor: string | null, signal?: AbortSignal) => Promise<Answer<T>>,
) {
  const items: ShallowRef<readonly T[]> = shallowRef([]);
  const cursor = ref<string | null>(null);
  const state = ref<'loading' | 'ready' | 'more' | 'failed'>('loading');
  const problem = ref<string | null>(null);
  /** Items that the newest page holds and the list does not. */
  const newer: ShallowRef<readonly T[]> = shallowRef([]);
  const isAtEnd = computed(() => state.value === 'ready' && cursor.value === null);
  let query: Q | null = null;
  let asked = new AbortController();

  async function take(next: string | null): Promise<void> {
    if (query === null) return;
    asked.abort();
    const mine = new AbortController();
    asked = mine;
    try {
      const page = await ask(query, next, mine.signal);
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

  async function start(wanted: Q): Promise<void> {
    query = wanted;
    state.value = 'loading';
    items.value = [];
    cursor.value = null;
    newer.value = [];
    await take(null);
  }

  async function more(): Promise<void> {
    if (state.value !== 'ready' || cursor.value === null) return;
    state.value = 'more';
    await take(cursor.value);
  }

  async function retry(): Promise<void> {
    state.value = items.value.length === 0 ? 'loading' : 'more';
    await take(items.value.length === 0 ? null : cursor.value);
  }

  /** Looks whether the newest page holds something new; the list stays as it is. */
  async function look(wanted: Q): Promise<void> {
    if (state.value === 'loading' || document.hidden) return;
    try {
      const page = await ask(wanted, null);
      const known = new Set(items.value.map(idOf));
      newer.value = page.items.filter((one) => !known.has(idOf(one)));
    } catch {
      // The list on screen is still right; the shell tells when the hub is away.
    }
  }

  function takeNewer(): void {
    items.value = [...newer.value, ...items.value];
    newer.value = [];
  }

  function change(item: T): void {
    const swap = (one: T): T => (idOf(one) === idOf(item) ? item : one);
    items.value = items.value.map(swap);
    newer.value = newer.value.map(swap);
  }

  /** It belongs here no more. */
  function remove(id: string): void {
    items.value = items.value.filter((one) => idOf(one) !== id);
    newer.value = newer.value.filter((one) => idOf(one) !== id);
  }

  /** Back to where it was. */
  function put(item: T, at: number): void {
    items.value = items.value.filter((one) => idOf(one) !== idOf(item)).toSpliced(at, 0, item);
  }

  return { items, state, problem, newer, isAtEnd, start, more, retry, look, takeNewer, change, remove, put };
}
