import { errorMessage } from '../errors.ts';

/** One after the other; one that fails hinders none of the others. @throws the first failure, at the end */
export async function doEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0] instanceof Error ? failures[0] : new Error(errorMessage(failures[0]));
}
