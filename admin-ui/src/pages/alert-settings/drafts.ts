/** What is being edited and not saved yet is kept while one looks at something else, and says so. */
import { computed, reactive, ref, watch, type Ref } from 'vue';

const kept = reactive(new Map<string, string>());

export const hasDraft = (key: string): boolean => kept.has(key);

/**
 * @param key whose draft it is; another key brings that one's draft, or what is stored
 * @param stored as JSON can carry it
 */
export function useDraft<T extends object>(key: () => string, stored: () => T) {
  const copy = (value: T): T => JSON.parse(JSON.stringify(value)) as T;
  const draft = ref(start()) as Ref<T>;
  const isChanged = computed(() => JSON.stringify(draft.value) !== JSON.stringify(stored()));

  function start(): T {
    const before = kept.get(key());
    return before === undefined ? copy(stored()) : (JSON.parse(before) as T);
  }
  watch(key, () => {
    draft.value = start();
  });
  watch(
    draft,
    (now) => {
      if (isChanged.value) kept.set(key(), JSON.stringify(now));
      else kept.delete(key());
    },
    { deep: true },
  );

  // What is stored has changed, here or by somebody else: shown where nothing is being edited.
  watch(
    () => JSON.stringify(stored()),
    () => {
      if (!kept.has(key())) draft.value = copy(stored());
    },
  );

  return {
    draft,
    isChanged,
    /** Back to what is stored. */
    drop(): void {
      kept.delete(key());
      draft.value = copy(stored());
    },
    /** It was saved, or its owner is gone. */
    forget(): void {
      kept.delete(key());
    },
  };
}
