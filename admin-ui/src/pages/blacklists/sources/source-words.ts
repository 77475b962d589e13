/** How a source does, and when it runs, in words. */
import type { BlacklistSource, SourceSchedule } from '../../../api/contract.ts';

export type SourceStanding = 'off' | 'running' | 'waiting' | 'failing' | 'overdue' | 'idle' | 'ok';

/** The most pressing first; a problem that a success followed is history. */
export function sourceStanding({ enabled, state }: Pick<BlacklistSource, 'enabled' | 'state'>): SourceStanding {
  if (state.isRunning) return 'running';
  if (state.waitingImportId !== null) return 'waiting';
  const { problem, lastSuccessAt } = state;
  if (problem !== null && (lastSuccessAt === null || problem.at > lastSuccessAt)) return 'failing';
  if (!enabled) return 'off';
  if (state.isOverdue) return 'overdue';
  return lastSuccessAt === null ? 'idle' : 'ok';
}

/** Key and values of the words of a schedule. */
export function scheduleWords(
  schedule: SourceSchedule,
): readonly [key: string, values: Record<string, string | number>] {
  const key = `page.blacklists.source.every.${schedule.every}`;
  if (schedule.every === 'day') return [key, { at: schedule.at }];
  return [key, 'count' in schedule ? { n: schedule.count } : {}];
}
