import { onBeforeUnmount, onMounted, watch, type Ref } from 'vue';

/**
 * Asks for more rows as the end of a list comes into sight.
 * @param root what scrolls; null in it: the window
 * @param state of the list: an end that stays in sight does not report again by itself
 */
export function useEndInSight(
  end: Readonly<Ref<HTMLElement | null>>,
  root: Readonly<Ref<HTMLElement | null>>,
  state: Readonly<Ref<string>>,
  more: () => Promise<void>,
): void {
  let observer: IntersectionObserver | null = null;

  function watchEnd(): void {
    observer?.disconnect();
    if (end.value === null) return;
    observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) void more();
      },
      // The margin counts from the edge of what scrolls.
      { root: root.value, rootMargin: '600px' },
    );
    observer.observe(end.value);
  }
  onMounted(watchEnd);
  onBeforeUnmount(() => observer?.disconnect());
  watch([end, root], watchEnd, { flush: 'post' });
  watch(
    state,
    (now) => {
      if (now === 'ready') watchEnd();
    },
    { flush: 'post' },
  );
}
