import { describe, expect, test } from '@jest/globals';
import { scheduleWords, sourceStanding } from './source-words.ts';

const state = {
  ...{ isRunning: false, nextRunAt: null, lastRunAt: null, lastSuccessAt: '2026-11-26T03:00:00Z', isOverdue: false },
  ...{ waitingImportId: null, problem: null, hostKey: null },
};
const problem = { code: 'source_unreachable', message: 'No answer.', at: '2026-11-26T04:00:00Z' };

describe('a source', () => {
  test('is well when its last run brought the list', () => {
    expect(sourceStanding({ enabled: true, state })).toBe('ok');
  });

  test('fails as long as no success follows', () => {
    expect(sourceStanding({ enabled: true, state: { ...state, problem } })).toBe('failing');
    expect(sourceStanding({ enabled: true, state: { ...state, problem, lastSuccessAt: '2026-11-26T05:00:00Z' } })).toBe(
      'ok',
    );
  });

  test('that has a file for a person says so before anything else', () => {
    expect(sourceStanding({ enabled: true, state: { ...state, problem, waitingImportId: 'import-1' } })).toBe(
      'waiting',
    );
  });

  test('that is turned off is not overdue', () => {
    expect(sourceStanding({ enabled: false, state: { ...state, isOverdue: true } })).toBe('off');
  });
});

test('a schedule has words for each of its forms', () => {
  expect(scheduleWords({ every: 'minutes', count: 15 })).toEqual(['page.blacklists.source.every.minutes', { n: 15 }]);
  expect(scheduleWords({ every: 'day', at: '03:30' })).toEqual(['page.blacklists.source.every.day', { at: '03:30' }]);
  expect(scheduleWords({ every: 'never' })).toEqual(['page.blacklists.source.every.never', {}]);
});
