import { expect, test } from '@jest/globals';
import type { AlertDetail, AlertRun, AlertTimeline, TimelineEntry } from '../../api/contract.ts';
import { linesOf, nextStepOf } from './timeline.ts';

const entry = (what: TimelineEntry['what'], at: string, note: string | null = null): TimelineEntry =>
  ({ what, at, note }) as TimelineEntry;
const delivery = { deliveryId: 'd', createdAt: '2026-11-26T07:00:01Z' };
const alert = { deliveries: [delivery], repeatCount: 2, lastRepeatAt: '2026-11-26T07:00:30Z' } as AlertDetail;
const timeline = (entries: TimelineEntry[], runs: AlertRun[] = []): AlertTimeline => ({
  ...{ alertId: 'a', entries, runs, acknowledgement: null },
});

test('notices are told once, by their delivery; why one was not sent stays', () => {
  const lines = linesOf(
    alert,
    timeline([
      entry('raised', '2026-11-26T07:00:00Z'),
      entry('told', '2026-11-26T07:00:02Z'),
      entry('not_told', '2026-11-26T07:00:03Z', 'nobody on duty'),
      entry('acknowledged', '2026-11-26T07:01:00Z'),
    ]),
  );
  expect(lines.map((line) => (line.kind === 'happened' ? line.entry.what : line.kind))).toEqual([
    ...['raised', 'delivery', 'not_told', 'repeats', 'acknowledged'],
  ]);
});

test('the next step is the soonest of the escalations that run', () => {
  const run = (name: string, state: AlertRun['state'], nextAt: string | null): AlertRun =>
    ({ name, state, nextAt }) as AlertRun;
  const runs = [
    run('later', 'running', '2026-11-26T07:10:00Z'),
    run('stopped', 'stopped', '2026-11-26T07:01:00Z'),
    run('sooner', 'running', '2026-11-26T07:05:00Z'),
  ];
  expect(nextStepOf(timeline([], runs))?.run.name).toBe('sooner');
  expect(nextStepOf(timeline([], [run('done', 'done', null)]))).toBeNull();
});
