import { validate as isUuid } from 'uuid';
import { errorMessage, LprError } from '../errors.ts';
import type { Events } from '../events.ts';
import type { LprMessage } from '../message.ts';
import { likePattern } from '../plates/plates.ts';
import type { Log } from '../plugins/define.ts';
import { adviceFor } from './camera-advice.ts';
import { createCorrections } from './corrections.ts';
import { decodeCursor, encodeCursor } from './detection-pages.ts';
import type { DetectionStore, ReadRecord } from './detection-store.ts';
import type { DetectionQuery, Detections } from './detections.ts';
import { partOf } from './pass.ts';
import { createPasses } from './passes.ts';
import { createRecording } from './recording.ts';

/** What a camera is judged by: how it stood a month ago says nothing about today. */
const SIGHT_MS = 7 * 86_400_000;
const SIGHT_DETECTIONS = 500;
const SWEEP_MS = 2_000;
const MONTHS_CHECK_MS = 24 * 3_600_000;

export interface DetectionsDependencies {
  readonly store: DetectionStore;
  readonly events: Events;
  readonly log: Log;
}

function readOf({ lpr }: LprMessage<'read'>): ReadRecord {
  const { frame, patch } = lpr;
  // A device may tell a read without a picture; an engine reads nothing else.
  if (lpr.read.device === undefined && (frame === undefined || patch === undefined)) {
    throw new LprError('message_incomplete', 'The message has a read but lost its frame or patch: keep msg.lpr whole.');
  }
  return {
    ...lpr.read,
    frameId: lpr.frameId,
    frame: frame ?? null,
    patch: patch?.image ?? null,
    box: patch?.box ?? null,
    corners: patch?.corners ?? null,
    capturedAt: new Date(lpr.capturedAt),
  };
}

export function createDetections({
  store,
  events,
  log,
}: DetectionsDependencies): Detections & { start(): Promise<void> } {
  const passes = createPasses(store);
  const recording = createRecording(store, events);
  const corrections = createCorrections(store, passes, events);
  let sweeper: NodeJS.Timeout | undefined;
  let months: NodeJS.Timeout | undefined;

  /** Tells of passes that will get no more reads: what was seen once only is confirmed as it is, by the database's own clock. */
  const sweep = async (): Promise<void> => {
    const closed = passes.close(Date.now());
    const settled = closed.filter((pass) => pass.isRecorded && pass.status === 'provisional');
    if (settled.length === 0) return;
    for (const summary of await store.summaries(settled.map((pass) => pass.detectionId))) {
      events.emit('detection.updated', { ...summary, before: null });
    }
  };

  return {
    async merge(message, options) {
      const read = readOf(message);
      const { pass, isNew } = await passes.merge(read, message.lpr, options);
      return partOf(pass, read, isNew);
    },
    async record(message) {
      const read = readOf(message as LprMessage<'read' | 'detection'>);
      const pass = await passes.find(message.lpr.detection.detectionId);
      if (pass === null) {
        throw new LprError(
          'message_incomplete',
          'This detection is no longer open: let a merge node come right before record.',
        );
      }
      return recording.record(pass, read);
    },
    get: (detectionId) => (isUuid(detectionId) ? store.get(detectionId) : Promise.resolve(null)),
    async search({ cursor, plate, ...query }: DetectionQuery) {
      const pattern = plate === null ? null : likePattern(plate);
      const after = cursor === null ? null : decodeCursor(cursor);
      const items = await store.search({ ...query, pattern, after, limit: query.limit + 1 });
      const page = items.slice(0, query.limit);
      const last = page.at(-1);
      return { items: page, nextCursor: items.length > query.limit && last ? encodeCursor(last) : null };
    },
    correct: (detectionId, input, userId) => corrections.correct(detectionId, input, userId),
    split: (detectionId, mergeId, userId) => corrections.split(detectionId, mergeId, userId),
    countSince: (since) => store.countSince(since),
    async correctedReads(after, limit) {
      const reads = await store.correctedReads(after, limit);
      if (reads === null) throw new LprError('not_found', 'There is no correction with this id.');
      return reads;
    },
    async sightOf(cameraId) {
      const sight = await store.sightOf(cameraId, new Date(Date.now() - SIGHT_MS), SIGHT_DETECTIONS);
      return { sight, advice: adviceFor(sight) };
    },
    async start() {
      await store.prepareMonths();
      const told = (what: string) => (error: unknown) => {
        log.error({ err: errorMessage(error) }, what);
      };
      sweeper = setInterval(() => void sweep().catch(told('closed passes could not be told of')), SWEEP_MS);
      months = setInterval(
        () => void store.prepareMonths().catch(told('the partitions of the months ahead could not be made')),
        MONTHS_CHECK_MS,
      );
      sweeper.unref();
      months.unref();
    },
    async stop() {
      clearInterval(sweeper);
      clearInterval(months);
      await recording.idle();
    },
  };
}
