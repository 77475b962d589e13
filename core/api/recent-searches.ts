/** Pages, reloads and looks for what is new ask the same question again: the trail keeps it once. */
const SAME_MS = 10 * 60_000;
const MOST = 10_000;

export function createRecentSearches(now: () => number = Date.now): { isNew(search: string): boolean } {
  const seen = new Map<string, number>();
  return {
    isNew(search) {
      const at = now();
      const last = seen.get(search);
      if (last !== undefined && at - last < SAME_MS) return false;
      // In order of time, since each is put at the end: the first is the oldest.
      seen.delete(search);
      seen.set(search, at);
      for (const [oldest, when] of seen) {
        if (seen.size <= MOST && at - when < SAME_MS) break;
        seen.delete(oldest);
      }
      return true;
    },
  };
}
