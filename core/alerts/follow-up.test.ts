import { expect, test } from '@jest/globals';
import { sampleSummary } from '../../test/fake-hub.ts';
import { quietLog } from '../../test/quiet-log.ts';
import type { DetectionChange } from '../detections/detection-changes.ts';
import { createEvents } from '../events.ts';
import { createFollowUp, type FollowUpDependencies } from './follow-up.ts';

test('changes that keep failing hold up nobody behind them', async () => {
  const waiting = new Map<number, DetectionChange>();
  for (let changeId = 1; changeId <= 251; changeId++) {
    const detectionId = `detection-${changeId}`;
    const summary = { ...sampleSummary, detectionId };
    waiting.set(changeId, { changeId, cause: 'correction', detectionId, summary, read: null });
  }
  const followed: string[] = [];
  const parts: Pick<FollowUpDependencies, 'changes' | 'blacklists' | 'geofences' | 'alerts'> = {
    changes: {
      pending: (limit, after) =>
        Promise.resolve([...waiting.values()].filter(({ changeId }) => changeId > after).slice(0, limit)),
      done(changeIds) {
        for (const changeId of changeIds) waiting.delete(changeId);
        return Promise.resolve();
      },
    },
    geofences: { reconsider: () => Promise.resolve({ added: [], retracted: [] }) },
    blacklists: {
      rematch({ detectionId }) {
        if (detectionId !== 'detection-251') return Promise.reject(new Error('not today'));
        followed.push(detectionId);
        return Promise.resolve({ added: [], retracted: [] });
      },
      withdraw: () => Promise.resolve([]),
      considered: () => Promise.resolve(),
    },
    alerts: { reconsider: () => Promise.resolve(), retract: () => Promise.resolve() },
  };
  const events = createEvents((error) => {
    throw error;
  });
  const followUp = createFollowUp({ ...parts, events, log: quietLog });
  await followUp.idle();
  expect([followed, waiting.size]).toEqual([['detection-251'], 250]);
  await followUp.stop();
});
