/** Many small writes that come at once become few large ones: while one batch is on its way, the next one gathers. */

export interface Batcher<T, R> {
  /** Resolves with what became of this item once its batch is done; a batch that failed rejects all of its items. */
  add(item: T): Promise<R>;
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly done: (result: R) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * @param write gets 1..`most` items in the order in which they came, gives a result for each, in that order
 * @param parallel how many batches may be on their way at once; their order is then nobody's promise
 */
export function createBatcher<T, R>(
  write: (items: readonly T[]) => Promise<readonly R[]>,
  { most, parallel = 1 }: { readonly most: number; readonly parallel?: number },
): Batcher<T, R> {
  let waiting: Waiting<T, R>[] = [];
  const underWay = new Set<Promise<void>>();

  const send = async (batch: readonly Waiting<T, R>[]): Promise<void> => {
    try {
      const results = await write(batch.map(({ item }) => item));
      for (const [index, { done }] of batch.entries()) done(results[index] as R);
    } catch (error) {
      for (const { failed } of batch) failed(error);
    }
  };
  const next = (): void => {
    while (waiting.length > 0 && underWay.size < parallel) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const way = send(batch).finally(() => {
        underWay.delete(way);
        next();
      });
      underWay.add(way);
    }
  };
  return {
    add: (item) =>
      new Promise((done, failed) => {
        waiting.push({ item, done, failed });
        // What the same turn of the event loop brings goes together.
        if (waiting.length === 1) setImmediate(next);
      }),
    async idle() {
      while (waiting.length > 0 || underWay.size > 0) {
        next();
        await Promise.all(underWay);
      }
    },
  };
}
