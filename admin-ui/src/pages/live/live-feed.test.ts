import { describe, expect, test } from '@jest/globals';
import type { DetectionSummary } from '../../api/contract.ts';
import { arrive, change, EMPTY_FEED, FEED_LENGTH, refill, release } from './live-feed.ts';

const detection = (detectionId: string, second: number, plateNumber = 'กก1'): DetectionSummary =>
  ({
    detectionId,
    plateNumber,
    capturedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  }) as unknown as DetectionSummary;
const ids = (list: readonly DetectionSummary[]) => list.map((one) => one.detectionId);

describe('the live feed', () => {
  test('puts new detections on top, by the time they were captured', () => {
    let feed = arrive(EMPTY_FEED, detection('a', 1), false);
    feed = arrive(feed, detection('c', 3), false);
    feed = arrive(feed, detection('b', 2), false);
    expect(ids(feed.shown)).toEqual(['c', 'b', 'a']);
    expect([...feed.fresh]).toEqual(['b']);
  });

  test('holds still while it is read and counts what waits', () => {
    let feed = arrive(EMPTY_FEED, detection('a', 1), false);
    feed = arrive(feed, detection('b', 2), true);
    feed = arrive(feed, detection('c', 3), true);
    feed = arrive(feed, detection('c', 3), true);
    expect(ids(feed.shown)).toEqual(['a']);
    expect(ids(feed.waiting)).toEqual(['c', 'b']);
    feed = release(feed);
    expect(ids(feed.shown)).toEqual(['c', 'b', 'a']);
    expect(feed.waiting).toHaveLength(0);
  });

  test('changes a detection in its place, shown or waiting', () => {
    let feed = arrive(arrive(EMPTY_FEED, detection('a', 1), false), detection('b', 2), true);
    feed = change(feed, detection('a', 1, 'ขข2'));
    feed = change(feed, detection('b', 2, 'คค3'));
    feed = change(feed, detection('x', 9));
    expect(feed.shown.map((one) => one.plateNumber)).toEqual(['ขข2']);
    expect(feed.waiting.map((one) => one.plateNumber)).toEqual(['คค3']);
  });

  test('after a break shows what was missed, without a jump under the reader', () => {
    const missed = [detection('c', 3), detection('b', 2), detection('a', 1)];
    const held = refill(arrive(EMPTY_FEED, detection('a', 1), false), missed, true);
    expect(ids(held.shown)).toEqual(['a']);
    expect(ids(held.waiting)).toEqual(['c', 'b']);
    expect(ids(refill(held, missed, false).shown)).toEqual(['c', 'b', 'a']);
  });

  test('does not grow without end', () => {
    let feed = EMPTY_FEED;
    for (let at = 0; at < FEED_LENGTH + 30; at += 1) feed = arrive(feed, detection(String(at), at % 60), at > 100);
    expect(release(feed).shown).toHaveLength(FEED_LENGTH);
  });
});
