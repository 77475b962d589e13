import { describe, expect, test } from '@jest/globals';
import { simulateTraffic } from '../core/simulator/traffic.ts';
import { judgeMerge, type MergedRead } from './merge-judge.ts';

const traffic = simulateTraffic({
  ...{ seed: 5, cameras: 4, vehicles: 60, minutes: 30, parkedPerCameraHour: 0 },
  devices: { misreads: { text: 0, unread: 0 }, retried: 0 },
});
const told = [...Map.groupBy(traffic.events, ({ passingId }) => passingId)];
const plateOf = new Map(traffic.passings.map((passing) => [passing.passingId, passing.plate]));

/** What a merge would give that puts each read into the detection so named. */
const merge = (detectionOf: (passingId: string, look: number) => string): MergedRead[] =>
  traffic.events.map(({ eventId, passingId, look, at }) => {
    const { plateNumber, issuingEntity } = plateOf.get(passingId)!;
    return { readId: eventId, detectionId: detectionOf(passingId, look), plateNumber, issuingEntity, capturedAt: at };
  });
const judge = (reads: MergedRead[]): ReturnType<typeof judgeMerge> => judgeMerge(traffic, reads, (id) => id);

describe('against the truth', () => {
  test('a perfect merge has no fault', () => {
    const verdict = judge(merge((passingId) => passingId));
    expect(verdict).toMatchObject({ duplicates: [], lost: [], mixedReads: 0, passings: told.length });
    expect(verdict).toMatchObject({ detections: told.length, readable: told.length, textRight: told.length });
  });

  test('a read that stands alone shows its passing twice', () => {
    const [passingId] = told.find(([, looks]) => looks.length > 2)!;
    const verdict = judge(merge((id, look) => (id === passingId && look === 1 ? 'alone' : id)));
    expect(verdict.duplicates.map(({ passing }) => passing.passingId)).toEqual([passingId]);
    expect(verdict).toMatchObject({ lost: [], mixedReads: 0, detections: told.length + 1 });
  });

  test('a passing whose reads went to another one is lost', () => {
    const [[into], [swallowed, looks]] = [
      told.find(([, of]) => of.length > 2)!,
      told.find(([, of]) => of.length === 1)!,
    ];
    const verdict = judge(merge((id) => (id === swallowed ? into : id)));
    expect(verdict.lost.map(({ passing, into: where }) => [passing.passingId, where?.passingId])).toEqual([
      [swallowed, into],
    ]);
    expect(verdict).toMatchObject({ duplicates: [], mixedReads: looks.length });
  });

  test('a passing none of whose reads was kept is lost', () => {
    const [gone] = told[0]!;
    const verdict = judge(merge((id) => id).filter(({ detectionId }) => detectionId !== gone));
    expect(verdict.lost.map(({ passing, into }) => [passing.passingId, into])).toEqual([[gone, null]]);
  });
});
