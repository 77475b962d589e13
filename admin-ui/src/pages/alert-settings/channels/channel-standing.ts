import type { AlertChannel } from '../../../api/contract.ts';

export type Standing = 'off' | 'idle' | 'ok' | 'failing';

/** The newest word counts: an error that a success followed is history. */
export function standingOf({
  enabled,
  state: { lastSuccessAt, error },
}: Pick<AlertChannel, 'enabled' | 'state'>): Standing {
  if (!enabled) return 'off';
  if (error !== null && (lastSuccessAt === null || error.at > lastSuccessAt)) return 'failing';
  return lastSuccessAt === null ? 'idle' : 'ok';
}
