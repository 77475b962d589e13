/**
 * The detections of the Live page. What is being read never jumps: while the reader is busy, new ones wait and are counted.
 * Pure, so that the rule can be tested without a browser.
 */
import type { DetectionSummary } from '../../api/contract.ts';

export interface Feed {
  readonly shown: readonly DetectionSummary[];
  /** Newest first, as shown. */
  readonly waiting: readonly DetectionSummary[];
  /** Put in by the last step; marked for a moment. */
  readonly fresh: ReadonlySet<string>;
}

export const EMPTY_FEED: Feed = { shown: [], waiting: [], fresh: new Set() };

/** More are a matter for the Detections page. */
export const FEED_LENGTH = 120;

const newestFirst = (a: DetectionSummary, b: DetectionSummary): number =>
  b.capturedAt < a.capturedAt ? -1 : b.capturedAt > a.capturedAt ? 1 : 0;

function has(list: readonly DetectionSummary[], detectionId: string): boolean {
  return list.some((one) => one.detectionId === detectionId);
}

/** A detection was made. It goes to the top, or waits while the page is held still. */
export function arrive(feed: Feed, detection: DetectionSummary, isHeld: boolean): Feed {
  if (has(feed.shown, detection.detectionId) || has(feed.waiting, detection.detectionId))
    return change(feed, detection);
  if (isHeld) return { ...feed, waiting: [detection, ...feed.waiting].sort(newestFirst).slice(0, FEED_LENGTH) };
  const shown = [detection, ...feed.shown].sort(newestFirst).slice(0, FEED_LENGTH);
  return { ...feed, shown, fresh: new Set([detection.detectionId]) };
}

/** A detection that is known got another read, a hit or a correction: it changes where it stands. */
export function change(feed: Feed, detection: DetectionSummary): Feed {
  const swap = (list: readonly DetectionSummary[]): readonly DetectionSummary[] =>
    has(list, detection.detectionId)
      ? list.map((one) => (one.detectionId === detection.detectionId ? detection : one))
      : list;
  return { ...feed, shown: swap(feed.shown), waiting: swap(feed.waiting) };
}

/** The reader asks for those that wait. */
export function release(feed: Feed): Feed {
  if (feed.waiting.length === 0) return feed;
  const shown = [...feed.waiting, ...feed.shown].sort(newestFirst).slice(0, FEED_LENGTH);
  return { shown, waiting: [], fresh: new Set(feed.waiting.map((one) => one.detectionId)) };
}

/** The newest page of the hub, after the first load or a break in the connection. */
export function refill(feed: Feed, items: readonly DetectionSummary[], isHeld: boolean): Feed {
  if (feed.shown.length === 0 || !isHeld) return { shown: items, waiting: [], fresh: new Set() };
  return items.reduceRight((next, one) => arrive(next, one, true), feed);
}
