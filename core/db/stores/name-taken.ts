import { LprError } from '../../errors.ts';

/** SQLSTATE of a value that has to be the only one and is there already. */
export const UNIQUE_VIOLATION = '23505';

/** In our words where a name has to be the only one and is not; any other error as it came. */
export function nameTaken(what: string, error: unknown): unknown {
  if ((error as { code?: unknown } | null)?.code !== UNIQUE_VIOLATION) return error;
  const problems = [{ field: 'name', problem: 'is taken' }];
  return new LprError('name_taken', `Another ${what} has this name: choose another.`, { problems }, error);
}

/** @throws name_taken */
export async function named<T>(what: string, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw nameTaken(what, error);
  }
}
